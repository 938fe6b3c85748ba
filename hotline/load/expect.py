"""What the queue engine expects of the same requests: the simulator beside the real calls.

The instants at which callers really asked for an agent are put into the engine, with the plan's
agents, ring times, durations and patience drawn anew in each of many runs. So the two differ only
by what the plan does not know: the target's own agents and rules, and the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotline.load.calls import LoadCall, Outcome, Planned
from hotline.load.figures import load_figures, percentile
from hotline.load.schedule import bare_queues, scaled_groups
from hotline.simulation.building import model_of
from hotline.simulation.engine.model import Model
from hotline.simulation.engine.results import Fate, Rows
from hotline.simulation.engine.run import simulate
from hotline.simulation.estimates import LEVEL, Estimate
from hotline.simulation.plan import Plan, PlannedGroup

CALLS = 100_000
"""Calls simulated in all, about."""
FEWEST, MOST = 20, 200
"""Runs."""
CURVE = 60
"""Seconds of the curve."""
NAMES = ("service_level", "heard_agent_within", "answered_within_of_answered", "answered_fraction",
         "abandoned_fraction", "mean_wait", "mean_wait_answered", "wait_p50", "wait_p95",
         "wait_p99")  # fmt: skip
"""Figures that a simulation of the queue can know."""
_OUTCOMES = {
    Fate.ANSWERED: Outcome.SERVED,
    Fate.ABANDONED: Outcome.ABANDONED,
    Fate.REFUSED: Outcome.NO_AGENT,
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """Figures of all queues together: mean of the runs, and the range in which one run in twenty
    does not fall."""

    figures: dict[str, Estimate]
    runs: int
    heard: tuple[float, ...]
    """mean share of those who asked that had heard an agent after 0, 1, 2, ... `CURVE` seconds"""


def expectation(plan: Plan, calls: Sequence[LoadCall], seed: int) -> Expectation | None:
    """What is to be expected of the requests in `calls`; None where nobody asked."""
    asked = sorted(
        (call.asked + call.lateness, call.planned.queue) for call in calls if call.asked is not None
    )
    if not asked or not sum(group.agents for group in scaled_groups(plan)):
        return None
    model = _model(plan, asked)
    runs = min(MOST, max(FEWEST, CALLS // len(asked)))
    calls_of = [_one_run(model, seed, number) for number in range(runs)]
    found = [load_figures(one, plan.limits) for one in calls_of]
    figures = {name: _range([one.value(name) for one in found]) for name in NAMES}
    return Expectation(figures, runs, heard_by([call for one in calls_of for call in one]))


def _model(plan: Plan, asked: Sequence[tuple[float, int]]) -> Model:
    """The plan's hotline, scaled, with these requests and all of its lines for them."""
    bare = bare_queues(plan)
    queues = tuple(
        replace(
            item,
            queue=bare[number],
            arrivals=tuple(max(0.0, at) for at, queue in asked if queue == number),
        )
        for number, item in enumerate(plan.queues)
    )
    groups = tuple(PlannedGroup(group) for group in scaled_groups(plan))
    here = replace(plan, queues=queues, groups=groups, trunks=None, surges=(), busyness=0.0)
    return model_of(here, np.array([0.0, max(0.0, asked[-1][0]) + 1.0]))


def _one_run(model: Model, seed: int, number: int) -> list[LoadCall]:
    rows = simulate(model, seed, number, rows=True).rows
    assert rows is not None
    return [_call(rows, row) for row in range(len(rows.queue))]


def heard_by(calls: Sequence[LoadCall]) -> tuple[float, ...]:
    """Share of those who asked that had heard an agent after 0, 1, 2, ... seconds."""
    asked = sum(call.asked is not None for call in calls)
    waits = np.array([call.wait for call in calls if call.agent is not None], np.float64)
    if not asked:
        return ()
    return tuple(float((waits <= second).sum()) / asked for second in range(CURVE + 1))


def _call(rows: Rows, row: int) -> LoadCall:
    """A simulated request as a call that was answered at once and asked at once."""
    at, fate = float(rows.asked[row]), Fate(int(rows.fate[row]))
    answered, ended = float(rows.answered[row]), float(rows.ended[row])
    return LoadCall(
        Planned(row, at, int(rows.queue[row]), 0),
        _OUTCOMES.get(fate, Outcome.CUT),
        at,
        at,
        at,
        at,
        answered if fate is Fate.ANSWERED else None,
        at if np.isnan(ended) else ended,
    )


def _range(values: Sequence[float | None]) -> Estimate:
    known = [value for value in values if value is not None]
    if not known:
        return Estimate(None)
    tail = (1 - LEVEL) / 2
    return Estimate(sum(known) / len(known), percentile(known, tail), percentile(known, 1 - tail))
