"""One replication, boiled down to sums that add up over replications: what travels and is kept.

    engine's intervals   |warm-up| 1 | 2 | ... |            |  day 1: 1..48  |  day 2: 1..48  | ...
    units                        batch 1 ... batch 30        day 1            day 2
    slots                        one, the whole              time of day 1..48, over all days

Units give confidence intervals when there is one replication, slots the course of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hotline.simulation.arrivals import busy_days
from hotline.simulation.building import Run
from hotline.simulation.engine.model import Model
from hotline.simulation.engine.results import AgentTotals, Result, Times, Totals
from hotline.simulation.engine.run import simulate

Array = NDArray[np.float64]
Sums = dict[str, Array]
"""Fields of the engine's totals: arrays [units or slots, queues or groups]."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Sums of one replication."""

    units: Sums
    """`Totals` by unit and queue"""
    slots: Sums
    """the same by slot"""
    group_units: Sums
    """`Times` by unit and group"""
    group_slots: Sums
    answered_after: Array
    """[queues, bins] calls answered after so many seconds, the last bin: longer; of what counts"""
    abandoned_after: Array
    agents: Sums
    """`AgentTotals` and its times by agent; empty unless asked for"""
    calls: int
    """calls that the engine saw, redials and warm-up included"""
    seconds: float
    """processor seconds inside the engine"""


def replicate(run: Run, seed: int, replication: int, agents: bool = False) -> Sample:
    """Run one replication; a pure function of its arguments, on whatever machine."""
    model = with_busy_days(run.model, seed, replication)
    result = simulate(model, seed, replication, agents=agents)
    return sample_of(run, result, _front(run, model, seed, replication))


def _front(run: Run, model: Model, seed: int, replication: int) -> Result | None:
    """The warm-up once more by itself: the engine's histograms of waits have no intervals, so
    what waited in the warm-up is taken from them afterwards.

    The same calls come and the same draws are made, so its calls end as they did in the whole
    run, but for those in line at its end whom a later caller of higher priority overtook there.
    """
    if not run.warm_up:
        return None
    edges = np.array([0.0, run.warm_up])
    return simulate(replace(model, edges=edges, rate_edges=edges), seed, replication)


@dataclass(frozen=True, slots=True, eq=False)
class Replication:
    """A task that travels to other threads, processes and machines: number -> its sums."""

    run: Run
    seed: int
    agents: bool = False

    def __call__(self, number: int) -> Sample:
        """Run replication `number`."""
        return replicate(self.run, self.seed, number, self.agents)


def with_busy_days(model: Model, seed: int, replication: int) -> Model:
    """The model with a busyness of its own for each day; the engine knows one for a whole run."""
    if not model.busyness or model.rates is None or model.rate_edges is None:
        return model
    rates = busy_days(model.rate_edges, model.rates, model.busyness, seed, replication)
    return replace(model, rates=rates, busyness=0.0)


def sample_of(run: Run, result: Result, front: Result | None = None) -> Sample:
    """The sums of one result, without the waits of its warm-up, which `front` has."""
    calls, times = _columns(result.totals), _columns(result.groups)
    answered, abandoned = result.waits_answered, result.waits_abandoned
    if front is not None:
        answered = np.maximum(answered - front.waits_answered, 0)
        abandoned = np.maximum(abandoned - front.waits_abandoned, 0)
    return Sample(
        units={name: _by_unit(run, column) for name, column in calls.items()},
        slots={name: _by_slot(run, column) for name, column in calls.items()},
        group_units={name: _by_unit(run, column) for name, column in times.items()},
        group_slots={name: _by_slot(run, column) for name, column in times.items()},
        answered_after=answered.astype(np.float64),
        abandoned_after=abandoned.astype(np.float64),
        agents={} if result.agents is None else _agents(result.agents),
        calls=result.calls,
        seconds=result.seconds,
    )


def _columns(of: Totals | Times) -> Sums:
    return {item.name: np.asarray(getattr(of, item.name), np.float64) for item in fields(of)}


def _by_unit(run: Run, column: Array) -> Array:
    counted = column[run.skipped :]
    return np.asarray(counted.reshape(run.units, -1, counted.shape[-1]).sum(axis=1))


def _by_slot(run: Run, column: Array) -> Array:
    counted = column[run.skipped :]
    if run.slots == 1:
        return np.asarray(counted.sum(axis=0, keepdims=True))
    return np.asarray(counted.reshape(-1, run.slots, counted.shape[-1]).sum(axis=0))


def _agents(of: AgentTotals) -> Sums:
    names = [item.name for item in fields(of) if item.name not in ("group", "times")]
    found = {name: np.asarray(getattr(of, name), np.float64) for name in names}
    return found | _columns(of.times)


def added(parts: Sequence[Sums]) -> Sums:
    """The sums of several replications, in their order."""
    return {name: np.sum([part[name] for part in parts], axis=0) for name in parts[0]}


def stacked(parts: Sequence[Sums]) -> Sums:
    """Each replication's sum over its units, stacked: [replications, queues or groups]."""
    return {name: np.stack([part[name].sum(axis=0) for part in parts]) for name in parts[0]}
