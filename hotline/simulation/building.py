"""Plan and horizon -> the engine's `Model`: rates, duties and borders in numbers.

A stationary plan starts empty, so its first part is a warm-up that is not counted; what follows is
cut into batches. A plan with a time of day starts empty as its day does, and nothing is left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.arrivals import Floats, expected_calls, rate_table
from hotline.simulation.engine import staffing
from hotline.simulation.engine.model import BREAK, Calls, Duties, Model, Queue, uniform_edges
from hotline.simulation.plan import Plan, PlannedGroup

STEADY_CALLS = 100_000
"""Calls of a stationary run unless another number is asked for."""
BATCHES = 30
"""Parts into which a stationary run is cut after its warm-up."""
WARM_UP = 0.1
"""Share of a stationary run, in front of it, that is not counted."""
INTERVAL = 1800.0
"""Seconds of the intervals of a day's report."""


@dataclass(frozen=True, slots=True)
class Run:
    """One replication to be: the model, and which of its intervals count."""

    model: Model
    warm_up: float
    """seconds in front that are left out"""
    units: int
    """batches or days after the warm-up: groups of as many successive intervals"""
    slots: int
    """intervals of the report: of a day (or the days) that they cover, or 1 for a stationary run"""
    period: float = DAY
    """seconds that the slots cover together"""

    @property
    def visits(self) -> int:
        """How often the run passes each slot."""
        return max(1, round(self.model.horizon / self.period)) if self.slots > 1 else 1

    @property
    def skipped(self) -> int:
        """Intervals in front that are left out."""
        return 1 if self.warm_up else 0


def steady_run(plan: Plan, calls: int) -> Run:
    """A stationary run of about `calls` counted calls, and a tenth more in front to warm up."""
    rate = sum(item.profile.rates[0] for item in plan.queues)
    length = calls / rate if rate else 3600.0
    warm = length * WARM_UP
    edges = np.concatenate(([0.0], np.linspace(warm, warm + length, BATCHES + 1)))
    return Run(model_of(plan, edges), warm, BATCHES, 1)


def day_run(plan: Plan, days: int, interval: float = INTERVAL, folded: bool = True) -> Run:
    """A run of whole days, from an empty hotline at midnight; everything counts.

    `folded`: the report's intervals are of the time of day, over all days; else each day has its
    own.
    """
    edges, period = uniform_edges(days * DAY, interval), DAY if folded else days * DAY
    return Run(model_of(plan, edges), 0.0, days, int(period / interval), period)


def run_of(plan: Plan, *, calls: int | None = None, days: int | None = None) -> Run:
    """The run that is asked for: about `calls` calls, or `days` days, or what suits the plan."""
    if plan.given_calls:
        return day_run(plan, listed_days(plan))
    if days is None and plan.stationary:
        return steady_run(plan, calls or STEADY_CALLS)
    if calls is None or days is not None:
        number = days or plan.days
        return day_run(plan, number, folded=not _told_apart(plan, number))
    return _as_long_as(plan, calls)


APART = 14
"""More days than this are folded into one in the report, whatever they are."""


def _told_apart(plan: Plan, days: int) -> bool:
    """Whether the days of a run are days of their own in its report: few, and not alike."""
    return 1 < days <= APART and (
        bool(plan.week or plan.surges)
        or any(item.profile.period > DAY for item in plan.queues)
        or any(shift.days for one in plan.groups for shift in one.shifts)
    )


def listed_days(plan: Plan) -> int:
    """Days that the listed arrivals fill; 1 if calls are drawn."""
    last = max((item.arrivals[-1] for item in plan.queues if item.arrivals), default=0.0)
    return max(1, math.ceil((last + 1e-6) / DAY))


def _as_long_as(plan: Plan, calls: int) -> Run:
    """A run from midnight until about `calls` calls have come."""
    a_day = sum(item.profile.per_day for item in plan.queues)
    days = max(plan.days, 2 * math.ceil(calls / max(a_day, 1e-9)) + 7)
    edges, rates = rates_of(plan, days * DAY)
    come = np.concatenate(([0.0], np.cumsum(rates.sum(axis=0) * np.diff(edges))))
    until = float(np.interp(calls, come, edges))
    borders = uniform_edges(max(until, 60.0), INTERVAL)
    model = model_of(plan, borders)
    return Run(model, 0.0, 1, len(borders) - 1, (len(borders) - 1) * INTERVAL)


# --- the model ---------------------------------------------------------------------------------


