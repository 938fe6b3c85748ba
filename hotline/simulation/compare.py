"""Variants against the plan: differences with intervals, from the same callers in both.

Replication r of every variant meets the callers of replication r of the plan (common random
numbers), so the difference is taken replication by replication and what both share drops out:

    figure r = sum x / sum y,  z_i = (x_i - r y_i) / mean y       of each replication i
    half = t(n-1) sd(z_i of the variant - z_i of the plan) / sqrt n

(Law, Simulation Modeling and Analysis, chapter on comparing two systems; z_i as in `estimates`.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.figures import Figure
from hotline.simulation.building import STEADY_CALLS
from hotline.simulation.estimates import LEVEL, Estimate, Vector, student
from hotline.simulation.experiment import Experiment, Wish, experiment
from hotline.simulation.plan import Plan
from hotline.simulation.sample import Sample
from hotline.simulation.sharing import Spread, one_by_one

FIGURES = (
    "service_level",
    "answered_within_of_offered",
    "ring_within",
    "abandoned_fraction",
    "blocked_fraction",
    "mean_wait",
    "mean_wait_answered",
    "offered",
    "answered",
    "callback",
)
"""Figures of queues that are compared; counts are means of a replication."""


@dataclass(frozen=True)
class Compared:
    """One variant beside the plan it was made of."""

    name: str
    base: Experiment
    found: Experiment

    def queues(self) -> dict[str, dict[str, Estimate]]:
        """Differences (variant - plan) of each queue that both have; "" is all queues together."""
        here = {item.name: n for n, item in enumerate(self.base.plan.queues)}
        there = {item.name: n for n, item in enumerate(self.found.plan.queues)}
        both = {name: (here[name], there[name]) for name in here if name in there}
        rows = {name: self._queue(*numbers) for name, numbers in both.items()}
        return rows | {"": self._queue(None, None)}

    def _queue(self, here: int | None, there: int | None) -> dict[str, Estimate]:
        one, other = self.base.by_unit(here), self.found.by_unit(there)
        return {
            name: difference([own[name] for own in one], [own[name] for own in other])
            for name in FIGURES
        }

    def groups(self) -> dict[str, Estimate]:
        """Differences in occupancy of each group that both have."""
        here = {one.name: n for n, one in enumerate(self.base.plan.groups)}
        return {
            one.name: difference(self.base.busy_by_unit(here[one.name]), self.found.busy_by_unit(n))
            for n, one in enumerate(self.found.plan.groups)
            if one.name in here
        }


def difference(
    base: Sequence[Figure], other: Sequence[Figure], level: float = LEVEL
) -> Estimate:  # fmt: skip
    """The other's value less the base's, with its interval; one figure a replication."""
    one, two = _centred(base), _centred(other)
    if one is None or two is None:
        return Estimate(None)
    value, n = two[0] - one[0], len(one[1])
    if n < 2 or len(two[1]) != n:
        return Estimate(value)
    half = student(n, level) * float(np.std(two[1] - one[1], ddof=1)) / math.sqrt(n)
    return Estimate(value, value - half, value + half)


def _centred(figures: Sequence[Figure]) -> tuple[float, Vector] | None:
    """The figure, and how each replication departs from it."""
    above = np.array([figure.numerator for figure in figures], np.float64)
    if figures[0].denominator is None:
        mean = float(above.mean())
        return mean, above - mean
    below = np.array([figure.denominator for figure in figures], np.float64)
    total = float(below.sum())
    if total <= 0:
        return None
    value = float(above.sum()) / total
    return value, (above - value * below) / float(below.mean())


def compared(
    plan: Plan,
    wish: Wish,
    spread: Spread = one_by_one,
    progress: Callable[[Sample], None] = lambda sample: None,
) -> tuple[Experiment, tuple[Compared, ...]]:
    """The plan and its variants, in runs of the same kind and number; interrupted by hand, those
    that were finished."""
    base = experiment(plan, same_kind(plan, wish), spread, progress)
    again = replace(same_kind(plan, wish), replications=len(base.samples), precision=None)
    done: list[Compared] = []
    for name, variant in plan.variants if not base.interrupted else ():
        found = experiment(variant, _as_long(again, plan, variant), spread, progress)
        if found.interrupted:  # not as many as the plan's: no difference to be taken
            return replace(base, interrupted=True), tuple(done)
        done.append(Compared(name, base, found))
    return base, tuple(done)


def _as_long(wish: Wish, plan: Plan, variant: Plan) -> Wish:
    """Without times of day a run is as long as its calls: as long as the plan's, not as many."""
    if not variant.stationary or wish.days is not None:
        return wish
    own, other = (sum(item.profile.per_day for item in one.queues) for one in (plan, variant))
    calls = wish.calls or STEADY_CALLS
    return replace(wish, calls=max(1, round(calls * other / own))) if own else wish


def same_kind(plan: Plan, wish: Wish) -> Wish:
    """If the plan or one of its variants has times of day, all run for days."""
    plans = [plan, *(variant for _, variant in plan.variants)]
    mixed = len({one.stationary for one in plans}) > 1
    return replace(wish, calls=None, days=wish.days or plan.days) if mixed else wish


def differences_json(all_: Sequence[Compared]) -> dict[str, object]:
    """The differences as data: variant -> queue or group -> figure -> value, low, high."""
    return {
        one.name: {
            "queues": {name or "all": _block(own) for name, own in one.queues().items()},
            "groups": {name: _block({"occupancy": e}) for name, e in one.groups().items()},
        }
        for one in all_
    }


def _block(figures: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    return {name: [e.value, e.low, e.high] for name, e in figures.items()}
