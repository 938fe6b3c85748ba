"""A stored call becomes a scenario that goes the same way: whoever called, whatever they pressed."""

from dataclasses import replace
from datetime import datetime
from random import Random

import pytest

from agents.roster_file import DEMO, load_roster
from agents.settings import AcdSettings
from hotline.callers.from_call import NotOneCallError, draft
from hotline.callers.from_call.numbers import Names
from hotline.callers.personas import Asks
from hotline.callers.reading import load as load_scenarios
from hotline.callers.reading import parse
from hotline.callers.runner import run, run_with_journal
from hotline.cli.compose import Parts, built_in_pack
from hotline.cli.from_call import written
from hotline.cli.test import shipped
from hotline.cli.virtual import VirtualHotline, scenario_hotlines
from hotline.demonstration.caller import TimedCaller
from hotline.demonstration.day import arrivals, persona_caller
from hotline.services.seed import seeded
from hotline.switch import events as ev
from hotline.switch.actions import CALL
from hotline.switch.chance import Chance
from hotline.switch.record import Entry
from menus.inputs import CHECKS
from menus.loader import load

BOOK = load()
HOTLINES = scenario_hotlines(BOOK)
NOON = datetime(2026, 11, 23, 12, 0)
KEYS = "1112223334455678900**9#"


def hotline(seed):
    parts = Parts(
        book=BOOK,
        roster=load_roster(DEMO),
        pack=built_in_pack(),
        records=seeded(NOON, customers=30),
        acd=AcdSettings(),
    )
    return VirtualHotline(replace(parts, chance=Chance(seed), start=NOON))


def monkey(luck):
    """Presses anything at any time, then hangs up or is let go."""
    plan, at = [], 0.0
    for _ in range(luck.randrange(12)):
        at += luck.choice((0.05, 0.4, 2.0, 4.0, 9.0))
        plan.append((at, luck.choice(KEYS)))
    plan.append((at + luck.choice((0.1, 5.0, 40.0, 400.0)), ""))
    return TimedCaller(plan, luck.choice(("13800138000", "13800138003", "")))


def calls_of(seed, callers=12):
    """The journals of a few monkeys and a few personas, one call at a time."""
    luck, chance, made = Random(seed), Chance(seed), hotline(seed)
    asks = Asks.of_book(BOOK, made.canon)
    people = arrivals(callers, chance)
    for number in range(callers):
        machine = (
            monkey(luck)
            if number % 2
            else persona_caller(people[number], BOOK, made.canon, asks, chance)
        )
        call, at = f"call-{number:03d}", number * 3600.0
        made.clock.call_at(at, lambda m=machine, c=call: made.line.place(m, c))
    made.clock.run(until=callers * 3600.0)
    return [entries for call, entries in sorted(made.closed.items()) if call.startswith("call-")]


def alone(entries):
    """Nobody waited before this caller: a scenario has one caller only."""
    return all(
        e.event.position == 1 and e.event.expected_wait in (None, 0)
        for e in entries
        if isinstance(e.event, ev.Queued)
    )


@pytest.mark.parametrize("seed", range(4))
def test_any_call_becomes_a_scenario_that_goes_the_same_way(seed):
    repeated = 0
    for entries in calls_of(seed):
        _, text, difference = written(entries, BOOK, "通话")
        if alone(entries):
            assert difference is None, text
            verdict = run(parse(text, "f.yaml")[0], HOTLINES)
            assert verdict.passed, f"{text}\n{verdict.failures}"
            repeated += 1
    assert repeated > 6


def test_calls_of_shipped_scenarios_go_the_same_way():
    for scenario in load_scenarios(shipped())[::15]:
        _, journal = run_with_journal(scenario, HOTLINES)
        for call, entries in journal.items():
            if "-cb" not in call:
                _, text, difference = written(entries, BOOK, scenario.name, scenario.given.time)
                assert difference is None, text


TYPES_ACCOUNT = """
scenario: 查余额
story:
  - hear: {prompt: root}
  - press: "2"
  - press: "1"
  - press: "2"
  - hear: {prompt: balance_number}
  - type: "1000000001#"
  - wait: 10
  - hang_up:
"""


def test_numbers_are_replaced_everywhere_unless_revealed():
    (scenario,) = parse(TYPES_ACCOUNT, "s.yaml")
    _, journal = run_with_journal(scenario, HOTLINES)
    (entries,) = journal.values()
    _, text, difference = written(entries, BOOK, "s")
    _, revealed, _ = written(entries, BOOK, "s", reveal=True)
    assert difference is None
    assert "1000000001" in revealed
    assert "1000000001" not in text
    assert run(parse(text, "f.yaml")[0], HOTLINES).passed


def test_an_invented_number_passes_the_checks_that_the_true_one_passes():
    for true in ("13912345678", "02112345678", "1000000001", "1000000000009", "79927398713"):
        entries = [
            *(Entry(CALL, ev.KeyPressed(0.0, "c", key)) for key in true),
            Entry("journal", ev.Collected(1.0, "c", "s", "digits")),
        ]
        made = Names(entries, "", reveal=False).of(true)
        assert made != true
        assert len(made) == len(true)
        assert made[0] == true[0]
        assert [c(made) for c in CHECKS.values()] == [c(true) for c in CHECKS.values()]


def test_a_leg_that_the_hotline_dialled_is_refused():
    with pytest.raises(NotOneCallError, match="call-back was booked"):
        draft([Entry(CALL, ev.CallbackDue(0.0, "x-cb"))], [], name="x")


def test_a_call_that_rang_rings_again() -> None:
    (scenario,) = parse(
        "scenario: s\ngiven: {rings: 2}\nstory:\n"
        "  - hear: {tone: ringback}\n  - hear: {prompt: greeting}\n  - hang_up:\n",
        "s.yaml",
    )
    _, journals = run_with_journal(scenario, scenario_hotlines(BOOK))
    (entries,) = journals.values()
    _, text, difference = written(entries, BOOK, "s")
    assert difference is None
    assert "rings: 2" in text
