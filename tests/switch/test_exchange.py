"""The exchange: one event at a time, timers, late events, and `CallClosed` as the last entry."""

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, AGENT, CALL, JOURNAL, Tell
from hotline.switch.clock import VirtualClock
from hotline.switch.events import Party
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal


class Scripted:
    """A machine that answers each kind of event with fixed actions and remembers what it saw."""

    def __init__(self, answers=None):
        self.answers, self.seen, self.inside = answers or {}, [], False

    def handle(self, event):
        assert not self.inside, "re-entered"
        self.inside = True
        self.seen.append(event)
        answer = self.answers.get(type(event), ())
        try:
            return answer(event) if callable(answer) else list(answer)
        finally:
            self.inside = False


class Line:
    """A media port that writes down what it is asked to do."""

    def __init__(self):
        self.done = []

    def __getattr__(self, name):
        return lambda *arguments: self.done.append((name, *arguments))


class Instant:
    """Services that reply at once."""

    def call(self, call, service, inputs, reply):
        reply("found", {"service": service})


def admit(event):
    return [Tell(CALL, event)]


def build(call_answers, acd_answers=None, agents=None):
    closed = []
    clock, line = VirtualClock(), Line()
    acd = Scripted({ev.CallArrived: admit, **(acd_answers or {})})
    call = Scripted(call_answers)
    exchange = Exchange(
        clock=clock,
        media=line,
        services=Instant(),
        journal=MemoryJournal(closed.append),
        acd=acd,
        make_call=lambda event: call,
        agents=agents,
    )
    return exchange, clock, line, acd, call, closed


def test_effects_are_carried_out_and_journalled_in_order():
    play = do.Play(1, do.Music())
    exchange, _, line, _, _, _ = build({ev.CallArrived: [do.Answer(), play]})
    exchange.post(ev.CallArrived(0, "c1"))
    assert line.done == [("answer", "c1"), ("play", "c1", 1, do.Music())]
    journal = exchange._journal.open["c1"]
    assert [entry.to for entry in journal] == [ACD, CALL, JOURNAL, JOURNAL]
    assert journal[-1].event == ev.Did(0, "c1", play)


def test_an_event_posted_while_another_is_handled_waits_its_turn():
    def reply_at_once(event):
        return [do.CallService(1, "balance", {}), do.Answer()]

    exchange, _, line, _, call, _ = build({ev.CallArrived: reply_at_once})
    exchange.post(ev.CallArrived(0, "c1"))
    # the reply came while CallArrived was being carried out, and was handled after it
    assert [type(event) for event in call.seen] == [ev.CallArrived, ev.ServiceReplied]
    assert call.seen[1].values == {"service": "balance"}
    assert line.done == [("answer", "c1")]


def test_call_closed_is_the_last_entry_even_when_others_were_told_first():
    def give_up(event):
        return [
            Tell(ACD, ev.RequestWithdrawn(event.at, event.call, 1)),
            Tell(ACD, ev.CallClosed(event.at, event.call, Party.CALLER)),
        ]

    def end_offer(event):
        return [Tell(CALL, ev.OfferEnded(event.at, event.call, 1, 1, "a1"))]

    exchange, clock, _, acd, call, closed = build(
        {ev.HungUp: give_up, ev.CallArrived: [do.StartTimer("no_input", 5)]},
        {ev.RequestWithdrawn: end_offer},
    )
    exchange.post(ev.CallArrived(0, "c1"))
    exchange.post(ev.HungUp(1, "c1"))
    [entries] = closed
    kinds = [type(entry.event) for entry in entries]
    assert kinds[-1] is ev.CallClosed
    assert kinds[-2] is ev.OfferEnded
    assert "c1" not in exchange.calls
    assert type(acd.seen[-1]) is ev.CallClosed
    seen = len(call.seen)
    clock.run()  # its timer died with it
    exchange.post(ev.KeyPressed(9, "c1", "1"))  # and late keys are dropped
    assert len(call.seen) == seen


def test_timers_belong_to_their_owner_and_restart_by_name():
    agent = Scripted({ev.OfferMade: [do.StartTimer("ring", 4)]})
    exchange, clock, _, acd, call, _ = build(
        {
            ev.CallArrived: [do.StartTimer("t", 5), do.StartTimer("gone", 2)],
            ev.KeyPressed: [do.StartTimer("t", 5), do.CancelTimer("gone")],
        },
        {
            ev.AgentRequested: [
                Tell(AGENT, ev.OfferMade(0, "c1", 1, 1, "a1")),
                do.StartTimer("t", 1),
            ]
        },
        {"a1": agent},
    )
    exchange.post(ev.CallArrived(0, "c1"))
    exchange.post(ev.AgentRequested(0, "c1", 1))
    clock.run(1.5)
    exchange.post(ev.KeyPressed(1.5, "c1", "1"))
    clock.run()
    fired = [(event.at, event.timer) for event in call.seen if isinstance(event, ev.TimerFired)]
    assert fired == [(6.5, "t")]
    assert [event.at for event in acd.seen if isinstance(event, ev.TimerFired)] == [1]
    assert [event.at for event in agent.seen if isinstance(event, ev.TimerFired)] == [4]


