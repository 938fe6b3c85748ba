"""The ACD's rules, one by one."""

from __future__ import annotations

import pytest

from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.actions import Reject
from hotline.switch.events import AgentState, OfferOutcome, Party
from tests.agents.acd_kit import Desk, kinds, people


def test_a_request_is_offered_answered_and_followed_by_wrap_up():
    desk = Desk(people(1), wrap_up=30)
    assert kinds(desk.arrive("x"), "call") == ["CallArrived"]
    assert kinds(desk.ask("x"), "call") == ["OfferMade"]
    desk.wait(5)
    said = desk.answer("x")
    assert kinds(said, "call") == ["OfferEnded", "AgentConnected"]
    assert kinds(said, "agent") == ["OfferEnded", "AgentConnected"]
    (connected,) = desk.told("call", ev.AgentConnected)
    assert (connected.agent, connected.number, connected.request) == ("a1", "1001", 1)
    assert desk.state["a1"] is AgentState.TALKING
    (left,) = [e for _, e in desk.finish("a1") if isinstance(e, ev.AgentLeft)]
    assert (left.call, left.to) == ("x", "survey")
    assert desk.state["a1"] is AgentState.WRAP_UP
    desk.wait(29.9)
    assert desk.state["a1"] is AgentState.WRAP_UP
    desk.wait(0.1)
    assert desk.state["a1"] is AgentState.READY


def test_wrap_up_done_ends_it_early_and_the_timer_is_forgotten():
    desk = Desk(people(1), wrap_up=30)
    desk.ask("x")
    desk.answer("x")
    desk.finish("a1")
    desk.wrapped("a1")
    assert desk.state["a1"] is AgentState.READY
    assert not [name for name in desk.timers if name.startswith("wrap")]


def test_a_call_beyond_the_trunks_is_blocked_and_closed():
    desk = Desk(people(1), trunks=1)
    desk.arrive("x")
    said = desk.arrive("y")
    assert kinds(said) == ["CallBlocked", "CallClosed"]
    assert [to for to, _ in said] == ["journal", "journal"]
    assert any(isinstance(action, Reject) for action in desk.actions)
    desk.close("x")
    assert kinds(desk.arrive("z"), "call") == ["CallArrived"]


def test_closing_twice_frees_one_trunk():
    desk = Desk(people(1), trunks=1)
    desk.arrive("x")
    desk.close("x")
    desk.close("x")
    desk.arrive("y")
    assert kinds(desk.arrive("z")) == ["CallBlocked", "CallClosed"]


def test_no_answer_redirects_keeps_the_place_and_sets_the_agent_not_ready():
    desk = Desk(people(2), redirect_after=20)
    desk.ask("x")
    desk.ask("y")
    assert (desk.rung("x"), desk.rung("y")) == (["a1"], ["a2"])
    desk.answer("y")
    desk.ask("later")
    said = desk.wait(20)
    (ended,) = [e for to, e in said if to == "call" and isinstance(e, ev.OfferEnded)]
    assert (ended.call, ended.agent, ended.outcome) == ("x", "a1", OfferOutcome.NO_ANSWER)
    assert desk.state["a1"] is AgentState.NOT_READY
    # x asked before `later` did, and so is served before it
    desk.finish("a2")
    desk.wrapped("a2")
    assert desk.rung("x") == ["a1", "a2"]
    assert desk.rung("later") == []


def test_the_redirected_call_is_offered_to_the_next_idle_agent_at_once():
    desk = Desk(people(2))
    desk.ask("x")
    desk.wait(20)
    assert desk.rung("x") == ["a1", "a2"]
    assert not desk.told("call", ev.Queued)


def test_an_answer_after_12_s_still_connects_because_the_redirect_limit_is_another_setting():
    desk = Desk(people(1))
    desk.ask("x")
    desk.wait(13)
    assert "AgentConnected" in kinds(desk.answer("x"), "call")


def test_a_declined_offer_goes_to_the_next_agent():
    desk = Desk(people(2))
    desk.ask("x")
    made = desk.offer_of("x")
    desk.post(ev.OfferDeclined(0, "x", "a1", made.offer))
    assert desk.rung("x") == ["a1", "a2"]
    assert desk.state["a1"] is AgentState.NOT_READY


def test_an_answer_that_comes_too_late_changes_nothing():
    desk = Desk(people(2))
    desk.ask("x")
    made = desk.offer_of("x")
    desk.wait(20)
    assert desk.post(ev.OfferAnswered(desk.now, "x", "a1", made.offer)) == []


def test_nobody_answers_another_agents_offer():
    desk = Desk(people(2))
    desk.ask("x")
    made = desk.offer_of("x")
    assert desk.post(ev.OfferAnswered(0, "x", "a2", made.offer)) == []


@pytest.mark.parametrize("leaving", ["withdraw", "close"])
def test_a_caller_who_leaves_while_it_rings_ends_the_offer(leaving):
    desk = Desk(people(1))
    desk.ask("x")
    if leaving == "withdraw":
        said = desk.post(ev.RequestWithdrawn(3, "x", 1, "hung_up"))
    else:
        said = desk.close("x")
    ended = [(to, e.outcome) for to, e in said if isinstance(e, ev.OfferEnded)]
    assert ended == [("journal", OfferOutcome.CALLER_LEFT), ("agent", OfferOutcome.CALLER_LEFT)]
    assert desk.state["a1"] is AgentState.READY
    assert not [name for name in desk.timers if name.startswith("ring")]


def test_a_caller_who_leaves_the_conversation_sends_the_agent_to_wrap_up():
    desk = Desk(people(1))
    desk.ask("x")
    desk.answer("x")
    said = desk.post(ev.TalkEnded(50, "x", "a1", Party.CALLER))
    assert kinds(said, "agent") == ["TalkEnded"]
    assert desk.state["a1"] is AgentState.WRAP_UP
    assert desk.finish("a1") == []  # too late: nobody is left


