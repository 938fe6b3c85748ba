"""Fewest agents in each step of a day or several: by theory first, then corrected by simulation.

    theory      each step by itself in a steady state (SIPP): exact where the plan has a closed
                form, else Erlang A with handle + after-call + mean ring as one occupation
    simulation  the whole days with those numbers; a step that misses a target gets more, one that
                has more than enough gets fewer, until no step can give one up (iterative staffing:
                Feldman, Mandelbaum, Massey, Whitt 2008). The step sizes follow the square root of
                the numbers, the same callers come in every round (common random numbers)

Queues that share agents form one pool; its groups begin with the proportions that the plan gives
them. Where they have different skills, each kind of agents is then trimmed by itself.

    C pools   I steps   G groups   Q queues
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest

import numpy as np

from agents.settings import DAY
from hotline.simulation.arrivals import Floats
from hotline.simulation.building import Run, day_run, listed_days, steady_run
from hotline.simulation.engine.model import Ints
from hotline.simulation.estimates import Estimate
from hotline.simulation.experiment import Experiment
from hotline.simulation.measures import queue_measures, row
from hotline.simulation.narrowing import Known, near
from hotline.simulation.plan import Levels, Plan, PlannedGroup
from hotline.simulation.pools import Pool, kinds_of, load_of, pools_of, rates_of, staffed_days
from hotline.simulation.sample import Sample, added, replicate
from hotline.simulation.sharing import Spread, one_by_one
from hotline.simulation.step_theory import theoretical
from hotline.simulation.targets import SECONDS, Target

ROUNDS, RAISED = 8, 3
"""Rounds of simulation at most, and some more in which numbers only rise."""
CALLS = 1_000_000
"""Calls simulated in a round, about."""
FEWEST, MOST = 6, 100
"""Replications of a round, at least and at most."""
BUSY_DAYS = 12
"""Replications at least when days differ in busyness: each has only one."""
STEADY_CALLS = 200_000
"""Calls of one replication of a plan without times of day."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """How many agents each step needs."""

    every: float
    """seconds of a step; the whole day when nothing changes"""
    rates: Floats
    """[Q, I] calls per second"""
    theory: Ints
    """[C, I] by theory"""
    exact: bool
    """whether theory is exact for every step of the plan, so that nothing was corrected"""
    pools: Ints
    """[C, I] in the end"""
    groups: Ints
    """[G, I] the same, by group"""
    met: tuple[bool, ...]
    """[I] whether simulation saw the targets reached (True where theory is exact)"""
    rounds: int
    days: int = 1

    @property
    def starts(self) -> list[float]:
        """Seconds after the first midnight at which the steps begin."""
        return [number * self.every for number in range(self.groups.shape[1])]

    @property
    def hours(self) -> float:
        """Agent hours of all days."""
        return float(self.groups.sum()) * self.every / 3600


class ImpossibleError(Exception):
    """No number of agents reaches a target; says which, and what stands in the way."""

    def __init__(self, plan: Plan, number: int | None, target: Target, best: Estimate) -> None:
        self.plan, self.number, self.target, self.best = plan, number, target, best
        super().__init__(target.text())


# --- the search --------------------------------------------------------------------------------


def steps_of(plan: Plan, seed: int = 0, spread: Spread = one_by_one) -> Steps:
    """The fewest agents of each step of the plan's days. Raises `ImpossibleError`."""
    return _Search(plan, seed, spread).found()


def staff_run(plan: Plan, days: int, every: float) -> Run:
    """A run of the days that are staffed; one day of a list of calls is all of its days."""
    if days == 1:
        return day_run(plan, listed_days(plan), every)
    return day_run(plan, days, every, folded=False)


def with_levels(plan: Plan, groups: Ints, every: float) -> Plan:
    """The plan with so many agents [G, I] on duty by intervals of `every` s."""
    return replace(
        plan,
        groups=tuple(
            _levelled(one, groups[number], every) for number, one in enumerate(plan.groups)
        ),
    )


def _levelled(one: PlannedGroup, numbers: Ints, every: float) -> PlannedGroup:
    levels = None if len(numbers) == 1 else Levels(every, tuple(numbers.tolist()))
    group = replace(one.group, agents=int(numbers.max()))
    return replace(one, group=group, levels=levels, shifts=())


