"""Figures of the queue and of the calls: each with its name, its formula in words, and its parts.

Pure functions of `CallRecord`s, so that a report, a wallboard and a simulation agree. The rules
for one offer or request are those of `hotline.switch.figures`; here they get names and company.

Service level: six formulas are in use and differ by up to 11 points on the same calls. A is
"answered within T", B "abandoned within T", T counts queue and ring. Given up: hung up, or chose
something else. Each formula has its own name:

    service_level                  A / (offered - given up before 5 s)   (the default)
    answered_within_of_offered     A / offered
    answered_within_of_answered    A / answered
    answered_within_of_finished    A / (answered + abandoned)
    answered_within_less_quick     A / (answered + abandoned after T)
    handled_within                 (A + B) / (answered + abandoned)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hotline.switch import figures as rules
from hotline.switch.events import OfferOutcome
from hotline.switch.figures import Share
from hotline.switch.record import CallRecord, Outcome, RequestOutcome, RequestRecord

SLACK = 1e-6
"""Seconds: instants are sums of binary fractions, and 12 s must be 12 s."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: a count (no `denominator`), or a share or mean with both of its parts.

    `value` is None where there was nothing to measure.
    """

    name: str
    formula: str
    value: float | None
    numerator: float
    denominator: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: `answer_within` is clause 5.2.7.3's, `short_abandon` the field's, `repeat_within`
    our choice for "calls again"."""

    answer_within: float = 12.0
    short_abandon: float = 5.0
    repeat_within: float = 3600.0


STANDARD = Limits()
Figures = Mapping[str, Figure]


def count(name: str, formula: str, number: float) -> Figure:
    """A figure that is counted."""
    return Figure(name, formula, number, number)


def ratio(name: str, formula: str, numerator: float, denominator: float) -> Figure:
    """A share or a mean."""
    value = numerator / denominator if denominator else None
    return Figure(name, formula, value, numerator, denominator)


def share(name: str, formula: str, of: Share) -> Figure:
    """A share counted by the rules of the switch."""
    return Figure(name, formula, of.value, of.good, of.total)


def named(figures: Iterable[Figure]) -> Figures:
    """Figures by name, in order."""
    return {figure.name: figure for figure in figures}


# --- the queue ---------------------------------------------------------------------------------


UNSEEN = Share()


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """What the figures of a queue are made of: numbers of requests and offers, seconds waited.

    Counted from records here, and by the compiled engine of `hotline.simulation`, so that both
    have the same formulas. A request that was turned away for want of a line counts as `refused`.
    """

    offered: float = 0
    answered: float = 0
    abandoned: float = 0
    abandoned_ring: float = 0
    short_abandon: float = 0
    withdrawn: float = 0
    refused: float = 0
    callback: float = 0
    lost: float = 0
    transferred: float = 0
    within: float = 0
    """answered within `answer_within` of queue + ring"""
    gone_within: float = 0
    """abandoned within `answer_within`"""
    waited_requests: float = 0
    """no agent was free at once, and there was room to wait"""
    level: Share = UNSEEN
    """by `hotline.switch.figures.request_within`"""
    waited_answered: float = 0.0
    waited: float = 0.0
    longest_wait: float = 0.0
    ring: Share = UNSEEN
    """by `hotline.switch.figures.offer_within`"""
    heard: Share = UNSEEN
    """heard the agent's number in time / answered and heard"""


def queue_figures(
    records: Sequence[CallRecord],
    limits: Limits = STANDARD,
    belongs: Callable[[RequestRecord], bool] = lambda request: True,
) -> Figures:
    """Figures over the requests for an agent that `belongs` keeps (e.g. those of one skill)."""
    requests = [r for record in records for r in record.requests if belongs(r)]
    return figures_of(count_requests(requests, limits), limits)


def figures_of(counts: QueueCounts, limits: Limits = STANDARD) -> Figures:
    """The figures of a queue, by name, from its counts: the only place of these formulas."""
    return named([*_counts(counts, limits), *_levels(counts, limits), *_waits(counts, limits)])


def count_requests(requests: Sequence[RequestRecord], limits: Limits = STANDARD) -> QueueCounts:
    """The counts of `requests`."""
    by: dict[RequestOutcome, list[RequestRecord]] = {outcome: [] for outcome in RequestOutcome}
    for request in requests:
        by[request.outcome].append(request)
    answered, abandoned = by[RequestOutcome.ANSWERED], by[RequestOutcome.ABANDONED]
    heard = [r.heard_agent - r.asked for r in answered if r.heard_agent is not None]
    level, ring = Share(), Share()
    for request in requests:
        within = rules.request_within(request, limits.answer_within, limits.short_abandon)
        level = level.counting(within)
        for offer in request.offers:
            ring = ring.counting(rules.offer_within(offer, limits.answer_within))
    return QueueCounts(
        offered=len(requests),
        answered=len(answered),
        abandoned=len(abandoned),
        abandoned_ring=sum(_left_while_ringing(request) for request in abandoned),
        short_abandon=sum(r.wait < limits.short_abandon for r in abandoned),
        withdrawn=len(by[RequestOutcome.WITHDRAWN]),
        refused=len(by[RequestOutcome.REFUSED]),
        callback=len(by[RequestOutcome.CALLBACK]),
        lost=len(by[RequestOutcome.LOST]),
        transferred=sum(r.left_to.startswith("transfer:") for r in answered),
        within=sum(_within(r.wait, limits.answer_within) for r in answered),
        gone_within=sum(_within(r.wait, limits.answer_within) for r in abandoned),
        waited_requests=sum(_waited(request) for request in requests),
        level=level,
        waited_answered=sum(r.wait for r in answered),
        waited=sum(r.wait for r in requests),
        longest_wait=max((r.wait for r in requests), default=0.0),
        ring=ring,
        heard=Share(sum(_within(s, limits.answer_within) for s in heard), len(heard)),
    )


