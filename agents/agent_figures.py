"""Figures of each agent: from the records (offers, conversations) and from the journalled states.

signed in   |----- ready ----|ring|---- talk ----|hold|- talk -|-- wrap --|- ready -|-- break --|
work        |                     |<------- talk + hold + wrap ---------->|
occupancy = work / (work + ready)          utilisation = work / signed in
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agents.figures import STANDARD, UNSEEN, Figure, Figures, Limits, count, named, ratio, share
from agents.roster import AgentProfile
from agents.shifts import Duty, duty_spans
from hotline.switch import figures as rules
from hotline.switch.events import AgentState, AgentStateChanged, OfferOutcome
from hotline.switch.figures import Share
from hotline.switch.record import CallRecord, Entry, Offer, RequestOutcome, RequestRecord

Span = tuple[AgentState, float, float]
"""A state, from an instant to an instant."""

OCCUPANCY = "(talk + hold + wrap-up) / (talk + hold + wrap-up + ready)"
"""The formula of an agent's and of a group's occupancy."""


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


@dataclass(frozen=True, slots=True)
class AgentCounts:
    """What the figures of an agent are made of: numbers of offers, and seconds in each state.

    Counted from records and states here, and by the compiled engine of `hotline.simulation`.
    """

    offers: float = 0
    answered: float = 0
    unanswered: float = 0
    caller_left: float = 0
    ring: Share = UNSEEN
    """by `hotline.switch.figures.offer_within`"""
    rang: float = 0.0
    """seconds of ringing of the answered offers"""
    hung_up_first: Share = UNSEEN
    """by `hotline.switch.figures.agent_hung_up_first`"""
    lawful_hang_ups: float = 0
    talks: float = 0
    talking: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    ready: float = 0.0
    signed_in: float = 0.0
    kept: float = 0.0
    """seconds of the shift in which the agent did what the plan says"""
    planned: float = 0.0


def agent_figures_of(of: AgentCounts, limits: Limits = STANDARD) -> Figures:
    """The figures of one agent, by name, from his counts: the only place of these formulas."""
    return named([*_answering(of, limits), *_hanging_up(of), *_times(of), _adherence(of)])


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
        agent: agent_figures_of(
            _counted(work[agent], spans.get(agent, []), limits, profiles.get(agent), until,
                     clock_midnight),
            limits,
        )
        for agent in dict.fromkeys((*profiles, *sorted({*work, *spans})))
    }  # fmt: skip


def _gather(records: Sequence[CallRecord]) -> dict[str, _Work]:
    work: dict[str, _Work] = defaultdict(_Work)
    for record in records:
        for request in record.requests:
            for offer in request.offers:
                work[offer.agent].offers.append(offer)
            if request.outcome is RequestOutcome.ANSWERED:
                work[request.agent].talks.append(request)
    return work


def _counted(
    work: _Work,
    spans: Sequence[Span],
    limits: Limits,
    profile: AgentProfile | None,
    until: float,
    clock_midnight: float,
) -> AgentCounts:
    offers = work.offers
    outcomes = [offer.outcome for offer in offers]
    answered = [offer for offer in offers if offer.outcome is OfferOutcome.ANSWERED]
    ring = Share()
    for offer in offers:
        ring = ring.counting(rules.offer_within(offer, limits.answer_within))
    judged = [rules.agent_hung_up_first(request) for request in work.talks]
    seen = [first for first in judged if first is not None]
    seconds: dict[AgentState, float] = dict.fromkeys(AgentState, 0.0)
    for state, begin, end in spans:
        seconds[state] += end - begin
    kept, planned = _duty_kept(profile, spans, until, clock_midnight)
    return AgentCounts(
        offers=len(offers),
        answered=len(answered),
        unanswered=outcomes.count(OfferOutcome.NO_ANSWER) + outcomes.count(OfferOutcome.DECLINED),
        caller_left=outcomes.count(OfferOutcome.CALLER_LEFT),
        ring=ring,
        rang=sum(offer.ring for offer in answered),
        hung_up_first=Share(sum(seen), len(seen)),
        lawful_hang_ups=sum(rules.lawful_hang_up(request) for request in work.talks),
        talks=len(work.talks),
        talking=seconds[AgentState.TALKING],
        hold=seconds[AgentState.HOLD],
        wrap_up=seconds[AgentState.WRAP_UP],
        ready=seconds[AgentState.READY],
        signed_in=sum(seconds.values()) - seconds[AgentState.OFFLINE],
        kept=kept,
        planned=planned,
    )


def _answering(of: AgentCounts, limits: Limits) -> list[Figure]:
    seconds = limits.answer_within
    return [
        count("offers", "times the telephone rang", of.offers),
        count("answered", "offers answered", of.answered),
        count("answered_within", f"offers answered within {seconds:g} s (5.2.7.3)", of.ring.good),
        share("ring_within", f"answered within {seconds:g} s / offers that count", of.ring),
        count("unanswered", "not answered before the redirect limit, or declined", of.unanswered),
        count("caller_left", "callers who left while it rang", of.caller_left),
        ratio("mean_ring", "mean ringing of the answered offers, s", of.rang, of.answered),
    ]


def _hanging_up(of: AgentCounts) -> list[Figure]:
    return [
        share("hung_up_first", "5.2.7.3: hung up before the customer without a lawful reason / "
              "conversations whose end was seen", of.hung_up_first),
        count("lawful_hang_ups", "hung up first on harassment or a silent line",
              of.lawful_hang_ups),
    ]  # fmt: skip


def _times(of: AgentCounts) -> list[Figure]:
    busy = of.talking + of.hold + of.wrap_up
    return [
        count("signed_in", "seconds signed in", of.signed_in),
        ratio("mean_handle", "(talk + hold + wrap-up) / conversations, s", busy, of.talks),
        ratio("mean_wrap_up", "wrap-up / conversations, s", of.wrap_up, of.talks),
        ratio("hold_share", "hold / (talk + hold)", of.hold, of.hold + of.talking),
        ratio("occupancy", OCCUPANCY, busy, busy + of.ready),
        ratio("utilisation", "(talk + hold + wrap-up) / signed in", busy, of.signed_in),
    ]


def _adherence(of: AgentCounts) -> Figure:
    formula = (
        "seconds of the shift in which the agent worked when he should, and rested when he should "
        "/ seconds of the shift"
    )
    return ratio("adherence", formula, of.kept, of.planned)


def _duty_kept(
    profile: AgentProfile | None, spans: Sequence[Span], until: float, clock_midnight: float
) -> tuple[float, float]:
    """Seconds of the shifts in which the agent did what he should, and seconds of the shifts."""
    planned = kept = 0.0
    plan = () if profile is None else duty_spans(profile, clock_midnight, clock_midnight + until)
    for duty, begin, end in plan:
        if duty is not Duty.OFF:
            planned += end - begin
            kept += _kept(duty, begin - clock_midnight, end - clock_midnight, spans)
    return kept, planned


def _kept(duty: Duty, begin: float, end: float, spans: Sequence[Span]) -> float:
    """Seconds from `begin` to `end` in states that fit `duty`. On a break, any rest fits."""
    resting = (AgentState.BREAK, AgentState.OFFLINE)
    return sum(
        max(0.0, min(end, last) - max(begin, first))
        for state, first, last in spans
        if (state in resting) == (duty is Duty.BREAK)
    )