class _Search:
    """The search for one plan."""

    def __init__(self, plan: Plan, seed: int, spread: Spread) -> None:
        self.plan, self.seed, self.spread = plan, seed, spread
        self.rules = plan.staff
        self.pools = pools_of(plan)
        self.steady = plan.stationary
        self.days = staffed_days(plan)
        self.every = DAY if self.steady else self.rules.every
        self.rates = rates_of(plan, self.every, 1 if self.steady else self.days)

    @cached_property
    def replications(self) -> int:
        """So many that a round sees enough calls."""
        days = listed_days(self.plan) if self.days == 1 else 1
        calls = STEADY_CALLS if self.steady else float(self.rates.sum()) * self.every * days
        fewest = BUSY_DAYS if self.plan.busyness else FEWEST
        return int(min(MOST, max(fewest, CALLS / max(calls, 1.0))))

    def found(self) -> Steps:
        """Theory, then simulation where theory is not exact."""
        self.refuse_impossible()
        theory, exact = self.by_theory()
        if exact:
            groups, met = self.split(self.pools, theory), (True,) * theory.shape[1]
            return self.steps(theory, groups, True, met, 0)
        groups, met, rounds = self.corrected(self.pools, theory)
        for kinds in self.kinds():
            none = np.zeros_like(theory[0])
            numbers = [groups[list(k.groups)].sum(axis=0) if k else none for k in kinds]
            groups, met, more = self.corrected(kinds, np.array(numbers), groups)
            rounds += more
        return self.steps(theory, groups, False, met, rounds)

    def kinds(self) -> Iterator[list[Pool | None]]:
        """The kinds of agents of each pool, one after the other; those of few skills first, so
        that the work stays with those who can do most."""
        if self.rules.mix == "trim":
            by_pool = [kinds_of(self.plan, pool) for pool in self.pools]
            yield from map(list, zip_longest(*by_pool))

    def steps(
        self, theory: Ints, groups: Ints, exact: bool, met: tuple[bool, ...], rounds: int
    ) -> Steps:
        """The result; where every day is the same, it holds for all of them."""
        times = self.days if self.steady else 1
        rates = np.tile(self.rates, times)
        theory, groups, met = np.tile(theory, times), np.tile(groups, times), met * times
        pools = np.array([groups[list(pool.groups)].sum(axis=0) for pool in self.pools])
        return Steps(self.every, rates, theory, exact, pools, groups, met, rounds, self.days)

    def split(
        self, parts: Sequence[Pool | None], numbers: Ints, others: Ints | None = None
    ) -> Ints:
        """Agents of the parts [C, I] -> of all groups [G, I]; groups of no part are as `others`."""
        shape = len(self.plan.groups), numbers.shape[1]
        groups = np.zeros(shape, np.int64) if others is None else others.copy()
        for part, own in zip(parts, numbers, strict=True):
            if part is not None:
                shares = [part.split(agents) for agents in own.tolist()]
                groups[list(part.groups)] = np.array(shares).T
        return groups

    # --- theory --------------------------------------------------------------------------------

    def by_theory(self) -> tuple[Ints, bool]:
        """Agents of each pool and step, and whether they are exact."""
        known: dict[tuple[float, ...], tuple[int, bool]] = {}
        numbers = np.zeros((len(self.pools), self.rates.shape[1]), np.int64)
        exact = self.steady
        for c, pool in enumerate(self.pools):
            for step in range(self.rates.shape[1]):
                rates = tuple(self.rates[list(pool.queues), step].tolist())
                key = (float(c), *rates)
                if key not in known:
                    known[key] = theoretical(self.plan, pool, rates)
                numbers[c, step], sure = known[key]
                exact = exact and sure
        return numbers, exact

    # --- simulation ----------------------------------------------------------------------------

    def run(self, groups: Ints) -> Run:
        """A run with so many agents."""
        plan = with_levels(self.plan, groups, self.every)
        if self.steady:
            return steady_run(plan, STEADY_CALLS)
        return staff_run(plan, self.days, self.every)

    def simulated(self, groups: Ints, replications: int) -> Experiment:
        """Replications with so many agents; always the same callers."""
        run = self.run(groups)
        task = Evenly(run, self.seed, busy_quantiles(self.plan.busyness, replications))
        return Experiment(self.plan, run, self.seed, tuple(self.spread(task, range(replications))))

    def corrected(
        self, parts: Sequence[Pool | None], numbers: Ints, others: Ints | None = None
    ) -> tuple[Ints, tuple[bool, ...], int]:
        """Numbers of the parts between one that fails and one that does, closing in on each step:
        the groups, which steps reach the targets, and rounds of simulation."""
        known = Known(np.zeros_like(numbers), np.full_like(numbers, -1))
        now = np.maximum(numbers, 1) * (numbers > 0)
        for rounds in range(1, ROUNDS + 1):
            groups = self.split(parts, now, others)
            slack = self.slack(groups)
            if not known.narrowed(now, slack):
                return groups, _reached_steps(slack), rounds
            now = known.next_numbers(now, slack, self.plan.busyness)
        now = np.where(known.high >= 0, known.high, now)
        extra = 0
        while True:  # what still misses by a hair gets more, a few times
            groups = self.split(parts, now, others)
            slack, extra = self.slack(groups), extra + 1
            if (slack >= 0).all() or extra > RAISED:
                return groups, _reached_steps(slack), ROUNDS + extra
            now = np.where((slack < 0) & (now > 0), now + near(now), now)

    def slack(self, groups: Ints) -> Floats:
        """[C, I] by how much the targets are reached, in standard scores; below 0: missed."""
        found = self.simulated(groups, self.replications)
        sums = added([sample.slots for sample in found.samples])
        slack = np.full((len(self.pools), groups.shape[1]), 3.0)
        for c, pool in enumerate(self.pools):
            for step in range(groups.shape[1]):
                rows = [row(sums, step, q) for q in pool.queues]
                if not self.rules.each:
                    rows = [{k: sum(r[k] for r in rows) for k in rows[0]}]
                slack[c, step] = min(self.distance(one) for one in rows)
        return slack

    def distance(self, sums: dict[str, float]) -> float:
        """How far one queue's figures lie on the right side of the targets."""
        figures = queue_measures(sums, self.plan.limits)
        return min(_distance(t, figures[t.figure].value) for t in self.rules.targets)

    # --- what no number of agents can do -------------------------------------------------------

    def refuse_impossible(self) -> None:
        """Raise `ImpossibleError` if even agents in plenty miss a target over the whole day."""
        plenty = np.zeros((len(self.pools), self.rates.shape[1]), np.int64)
        for c, pool in enumerate(self.pools):
            most = max(load_of(self.plan, pool, self.rates[list(pool.queues), step].tolist())
                       for step in range(self.rates.shape[1]))  # fmt: skip
            plenty[c, :] = math.ceil(2 * most + 10 * math.sqrt(most) + 10)
        found = self.simulated(self.split(self.pools, plenty), 4)
        numbers: Sequence[int | None] = range(len(self.plan.queues)) if self.rules.each else [None]
        for number in numbers:
            figures = found.everything() if number is None else found.queue(number)
            for target in self.rules.targets:
                if _hopeless(target, figures[target.figure]):
                    raise ImpossibleError(self.plan, number, target, figures[target.figure])


