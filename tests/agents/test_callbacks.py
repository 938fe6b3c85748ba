"""Call-back instead of waiting: the place is kept, an agent is reserved, and never for ever."""

from __future__ import annotations

from agents.callbacks import CallbackRule
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from tests.agents.acd_kit import Desk, kinds, people

NUMBER = "13800138000"


def booked(desk, call="x"):
    desk.ask("busy")
    desk.answer("busy")
    desk.ask(call, "", priority=0)
    said = desk.post(ev.CallbackRequested(desk.now, call, 1, NUMBER))
    assert kinds(said, "call") == ["CallbackBooked"]
    desk.close(call)


def free(desk, agent="a1"):
    desk.finish(agent)
    return desk.wrapped(agent)


def test_when_the_turn_comes_an_agent_is_reserved_and_the_leg_is_due():
    desk = Desk(people(1))
    booked(desk)
    (due,) = [e for to, e in free(desk) if to == "call"]
    assert isinstance(due, ev.CallbackDue)
    assert (due.call, due.original, due.number) == ("x-cb", "x", NUMBER)
    assert (due.agent, due.agent_number, due.request) == ("a1", "1001", 1)
    assert desk.state["a1"] is AgentState.RINGING
    said = desk.post(ev.AnsweredOut(desk.now, "x-cb"))
    assert kinds(said, "call") == kinds(said, "agent") == ["AgentConnected"]
    assert desk.state["a1"] is AgentState.TALKING
    desk.finish("a1", call="x-cb")
    desk.close("x-cb")
    assert desk.state["a1"] is AgentState.WRAP_UP


def test_the_booking_keeps_its_place_before_later_callers():
    desk = Desk(people(1))
    booked(desk)
    desk.ask("later")
    assert desk.told("call", ev.Queued, "later")[-1].position == 2
    free(desk)
    assert desk.told("call", ev.CallbackDue)
    assert desk.rung("later") == []


def test_a_customer_who_does_not_answer_is_tried_again_later_then_given_up():
    desk = Desk(people(1), callback=CallbackRule(2, 600))
    booked(desk)
    free(desk)
    desk.close("x-cb")
    assert desk.state["a1"] is AgentState.READY
    desk.wait(600)
    assert [e.call for e in desk.told("call", ev.CallbackDue)] == ["x-cb", "x-cb2"]
    desk.close("x-cb2")
    desk.wait(2000)
    assert len(desk.told("call", ev.CallbackDue)) == 2
    assert desk.state["a1"] is AgentState.READY


def test_a_retried_booking_that_finds_nobody_waits_at_its_old_place():
    desk = Desk(people(1), callback=CallbackRule(retry_after=600))
    booked(desk)
    free(desk)
    desk.close("x-cb")
    desk.ask("y")
    desk.answer("y")
    desk.wait(1)
    desk.ask("z")
    desk.wait(600)
    free(desk)
    assert [e.call for e in desk.told("call", ev.CallbackDue)] == ["x-cb", "x-cb2"]
    assert desk.rung("z") == []


def test_legs_use_no_inbound_trunk():
    desk = Desk(people(1), trunks=2)
    booked(desk)
    free(desk)
    desk.close("busy")
    desk.arrive("p")
    assert kinds(desk.arrive("q"), "call") == ["CallArrived"]
    desk.close("x-cb")
    assert kinds(desk.arrive("r")) == ["CallBlocked", "CallClosed"]


def test_a_caller_who_books_while_it_rings_is_called_back_by_whoever_is_free():
    desk = Desk(people(1))
    desk.ask("x")
    desk.post(ev.CallbackRequested(1, "x", 1, NUMBER))
    assert kinds(desk.said, "call").count("CallbackBooked") == 1
    assert desk.told("call", ev.CallbackDue) == []  # still on the line: the number is busy
    desk.close("x")
    assert [e.agent for e in desk.told("call", ev.CallbackDue)] == ["a1"]


def test_where_the_ringing_agent_goes_on_a_break_another_idle_one_calls_back():
    desk = Desk(people(2))
    desk.ask("x")
    desk.post(ev.BreakRequested(0, "", "a1"))
    desk.post(ev.CallbackRequested(1, "x", 1, NUMBER))
    assert desk.state["a1"] is AgentState.BREAK
    desk.close("x")
    assert [e.agent for e in desk.told("call", ev.CallbackDue)] == ["a2"]


def test_a_call_that_books_twice_is_called_back_once():
    desk = Desk(people(1))
    desk.ask("busy")
    desk.answer("busy")
    for request in (1, 2):
        desk.ask("x", request=request)
        desk.post(ev.CallbackRequested(1, "x", request, NUMBER))
    assert [e.request for e in desk.told("call", ev.CallbackBooked)] == [1, 2]
    desk.close("x")
    free(desk)
    desk.post(ev.AnsweredOut(2, "x-cb"))
    free(desk)
    assert [(e.call, e.request) for e in desk.told("call", ev.CallbackDue)] == [("x-cb", 1)]


def test_a_talking_or_unknown_call_books_nothing():
    desk = Desk(people(1))
    desk.ask("x")
    desk.answer("x")
    assert desk.post(ev.CallbackRequested(1, "x", 1, NUMBER)) == []
    assert desk.post(ev.CallbackRequested(1, "ghost", 1, NUMBER)) == []


def test_an_agent_who_wants_to_leave_while_the_customer_is_dialled_leaves_afterwards():
    desk = Desk(people(1))
    booked(desk)
    free(desk)
    desk.post(ev.AgentSignedOut(desk.now, "", "a1"))
    assert desk.state["a1"] is AgentState.RINGING
    desk.close("x-cb")
    assert desk.state["a1"] is AgentState.OFFLINE


def test_a_queue_may_have_a_rule_of_its_own():
    desk = Desk(people(1), callback=CallbackRule(3, 600), callback_of={"": CallbackRule(2, 30)})
    booked(desk)
    free(desk)
    desk.close("x-cb")
    desk.wait(30)
    assert [e.call for e in desk.told("call", ev.CallbackDue)] == ["x-cb", "x-cb2"]
    desk.close("x-cb2")
    desk.wait(2000)
    assert len(desk.told("call", ev.CallbackDue)) == 2