def test_the_outside_world_is_not_journalled():
    agent = Scripted({ev.OfferMade: [Tell(ACD, ev.OfferAnswered(0, "c1", "a1", 1))]})
    exchange, _, _, acd, _, _ = build(
        {}, {ev.AgentRequested: [Tell(AGENT, ev.OfferMade(0, "c1", 1, 1, "a1"))]}, {"a1": agent}
    )
    exchange.post(ev.CallArrived(0, "c1"))
    exchange.post(ev.AgentRequested(0, "c1", 1))
    kinds = [type(entry.event) for entry in exchange._journal.open["c1"]]
    assert ev.OfferMade not in kinds
    assert kinds[-1] is ev.OfferAnswered
    assert type(acd.seen[-1]) is ev.OfferAnswered


def test_an_agent_cannot_speak_into_a_call_that_is_over():
    agent = Scripted({ev.AgentConnected: [do.Speak(do.Prompt("agent.greeting", "您好"), "gone")]})
    exchange, _, line, _, _, _ = build(
        {},
        {ev.AgentReady: [Tell(AGENT, ev.AgentConnected(0, "gone", 1, "a1", "1001"))]},
        {"a1": agent},
    )
    exchange.post(ev.AgentReady(0, "", "a1"))
    assert line.done == []


def failing(event):
    raise RuntimeError("a bug")


def test_a_machine_that_raises_ends_only_its_own_call_as_lost():
    faults = []
    exchange, _, line, _, _, closed = build({ev.KeyPressed: failing})
    exchange._on_fault = lambda error, event: faults.append(type(event))
    exchange.post(ev.CallArrived(0, "c1"))
    exchange.post(ev.CallArrived(0, "c2"))
    exchange.post(ev.KeyPressed(1, "c1", "1"))
    assert faults == [ev.KeyPressed]
    assert ("hang_up", "c1", "internal error") in line.done
    [entries] = closed
    assert entries[-1].event == ev.CallClosed(0, "c1", Party.SYSTEM, "lost")
    assert set(exchange.calls) == {"c2"}


def test_without_anybody_to_report_to_the_fault_is_seen_at_once():
    exchange, *_ = build({ev.KeyPressed: failing})
    exchange.post(ev.CallArrived(0, "c1"))
    with pytest.raises(RuntimeError, match="a bug"):
        exchange.post(ev.KeyPressed(1, "c1", "1"))
    exchange.post(ev.CallArrived(2, "c2"))  # and it is not stuck


def test_a_blocked_call_never_reaches_the_ivr():
    def block(event):
        return [
            do.Reject("trunks"),
            Tell(JOURNAL, ev.CallBlocked(0, event.call)),
            Tell(JOURNAL, ev.CallClosed(0, event.call, Party.NETWORK, "trunks")),
        ]

    exchange, _, line, _, call, closed = build({}, {ev.CallArrived: block})
    exchange.post(ev.CallArrived(0, "c1"))
    assert line.done == [("reject", "c1", "trunks")]
    assert call.seen == []
    assert [type(entry.event) for entry in closed[0]][-1] is ev.CallClosed


QUALITY = ev.MediaQuality("PCMA", 500, 498, lost=2, jitter=0.002, mos=4.2)


def test_how_the_audio_went_is_noted_before_the_call_closes_and_asks_nobody():
    exchange, _, _, acd, call, closed = build(
        {
            ev.CallArrived: [do.Answer()],
            ev.HungUp: [Tell(ACD, ev.CallClosed(9.0, "c1", Party.CALLER))],
        }
    )
    exchange.post(ev.CallArrived(0, "c1"))
    exchange.post(ev.MediaReport(9.0, "c1", QUALITY))
    exchange.post(ev.HungUp(9.0, "c1"))
    [entries] = closed
    kinds = [type(entry.event) for entry in entries]
    assert kinds[-3:] == [ev.MediaReport, ev.HungUp, ev.CallClosed]
    assert entries[-3].to == JOURNAL
    assert ev.MediaReport not in {type(event) for event in (*acd.seen, *call.seen)}


def test_a_report_on_the_audio_of_a_call_that_is_gone_is_dropped():
    exchange, _, _, acd, _, closed = build({})
    exchange.post(ev.MediaReport(0.0, "c9", QUALITY))
    assert (acd.seen, closed, exchange._journal.open) == ([], [], {})
