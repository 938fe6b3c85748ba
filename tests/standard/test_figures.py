"""The shared figures: what counts, what is left out, and that nothing is counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch.events import OfferOutcome, Party
from hotline.switch.figures import (
    Share,
    agent_hung_up_first,
    contained,
    containment,
    hung_up_first,
    offer_within,
    queue_ring_within,
    request_within,
    ring_compliance,
)
from hotline.switch.record import Offer, RequestOutcome, RequestRecord
from tests.standard.journal import Journal


def offer(ring, outcome=OfferOutcome.ANSWERED):
    return Offer(1, "a1", 100.0, 100.0 + ring, outcome)


def request(wait, outcome=RequestOutcome.ANSWERED, **fields):
    return RequestRecord(1, "", "zh-CN", 0, 50.0, 50.0 + wait, outcome, **fields)


@given(st.floats(0, 60), st.sampled_from(OfferOutcome), st.floats(0.1, 30))
def test_an_offer_is_in_time_only_if_it_was_answered(ring, outcome, limit):
    verdict = offer_within(offer(ring, outcome), limit)
    if verdict:
        assert outcome is OfferOutcome.ANSWERED
        assert ring <= limit + 1e-3
    if verdict is None:
        assert outcome in (OfferOutcome.CALLER_LEFT, OfferOutcome.LOST)


@given(st.floats(0, 60), st.sampled_from(OfferOutcome))
def test_more_time_never_hurts(ring, outcome):
    in_twelve, in_fifteen = (offer_within(offer(ring, outcome), t) for t in (12.0, 15.0))
    assert in_twelve is not True or in_fifteen is True


@pytest.mark.parametrize(
    ("wait", "outcome", "verdict"),
    [
        (12.0, RequestOutcome.ANSWERED, True),
        (12.1, RequestOutcome.ANSWERED, False),
        (4.9, RequestOutcome.ABANDONED, None),
        (5.0, RequestOutcome.ABANDONED, False),
        (4.9, RequestOutcome.WITHDRAWN, None),
        (30.0, RequestOutcome.CALLBACK, False),
        (0.0, RequestOutcome.REFUSED, False),
    ],
)
def test_what_counts_in_the_service_level(wait, outcome, verdict):
    assert request_within(request(wait, outcome), 12.0) is verdict


def test_requests_and_offers_count_and_calls_do_not():
    transferred = Journal().talking(ring=2.0).agent_leaves("transfer:bill").ask().queued().music()
    transferred.offer(20.0, OfferOutcome.NO_ANSWER).offer(3.0).connect().announce().bridge()
    record = transferred.caller_ends_talk().record()
    assert ring_compliance([record]) == Share(2, 3)
    assert queue_ring_within([record]) == Share(1, 2)


def test_who_hung_up_first():
    def ended(by, left_to="", reason=""):
        return request(3.0, ended_by=by, left_to=left_to, end_reason=reason)

    assert agent_hung_up_first(ended(Party.AGENT, "hang_up")) is True
    assert agent_hung_up_first(ended(Party.AGENT, "hang_up", "silent")) is False
    assert agent_hung_up_first(ended(Party.AGENT, "hang_up", "silent"), lawful=()) is True
    assert agent_hung_up_first(ended(Party.AGENT, "survey")) is False
    assert agent_hung_up_first(ended(Party.CALLER)) is False
    assert agent_hung_up_first(ended(None)) is None
    assert agent_hung_up_first(request(3.0, RequestOutcome.ABANDONED)) is None


def test_calls_that_never_met_an_agent_say_nothing_about_hanging_up():
    assert hung_up_first(Journal().greeted().caller_leaves().record()) is None
    assert hung_up_first(Journal().talking().caller_ends_talk().record()) is False


def test_containment_leaves_out_calls_that_never_got_in():
    done = Journal().greeted().menu().step(service="balance").caller_leaves().record()
    idle = Journal("c2").greeted().menu().caller_leaves().record()
    lost = Journal("c3").greeted().closed(reason="lost").record()
    assert [contained(r) for r in (done, idle, lost)] == [True, False, None]
    assert containment([done, idle, lost]) == Share(1, 2)


@given(st.lists(st.sampled_from([True, False, None])))
def test_shares_add_up(observed):
    whole, parts = Share(), Share()
    for verdict in observed:
        whole = whole.counting(verdict)
        parts = parts + Share().counting(verdict)
    assert whole == parts
    assert whole.total == sum(verdict is not None for verdict in observed)
    assert (whole.value is None) == (whole.total == 0)