def model_of(plan: Plan, edges: Floats) -> Model:
    """The engine's model of `plan`, counted by the intervals between `edges` (s)."""
    horizon = float(edges[-1])
    rate_edges, rates = rates_of(plan, horizon)
    calls = given_calls(plan) if plan.given_calls else None
    return Model(
        edges=edges,
        queues=_queues(plan),
        groups=tuple(one.group for one in plan.groups),
        rates=None if calls else rates,
        rate_edges=None if calls else rate_edges,
        busyness=plan.busyness,
        calls=calls,
        duties=duties_of(plan.groups, horizon),
        answer_within=plan.limits.answer_within,
        short_abandon=plan.limits.short_abandon,
        redirect_after=plan.redirect_after,
        back_after=plan.back_after,
        routing=plan.routing,
        ageing=plan.ageing,
        trunks=plan.trunks,
        waiting_room=plan.waiting_room,
        overflow_after=plan.overflow_after,
        centres=plan.centres,
        lost=tuple(
            (plan.centres.index(surge.centre), surge.start, surge.end)
            for surge in plan.surges
            if surge.centre
        ),
    )


def _queues(plan: Plan) -> tuple[Queue, ...]:
    """The plan's queues, and behind them the calls that end in the menus."""
    gone = (plan.front.queue,) if plan.front else ()
    return (*(item.queue for item in plan.queues), *gone)


def rates_of(plan: Plan, horizon: float) -> tuple[Floats, Floats]:
    """Borders and calls per second of each queue until `horizon` (s), as `arrivals.rate_table`."""
    return rate_table(
        [item.profile for item in plan.queues] + ([plan.front.profile] if plan.front else []),
        horizon,
        surges=plan.surges,
        week=plan.week,
        weekday=plan.weekday,
        daily=plan.busyness > 0,
    )


def expected(plan: Plan, horizon: float) -> float:
    """Calls to be expected until `horizon` (s), redials not counted."""
    if plan.given_calls:
        return float(sum(len(item.arrivals) for item in plan.queues))
    return expected_calls(*rates_of(plan, horizon))


def given_calls(plan: Plan) -> Calls:
    """The listed arrivals of all queues in order of time; equal times in the queues' order."""
    at = np.concatenate([np.asarray(item.arrivals) for item in plan.queues])
    lengths = [len(item.arrivals) for item in plan.queues]
    queue = np.repeat(np.arange(len(plan.queues)), lengths)
    order = np.argsort(at, kind="stable")
    return Calls(at[order], queue[order])


def duties_of(groups: Sequence[PlannedGroup], horizon: float) -> Duties | None:
    """Who is on duty until `horizon`; None when all are, all the time."""
    if all(one.steady for one in groups):
        return None
    parts = [_duties(one, horizon) for one in groups]
    firsts = np.concatenate(([0], np.cumsum([one.group.agents for one in groups])[:-1]))
    at = np.concatenate([part.at for part in parts])
    agent = np.concatenate([p.agent + first for p, first in zip(parts, firsts, strict=True)])
    to = np.concatenate([part.to for part in parts])
    order = np.lexsort((agent, at))
    return Duties(at[order], agent[order].astype(np.int64), to[order])


def _duties(one: PlannedGroup, horizon: float) -> Duties:
    if one.shifts:
        return staffing.from_shifts(agent_shifts(one, horizon))
    if one.levels is None:
        return staffing.always(one.group.agents)
    edges = uniform_edges(horizon, one.levels.every)
    numbers = np.resize(np.asarray(one.levels.numbers, np.int64), len(edges) - 1)
    return staffing.from_levels(edges, numbers[np.newaxis, :])


def agent_shifts(one: PlannedGroup, horizon: float) -> list[list[Shift]]:
    """The shifts of each agent of a group, day after day, in seconds from the start of the run.

    A night shift of the day before the run is at work when it begins.
    """
    days = range(-1, math.ceil(horizon / DAY))
    found = []
    for planned in one.shifts:
        own = [_moved(planned.shift, day * DAY) for day in days if planned.begins_on(day)]
        found += [[shift for shift in own if shift.end > 0]] * planned.agents
    return found


def _moved(shift: Shift, by: float) -> Shift:
    breaks = tuple((max(0.0, a + by), b + by) for a, b in shift.breaks if b + by > 0)
    return Shift(max(0.0, shift.start + by), shift.end + by, breaks)


def planned_breaks(duties: Duties | None, agents: int, horizon: float) -> Floats:
    """Seconds of planned breaks of each agent up to `horizon`."""
    found = np.zeros(agents)
    if duties is None:
        return found
    since = np.full(agents, np.nan)
    for at, agent, to in zip(duties.at, duties.agent, duties.to, strict=True):
        if not np.isnan(since[agent]):
            found[agent] += min(float(at), horizon) - since[agent]
        since[agent] = min(float(at), horizon) if to == BREAK else np.nan
    resting = ~np.isnan(since)
    found[resting] += horizon - since[resting]
    return found
