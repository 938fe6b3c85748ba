"""Eight scenarios broken on purpose: the message alone must be enough to mend them."""

from __future__ import annotations

import pytest

from hotline.callers.explaining import instead, near_miss, notes
from hotline.callers.matching import Thing, likeness
from hotline.callers.scenario import Expect
from hotline.callers.verdict import Failure, Verdict
from hotline.switch.actions import Prompt
from tests.callers.rig import (
    AGENT,
    BALANCE,
    CLOSING,
    GREETING,
    MAIN,
    MUSIC,
    StubHotline,
    lines,
    play,
    story,
)


def failure(verdict: Verdict) -> Failure:
    assert not verdict.passed
    return verdict.failures[0]


def told(found: Failure, lang: str = "en") -> str:
    said = [found.expected_in(lang), found.got_in(lang), *found.notes_in(lang)]
    assert all(said)
    return "\n".join(said)


def break_it(*steps: str, hotline: StubHotline | None = None, extra: str = "") -> str:
    found = failure(play(story(*steps, extra=extra), hotline or StubHotline()))
    assert "\n" in told(found, "zh")
    return told(found)


def test_a_misspelt_prompt_is_shown_its_neighbour_and_the_right_step() -> None:
    text = break_it("hear: {prompt: mian, within: 9}")
    assert "nearest is prompt main" in text
    assert "write - hear: {prompt: greeting}" in text


def test_a_wrong_digit_in_a_text_is_shown() -> None:
    text = break_it("hear: {contains: 国家电网95599为您服务, within: 9}")
    assert 'it says "95598" where "95599" is wanted' in text


def test_a_wrong_value_is_shown() -> None:
    text = break_it(
        "hear: {prompt: balance, values: {balance: 一元}, within: 9}",
        hotline=StubHotline((BALANCE,)),
    )
    assert 'balance was said as "一百二十八元五角六分"' in text


def test_another_agent_is_named() -> None:
    hotline = StubHotline((MUSIC, "5", AGENT))
    assert "agent 1001, not 1002" in break_it('hear: {agent: "1002", within: 20}', hotline=hotline)


def test_a_step_that_comes_too_late_is_told_to_move_up() -> None:
    text = break_it("hear: {prompt: main}", "hear: {prompt: greeting, within: 5}")
    assert "move this step up" in text
    assert "the last one done is line 3" in text


def test_silence_is_told_as_silence() -> None:
    text = break_it("hear: {prompt: main}", "hear: {prompt: bill, within: 9}")
    assert "nothing at all was heard" in text


def test_an_agent_in_other_words_leads_to_agent_is() -> None:
    foreign = Prompt("", "您好，工号8001为您服务。")
    hotline = StubHotline((MAIN, foreign))
    assert "agent_is" in break_it("agent: answered", "hang_up:", hotline=hotline, extra="limit: 30")


def test_a_hotline_that_hung_up_is_blamed() -> None:
    hotline = StubHotline((GREETING, CLOSING, "hang up"))
    text = break_it("hear: {prompt: main}", hotline=hotline)
    assert "closed by the hotline" in text
    assert "the hotline hung up" in text


def test_a_scenario_without_end_names_the_step_and_what_it_waited_for() -> None:
    hotline = StubHotline((MUSIC,))
    found = failure(play(story("hear: music", "stay: {within: 9999}", extra="limit: 40"), hotline))
    assert (found.file, found.line) == ("test.yaml", 4)
    assert "stopped after 40 s" in found.got
    assert "step 2 of 2" in told(found)
    assert [item.kind for item in found.heard.items] == ["music"]


# --- watchers say what broke them ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("watch", "why"),
    [
        ("never: [{hear: {prompt: main}}]", "it was heard: prompt main"),
        ("never: [{hear: {prompt: main}, after: {prompt: greeting}}]", "it was heard"),
        ("always: [{hear: {contains: 转人工服务请按9}}]", '"按0" where "按9" is wanted'),
        ("always: [{hear: {prompt: main}, at_least: 2}]", "heard 1 times only"),
        ("always: [{hear: music, before: {prompt: main}}]", "not heard"),
        ("always: [{first: {prompt: main}}]", "the first sound was prompt greeting"),
        ("always: [{last: closing}]", "the last sound was prompt main"),
        ("always: [{ends_within: 2}]", "the whole took"),
    ],
)
def test_watchers_that_do_not_hold(watch: str, why: str) -> None:
    found = failure(play(story("hear: {prompt: main}", extra=watch), StubHotline()))
    assert why in found.got
    assert found.got_in("zh") != found.got


