"""ACD and simulated agents together in the exchange, with the plainest of calls."""

from __future__ import annotations

import pytest

from agents.acd import Acd
from agents.agent_figures import agent_figures
from agents.behaviours import BEHAVIOURS
from agents.figures import call_figures, queue_figures
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from agents.simulated import SimulatedAgent
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, Tell
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.events import AgentState, Party
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal
from hotline.switch.record import fold


class PlainCall:
    """Asks for an agent at once; leaves when the agent does, or after `patience`."""

    def __init__(self, patience=None):
        self.patience, self.connected, self.over = patience, False, False

    def handle(self, event):
        match event:
            case ev.CallArrived():
                asks = Tell(ACD, ev.AgentRequested(event.at, event.call, 1))
                leaves = [do.StartTimer("leave", self.patience)] if self.patience else []
                return [do.Answer(), asks, *leaves]
            case ev.AgentConnected():
                self.connected = True
                return [do.Bridge(event.agent)]
            case ev.AgentLeft():
                return self.close(event, Party.AGENT)
            case ev.TimerFired() if not self.connected:
                left = ev.RequestWithdrawn(event.at, event.call, 1, "hung_up")
                return [Tell(ACD, left), *self.close(event, Party.CALLER)]
        return []

    def close(self, event, by):
        if self.over:
            return []
        self.over = True
        return [Tell(ACD, ev.CallClosed(event.at, event.call, by))]


class NoLine:
    def __getattr__(self, name):
        return lambda *arguments: None


def work(behaviour, calls=20, every=60.0, agents=2, patience=None, **settings):
    """`calls` calls, one each `every` s; returns (records, general journal, end)."""
    roster = [AgentProfile(f"a{n}", f"{1000 + n}") for n in range(agents)]
    clock, records = VirtualClock(), []
    journal = MemoryJournal(lambda entries: records.append(fold(entries)))
    exchange = Exchange(
        clock=clock,
        media=NoLine(),
        services=NoLine(),
        journal=journal,
        acd=Acd(roster, AcdSettings(**settings)),
        make_call=lambda event: PlainCall(patience),
        agents={p.id: SimulatedAgent(p, BEHAVIOURS[behaviour], Chance(7)) for p in roster},
    )
    for profile in roster:
        exchange.post(ev.AgentSignedIn(0.0, "", profile.id))
        exchange.post(ev.AgentReady(0.0, "", profile.id))
    for n in range(calls):
        clock.call_at(n * every, lambda n=n: exchange.post(ev.CallArrived(clock.now(), f"c{n}")))
    clock.run()
    return records, journal.general, clock.now()


@pytest.mark.parametrize(("behaviour", "share"), [("just_in_time", 1.0), ("late", 0.0)])
def test_a_roster_that_answers_at_13_s_fails_the_12_s_clause_and_at_11_9_s_passes(behaviour, share):
    records, journal, end = work(behaviour)
    queue = queue_figures(records)
    assert queue["answered"].value == len(records) == 20
    assert queue["ring_within"].value == share
    assert queue["service_level"].value == share
    for figures in agent_figures(records, journal, until=end).values():
        assert figures["ring_within"].value == share
        assert figures["offers"].value == figures["answered"].value == 10


def test_absent_agents_answer_nothing_and_every_offer_is_their_failure():
    records, journal, end = work("absent", calls=3, patience=50.0)
    assert {r.requests[0].outcome for r in records} == {"abandoned"}
    figures = agent_figures(records, journal, until=end)
    assert sum(f["unanswered"].value for f in figures.values()) >= 3
    assert queue_figures(records)["ring_within"].value == 0


@pytest.mark.parametrize(
    ("behaviour", "first", "lawful"), [("hangs_up", 20, 0), ("harassed", 0, 20), ("steady", 0, 0)]
)
def test_who_hangs_up_first_is_seen_with_its_lawful_exceptions(behaviour, first, lawful):
    records, *_ = work(behaviour)
    figures = agent_figures(records).values()
    assert sum(f["hung_up_first"].numerator for f in figures) == first
    assert sum(f["lawful_hang_ups"].value for f in figures) == lawful


def test_more_calls_than_agents_and_lines_still_add_up():
    records, journal, end = work("normal", calls=200, every=15.0, patience=90.0, trunks=8)
    calls, queue = call_figures(records), queue_figures(records)
    assert calls["calls"].value == len(records) == 200
    assert calls["blocked"].value > 0
    assert queue["abandoned"].value > 0
    parts = ("answered", "abandoned", "withdrawn", "refused", "callback", "lost")
    assert sum(queue[name].value for name in parts) == queue["offered"].value
    assert queue["offered"].value == 200 - calls["blocked"].value
    for figures in agent_figures(records, journal, until=end).values():
        assert 0.5 < figures["occupancy"].value <= 1.0


def test_the_time_in_talk_by_the_journal_is_that_of_the_records():
    records, journal, end = work("steady")
    talks = sum(r.requests[0].talk_ended - r.requests[0].ended for r in records)
    figures = agent_figures(records, journal, until=end)
    handled = sum(f["mean_handle"].numerator for f in figures.values())
    wrapped = sum(f["mean_wrap_up"].numerator for f in figures.values())
    assert handled - wrapped == pytest.approx(talks)


def test_everybody_is_free_in_the_end():
    _, journal, _ = work("normal", calls=50, every=20.0)
    last = {}
    for entry in journal:
        if isinstance(entry.event, ev.AgentStateChanged):
            last[entry.event.agent] = entry.event.state
    assert set(last.values()) == {AgentState.READY}
