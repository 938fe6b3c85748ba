"""Rosters: who there is, who may sign in, and errors that name the line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.callbacks import CallbackRule
from agents.errors import RosterError
from agents.generated import Mix, generate
from agents.roster import LEVELS, AgentProfile, SignInLimits, may_sign_in
from agents.roster_file import load_roster, parse_roster

ONE = AgentProfile("a", "1001")


def test_the_demonstration_roster_shows_who_may_and_who_may_not_sign_in():
    roster = load_roster()
    refused = {profile.number for profile in roster if may_sign_in(profile)}
    assert refused == {"1009", "1010"}
    assert {"zh-CN", "en-US", "bo-CN", "ug-CN", "mn-CN"} <= {
        lang for p in roster for lang in p.languages
    }
    assert roster.centres == ("north", "south")


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_of_the_certificate_down_to_level_3_suffices(level):
    assert may_sign_in(replace(ONE, putonghua=level)) is None


def test_5_2_5_2_refuses_without_certificate_or_training_and_says_why():
    assert "5.2.5.2" in (may_sign_in(replace(ONE, putonghua=None)) or "")
    assert "training" in (may_sign_in(replace(ONE, training_passed=False)) or "")
    stricter = SignInLimits(lowest_level="二级甲等")
    assert "二级甲等 or better" in (may_sign_in(replace(ONE, putonghua="二级乙等"), stricter) or "")


def test_a_minority_seat_needs_training_but_no_certificate():
    seat = replace(ONE, putonghua=None, minority_seat=True)
    assert may_sign_in(seat) is None
    assert may_sign_in(replace(seat, training_passed=False)) is not None
    assert may_sign_in(seat, SignInLimits(minority_seats_exempt=False)) is not None


def test_skills_general_and_every():
    general = replace(ONE, skills=("bill", ""))
    assert general.serves("", "zh-CN")
    assert general.serves("bill", "zh-CN")
    assert not general.serves("fault", "zh-CN")
    assert not general.serves("bill", "en-US")
    assert replace(ONE, skills=("*",)).serves("fault", "zh-CN")
    assert [general.rank(skill) for skill in ("bill", "", "fault")] == [0, 1, 2]


GOOD = """version: 1
agents:
  - id: a
    number: 0123
    skills: [fault, ""]
    shifts: [{start: 20:00, end: 08:00, breaks: ["23:50-00:20", "02:00-02:30"]}]
