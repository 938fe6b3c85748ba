"""An experiment: replications of a plan with seeds, until enough, and their figures with intervals.

Replication r of seed s meets the same callers in every plan with the same queues (common random
numbers), whatever the agents. Results do not depend on how many workers share the replications.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from agents.figures import Figure, Figures
from agents.settings import DAY
from hotline.simulation import measures
from hotline.simulation.building import Run, planned_breaks, run_of
from hotline.simulation.estimates import LEVEL, Estimate
from hotline.simulation.plan import Plan
from hotline.simulation.sample import Replication, Sample, Sums, added, stacked
from hotline.simulation.sharing import Spread, one_by_one

REPLICATIONS = 10
"""Replications unless another number is asked for."""
MOST = 1000
"""Replications at most when a precision is wished."""


@dataclass(frozen=True)
class Experiment:
    """A plan, its run and the replications of it, with figures over all of them."""

    plan: Plan
    run: Run
    seed: int
    samples: tuple[Sample, ...] = field(repr=False)
    interrupted: bool = False
    """stopped by hand before all that was wished was done"""

    # --- intervals -----------------------------------------------------------------------------

    @property
    def method(self) -> str:
        """What the confidence intervals are taken over: replications, batches, days or nothing."""
        if len(self.samples) > 1:
            return "replications"
        if self.run.units == 1:
            return "none"
        return "batches" if self.plan.stationary and self.run.warm_up else "days"

    @cached_property
    def _units(self) -> tuple[Sums, Sums]:
        """Sums of the independent units: of queues, of groups."""
        if len(self.samples) == 1:
            return self.samples[0].units, self.samples[0].group_units
        queues = stacked([sample.units for sample in self.samples])
        return queues, stacked([sample.group_units for sample in self.samples])

    @property
    def unit_seconds(self) -> float:
        """Seconds of one unit."""
        counted = self.run.model.horizon - self.run.warm_up
        return counted if len(self.samples) > 1 else counted / self.run.units

    def by_unit(self, number: int | None) -> list[Figures]:
        """Figures of a queue (None: all together) in each unit."""
        units = self._units[0]
        rows = [
            measures.row(units, u, number)
            if number is not None
            else {name: float(table[u].sum()) for name, table in units.items()}
            for u in range(len(units["offered"]))
        ]
        return [measures.queue_measures(sums, self.plan.limits) for sums in rows]

    def busy_by_unit(self, number: int) -> list[Figure]:
        """Occupancy of a group in each unit."""
        units = self._units[1]
        return [measures.busy(measures.row(units, u, number)) for u in range(len(units["ready"]))]

    def queue(self, number: int, level: float = LEVEL) -> dict[str, Estimate]:
        """Figures of a queue."""
        found = measures.estimates_of(self.by_unit(number), level)
        line = self._units[0]["in_line"][:, number]
        return found | {"mean_queue": measures.mean_line(line, self.unit_seconds, level)}

    def everything(self, level: float = LEVEL) -> dict[str, Estimate]:
        """Figures of all queues together."""
        found = measures.estimates_of(self.by_unit(None), level)
        line = self._units[0]["in_line"].sum(axis=1)
        return found | {"mean_queue": measures.mean_line(line, self.unit_seconds, level)}

    def occupancy(self, number: int, level: float = LEVEL) -> Estimate:
        """Occupancy of a group."""
        figures = [{"occupancy": figure} for figure in self.busy_by_unit(number)]
        return measures.estimates_of(figures, level)["occupancy"]

    def agents(self, level: float = LEVEL) -> dict[str, dict[str, Estimate]]:
        """Figures of each agent, "group-001" and so on; empty unless they were asked for."""
        if not self.samples[0].agents:
            return {}
        tables = {
            name: np.stack([sample.agents[name] for sample in self.samples])
            for name in self.samples[0].agents
        }
        model = self.run.model
        breaks = planned_breaks(model.duties, model.agents, model.horizon)
        tables["break"] = np.broadcast_to(breaks, (len(self.samples), model.agents))
        found = {}
        for number, name in enumerate(self.agent_names()):
            rows = [measures.row(tables, r, number) for r in range(len(self.samples))]
            figures = [measures.agent_measures(sums, self.plan.limits) for sums in rows]
            found[name] = measures.estimates_of(figures, level)
        return found

    def agent_names(self) -> list[str]:
        """Names of the agents in the engine's order."""
        return [
            f"{one.name}-{number + 1:03d}"
            for one in self.plan.groups
            for number in range(one.group.agents)
        ]

    # --- over time -----------------------------------------------------------------------------

    @cached_property
    def slots(self) -> Sums:
        """Sums of the queues by slot of the day, over all replications and days."""
        return added([sample.slots for sample in self.samples])

    @cached_property
    def group_slots(self) -> Sums:
        """Sums of the groups by slot."""
        return added([sample.group_slots for sample in self.samples])

    @property
    def slot_seconds(self) -> float:
        """Seconds of one slot."""
        return self.run.period / self.run.slots if self.run.slots > 1 else self.run.model.horizon

    @property
    def days(self) -> int:
        """Days that the slots tell apart; 1 where all are folded into one."""
        days = self.run.period / DAY
        return int(days) if self.run.slots > 1 and days >= 1 and days.is_integer() else 1

    def of_day(self, day: int, level: float = LEVEL) -> dict[str, Estimate]:
        """Figures of one day of those told apart, all queues together; over replications."""
        a_day = self.run.slots // self.days
        part = slice(day * a_day, (day + 1) * a_day)
        sums = [{name: float(table[part].sum()) for name, table in sample.slots.items()}
                for sample in self.samples]  # fmt: skip
        figures = [measures.queue_measures(one, self.plan.limits) for one in sums]
        return measures.estimates_of(figures, level)

    @property
    def slot_visits(self) -> int:
        """How often each slot was run: replications times days."""
        return len(self.samples) * self.run.visits

    # --- the run -------------------------------------------------------------------------------

    @property
    def calls(self) -> int:
        """Calls that the engine saw, in all replications."""
        return sum(sample.calls for sample in self.samples)

    @property
    def seconds(self) -> float:
        """Processor seconds inside the engine."""
        return sum(sample.seconds for sample in self.samples)

    @property
    def calls_per_second(self) -> float:
        """Calls per second and core inside the engine, without compilation."""
        return self.calls / self.seconds if self.seconds else 0.0

    def waits(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Calls of a queue answered, and abandoned, after [k, k + 1) seconds; last bin: longer."""
        answered = np.sum([sample.answered_after[number] for sample in self.samples], axis=0)
        return answered, np.sum([s.abandoned_after[number] for s in self.samples], axis=0)


# --- running one -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished of an experiment. `calls` or `days` of one replication; None: what suits."""

    calls: int | None = None
    days: int | None = None
    replications: int = REPLICATIONS
    seed: int = 0
    agents: bool = False
    precision: float | None = None
    """half the width of the interval of each queue's service level; more replications until then"""


def experiment(
    plan: Plan,
    wish: Wish = Wish(),
    spread: Spread = one_by_one,
    progress: Callable[[Sample], None] = lambda sample: None,
) -> Experiment:
    """Run the plan as often as wished. `progress` sees each replication as it is done.

    Interrupted by hand, it gives what is done until then, if anything is.
    """
    run = run_of(plan, calls=wish.calls, days=wish.days)
    task = Replication(run, wish.seed, wish.agents)
    samples: list[Sample] = []
    while True:
        try:
            for sample in spread(task, _next(samples, wish)):
                samples.append(sample)
                progress(sample)
        except KeyboardInterrupt:
            if not samples:
                raise
            return Experiment(plan, run, wish.seed, tuple(samples), interrupted=True)
        found = Experiment(plan, run, wish.seed, tuple(samples))
        if wish.precision is None or precise(found, wish.precision) or len(samples) >= MOST:
            return found


def _next(samples: Sequence[Sample], wish: Wish) -> range:
    """The next replications: those wished for, then half as many again until precise enough."""
    done = len(samples)
    if not done:
        least = max(2, wish.replications) if wish.precision else wish.replications
        return range(least)
    return range(done, min(MOST, done + max(2, done // 2)))


def precise(found: Experiment, half: float) -> bool:
    """Whether each queue's service level is known to within `half` on either side."""
    for number in range(len(found.plan.queues)):
        level = found.queue(number)["service_level"]
        if level.value is not None and (level.half is None or level.half > half):
            return False
    return True