@pytest.mark.parametrize(
    "watch",
    [
        "never: [{hear: {prompt: greeting}, after: {prompt: main}}]",
        "never: [{hear: {prompt: main}, before: {prompt: greeting}}]",
        "always: [{hear: {prompt: greeting}, before: {prompt: main}}]",
        "always: [{hear: music, before: agent}]",  # nothing to judge: no agent
        "always: [{hear: music, at_most: 2}]",
        "always: [{last: {prompt: main}}, {ends_within: 60}]",
    ],
)
def test_watchers_that_hold(watch: str) -> None:
    verdict = play(story("hear: {prompt: main}", extra=watch), StubHotline())
    assert verdict.passed, verdict.failures


# --- likeness, and agents of other hotlines --------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "said", "low", "high"),
    [
        ("请讲", "请讲。", 1.0, 1.0),
        ("Please  hold", "please hold!", 1.0, 1.0),
        ("为保证服务质量", "您好。为保证服务质量！请讲。", 1.0, 1.0),
        ("为保证服务质量，本次通话将被录音", "为了保证服务质量，本次通话会被录音", 0.85, 0.99),
        ("请讲", "再见", 0.0, 0.0),
        ("请讲", "", 0.0, 0.0),
    ],
)
def test_likeness(wanted: str, said: str, low: float, high: float) -> None:
    assert low <= likeness(wanted, said) <= high


def test_similar_text_is_heard() -> None:
    hotline = StubHotline()
    assert play(
        story("hear: {similar: 您好，国家电网95598为你服务, at_least: 0.8}"), hotline
    ).passed
    extra = "limit: 20"
    assert not play(story("hear: {similar: 请讲}", extra=extra), StubHotline()).passed


def test_what_counts_as_an_agent_serves_steps_and_watchers() -> None:
    foreign = Prompt("", "您好，工号8001为您服务。")
    hotline = StubHotline((MAIN,), {"0": (MUSIC, "15", foreign, "bridge")})
    steps = ("hear: {prompt: main}", 'press: "0"', 'hear: {agent: "8001"}', "hang_up:")
    extra = 'agent_is: {matches: "工号([0-9]+)"}\nalways: [{heard_agent_within: %d}]'
    verdict = play(story(*steps, extra=extra % 20), hotline)
    assert verdict.passed, verdict.failures
    assert "agent 8001" in lines(verdict)
    late = StubHotline((MAIN,), {"0": (MUSIC, "15", foreign, "bridge")})
    assert "heard 15" in failure(play(story(*steps, extra=extra % 12), late)).got


def test_of_many_sounds_the_first_and_the_last_are_named():
    sounds = [Thing("prompt", f"p{number}", f"words {number}") for number in range(9)]
    said = instead(sounds).en
    assert "p0" in said  # where a wrong key has led
    assert "p8" in said
    assert "4 more" in said
    assert "p4" not in said
    assert "more" not in instead(sounds[:5]).en


def test_a_text_that_differs_in_spaces_or_marks_is_given_as_it_is_said():
    words = "为 您 服务，请稍候"
    thing = Thing("prompt", "p", "正在为您服务。请稍候。")
    said = near_miss([thing], Expect("prompt", "w", contains=words), lambda thing: ("p",))
    assert said is not None
    assert "only spaces or marks differ; write 为您服务。请稍候" in said.en


def test_when_no_agent_comes_the_agents_of_the_scenario_are_named():
    given = 'given: {agents: [{number: "1001", skills: [bill], answer_after: never}]}\n'
    said = break_it("hear: agent\n    within: 9", extra=given)
    assert "1001 (skills: bill)" in said


def test_a_prompt_that_refuses_agents_is_not_taken_for_one():
    refused = Thing("prompt", "refused.no_agents", "目前没有客服专员在线。")
    said = list(notes([refused], 0, Expect("agent", "agent"), lambda thing: (thing.what,)))
    assert not any("agent_is" in note.en for note in said)
