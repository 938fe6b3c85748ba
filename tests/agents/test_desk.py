"""An agent on his telephone, event by event; then with the real ACD."""

from __future__ import annotations

import pytest

from agents.acd import Acd
from agents.desk import COMES_WITHIN, DeskAgent
from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.actions import CancelTimer, ReleaseDesk, RingDesk, StartTimer, Tell
from hotline.switch.events import AgentState, DeskEnd, OfferOutcome, Party

ME = AgentProfile("a1", "1001", sip="wang")


def rung(machine=None, offer=7):
    machine = machine or DeskAgent(ME)
    assert machine.handle(ev.OfferMade(1, "x", 1, offer, "a1", "fault")) == [RingDesk()]
    return machine


def talking(machine=None):
    machine = rung(machine)
    machine.handle(ev.DeskAnswered(4, "", "a1"))
    machine.handle(ev.OfferEnded(4, "x", 1, 7, "a1", OfferOutcome.ANSWERED))
    assert machine.handle(ev.AgentConnected(4, "x", 1, "a1", "1001")) == []
    return machine


def told(actions):
    """What the ACD is told."""
    return [action.event for action in actions if isinstance(action, Tell)]


def test_who_registers_signs_in_and_who_goes_signs_out():
    machine = DeskAgent(ME)
    opened = machine.handle(ev.DeskOpened(1, "", "a1"))
    assert told(opened) == [ev.AgentSignedIn(1, "", "a1"), ev.AgentReady(1, "", "a1")]
    assert told(machine.handle(ev.DeskClosed(9, "", "a1"))) == [ev.AgentSignedOut(9, "", "a1")]


@pytest.mark.parametrize(
    ("wish", "event"),
    [
        ("ready", ev.AgentReady),
        ("not_ready", ev.AgentNotReady),
        ("break", ev.BreakRequested),
    ],
)
def test_a_wish_that_he_dials(wish, event):
    [wished] = told(DeskAgent(ME).handle(ev.DeskAsked(1, "", "a1", wish)))
    assert type(wished) is event


def test_his_telephone_rings_and_he_takes_it():
    machine = rung()
    answered = machine.handle(ev.DeskAnswered(4, "", "a1"))
    assert told(answered) == [ev.OfferAnswered(4, "x", "a1", 7)]


def test_he_declines():
    left = rung().handle(ev.DeskLeft(2, "", "a1", DeskEnd.DECLINED))
    assert left == [Tell("acd", ev.OfferDeclined(2, "x", "a1", 7))]


def test_a_desk_that_is_lost_while_it_rings_has_not_declined():
    machine = rung()
    assert machine.handle(ev.DeskLeft(2, "", "a1", DeskEnd.LOST)) == []
    # his sign-out ends the offer; there is nothing more to release
    assert told(machine.handle(ev.DeskClosed(2, "", "a1"))) == [ev.AgentSignedOut(2, "", "a1")]
    assert machine.handle(ev.OfferEnded(2, "x", 1, 7, "a1", OfferOutcome.LOST)) == []


def test_a_lawful_reason_parts_him_from_the_caller_whatever_hanging_up_means():
    left = talking().handle(ev.DeskLeft(9, "", "a1", DeskEnd.HUNG_UP, "silent"))
    assert told(left) == [ev.AgentFinished(9, "x", "a1", "hang_up", "silent")]


@pytest.mark.parametrize("outcome", [OfferOutcome.CALLER_LEFT, OfferOutcome.NO_ANSWER])
def test_the_ringing_stops_with_the_offer(outcome):
    machine = rung()
    assert machine.handle(ev.OfferEnded(9, "x", 1, 7, "a1", outcome)) == [ReleaseDesk()]
    # he took the receiver up at the same moment: nobody is there
    assert told(machine.handle(ev.DeskAnswered(9, "", "a1"))) == []


def test_the_end_of_another_offer_means_nothing():
    assert rung().handle(ev.OfferEnded(9, "y", 1, 6, "a1", OfferOutcome.NO_ANSWER)) == []


@pytest.mark.parametrize(
    ("keys", "to", "reason"),
    [
        ("*1", "survey", ""),
        ("*2", "transfer:fault", ""),
        ("*8", "hang_up", "harassment"),
        ("5**9", "hang_up", "silent"),
    ],
)
def test_keys_end_the_conversation(keys, to, reason):
    machine = talking()
    actions = [a for key in keys for a in machine.handle(ev.DeskKey(8, "", "a1", key))]
    assert told(actions) == [ev.AgentFinished(8, "x", "a1", to, reason)]
    assert actions[-1] == ReleaseDesk()
    assert machine.handle(ev.DeskLeft(9, "", "a1")) == []


@pytest.mark.parametrize("keys", ["1", "*5", "*01", "#1"])
def test_other_keys_do_not(keys):
    machine = talking()
    assert [a for key in keys for a in machine.handle(ev.DeskKey(8, "", "a1", key))] == []


