"""Per-offer, per-request and per-call figures that both the agents' and the standard's reports use.

Every figure is a pure function of records, defined once, with its formula. A `Share` keeps both
numbers, so that it can be added over streams and printed with its denominator.

    ring        offered -> answered                 one offer    clause 5.2.7.3, read literally
    queue+ring  asked for an agent -> answered      one request  what the customer feels
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from hotline.switch.events import OfferOutcome, Party
from hotline.switch.record import CallRecord, Offer, Outcome, RequestOutcome, RequestRecord

LAWFUL_REASONS = frozenset({"harassment", "silent"})
"""Reasons for which an agent may leave first (5.2.7.3 says "normally"; 5.2.7.6 harassment)."""

_ROUNDING = 1e-6
"""Seconds of slack for instants that were added up in binary floating point."""


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `total`. An empty share has no value: nothing was measured."""

    good: int = 0
    total: int = 0

    @property
    def value(self) -> float | None:
        """`good / total`, or None when there is nothing to divide by."""
        return self.good / self.total if self.total else None

    def __add__(self, other: Share) -> Share:
        return Share(self.good + other.good, self.total + other.total)

    def counting(self, good: bool | None) -> Share:
        """This share with one more observation; None is left out."""
        return self if good is None else Share(self.good + good, self.total + 1)


def offer_within(offer: Offer, seconds: float) -> bool | None:
    """Was `offer` answered within `seconds` of ringing (5.2.7.3)? None: it is left out.

    An unanswered or declined offer is the agent's failure. Left out are offers that ended before
    `seconds` through nobody's choice at the desk: the caller left, or the line was lost.
    """
    in_time = offer.ring <= seconds + _ROUNDING
    match offer.outcome:
        case OfferOutcome.ANSWERED:
            return in_time
        case OfferOutcome.CALLER_LEFT | OfferOutcome.LOST:
            return None if in_time else False
        case _:
            return False


def ring_compliance(records: Iterable[CallRecord], seconds: float = 12.0) -> Share:
    """Offers answered within `seconds` / all offers that count (see `offer_within`)."""
    share = Share()
    for record in records:
        for request in record.requests:
            for offer in request.offers:
                share = share.counting(offer_within(offer, seconds))
    return share


def request_within(
    request: RequestRecord, seconds: float, short_abandon: float = 5.0
) -> bool | None:
    """Was `request` answered within `seconds` of queue and ring? None: it is left out.

    Left out: given up before `short_abandon` seconds, by hanging up or by choosing otherwise.
    """
    match request.outcome:
        case RequestOutcome.ANSWERED:
            return request.wait <= seconds + _ROUNDING
        case RequestOutcome.ABANDONED | RequestOutcome.WITHDRAWN if request.wait < short_abandon:
            return None
        case _:
            return False


def queue_ring_within(
    records: Iterable[CallRecord], seconds: float = 12.0, short_abandon: float = 5.0
) -> Share:
    """Requests answered within `seconds` of queue + ring / requests that count.

    This is the default service level: answered within T / (offered - abandoned before 5 s).
    """
    share = Share()
    for record in records:
        for request in record.requests:
            share = share.counting(request_within(request, seconds, short_abandon))
    return share


def agent_hung_up_first(
    request: RequestRecord, lawful: Collection[str] = LAWFUL_REASONS
) -> bool | None:
    """Did the agent of `request` release the customer first, against 5.2.7.3?

    None when there was no conversation or its end was not seen. A transfer, the survey, and the
    lawful reasons (harassment after warnings, a silent line) are not hang-ups.
    """
    if request.outcome is not RequestOutcome.ANSWERED or request.ended_by is None:
        return None
    if request.ended_by is not Party.AGENT:
        return False
    return request.left_to == "hang_up" and request.end_reason not in lawful


def lawful_hang_up(request: RequestRecord, lawful: Collection[str] = LAWFUL_REASONS) -> bool:
    """Did the agent hang up first under a lawful exception? Counted beside the violations."""
    return (
        request.ended_by is Party.AGENT
        and request.left_to == "hang_up"
        and request.end_reason in lawful
    )


def hung_up_first(record: CallRecord) -> bool | None:
    """Did any agent of this call hang up before the caller? None: no conversation was seen."""
    seen = [agent_hung_up_first(request) for request in record.requests]
    judged = [first for first in seen if first is not None]
    return any(judged) if judged else None


def contained(record: CallRecord) -> bool | None:
    """Did the call end in self-service with its task done (5.2.7.2)? None: it never got in."""
    if record.outcome in (Outcome.BLOCKED, Outcome.LOST):
        return None
    return record.outcome is Outcome.SELF_SERVICE


def containment(records: Iterable[CallRecord]) -> Share:
    """Calls ended in self-service with the task done / calls that entered the IVR."""
    share = Share()
    for record in records:
        share = share.counting(contained(record))
    return share
