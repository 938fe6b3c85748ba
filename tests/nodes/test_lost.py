"""What callers notice, what agents do and what rows say when a node, the ACD or the way between
them is lost."""

from __future__ import annotations

import pytest

from hotline.switch.events import AgentState, OfferOutcome, Party
from hotline.switch.record import Outcome, RequestOutcome
from tests.nodes.hotline import ENGAGED, Hotline, Place

READY = AgentState.READY


def test_an_agent_serves_callers_of_both_nodes_in_one_queue():
    hotline = Hotline("a", "b", agents=1)
    a, b = hotline.places["a"], hotline.places["b"]
    for place, call in ((a, "x"), (b, "y"), (a, "z")):
        place.arrive(call)
        place.press(call, "0")
        hotline.wait(1)
    hotline.wait(100)
    for place, call in ((a, "x"), (b, "y"), (a, "z")):
        place.hang_up(call)
    answered = [place.row(call).requests[0].ended for place, call in ((a, "x"), (b, "y"), (a, "z"))]
    assert answered == sorted(answered)
    assert {row.requests[0].agent for row in (a.row("x"), b.row("y"))} == {"a1"}


def test_every_node_is_shown_how_the_agents_are_and_only_the_acd_writes_it_down():
    hotline = Hotline("a", "b", agents=2)
    a, b = hotline.places["a"], hotline.places["b"]
    a.arrive("x")
    a.press("x", "0")
    hotline.wait(5)
    assert a.shown == b.shown == hotline.states()
    assert AgentState.TALKING in b.shown.values()
    assert [*a.journal.general, *b.journal.general] == []
    b.cut()
    assert set(b.shown.values()) == {AgentState.OFFLINE}
    b.join()
    assert b.shown == hotline.states()


def test_trunks_are_counted_over_all_nodes():
    hotline = Hotline("a", "b", trunks=2)
    a, b = hotline.places["a"], hotline.places["b"]
    a.arrive("x")
    b.arrive("y")
    b.arrive("z")
    assert b.row("z").outcome is Outcome.BLOCKED
    a.hang_up("x")
    b.arrive("v")
    assert set(b.exchange.calls) == {"y", "v"}
    assert hotline.acd.trunks_used == 2
    assert (hotline.nodes.counted.calls, hotline.nodes.counted.blocked) == (4, 1)


def test_a_dead_nodes_agents_are_free_and_serve_the_other_nodes_callers():
    hotline = Hotline("a", "b", agents=1)
    a, b = hotline.places["a"], hotline.places["b"]
    for call in ("x", "y"):
        a.arrive(call)
        a.press(call, "0")
    hotline.wait(5)
    assert hotline.states()["a1"] is AgentState.TALKING
    b.arrive("z")
    b.press("z", "0")
    a.cut()
    hotline.wait(5)  # the wrap-up; nothing is offered to the dead node's second caller
    hotline.wait(2)
    assert hotline.nodes.counted.offers == 2
    assert b.call("z").state == "talking"
    assert hotline.acd.trunks_used == 1
    assert hotline.nodes.counted.lost == 2


def test_while_the_acd_is_away_the_menus_work_and_requests_are_refused_as_a_fault():
    hotline = Hotline("a")
    a = hotline.places["a"]
    a.cut()
    a.arrive("x")
    a.press("x", "0")
    assert a.call("x").heard == ["fault"]
    a.hang_up("x")
    [request] = a.row("x").requests
    assert request.outcome is RequestOutcome.REFUSED


@pytest.mark.parametrize("seconds", [0.0, 1.0], ids=["on the way", "ringing"])
def test_who_waits_or_rings_is_refused_when_the_acd_is_lost(seconds):
    hotline = Hotline("a", transit=0.01)
    a = hotline.places["a"]
    hotline.wait(1)
    a.arrive("x")
    hotline.wait(1)
    a.press("x", "0")
    hotline.wait(seconds)
    a.cut()
    assert a.call("x").heard == ["fault"]
    hotline.wait(1)
    a.hang_up("x")
    [request] = a.row("x").requests
    assert request.outcome is RequestOutcome.REFUSED
    assert [offer.outcome for offer in request.offers] == [OfferOutcome.LOST] * (seconds > 0)
    assert hotline.states()["a1"] not in ENGAGED


def test_a_call_on_its_way_to_the_acd_is_admitted_when_the_acd_is_lost():
    hotline = Hotline("a", transit=0.01)
    a = hotline.places["a"]
    hotline.wait(1)
    a.arrive("x")
    assert not a.exchange.calls
    a.cut()
    assert a.call("x").state == "free"