@pytest.mark.parametrize("meaning", ["survey", "hang_up"])
def test_he_hangs_up(meaning):
    left = talking(DeskAgent(ME, meaning)).handle(ev.DeskLeft(9, "", "a1", DeskEnd.HUNG_UP))
    assert told(left) == [ev.AgentFinished(9, "x", "a1", meaning)]
    assert ReleaseDesk() not in left


def test_his_telephone_fails_and_the_caller_gets_another_agent():
    left = told(talking().handle(ev.DeskLeft(9, "", "a1", DeskEnd.LOST)))
    assert [type(event) for event in left] == [ev.AgentNotReady, ev.AgentFinished]
    assert left[-1].to == "transfer:fault"


@pytest.mark.parametrize(("target", "to"), [("bill", "transfer:bill"), ("survey", "survey")])
def test_he_transfers(target, to):
    [finished] = told(talking().handle(ev.DeskTransfer(9, "", "a1", target)))
    assert finished.to == to


def test_hold():
    assert told(talking().handle(ev.DeskHeld(9, "", "a1", True))) == [
        ev.AgentHeld(9, "x", "a1", True)
    ]


def test_the_caller_hangs_up():
    machine = talking()
    assert ReleaseDesk() in machine.handle(ev.TalkEnded(9, "x", "a1", Party.CALLER))
    assert machine.handle(ev.TalkEnded(9, "x", "a1", Party.CALLER)) == []


def test_a_call_back_rings_him_when_the_customer_has_answered():
    machine = DeskAgent(ME)
    assert machine.handle(ev.CallbackDue(1, "x-cb", 1, "a1", "1001", "138", "x")) == ()
    connected = machine.handle(ev.AgentConnected(5, "x-cb", 1, "a1", "1001"))
    assert connected == [RingDesk(), StartTimer("come", COMES_WITHIN)]
    assert machine.handle(ev.DeskAnswered(8, "", "a1")) == [CancelTimer("come")]


def test_who_does_not_come_to_a_call_back_is_replaced():
    machine = DeskAgent(ME)
    machine.handle(ev.AgentConnected(5, "x-cb", 1, "a1", "1001"))
    late = machine.handle(ev.TimerFired(25, "", "come", "agent:a1"))
    assert [type(event) for event in told(late)] == [ev.AgentNotReady, ev.AgentFinished]
    assert late[-1] == ReleaseDesk()


class Hall:
    """The real ACD, desk agents, and events carried between them."""

    def __init__(self, *profiles):
        self.acd = Acd(profiles)
        self.desks = {profile.id: DeskAgent(profile) for profile in profiles}
        self.calls, self.telephones = [], []

    def say(self, event):
        queue = [event]
        while queue:
            event = queue.pop(0)
            desk = isinstance(event, ev.DeskEvent)
            machine = self.desks[event.agent] if desk else self.acd
            self.carry(machine.handle(event), queue)

    def carry(self, actions, queue):
        for action in actions:
            match action:
                case RingDesk() | ReleaseDesk():
                    self.telephones.append(type(action))
                case Tell("acd", event):
                    queue.append(event)
                case Tell("agent", event):
                    self.carry(self.desks[event.agent].handle(event), queue)
                case Tell("call", event):
                    self.calls.append(event)

    def state(self, agent="a1"):
        return self.acd.floor.agents[agent].state


def test_with_the_acd_from_sign_in_to_wrap_up():
    hall = Hall(ME)
    hall.say(ev.DeskOpened(0, "", "a1"))
    hall.say(ev.CallArrived(1, "x", "138"))
    hall.say(ev.AgentRequested(2, "x", 1))
    assert hall.state() is AgentState.RINGING
    hall.say(ev.DeskAnswered(5, "", "a1"))
    assert hall.state() is AgentState.TALKING
    hall.say(ev.DeskLeft(60, "", "a1"))
    assert hall.calls[-1] == ev.AgentLeft(60, "x", "a1", "survey")
    assert hall.state() is AgentState.WRAP_UP
    hall.say(ev.DeskAsked(70, "", "a1", "ready"))
    assert hall.state() is AgentState.READY
    assert hall.telephones == [RingDesk]


def test_with_the_acd_who_declines_is_not_ready_and_the_caller_goes_on():
    hall = Hall(ME, AgentProfile("a2", "1002", sip="li"))
    hall.say(ev.DeskOpened(0, "", "a1"))
    hall.say(ev.DeskOpened(0, "", "a2"))
    hall.say(ev.CallArrived(1, "x", "138"))
    hall.say(ev.AgentRequested(2, "x", 1))
    hall.say(ev.DeskLeft(4, "", "a1", DeskEnd.DECLINED))
    assert (hall.state("a1"), hall.state("a2")) == (AgentState.NOT_READY, AgentState.RINGING)
    hall.say(ev.DeskAsked(9, "", "a1", "ready"))
    assert hall.state("a1") is AgentState.READY


def test_5_2_5_2_refuses_the_sign_in():
    hall = Hall(AgentProfile("a1", "1001", putonghua=None))
    hall.say(ev.DeskOpened(0, "", "a1"))
    assert hall.state() is AgentState.OFFLINE
