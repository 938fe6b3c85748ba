"""Figures of each agent: from the records (offers, conversations) and from the journalled states.

signed in   |----- ready ----|ring|---- talk ----|hold|- talk -|-- wrap --|- ready -|-- break --|
work        |                     |<------- talk + hold + wrap ---------->|
occupancy = work / (work + ready)          utilisation = work / signed in
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.figures import STANDARD, Figure, Figures, Limits, count, named, ratio, share
from agents.roster import AgentProfile
from agents.shifts import Duty, duty_spans
from hotline.switch import figures as rules
from hotline.switch.events import AgentState, AgentStateChanged, OfferOutcome
from hotline.switch.figures import Share
from hotline.switch.record import CallRecord, Entry, Offer, RequestOutcome, RequestRecord

Span = tuple[AgentState, float, float]
"""A state, from an instant to an instant."""

WORK = (AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP)


def state_spans(
    entries: Iterable[Entry | AgentStateChanged], until: float
) -> Mapping[str, list[Span]]:
    """Each agent's states in order, the last one until `until`; other entries are passed over."""
    spans: dict[str, list[Span]] = defaultdict(list)
    present: dict[str, tuple[AgentState, float]] = {}
    for entry in entries:
        event = entry.event if isinstance(entry, Entry) else entry
        if not isinstance(event, AgentStateChanged):
            continue
        if event.agent in present:
            state, since = present[event.agent]
            spans[event.agent].append((state, since, event.at))
        present[event.agent] = (event.state, event.at)
    for agent, (state, since) in present.items():
        spans[agent].append((state, since, max(since, until)))
    return spans


@dataclass(slots=True)
class _Work:
    """What one agent's records say."""

    offers: list[Offer] = field(default_factory=list)
    talks: list[RequestRecord] = field(default_factory=list)


def agent_figures(
    records: Sequence[CallRecord],
    entries: Iterable[Entry | AgentStateChanged] = (),
    *,
    until: float = 0.0,
    roster: Iterable[AgentProfile] = (),
    clock_midnight: float = 0.0,
    limits: Limits = STANDARD,
) -> Mapping[str, Figures]:
    """Figures by agent id, for all who are on `roster`, were offered a call, or changed state.

    `until`: the instant at which the last state is cut off. `clock_midnight`: time of day (s) at
    instant 0, for the adherence to shifts.
    """
    work, spans = _gather(records), state_spans(entries, until)
    profiles = {profile.id: profile for profile in roster}
    return {
        agent: named(
            [
                *_answering(work[agent], limits),
                *_hanging_up(work[agent]),
                *_times(work[agent], spans.get(agent, [])),
                _adherence(profiles.get(agent), spans.get(agent, []), until, clock_midnight),
            ]
        )
        for agent in dict.fromkeys((*profiles, *sorted({*work, *spans})))
    }


def _gather(records: Sequence[CallRecord]) -> dict[str, _Work]:
    work: dict[str, _Work] = defaultdict(_Work)
    for record in records:
        for request in record.requests:
            for offer in request.offers:
                work[offer.agent].offers.append(offer)
            if request.outcome is RequestOutcome.ANSWERED:
                work[request.agent].talks.append(request)
    return work


def _answering(work: _Work, limits: Limits) -> list[Figure]:
    seconds, offers = limits.answer_within, work.offers
    outcomes = [offer.outcome for offer in offers]
    answered = [offer for offer in offers if offer.outcome is OfferOutcome.ANSWERED]
    ring = Share()
    for offer in offers:
        ring = ring.counting(rules.offer_within(offer, seconds))
    unanswered = outcomes.count(OfferOutcome.NO_ANSWER) + outcomes.count(OfferOutcome.DECLINED)
    return [
        count("offers", "times the telephone rang", len(offers)),
        count("answered", "offers answered", len(answered)),
        count("answered_within", f"offers answered within {seconds:g} s (5.2.7.3)", ring.good),
        share("ring_within", f"answered within {seconds:g} s / offers that count", ring),
        count("unanswered", "not answered before the redirect limit, or declined", unanswered),
        count("caller_left", "callers who left while it rang",
              outcomes.count(OfferOutcome.CALLER_LEFT)),
        ratio("mean_ring", "mean ringing of the answered offers, s",
              sum(offer.ring for offer in answered), len(answered)),
    ]  # fmt: skip


def _hanging_up(work: _Work) -> list[Figure]:
    judged = [rules.agent_hung_up_first(request) for request in work.talks]
    seen = [first for first in judged if first is not None]
    lawful = sum(rules.lawful_hang_up(request) for request in work.talks)
    return [
        ratio("hung_up_first", "5.2.7.3: hung up before the customer without a lawful reason / "
              "conversations whose end was seen", sum(seen), len(seen)),
        count("lawful_hang_ups", "hung up first on harassment or a silent line", lawful),
    ]  # fmt: skip


def _times(work: _Work, spans: Sequence[Span]) -> list[Figure]:
    seconds: dict[AgentState, float] = dict.fromkeys(AgentState, 0.0)
    for state, begin, end in spans:
        seconds[state] += end - begin
    busy = sum(seconds[state] for state in WORK)
    signed_in = sum(seconds.values()) - seconds[AgentState.OFFLINE]
    talks = len(work.talks)
    return [
        count("signed_in", "seconds signed in", signed_in),
        ratio("mean_handle", "(talk + hold + wrap-up) / conversations, s", busy, talks),
        ratio("mean_wrap_up", "wrap-up / conversations, s", seconds[AgentState.WRAP_UP], talks),
        ratio("hold_share", "hold / (talk + hold)", seconds[AgentState.HOLD],
              seconds[AgentState.HOLD] + seconds[AgentState.TALKING]),
        ratio("occupancy", "(talk + hold + wrap-up) / (talk + hold + wrap-up + ready)",
              busy, busy + seconds[AgentState.READY]),
        ratio("utilisation", "(talk + hold + wrap-up) / signed in", busy, signed_in),
    ]  # fmt: skip


def _adherence(
    profile: AgentProfile | None, spans: Sequence[Span], until: float, clock_midnight: float
) -> Figure:
    """Shares of the shift in which the agent did what the plan says."""
    formula = (
        "seconds of the shift in which the agent worked when he should, and rested when he should "
        "/ seconds of the shift"
    )
    planned = kept = 0.0
    plan = () if profile is None else duty_spans(profile, clock_midnight, clock_midnight + until)
    for duty, begin, end in plan:
        if duty is not Duty.OFF:
            planned += end - begin
            kept += _kept(duty, begin - clock_midnight, end - clock_midnight, spans)
    return ratio("adherence", formula, kept, planned)


def _kept(duty: Duty, begin: float, end: float, spans: Sequence[Span]) -> float:
    """Seconds from `begin` to `end` in states that fit `duty`. On a break, any rest fits."""
    resting = (AgentState.BREAK, AgentState.OFFLINE)
    return sum(
        max(0.0, min(end, last) - max(begin, first))
        for state, first, last in spans
        if (state in resting) == (duty is Duty.BREAK)
    )