"""


def test_numbers_and_times_keep_what_was_written():
    (agent,) = parse_roster(GOOD)
    assert agent.number == "0123"
    assert agent.skills == ("fault", "")
    (shift,) = agent.shifts
    hour = 3600
    assert (shift.start, shift.end) == (20 * hour, 32 * hour)
    assert shift.breaks == (
        (23 * hour + 3000, 24 * hour + 1200),
        (26 * hour, 26 * hour + 1800),
    )


def agents(*lines: str) -> str:
    return "agents:\n" + "\n".join(f"  - {line}" for line in lines)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "empty"),
        ("agents: []", 1, "no agents"),
        ("agents: {a: 1}", 1, "not a list"),
        ("agents: [", 1, "expected"),
        ("version: 2\nagents: []", 1, "unknown version"),
        ("people: []", 1, "unknown field 'people'"),
        (agents("{id: a, number: '1001', id: b}"), 2, "given twice"),
        (agents("{id: a}"), 2, "without number"),
        (agents("{id: a, number: '12'}"), 2, "four to six digits"),
        (agents("{id: a, number: '1001'}", "{id: a, number: '1002'}"), 3, "taken by"),
        (agents("{id: a, number: '1001'}", "{id: b, number: '1001'}"), 3, "taken by"),
        (agents("{id: a, number: '1001', putonghua: 四级}"), 2, "Putonghua level"),
        (agents("{id: a, number: '1001', languages: []}"), 2, "languages is empty"),
        (agents("{id: a, number: '1001', training_passed: maybe}"), 2, "true or false"),
        (agents("{id: a, number: '1001', shifts: [{start: '8'}]}"), 2, "without start or end"),
        (agents("{id: a, number: '1001', shifts: [{start: '8', end: '9'}]}"), 2, "time of day"),
        (
            agents("{id: a, number: '1001', shifts: "
                   "[{start: '08:00', end: '09:00', breaks: ['10:00-11:00']}]}"),
            2,
            "outside its shift",
        ),
        ("generate: {seed: 1}", 1, "without count"),
        ("generate: {count: none}", 1, "whole number"),
        (agents("{id: b, number: '1001'}") + "\ngenerate: {count: 5}", 3, "clash"),
        ("generate: {count: 1, english: 7}", 1, "share of english"),
        ("generate: {count: 1, english: many}", 1, "share of english"),
        ("generate: {count: 1, skills: [fault]}", 1, "not a mapping"),
        ("generate: {count: 2, first_number: 999999}", 1, "more than six digits"),
        ("agents: [word]", 1, "not a mapping"),
        (agents("{id: [a], number: '1001'}"), 2, "not a text"),
        (agents("{id: a, number: '1001', shifts: [{start: '08:00', end: '16:00', "
                "breaks: ['noon']}]}"), 2, "not a break"),
        ("a: \x01", 0, "control characters"),
        ("callback: {tries: 0}", 1, "whole number from 1"),
        ("callback: {retry_after: -1}", 1, "0 or more"),
        ("callback: {after: 9}", 1, "unknown field 'after' of callback"),
        ("queues: [{callback: {tries: 2}}]", 1, "without name"),
        ("queues: [{name: a}, {name: a}]", 1, "given twice"),
    ],
)  # fmt: skip
def test_errors_name_file_line_and_remedy(text, line, says):
    with pytest.raises(RosterError) as caught:
        parse_roster(text, "r.yaml")
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"r.yaml:{line}: " if line else "r.yaml: ")
    assert caught.value.remedy


def test_call_backs_are_tried_again_as_the_file_says_by_queue():
    rest = (
        "callback: {tries: 4}\nqueues: [{name: fault, callback: {retry_after: 60}}, {name: bill}]"
    )
    read = parse_roster(agents("{id: a, number: '1001'}") + "\n" + rest)
    assert read.callback == CallbackRule(4, 600.0)
    assert read.callback_of == {"fault": CallbackRule(4, 60.0)}
    assert parse_roster(GOOD).callback is None


def test_a_missing_or_unreadable_file_is_one_clear_error(tmp_path):
    with pytest.raises(RosterError, match="No such file"):
        load_roster(tmp_path / "none.yaml")
    binary = tmp_path / "b.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RosterError, match="UTF-8"):
        load_roster(binary)


def test_a_generated_roster_is_as_asked_and_the_same_for_its_seed():
    mix = Mix(centres=("north", "south"), english=0.5, languages=(("bo", 0.2),))
    made = generate(400, seed=3, mix=mix)
    assert made == generate(400, seed=3, mix=mix)
    assert made != generate(400, seed=4, mix=mix)
    assert len({p.number for p in made}) == len({p.id for p in made}) == 400
    assert sum(p.centre == "north" for p in made) == 200
    assert all(may_sign_in(p) is None for p in made)
    seats = sum(p.minority_seat for p in made)
    assert 40 < seats < 130
    assert all(("bo" in p.languages) is p.minority_seat for p in made)


def test_a_file_may_say_who_is_generated():
    roster = parse_roster("""
generate:
  count: 60
  seed: 5
  first_number: 5000
  centres: [north, south]
  skills: {fault: 0.5, bill: 0.5}
  english: 1.0
  languages: {bo: 0.0}
""")
    assert [roster.agents[0].number, roster.agents[-1].number] == ["5000", "5059"]
    assert roster.centres == ("north", "south")
    assert all(p.languages == ("zh-CN", "en-US") for p in roster)
    assert roster["a5003"].number == "5003"
    assert len(roster) == 60


def test_a_file_may_ask_for_more_agents():
    text = agents("{id: chief, number: '9001'}") + "\ngenerate: {count: 3, seed: 2}"
    assert [p.number for p in parse_roster(text)] == ["9001", "1001", "1002", "1003"]


def test_a_sip_telephone_belongs_to_one_agent():
    one, two = '{id: a1, number: "1001", sip: wang}', '{id: a2, number: "1002", sip: wang}'
    assert parse_roster(f"agents: [{one}]")["a1"].sip == "wang"
    with pytest.raises(RosterError, match="sip 'wang' is taken by the agent of line 1"):
        parse_roster(f"agents: [{one}, {two}]")
