"""Policies: who gets the call, and whose turn it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import SettingsError
from agents.policies import POLICIES, Policy, policy, priority_first
from agents.roster import AgentProfile
from hotline.switch import events as ev
from tests.agents.acd_kit import Desk, people


def serve(desk, call, agent, seconds, skill=""):
    """One whole call of `seconds` with whoever gets it."""
    desk.ask(call, skill)
    assert desk.rung(call) == [agent]
    desk.answer(call)
    desk.wait(seconds)
    desk.finish(agent)
    desk.wrapped(agent)
    desk.close(call)


def test_longest_idle_takes_turns():
    desk = Desk(people(3))
    for call, agent in [("p", "a1"), ("q", "a2"), ("r", "a3"), ("s", "a1")]:
        serve(desk, call, agent, 10)


def test_most_idle_spares_who_has_worked_most():
    desk = Desk(people(2), POLICIES["most_idle"])
    serve(desk, "p", "a1", 100)
    serve(desk, "q", "a2", 10)
    # a1 is idle for longer, but has worked ten times as much
    serve(desk, "r", "a2", 10)


def test_round_robin_goes_by_the_last_offer():
    desk = Desk(people(3), POLICIES["round_robin"])
    serve(desk, "p", "a1", 10)
    desk.post(ev.AgentNotReady(desk.now, "", "a2"))
    serve(desk, "q", "a3", 10)
    desk.post(ev.AgentReady(desk.now, "", "a2"))
    serve(desk, "r", "a2", 10)  # never had one, though ready last
    serve(desk, "s", "a1", 10)


def test_skill_rank_prefers_the_specialist():
    roster = [
        AgentProfile("all", "1001", skills=("", "*")),
        AgentProfile("expert", "1002", skills=("bill", "")),
    ]
    desk = Desk(roster, POLICIES["skill_rank"])
    serve(desk, "p", "expert", 1, "bill")


@pytest.mark.parametrize(("name", "first"), [("longest_idle", "q"), ("preference", "p")])
def test_an_agent_may_prefer_a_skill_at_equal_priority(name, first):
    roster = [AgentProfile("a", "1001", skills=("bill", ""))]
    desk = Desk(roster, POLICIES[name])
    desk.ask("busy")
    desk.answer("busy")
    desk.ask("q", "")
    desk.ask("p", "bill")
    desk.finish("a")
    desk.wrapped("a")
    assert desk.rung(first) == ["a"]


def test_groups_are_searched_in_order_and_the_longest_idle_within_one():
    roster = [
        AgentProfile("late", "1001", group=1),
        AgentProfile("p", "1002", group=0),
        AgentProfile("q", "1003", group=0),
    ]
    desk = Desk(roster, POLICIES["groups"])
    for call, agent in [("c1", "p"), ("c2", "q"), ("c3", "p")]:
        serve(desk, call, agent, 10)
    desk.ask("d1")
    desk.ask("d2")
    desk.ask("d3")
    assert [desk.rung(call) for call in ("d1", "d2", "d3")] == [["q"], ["p"], ["late"]]


def test_first_come_ignores_priority():
    desk = Desk(people(1), POLICIES["first_come"])
    desk.ask("busy")
    desk.answer("busy")
    desk.ask("q", priority=0)
    desk.wait(1)
    desk.ask("p", priority=9)
    desk.finish("a1")
    desk.wrapped("a1")
    assert desk.rung("q") == ["a1"]


@given(
    priorities=st.lists(st.integers(-5, 5), min_size=2, max_size=2),
    asked=st.lists(st.floats(0, 1000), min_size=2, max_size=2),
    ageing=st.sampled_from([0.0, 0.01, 0.1, 1.0]),
    later=st.floats(0, 1000),
)
def test_a_fixed_key_orders_as_the_worth_at_any_instant(priorities, asked, ageing, later):
    now = max(asked) + later
    worth = [p + ageing * (now - a) for p, a in zip(priorities, asked, strict=True)]
    keys = [priority_first(p, a, ageing) for p, a in zip(priorities, asked, strict=True)]
    if abs(worth[0] - worth[1]) > 1e-6:
        assert (worth[0] > worth[1]) == (keys[0] < keys[1])


def test_policies_have_names():
    assert policy("longest_idle") == Policy()
    with pytest.raises(SettingsError, match="known: longest_idle"):
        policy("favourite")
