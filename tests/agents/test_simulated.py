"""Simulated agents: what they do, when, and that their luck is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.behaviours import BEHAVIOURS, Behaviour, behaviour
from agents.errors import SettingsError
from agents.roster import AgentProfile
from agents.simulated import SimulatedAgent
from hotline.switch import events as ev
from hotline.switch.actions import CancelTimer, Speak, StartTimer, Tell
from hotline.switch.chance import Chance
from hotline.switch.distributions import deterministic, uniform
from hotline.switch.events import OfferOutcome, Party

ME = AgentProfile("a1", "1001")


def agent(given: str | Behaviour = "steady", seed: int = 1) -> SimulatedAgent:
    chosen = BEHAVIOURS[given] if isinstance(given, str) else given
    return SimulatedAgent(ME, chosen, Chance(seed))


def ring(machine, call="x", offer=7, language="zh-CN"):
    return machine.handle(ev.OfferMade(0, call, 1, offer, "a1", "", language))


def fire(machine, timer, at=5.0):
    return list(machine.handle(ev.TimerFired(at, "", timer, "agent:a1")))


def connect(machine, call="x", bridged=True):
    ring(machine, call)
    machine.handle(ev.OfferEnded(2, call, 1, 7, "a1", OfferOutcome.ANSWERED))
    machine.handle(ev.AgentConnected(2, call, 1, "a1", "1001"))
    return machine.handle(ev.AgentBridged(5, call, "a1")) if bridged else []


@pytest.mark.parametrize(("name", "seconds"), [("just_in_time", 11.9), ("late", 13.0)])
def test_rings_for_the_drawn_time_then_answers(name, seconds):
    machine = agent(name)
    assert ring(machine) == [StartTimer("ring", seconds)]
    assert fire(machine, "ring") == [Tell("acd", ev.OfferAnswered(5.0, "x", "a1", 7))]


def test_an_absent_agent_lets_it_ring_and_comes_back_later():
    machine = agent("absent")
    assert ring(machine) == []
    ended = machine.handle(ev.OfferEnded(20, "x", 1, 7, "a1", OfferOutcome.NO_ANSWER))
    assert ended[-1] == StartTimer("back", 10.0)
    assert fire(machine, "back") == [Tell("acd", ev.AgentReady(5.0, "", "a1"))]


def test_a_caller_who_leaves_while_it_rings_stops_the_ringing():
    machine = agent()
    ring(machine)
    ended = machine.handle(ev.OfferEnded(1, "x", 1, 7, "a1", OfferOutcome.CALLER_LEFT))
    assert list(ended) == [CancelTimer("ring")]
    assert fire(machine, "ring") == []  # even a timer that was already on its way


def test_greets_when_the_line_is_bridged_in_the_callers_language():
    machine = agent()
    ring(machine, language="en-US")
    machine.handle(ev.AgentConnected(2, "x", 1, "a1", "1001"))
    actions = machine.handle(ev.AgentBridged(5, "x", "a1"))
    (said,) = [a for a in actions if isinstance(a, Speak)]
    assert (said.call, said.what.id, said.what.language) == ("x", "agent.greeting", "en-US")
    assert fire(machine, "greet") == []  # not twice


def test_greets_by_itself_where_nobody_reports_the_bridge():
    machine = agent()
    ring(machine)
    fire(machine, "ring")
    (wait,) = machine.handle(ev.AgentConnected(2, "x", 1, "a1", "1001"))
    assert wait == StartTimer("greet", 6.0)
    assert isinstance(fire(machine, "greet")[0], Speak)


@pytest.mark.parametrize(
    ("name", "to"),
    [("steady", "survey"), ("hangs_up", "hang_up"), ("transfers_bill", "transfer:bill")],
)
def test_ends_the_conversation_as_its_behaviour_says_and_wraps_up(name, to):
    machine = agent(name)
    assert connect(machine)[-1] == StartTimer("talk", 20.0)
    finished, wrap = fire(machine, "talk", 30.0)
    assert finished == Tell("acd", ev.AgentFinished(30.0, "x", "a1", to, ""))
    assert wrap == StartTimer("wrap", 5.0)
    assert fire(machine, "wrap") == [Tell("acd", ev.WrapUpDone(5.0, "", "a1"))]


def test_a_polite_agent_waits_for_the_caller_to_hang_up():
    machine = agent("waits")
    connect(machine)
    assert fire(machine, "talk") == [StartTimer("wait", 120.0)]
    actions = machine.handle(ev.TalkEnded(40, "x", "a1", Party.CALLER))
    assert actions[-1] == StartTimer("wrap", 5.0)
    assert fire(machine, "wait") == []


@pytest.mark.parametrize(
    ("name", "words", "reason"), [("harassed", 3, "harassment"), ("silent_line", 4, "silent")]
)
def test_the_ladder_is_climbed_before_a_lawful_hang_up(name, words, reason):
    machine = agent(name)
    assert connect(machine)[-1] == StartTimer("ladder", 5.0)
    said = [fire(machine, "ladder") for _ in range(words)]
    assert len({a.what.id for step in said for a in step if isinstance(a, Speak)}) == words
    finished = fire(machine, "ladder")[0]
    assert (finished.event.to, finished.event.reason) == ("hang_up", reason)


def test_a_caller_who_leaves_mid_talk_stops_all_that_was_planned():
    machine = agent()
    connect(machine)
    machine.handle(ev.TalkEnded(9, "x", "a1", Party.CALLER))
    assert fire(machine, "talk") == []


def test_a_wrap_up_that_the_acd_cut_short_does_not_end_the_next_one():
    machine = agent()
    connect(machine)
    fire(machine, "talk")
    assert list(ring(machine, "y", 8)) == [CancelTimer("wrap"), StartTimer("ring", 2.0)]
    assert fire(machine, "wrap") == []


def test_an_agent_on_a_break_does_not_come_back_by_himself():
    for early in (True, False):
        machine = agent("absent")
        ring(machine)
        decided = ev.BreakDecided(1, "", "a1", True)
        if early:
            machine.handle(decided)
        machine.handle(ev.OfferEnded(20, "x", 1, 7, "a1", OfferOutcome.NO_ANSWER))
        if not early:
            assert list(machine.handle(decided)) == [CancelTimer("back")]
        assert fire(machine, "back") == []


def test_an_agent_who_waits_gives_up_and_sends_the_caller_to_the_survey():
    machine = agent("waits")
    connect(machine)
    fire(machine, "talk")
    assert fire(machine, "wait")[0].event.to == "survey"


def test_endings_come_by_their_weights_and_no_wrap_up_is_done_at_once():
    half = replace(
        BEHAVIOURS["steady"],
        endings=(("survey", 1.0), ("hang_up", 3.0)),
        wrap_up=deterministic(0.0),
    )
    counted = {"survey": 0, "hang_up": 0}
    for n in range(400):
        machine = agent(half)
        connect(machine, f"c{n}")
        finished, done = fire(machine, "talk")
        assert isinstance(done.event, ev.WrapUpDone)
        counted[finished.event.to] += 1
    assert 60 < counted["survey"] < 140


def test_what_concerns_another_call_or_offer_is_let_pass():
    machine = agent()
    connect(machine)
    assert machine.handle(ev.TalkEnded(9, "other", "a1", Party.CALLER)) == []
    assert machine.handle(ev.AgentBridged(9, "other", "a1")) == []
    assert machine.handle(ev.OfferEnded(9, "x", 1, 99, "a1", OfferOutcome.LOST)) == []
    assert machine.handle(ev.AgentReady(9, "", "a1")) == ()


def test_a_call_back_needs_no_ringing():
    machine = agent()
    due = ev.CallbackDue(0, "x-cb", 1, "a1", "1001", "13800138000", "x", "", "en-US")
    assert machine.handle(due) == []
    machine.handle(ev.AgentConnected(9, "x-cb", 1, "a1", "1001"))
    (said, talk) = machine.handle(ev.AgentBridged(12, "x-cb", "a1"))[1:]
    assert (said.call, said.what.language) == ("x-cb", "en-US")
    assert talk == StartTimer("talk", 20.0)


def test_draws_are_named_so_that_the_same_call_has_the_same_luck_in_any_order():
    careless = replace(BEHAVIOURS["normal"], answers=0.5)
    first, second = agent(careless), agent(careless)
    calls = [f"c{n}" for n in range(50)]

    def luck(machine, call):
        return [action for action in ring(machine, call) if isinstance(action, StartTimer)]

    forward = {call: luck(first, call) for call in calls}
    backward = {call: luck(second, call) for call in reversed(calls)}
    assert forward == backward
    assert 5 < sum(not actions for actions in forward.values()) < 45


def test_a_behaviour_may_be_given_as_data():
    given = behaviour(
        {
            "like": "steady",
            "ring": {"distribution": "uniform", "low": 1, "high": 2},
            "endings": {"survey": 3, "transfer:bill": 1},
            "answers": 0.9,
        }
    )
    assert given.ring.quantile(0.5) == uniform(1, 2).quantile(0.5)
    assert given.endings == (("survey", 3), ("transfer:bill", 1))
    assert given.talk.mean == 20.0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("sleepy", "known: absent"),
        ({"like": "steady", "ring": {"distribution": "bell"}}, "ring: unknown distribution"),
        ({"endings": "vanish"}, "unknown ending 'vanish'"),
        ({"endings": {"survey": 0}}, "above 0"),
        ({"answers": 2}, "from 0 to 1"),
        ({"speed": 2}, "unknown field 'speed'"),
    ],
)
def test_a_wrong_behaviour_is_explained(given, says):
    with pytest.raises(SettingsError, match=says):
        behaviour(given)
