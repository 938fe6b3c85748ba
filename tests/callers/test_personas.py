"""Callers with a goal, on the whole hotline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.callers.personas import PERSONAS, Asks, Persona, PersonaCaller, UnknownPersonaError
from hotline.callers.personas import persona as named
from hotline.switch import events as ev
from hotline.switch.chance import Chance
from hotline.switch.distributions import deterministic
from hotline.switch.record import CallRecord, Outcome, fold
from tests.callers.rig import story
from tests.callers.world import World

SURE = replace(
    named("plain"),
    reaction=deterministic(1.0),
    pause=deterministic(0.3),
    slips=0.0,
    misses=0.0,
    rates=1.0,
    patience=deterministic(100.0),
)
GIVEN = 'given: {agents: [{number: "1001", answer_after: 6, talk: 20}]}'


def call(who: Persona, *goal: str, given: str = GIVEN, seed: int = 1) -> CallRecord:
    world = World(story("hang_up", extra=given), seed)
    asks = Asks.of_book(world.book, world.canon)
    caller = PersonaCaller(goal, who, asks, Chance(seed), "c")
    world.line.place(caller, "c")
    for _ in range(3_000):
        if caller.over and not world.line.open_calls:
            break
        world.clock.step()
    assert caller.over
    return fold(world.entries("c"))


def test_a_goal_is_walked_key_by_key() -> None:
    record = call(SURE, "2", "1", "1")
    assert [visit.menu for visit in record.menus] == [
        "root",
        "bill",
        "balance_account",
        "balance_credit",
    ]
    assert record.outcome is Outcome.SELF_SERVICE


def test_a_number_is_typed_where_digits_are_asked() -> None:
    record = call(SURE, "1", "3", "1000000001#")
    assert record.outcome is Outcome.SELF_SERVICE
    assert [s.outcome for s in record.steps if s.service == "reconnect"] == ["created"]


def test_an_agent_is_talked_to_and_rated() -> None:
    record = call(SURE, "0")
    assert record.outcome is Outcome.AGENT
    assert record.survey in (1, 2, 3)


def test_patience_ends_the_wait() -> None:
    hurried = replace(SURE, patience=deterministic(9.0))
    record = call(hurried, "0", given='given: {agents: [{number: "1", answer_after: never}]}')
    assert record.outcome is Outcome.ABANDONED
    assert record.requests[0].wait < 20


def test_a_silent_caller_never_presses() -> None:
    assert call(named("silent"), "1", "2").keys == 0


def test_a_slip_is_corrected() -> None:
    clumsy = replace(SURE, slips=0.5)
    records = [call(clumsy, "2", "1", "1", seed=seed) for seed in range(1, 9)]
    assert any(record.wrong_keys or len(record.menus) != 4 for record in records)


@pytest.mark.parametrize("name", sorted(PERSONAS))
def test_every_persona_finishes_its_call(name: str) -> None:
    for seed in range(3):
        record = call(named(name), "1", "2", "1", "1", "1", seed=seed)
        assert record.ended > record.arrived


def test_the_same_seed_is_the_same_caller() -> None:
    assert call(named("confused"), "2", "1", seed=4) == call(named("confused"), "2", "1", seed=4)


def test_unknown_personas_are_named() -> None:
    with pytest.raises(UnknownPersonaError, match="hurried"):
        named("hurry")


def test_the_line_forgets_whoever_is_done() -> None:
    world = World(story("hang_up", extra=GIVEN), 1)
    asks = Asks.of_book(world.book, world.canon)
    caller = PersonaCaller(["0"], SURE, asks, Chance(1), "c")
    world.line.place(caller, "c")
    world.clock.run()
    assert caller.over
    assert any(isinstance(e.event, ev.CallClosed) for e in world.entries("c"))
    world.line.dial_out("x", caller.number)  # nobody there any more
    assert world.line.open_calls == 0