def test_closing_during_the_conversation_frees_the_agent():
    desk = Desk(people(1))
    desk.ask("x")
    desk.answer("x")
    desk.close("x")
    assert desk.state["a1"] is AgentState.WRAP_UP


def test_a_withdrawal_that_crosses_the_answer_frees_the_agent():
    desk = Desk(people(1))
    desk.ask("x")
    desk.answer("x")
    said = desk.post(ev.RequestWithdrawn(1, "x", 1))
    assert kinds(said, "agent") == ["TalkEnded"]


def test_a_transfer_is_a_second_request_to_the_other_skill():
    desk = Desk([*people(1), AgentProfile("b", "2001", skills=("bill",))])
    desk.ask("x")
    desk.answer("x")
    (left,) = [e for to, e in desk.finish("a1", "transfer:bill") if to == "call"]
    assert left.to == "transfer:bill"
    desk.ask("x", "bill", request=2)
    assert desk.rung("x") == ["a1", "b"]


def test_skills_and_languages_decide_who_may_take_a_request():
    roster = [
        AgentProfile("han", "1001"),
        AgentProfile("uygur", "1002", languages=("ug",)),
        AgentProfile("all", "1003", skills=("*",), languages=("zh-CN", "en-US")),
    ]
    desk = Desk(roster)
    desk.ask("u", language="ug")
    desk.ask("e", "fault", "en-US")
    assert (desk.rung("u"), desk.rung("e")) == (["uygur"], ["all"])


def test_higher_priority_first_then_first_come():
    desk = Desk(people(1))
    desk.ask("busy")
    desk.answer("busy")
    for call, priority in [("first", 0), ("second", 0), ("urgent", 5)]:
        desk.wait(1)
        desk.ask(call, priority=priority)
    served = []
    for _ in range(3):
        desk.finish("a1")
        desk.wrapped("a1")
        served.append(desk.told("call", ev.OfferMade)[-1].call)
        desk.answer(served[-1])
    assert served == ["urgent", "first", "second"]


@pytest.mark.parametrize(("ageing", "first"), [(0.0, "urgent"), (0.1, "old")])
def test_ageing_lifts_who_waits_long(ageing, first):
    desk = Desk(people(1), ageing=ageing)
    desk.ask("busy")
    desk.answer("busy")
    desk.ask("old", priority=0)
    desk.wait(60)
    desk.ask("urgent", priority=5)
    desk.finish("a1")
    desk.wrapped("a1")
    assert desk.rung(first) == ["a1"]


def test_the_caller_is_told_place_and_expected_wait_and_again_when_the_place_changes():
    desk = Desk(people(2), expected_handle=100, announce_every=30)
    for call in ("p", "q"):
        desk.ask(call)
        desk.answer(call)
    desk.ask("x")
    desk.ask("y")
    places = [(e.call, e.position, e.expected_wait) for e in desk.told("call", ev.Queued)]
    assert places == [("x", 1, 50.0), ("y", 2, 100.0)]  # place x handling time / agents
    assert kinds(desk.wait(30), "call") == []  # nothing has changed
    desk.post(ev.RequestWithdrawn(desk.now, "x", 1))
    said = desk.wait(30)
    assert [(e.call, e.position) for to, e in said if to == "call"] == [("y", 1)]


def test_a_full_waiting_room_refuses_but_not_where_an_agent_is_idle():
    roster = [*people(1), AgentProfile("b", "2001", skills=("bill",))]
    desk = Desk(roster, waiting_room=1)
    desk.ask("busy")
    desk.ask("waits")
    (refused,) = [e for _, e in desk.ask("late") if isinstance(e, ev.RequestRefused)]
    assert refused.reason == "full"
    assert "OfferMade" in kinds(desk.ask("other", "bill"), "call")


def test_outside_the_agents_hours_a_request_is_refused_as_closed():
    desk = Desk(people(1), hours=((8 * 3600, 18 * 3600),), clock_midnight=7 * 3600)
    (refused,) = [e for _, e in desk.ask("early") if isinstance(e, ev.RequestRefused)]
    assert refused.reason == "closed"
    desk.wait(3600)
    assert "OfferMade" in kinds(desk.ask("later"), "call")


def test_no_agents_means_that_nobody_could_ever_serve_it():
    desk = Desk(people(1), sign_in=False)
    assert kinds(desk.ask("x"), "call") == ["Queued"]
    (refused,) = [e for _, e in desk.ask("y", language="bo") if isinstance(e, ev.RequestRefused)]
    assert refused.reason == "no_agents"


def test_no_agents_may_also_mean_that_nobody_is_signed_in():
    desk = Desk(people(1), sign_in=False, queue_for="signed_in")
    (refused,) = [e for _, e in desk.ask("x") if isinstance(e, ev.RequestRefused)]
    assert refused.reason == "no_agents"
    desk.come("a1")
    assert "OfferMade" in kinds(desk.ask("x", request=2), "call")


def test_a_request_of_an_unknown_or_closed_call_is_not_taken():
    desk = Desk(people(1))
    desk.arrive("x")
    desk.close("x")
    assert desk.post(ev.AgentRequested(0, "x", 1)) == []


def test_a_second_request_of_the_same_call_replaces_the_first():
    desk = Desk(people(1))
    desk.ask("busy")
    desk.ask("x", request=1)
    desk.ask("x", request=2)
    desk.post(ev.RequestWithdrawn(0, "x", 1))  # names the old one
    desk.close("busy")
    assert [e.request for e in desk.told("call", ev.OfferMade, "x")] == [2]
