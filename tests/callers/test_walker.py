"""The caller of a load, on the whole hotline in virtual time."""

from __future__ import annotations

import pytest

from hotline.callers.personas import Asks
from hotline.callers.walker import IN_MENUS, Walk, Walker
from hotline.switch.record import CallRecord, Outcome, fold
from tests.callers.rig import story
from tests.callers.world import World

ANSWERS = 'given: {agents: [{number: "1001", answer_after: 6, talk: 500}]}'
NOBODY = 'given: {agents: [{number: "1001", answer_after: never}]}'


def walked(
    *keys: str, patience: float = 300.0, talk: float = 20.0, given: str = ANSWERS,
    after: float | None = None, knows: bool = True,
) -> tuple[Walker, CallRecord]:  # fmt: skip
    world = World(story("hang_up", extra=given), 1)
    asks = Asks.of_book(world.book, world.canon) if knows else None
    walk = Walk(keys, asks, after=after)
    caller = Walker(walk, patience, talk, number="10000000001")
    world.line.place(caller, "c")
    for _ in range(3_000):
        if caller.over and not world.line.open_calls:
            break
        world.clock.step()
    assert caller.over
    return caller, fold(world.entries("c"))


def test_talk_counts_from_the_agents_first_word():
    _, record = walked("0")
    [request] = record.requests
    assert record.outcome is Outcome.AGENT
    assert record.ended - request.heard_agent == pytest.approx(20.0, abs=0.01)
    assert request.ended_by is not None


def test_patience_counts_from_asking():
    caller, record = walked("0", patience=9.0, given=NOBODY)
    [request] = record.requests
    assert record.outcome is Outcome.ABANDONED
    assert request.wait == pytest.approx(9.0, abs=0.01)
    assert caller.asked == pytest.approx(request.asked)


def test_each_key_waits_for_a_prompt_that_asks():
    _, record = walked("1", "0")
    assert [visit.menu for visit in record.menus] == ["root", "fault"]
    assert record.requests[0].skill == "fault"


def test_keys_may_be_pressed_blindly():
    caller, record = walked("0", after=4.0, knows=False)
    assert record.outcome is Outcome.AGENT
    assert caller.asked == pytest.approx(record.answered + 4.0)


def test_who_does_not_get_out_of_the_menus_gives_up():
    _, record = walked(*"9" * 60)
    assert not record.requests
    assert record.ended - record.answered <= IN_MENUS + 1.0