@dataclass(frozen=True, slots=True, eq=False)
class Evenly:
    """A task as `Replication`, but day r has the r-th of evenly spread busynesses: a few days then
    stand for many, where a few drawn ones would fit the numbers to the worst of them."""

    run: Run
    seed: int
    factors: tuple[float, ...]

    def __call__(self, number: int) -> Sample:
        """Run replication `number`."""
        model = self.run.model
        if model.busyness and model.rates is not None:
            model = replace(model, rates=model.rates * self.factors[number], busyness=0.0)
        return replicate(replace(self.run, model=model), self.seed, number)


def busy_quantiles(cv: float, days: int) -> tuple[float, ...]:
    """The gamma factor (mean 1) of a day at the middles of `days` equal shares of probability."""
    if not cv:
        return (1.0,) * days
    from scipy.special import gammaincinv

    shape = 1 / cv**2
    factors = gammaincinv(shape, (np.arange(days) + 0.5) / days) / shape
    return tuple(float(factor) for factor in factors / factors.mean())


def _reached_steps(slack: Floats) -> tuple[bool, ...]:
    return tuple(bool(own.min() >= 0) for own in slack.T)


def _hopeless(target: Target, best: Estimate) -> bool:
    if target.met(best.value):
        return False
    bound = best.low if target.at_most else best.high
    return bound is not None and not target.met(bound)


def _distance(target: Target, value: float | None) -> float:
    """Standard scores of a share, or relative seconds, on the right side of the target."""
    from scipy.special import ndtri

    if value is None:
        return 3.0
    if target.figure in SECONDS:
        return max(-3.0, min(3.0, (target.value - value) / target.value))
    near = [min(max(v, 1e-4), 1 - 1e-4) for v in (value, target.value)]
    score = float(ndtri(near[0]) - ndtri(near[1]))
    score = -score if target.at_most else score
    return abs(score) if target.met(value) else min(score, -1e-9)
