"""Folding journals into rows: requests, offers, outcomes, barge-in, silence in the queue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, CALL, JOURNAL
from hotline.switch.events import OfferOutcome, Party
from hotline.switch.record import Entry, Outcome, RequestOutcome, fold

C = "c1"
GREETING = do.Prompt("greeting", "国家电网95598为您服务")


def did(at, action):
    return Entry(JOURNAL, ev.Did(at, C, action))


def to_call(event):
    return Entry(CALL, event)


def to_acd(event):
    return Entry(ACD, event)


def begin(at=0.0):
    arrived = ev.CallArrived(at, C, "13800138000", medium="memory")
    return [to_acd(arrived), to_call(arrived), did(at, do.Answer()), did(at, do.Play(1, GREETING))]


def closed(at, by=Party.CALLER, reason=""):
    return to_acd(ev.CallClosed(at, C, by, reason))


def asked(at, request=1):
    return to_acd(ev.AgentRequested(at, C, request, "fault"))


def offer(at, number, agent, ended, outcome, request=1):
    return [
        to_call(ev.OfferMade(at, C, request, number, agent)),
        to_call(ev.OfferEnded(ended, C, request, number, agent, outcome)),
    ]


def test_a_call_with_a_redirected_offer_and_two_requests():
    announcement = do.Prompt("agent.announcement", "", values=(("agent", "1001"),))
    entries = [
        *begin(),
        asked(10),
        did(10, do.Play(2, do.Music())),
        *offer(12, 1, "a1", 32, OfferOutcome.NO_ANSWER),
        *offer(32, 2, "a2", 37, OfferOutcome.ANSWERED),
        to_call(ev.AgentConnected(37, C, 1, "a2", "1001")),
        did(37, do.Play(3, announcement)),
        to_call(ev.PlaybackFinished(40, C, 3)),
        did(40, do.Bridge("a2")),
        to_call(ev.AgentLeft(100, C, "a2", "transfer:bill")),
        asked(100, 2),
        to_acd(ev.RequestWithdrawn(130, C, 2, "hung_up")),
        closed(130),
    ]
    row = fold(entries)
    first, second = row.requests
    assert row.outcome is Outcome.AGENT
    assert [o.outcome for o in first.offers] == [OfferOutcome.NO_ANSWER, OfferOutcome.ANSWERED]
    assert [o.ring for o in first.offers] == [20, 5]
    assert (first.wait, first.agent, first.agent_number) == (27, "a2", "1001")
    assert (first.heard_agent, first.announced_number, first.bridged) == (37, "1001", 40)
    assert (first.talk_ended, first.ended_by, first.left_to) == (100, Party.AGENT, "transfer:bill")
    assert (second.outcome, second.wait) == (RequestOutcome.ABANDONED, 30)


def test_silence_in_the_queue_is_measured_between_sounds():
    entries = [
        *begin(),
        to_call(ev.PlaybackFinished(5, C, 1)),
        asked(6),
        did(9, do.Play(2, do.Music())),  # 3 s of nothing since asking
        did(20, do.Play(3, do.Prompt("queue.wait", ""))),
        to_call(ev.PlaybackFinished(24, C, 3)),
        did(25.5, do.Play(4, do.Music())),
        to_acd(ev.RequestWithdrawn(60, C, 1, "hung_up")),
        closed(60),
    ]
    assert fold(entries).requests[0].music_gap == pytest.approx(3.0)


def test_barge_in_is_measured_from_the_key_to_silence():
    entries = [
        *begin(),
        to_call(ev.KeyPressed(2.0, C, "1")),
        did(2.05, do.StopPlay(1)),
        closed(9),
    ]
    [barge_in] = fold(entries).barge_ins
    assert (barge_in.prompt, barge_in.seconds) == ("greeting", pytest.approx(0.05))


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ([closed(5)], Outcome.IVR),
        ([], Outcome.LOST),
        ([closed(5, Party.NETWORK, "lost")], Outcome.LOST),
        (
            [to_call(ev.StepFinished(3, C, "s", "found", "balance", True)), closed(5)],
            Outcome.SELF_SERVICE,
        ),
        ([asked(2), to_acd(ev.RequestWithdrawn(5, C, 1, "hung_up")), closed(5)], Outcome.ABANDONED),
        ([asked(2), to_call(ev.CallbackBooked(4, C, 1)), closed(5)], Outcome.CALLBACK),
        ([Entry(JOURNAL, ev.CallBlocked(0, C)), closed(0)], Outcome.BLOCKED),
    ],
)
def test_outcomes(entries, outcome):
    assert fold([*begin(), *entries]).outcome is outcome


def test_a_journal_that_breaks_off_closes_its_open_request_and_offer_as_lost():
    row = fold([*begin(), asked(3), to_call(ev.OfferMade(4, C, 1, 1, "a1"))])
    assert row.outcome is Outcome.LOST
    assert row.requests[0].outcome is RequestOutcome.LOST
    assert row.requests[0].offers[0].outcome is OfferOutcome.LOST


@given(st.data())
def test_any_prefix_of_a_journal_folds(data):
    whole = [
        *begin(),
        to_call(ev.KeyPressed(1, C, "0")),
        did(1, do.StopPlay(1)),
        asked(1),
        did(1, do.Play(2, do.Music())),
        *offer(2, 1, "a1", 7, OfferOutcome.ANSWERED),
        to_call(ev.AgentConnected(7, C, 1, "a1", "1001")),
        to_acd(ev.TalkEnded(60, C, "a1", Party.CALLER)),
        closed(60),
    ]
    cut = data.draw(st.integers(0, len(whole)))
    row = fold(whole[:cut])
    assert row.arrived <= row.ended
    assert all(r.asked <= r.ended for r in row.requests)
    assert all(o.offered <= o.ended for r in row.requests for o in r.offers)


def test_how_the_audio_went_is_a_column_of_the_row():
    quality = ev.MediaQuality("PCMA", 500, 498, lost=2, jitter=0.002, mos=4.2)
    report = Entry(JOURNAL, ev.MediaReport(9.0, C, quality))
    assert fold([*begin(), report, closed(9.0)]).media == quality
    assert fold([*begin(), closed(9.0)]).media is None