def test_a_conversation_outlives_the_acd_and_ends_with_the_callers_hang_up():
    hotline = Hotline("a")
    a = hotline.places["a"]
    a.arrive("x")
    a.press("x", "0")
    hotline.wait(5)
    a.cut()
    hotline.wait(100)
    assert a.call("x").state == "talking"
    a.hang_up("x")
    row = a.row("x")
    assert row.outcome is Outcome.AGENT
    assert row.requests[0].ended_by is Party.CALLER


def test_when_the_acd_is_back_it_knows_the_calls_and_old_conversations_are_over():
    hotline = Hotline("a", agents=1, trunks=5)
    a = hotline.places["a"]
    for call in ("x", "y"):
        a.arrive(call)
    a.press("x", "0")
    hotline.wait(5)
    hotline.start_acd()
    a.arrive("z")
    a.join()
    assert a.call("x").heard == ["left acd lost"]
    assert hotline.acd.trunks_used == 3
    a.press("y", "0")
    hotline.wait(5)
    assert a.call("y").state == "talking"
    for call in ("x", "y", "z"):
        a.hang_up(call)
    assert hotline.acd.trunks_used == 0
    assert a.row("x").arrived == 0.0
    assert a.row("x").requests[0].left_to == "survey"
    assert hotline.nodes.counted.calls == 0  # none came to this one as a new call


def test_a_call_for_which_the_new_acd_has_no_line_goes_on_without_it():
    hotline = Hotline("a", "b", trunks=1)
    a, b = hotline.places["a"], hotline.places["b"]
    a.arrive("x")
    a.cut()
    b.arrive("y")
    a.join()
    assert a.call("x").state == "free"
    a.press("x", "0")
    assert a.call("x").heard == ["fault"]
    a.hang_up("x")
    assert a.row("x").outcome is not Outcome.BLOCKED
    assert hotline.acd.trunks_used == 1


def test_a_caller_who_leaves_while_he_is_offered_has_that_in_his_row():
    """The row is written when the ACD has said all about the call, not before."""
    hotline = Hotline("a", transit=0.01)
    a = hotline.places["a"]
    hotline.wait(1)
    a.arrive("x")
    hotline.wait(1)
    a.press("x", "0")
    hotline.wait(1)
    a.hang_up("x")
    assert "x" not in a.closed
    hotline.wait(1)
    [request] = a.row("x").requests
    assert request.outcome is RequestOutcome.ABANDONED
    assert [offer.outcome for offer in request.offers] == [OfferOutcome.CALLER_LEFT]


def test_an_agent_who_answers_while_the_caller_leaves_is_freed():
    hotline = Hotline("a", transit=0.01)
    a = hotline.places["a"]
    hotline.wait(1)
    a.arrive("x")
    hotline.wait(1)
    a.press("x", "0")
    hotline.wait(2.015)  # he has answered, and the node does not know yet
    assert hotline.states()["a1"] is AgentState.TALKING
    a.press("x", "1")
    a.press("x", "0")
    hotline.wait(0.1)
    assert a.call("x").state == "waiting"  # an answer to the first request is not the second's
    hotline.wait(60)
    a.hang_up("x")
    hotline.wait(60)
    assert set(hotline.states().values()) == {READY}


def test_a_call_back_is_dialled_by_a_node_and_given_up_when_the_acd_is_lost():
    hotline = Hotline("a", "b", agents=1)
    a, b = hotline.places["a"], hotline.places["b"]
    for call in ("x", "y"):
        a.arrive(call)
        a.press(call, "0")
    a.press("y", "2")
    a.hang_up("y")
    hotline.wait(30)
    assert b.call("y-cb").state == "dialling"  # it has the fewest calls
    b.cut()
    assert "y-cb" in b.closed
    b.join()
    hotline.wait(700)  # tried again
    [again] = [call for place in (a, b) for call in place.exchange.calls if call.startswith("y-cb")]
    place = a if again in a.exchange.calls else b
    place.pick_up(again)
    assert place.call(again).state == "talking"


def test_a_second_node_of_the_same_name_is_not_let_in():
    hotline = Hotline("a", agents=1)
    a = hotline.places["a"]
    a.arrive("x")
    second = Place(hotline, "a")
    second.join()
    assert second.cable.problem.startswith("a node a has joined already")
    second.arrive("y")
    assert second.call("y").state == "free"
    a.press("x", "0")
    assert a.call("x").state == "waiting"
    assert hotline.nodes.counted.calls == 1


def test_an_acd_that_will_stop_serves_whom_it_has_and_takes_nobody_else():
    hotline = Hotline("a", agents=1)
    a = hotline.places["a"]
    for call in ("x", "y", "z"):
        a.arrive(call)
    a.press("x", "0")
    a.press("y", "0")
    a.cable.acd.close_soon()
    a.press("z", "0")
    a.arrive("v")
    assert a.call("z").heard == ["fault"]
    assert a.call("v").state == "free"
    hotline.wait(40)
    assert a.call("y").state == "talking"
    hotline.wait(40)
    assert not hotline.acd.live