def _left_while_ringing(request: RequestRecord) -> bool:
    return any(offer.outcome is OfferOutcome.CALLER_LEFT for offer in request.offers)


def _waited(request: RequestRecord) -> bool:
    if request.outcome is RequestOutcome.REFUSED:
        return False
    return not request.offers or request.offers[0].offered > request.asked + SLACK


def _counts(of: QueueCounts, limits: Limits) -> list[Figure]:
    return [
        count("offered", "requests for an agent; a second transfer is a second one", of.offered),
        count("answered", "requests that an agent answered", of.answered),
        count("abandoned", "callers who hung up while waiting or ringing", of.abandoned),
        count("abandoned_queue", "abandoned while no agent rang", of.abandoned - of.abandoned_ring),
        count("abandoned_ring", "abandoned while an agent rang", of.abandoned_ring),
        count("short_abandon", f"abandoned before {limits.short_abandon:g} s", of.short_abandon),
        count("withdrawn", "callers who chose something else", of.withdrawn),
        count("refused", "closed, waiting room full, or no agents", of.refused),
        count("callback", "callers who preferred a call-back", of.callback),
        count("lost", "in progress when the hotline stopped", of.lost),
        ratio("answered_fraction", "answered / offered", of.answered, of.offered),
        ratio("abandoned_fraction", "abandoned / offered", of.abandoned, of.offered),
        ratio("waited_fraction", "no agent was free at once / offered",
              of.waited_requests, of.offered),
        ratio("transfer_rate", "answered and passed on to another agent / answered",
              of.transferred, of.answered),
    ]  # fmt: skip


def _levels(of: QueueCounts, limits: Limits) -> list[Figure]:
    seconds, finished = limits.answer_within, of.answered + of.abandoned
    quick, gone = of.within, of.gone_within
    a, b = f"answered within {seconds:g} s", f"abandoned within {seconds:g} s"
    short = f"given up before {limits.short_abandon:g} s"
    return [
        share("service_level", f"{a} / (offered - {short})", of.level),
        ratio("answered_within_of_offered", f"{a} / offered", quick, of.offered),
        ratio("answered_within_of_answered", f"{a} / answered", quick, of.answered),
        ratio("answered_within_of_finished", f"{a} / (answered + abandoned)", quick, finished),
        ratio("answered_within_less_quick",
              f"{a} / (answered + abandoned after {seconds:g} s)", quick, finished - gone),
        ratio("handled_within", f"({a} + {b}) / (answered + abandoned)", quick + gone, finished),
    ]  # fmt: skip


def _waits(of: QueueCounts, limits: Limits) -> list[Figure]:
    seconds = limits.answer_within
    return [
        ratio("mean_wait_answered", "ASA: mean queue + ring of the answered, s",
              of.waited_answered, of.answered),
        ratio("mean_wait", "mean queue + ring of all requests, s", of.waited, of.offered),
        count("longest_wait", "longest queue + ring, s", of.longest_wait),
        share("ring_within", f"5.2.7.3: offers answered within {seconds:g} s of ringing / "
              f"offers - offers ended by caller or line before {seconds:g} s", of.ring),
        share("heard_within", f"heard the agent's number within {seconds:g} s of asking / "
              "answered and heard", of.heard),
    ]  # fmt: skip


def _within(wait: float, seconds: float) -> bool:
    return wait <= seconds + SLACK


# --- calls -------------------------------------------------------------------------------------


def call_figures(records: Sequence[CallRecord], limits: Limits = STANDARD) -> Figures:
    """Figures over calls: what the lines and the self-service did."""
    outcomes = [record.outcome for record in records]
    blocked = outcomes.count(Outcome.BLOCKED)
    entered = len(records) - blocked
    return named(
        [
            count("calls", "calls that arrived", len(records)),
            count("blocked", "5.2.7.1: calls that found no free line", blocked),
            ratio("blocked_fraction", "blocked / calls", blocked, len(records)),
            share("containment", "5.2.7.2: ended in self-service with the task done / entered",
                  rules.containment(records)),
            ratio("left_in_ivr", "ended in the IVR with nothing done / entered",
                  outcomes.count(Outcome.IVR), entered),
            ratio("agent_after_self_service", "asked for an agent after a task was done / "
                  "calls with a task done", *_agent_after_task(records)),
            ratio("repeat_dial_rate", f"calls from a number that had called within "
                  f"{limits.repeat_within:g} s before / calls with a number",
                  *_repeats(records, limits.repeat_within)),
        ]
    )  # fmt: skip


def _agent_after_task(records: Sequence[CallRecord]) -> tuple[int, int]:
    solved = [r for r in records if any(step.solved for step in r.steps)]
    return sum(bool(record.requests) for record in solved), len(solved)


def _repeats(records: Sequence[CallRecord], within: float) -> tuple[int, int]:
    last: dict[str, float] = {}
    repeats = calls = 0
    for record in sorted(records, key=lambda r: r.arrived):
        if not record.number:
            continue
        before = last.get(record.number)
        calls += 1
        repeats += before is not None and record.arrived - before <= within
        last[record.number] = record.ended
    return repeats, calls
