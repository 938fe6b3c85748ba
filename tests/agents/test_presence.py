"""Sign-in, wishes, breaks, hold, shifts and centres."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.roster import AgentProfile, Shift
from agents.shifts import Duty, ShiftPlan, duty
from agents.states import MOVES, WISHES, When
from hotline.switch import events as ev
from hotline.switch.actions import Tell
from hotline.switch.events import AgentState, OfferOutcome
from tests.agents.acd_kit import Desk, kinds, people

HOUR = 3600.0


def talk(desk, call="x"):
    desk.ask(call)
    desk.answer(call)


def test_nobody_without_certificate_signs_in_and_the_journal_says_why():
    desk = Desk([replace(people(1)[0], putonghua=None)], sign_in=False)
    said = desk.post(ev.AgentSignedIn(0, "", "a1"))
    (refused,) = [e for to, e in said if to == "journal"]
    assert isinstance(refused, ev.SignInRefused)
    assert "5.2.5.2" in refused.reason
    assert kinds(desk.ask("x"), "call") == ["Queued"]


def test_a_stranger_does_not_sign_in():
    desk = Desk(people(1))
    assert kinds(desk.post(ev.AgentSignedIn(0, "", "ghost")), "journal") == ["SignInRefused"]
    assert desk.post(ev.AgentReady(0, "", "ghost")) == []


def test_signing_in_is_not_yet_being_ready():
    desk = Desk(people(1), sign_in=False)
    desk.post(ev.AgentSignedIn(0, "", "a1"))
    assert desk.state["a1"] is AgentState.NOT_READY
    desk.ask("x")
    assert desk.rung("x") == []
    desk.post(ev.AgentReady(1, "", "a1"))
    assert desk.rung("x") == ["a1"]


def test_signing_out_during_a_call_takes_effect_after_it():
    desk = Desk(people(1))
    talk(desk)
    assert desk.post(ev.AgentSignedOut(1, "", "a1")) == []
    desk.finish("a1")
    assert desk.state["a1"] is AgentState.OFFLINE


def test_signing_out_while_it_rings_loses_the_offer_not_the_caller():
    desk = Desk(people(2))
    desk.ask("x")
    said = desk.post(ev.AgentSignedOut(1, "", "a1"))
    (ended,) = [e for to, e in said if to == "call" and isinstance(e, ev.OfferEnded)]
    assert ended.outcome is OfferOutcome.LOST
    assert desk.rung("x") == ["a1", "a2"]


@pytest.mark.parametrize(
    ("reason", "state"), [("", AgentState.NOT_READY), ("study", AgentState.STUDY)]
)
def test_not_ready_wished_for_during_a_call_comes_after_the_wrap_up(reason, state):
    desk = Desk(people(1))
    talk(desk)
    desk.post(ev.AgentNotReady(1, "", "a1", reason))
    desk.finish("a1")
    assert desk.state["a1"] is AgentState.WRAP_UP
    desk.wrapped("a1")
    assert desk.state["a1"] is state


def test_being_ready_again_takes_a_wish_back():
    desk = Desk(people(1))
    talk(desk)
    desk.post(ev.AgentNotReady(1, "", "a1"))
    desk.finish("a1")
    desk.post(ev.AgentReady(2, "", "a1"))
    assert desk.state["a1"] is AgentState.READY
    talk(desk, "y")
    desk.finish("a1")
    desk.wrapped("a1")
    assert desk.state["a1"] is AgentState.READY


def test_a_break_needs_approval_by_the_rule():
    desk = Desk(people(5), break_share=0.4)
    said = [desk.post(ev.BreakRequested(0, "", f"a{n}")) for n in (1, 2, 3)]
    decided = [e.approved for s in said for to, e in s if to == "agent"]
    assert decided == [True, True, False]
    assert [desk.state[f"a{n}"] for n in (1, 2, 3)] == [
        AgentState.BREAK,
        AgentState.BREAK,
        AgentState.READY,
    ]


def test_one_break_is_always_possible():
    desk = Desk(people(1), break_share=0.1)
    desk.post(ev.BreakRequested(0, "", "a1"))
    assert desk.state["a1"] is AgentState.BREAK


def test_a_break_may_need_the_supervisor():
    desk = Desk(people(1), break_approval="supervisor")
    desk.post(ev.BreakDecided(0, "", "a1", True))  # nobody asked
    assert desk.state["a1"] is AgentState.READY
    assert desk.post(ev.BreakRequested(1, "", "a1")) == []
    desk.post(ev.BreakDecided(2, "", "a1", True))
    assert desk.state["a1"] is AgentState.BREAK
    desk.post(ev.AgentReady(3, "", "a1"))
    assert desk.state["a1"] is AgentState.READY


def test_an_approved_break_waits_for_the_end_of_the_call_and_counts_already():
    desk = Desk(people(2), break_share=0.5)
    talk(desk)
    desk.post(ev.BreakRequested(1, "", "a1"))
    (refused,) = [e for to, e in desk.post(ev.BreakRequested(1, "", "a2")) if to == "agent"]
    assert not refused.approved
    desk.finish("a1")
    desk.wrapped("a1")
    assert desk.state["a1"] is AgentState.BREAK


def test_hold_and_back():
    desk = Desk(people(1))
    talk(desk)
    desk.post(ev.AgentHeld(1, "", "a1", True))
    assert desk.state["a1"] is AgentState.HOLD
    desk.post(ev.AgentHeld(2, "", "a1", False))
    assert desk.state["a1"] is AgentState.TALKING
    desk.post(ev.AgentHeld(3, "", "a1", True))
    desk.close("x")
    assert desk.state["a1"] is AgentState.WRAP_UP


def test_every_wish_that_is_granted_is_a_move_that_exists():
    for wished, row in WISHES.items():
        for state, when in row.items():
            if when is When.NOW:
                assert wished in MOVES[state], (state, wished)


def test_every_state_can_be_left_and_reached():
    reached = {target for targets in MOVES.values() for target in targets}
    assert reached == set(AgentState) == set(MOVES)
    assert all(MOVES.values())


# --- shifts --------------------------------------------------------------------------------------

DAY_SHIFT = Shift(8 * HOUR, 16 * HOUR, ((12 * HOUR, 12.5 * HOUR),))
NIGHT_SHIFT = Shift(20 * HOUR, 32 * HOUR, ((24 * HOUR, 25 * HOUR),))


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(7.99, Duty.OFF), (8, Duty.WORK), (12, Duty.BREAK), (12.5, Duty.WORK), (16, Duty.OFF)],
)
def test_duty_by_day(hour, expected):
    assert duty(replace(people(1)[0], shifts=(DAY_SHIFT,)), hour * HOUR) is expected


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(3, Duty.WORK), (19, Duty.OFF), (23, Duty.WORK), (24.5, Duty.BREAK), (31, Duty.WORK)],
)
def test_duty_by_night(hour, expected):
    assert duty(replace(people(1)[0], shifts=(NIGHT_SHIFT,)), hour * HOUR) is expected


def test_the_plan_goes_on_day_after_day():
    plan = ShiftPlan([replace(people(1)[0], shifts=(DAY_SHIFT,))])
    changes, time = [], 0.0
    for _ in range(5):
        time = plan.after(time)
        changes.append(time / HOUR)
    assert changes == [8, 12, 12.5, 16, 32]
    assert ShiftPlan(people(1)).after(0.0) is None


def test_shifts_sign_agents_in_and_out_and_to_their_breaks():
    roster = [
        AgentProfile("day", "1001", shifts=(DAY_SHIFT,)),
        AgentProfile("night", "1002", shifts=(NIGHT_SHIFT,)),
    ]
    desk = Desk(roster, sign_in=False, shifts=True, clock_midnight=7 * HOUR)
    ready, off, resting = AgentState.READY, AgentState.OFFLINE, AgentState.BREAK
    seen = {}
    for hour in range(7, 34):
        seen[hour] = (desk.state["day"], desk.state["night"])
        desk.wait(HOUR)
    assert seen[7] == (off, ready)  # 07:00: the night shift that began yesterday
    assert seen[8] == (ready, off)
    assert seen[12] == (resting, off)
    assert seen[13] == (ready, off)
    assert seen[16] == (off, off)
    assert seen[20] == (off, ready)
    assert seen[24] == (off, resting)
    assert seen[25] == (off, ready)
    assert seen[32] == (ready, off)


def test_the_end_of_a_shift_waits_for_the_end_of_the_call():
    desk = Desk(
        [AgentProfile("day", "1001", shifts=(DAY_SHIFT,))],
        sign_in=False, shifts=True, clock_midnight=15.9 * HOUR,
    )  # fmt: skip
    talk(desk)
    desk.wait(HOUR)
    assert desk.state["day"] is AgentState.TALKING
    desk.finish("day")
    assert desk.state["day"] is AgentState.OFFLINE


@pytest.mark.parametrize("phase", ["ringing", "wrap_up"])
def test_a_call_that_outlasts_the_break_is_finished_and_the_break_forgotten(phase):
    desk = Desk(
        [AgentProfile("day", "1001", shifts=(Shift(0.0, 1000.0, ((50.0, 60.0),)),))],
        sign_in=False, shifts=True, redirect_after=500.0, wrap_up=None,
    )  # fmt: skip
    desk.wait(49)
    desk.ask("c")
    if phase == "wrap_up":
        desk.answer("c")
        desk.finish("day")
        desk.close("c")
    desk.wait(20)  # the break has come and gone
    assert desk.state["day"] == phase
    if phase == "ringing":
        desk.close("c")
    else:
        desk.wrapped("day")
    assert desk.state["day"] is AgentState.READY


def test_a_shift_does_not_sign_in_who_may_not():
    worker = AgentProfile("day", "1001", shifts=(DAY_SHIFT,), training_passed=False)
    desk = Desk([worker], sign_in=False, shifts=True, clock_midnight=9 * HOUR)
    assert desk.state["day"] is AgentState.OFFLINE
    assert [e.agent for e in desk.told("journal", ev.SignInRefused)] == ["day"]


# --- two centres ---------------------------------------------------------------------------------


def centres(**settings):
    north, south = people(2)
    desk = Desk([replace(north, centre="north"), replace(south, centre="south")], **settings)
    return desk


def test_the_home_centre_serves_first_and_the_other_after_a_while():
    desk = centres(overflow_after=30)
    desk.ask("x", centre="north")
    desk.ask("y", centre="north")
    assert (desk.rung("x"), desk.rung("y")) == (["a1"], [])
    desk.answer("x")
    desk.wait(29)
    assert desk.rung("y") == []
    desk.wait(1)
    assert desk.rung("y") == ["a2"]


def test_a_region_has_a_home_and_the_call_is_told_its_centre():
    desk = centres(home_of_area={"3501": "south"})
    (arrived,) = [e for to, e in desk.arrive("x", area="3501") if to == "call"]
    assert arrived.centre == "south"
    desk.ask("x")
    assert desk.rung("x") == ["a2"]


def test_a_call_without_a_home_goes_to_the_longest_idle_of_all():
    desk = centres()
    desk.post(ev.AgentNotReady(0, "", "a1"))
    desk.post(ev.AgentReady(1, "", "a1"))
    desk.ask("x")
    assert desk.rung("x") == ["a2"]


def test_without_a_wait_at_home_a_free_agent_elsewhere_counts_before_the_room_is_full():
    desk = centres(overflow_after=0, waiting_room=0)
    desk.ask("x", centre="north")
    desk.ask("y", centre="north")
    assert (desk.rung("x"), desk.rung("y")) == (["a1"], ["a2"])


def test_a_redirected_caller_does_not_begin_the_wait_for_overflow_anew():
    desk = centres(overflow_after=30, redirect_after=20)
    desk.ask("x", centre="north")
    desk.wait(20)  # a1 did not answer; 20 of the 30 s have passed
    assert desk.rung("x") == ["a1"]
    desk.wait(10)
    assert desk.rung("x") == ["a1", "a2"]


def test_an_overflowed_caller_keeps_the_place_among_those_of_the_other_centre():
    desk = centres(overflow_after=30)
    desk.ask("n0", centre="north")
    desk.ask("s0", centre="south")
    desk.answer("n0")
    desk.answer("s0")
    desk.ask("north first", centre="north")
    desk.wait(1)
    desk.ask("south second", centre="south")
    desk.wait(40)
    desk.finish("a2")
    desk.wrapped("a2")
    assert (desk.rung("north first"), desk.rung("south second")) == (["a2"], [])


def test_a_centre_that_goes_down_hands_its_callers_over():
    desk = centres(overflow_after=300)
    desk.ask("talks", centre="north")
    desk.answer("talks")
    desk.ask("waits", centre="north")
    assert desk.rung("waits") == []
    desk.post(ev.CentreChanged(desk.now, "", "north", False))
    assert desk.rung("waits") == ["a2"]
    assert desk.state["a1"] is AgentState.TALKING  # conversations go on
    desk.finish("a1")
    desk.wrapped("a1")
    desk.ask("new", centre="north")
    assert desk.rung("new") == []  # a1 is ready, but his centre is down
    desk.post(ev.CentreChanged(desk.now, "", "north", True))
    assert desk.rung("new") == ["a1"]


def test_an_offer_in_a_centre_that_goes_down_is_lost_and_made_elsewhere():
    desk = centres()
    desk.ask("x", centre="north")
    desk.post(ev.CentreChanged(desk.now, "", "north", False))
    (ended,) = desk.told("call", ev.OfferEnded)
    assert ended.outcome is OfferOutcome.LOST
    assert desk.rung("x") == ["a1", "a2"]


def test_an_unknown_centre_changes_nothing():
    desk = centres()
    assert desk.post(ev.CentreChanged(0, "", "moon", False)) == []
    assert not any(isinstance(a, Tell) and a.to == "call" for a in desk.actions)
