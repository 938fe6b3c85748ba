"""Fewest agents in each step of the day: by theory first, then corrected by simulation.

    theory      each step by itself in a steady state (SIPP): exact where the plan has a closed
                form, else Erlang A with handle + after-call + mean ring as one occupation
    simulation  the whole day with those numbers; a step that misses a target gets more, one that
                has more than enough gets fewer, until no step can give one up (iterative staffing:
                Feldman, Mandelbaum, Massey, Whitt 2008). The step sizes follow the square root of
                the numbers, the same callers come in every round (common random numbers)

Queues that share agents form one pool; its groups keep the proportions that the plan gives them.

    C pools   I steps   G groups   Q queues
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from agents.settings import DAY
from hotline.simulation.arrivals import Floats, Profile, rate_table
from hotline.simulation.building import Run, day_run, listed_days, steady_run
from hotline.simulation.durations import limited_mean
from hotline.simulation.engine.model import Ints
from hotline.simulation.erlang import Exact, UnstableError, Wanted, markov_queue
from hotline.simulation.estimates import Estimate
from hotline.simulation.exact import components, theory_of
from hotline.simulation.experiment import Experiment
from hotline.simulation.measures import queue_measures, row
from hotline.simulation.plan import Levels, Plan, PlannedGroup
from hotline.simulation.sample import Sample, added, replicate
from hotline.simulation.sharing import Spread, one_by_one
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


@dataclass(frozen=True, slots=True)
class Pool:
    """Queues and groups, by number, that are bound together, and the groups' proportions."""

    queues: tuple[int, ...]
    groups: tuple[int, ...]
    weights: tuple[float, ...]

    def split(self, agents: int) -> list[int]:
        """`agents` over the groups, by largest remainder."""
        exact = [agents * weight for weight in self.weights]
        given = [math.floor(part) for part in exact]
        order = sorted(range(len(exact)), key=lambda g: given[g] - exact[g])
        for group in order[: agents - sum(given)]:
            given[group] += 1
        return given


def pools_of(plan: Plan) -> list[Pool]:
    """The pools of a plan; every queue is in one."""
    found = []
    for members in components(plan):
        groups = [n for n, one in enumerate(plan.groups) if set(one.group.skills) & set(members)]
        sizes = [plan.groups[n].group.agents for n in groups]
        total = sum(sizes)
        weights = [size / total if total else 1 / len(groups) for size in sizes]
        found.append(Pool(tuple(members), tuple(groups), tuple(weights)))
    return found


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

    @property
    def starts(self) -> list[float]:
        """Seconds after midnight at which the steps begin."""
        return [number * self.every for number in range(self.groups.shape[1])]

    @property
    def hours(self) -> float:
        """Agent hours of a day."""
        return float(self.groups.mean(axis=1).sum()) * DAY / 3600


class ImpossibleError(Exception):
    """No number of agents reaches a target; says which, and what stands in the way."""

    def __init__(self, plan: Plan, number: int | None, target: Target, best: Estimate) -> None:
        self.plan, self.number, self.target, self.best = plan, number, target, best
        super().__init__(target.text())


# --- the search --------------------------------------------------------------------------------


def steps_of(plan: Plan, seed: int = 0, spread: Spread = one_by_one) -> Steps:
    """The fewest agents of each step of the plan's day. Raises `ImpossibleError`."""
    return _Search(plan, seed, spread).found()


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
        self.every = DAY if self.steady else self.rules.every
        self.rates = rates_of(plan, self.every)

    @cached_property
    def replications(self) -> int:
        """So many that a round sees enough calls."""
        days = listed_days(self.plan)
        calls = STEADY_CALLS if self.steady else float(self.rates.sum()) * self.every * days
        fewest = BUSY_DAYS if self.plan.busyness else FEWEST
        return int(min(MOST, max(fewest, CALLS / max(calls, 1.0))))

    def found(self) -> Steps:
        """Theory, then simulation where theory is not exact."""
        self.refuse_impossible()
        theory, exact = self.by_theory()
        if exact:
            return self.steps(theory, theory, True, (True,) * theory.shape[1], 0)
        numbers, met, rounds = self.corrected(theory)
        return self.steps(theory, numbers, False, met, rounds)

    def steps(
        self, theory: Ints, numbers: Ints, exact: bool, met: tuple[bool, ...], rounds: int
    ) -> Steps:
        """The result."""
        groups = self.split(numbers)
        return Steps(self.every, self.rates, theory, exact, numbers, groups, met, rounds)

    def split(self, numbers: Ints) -> Ints:
        """Agents of the pools [C, I] -> of the groups [G, I]."""
        groups = np.zeros((len(self.plan.groups), numbers.shape[1]), np.int64)
        for pool, own in zip(self.pools, numbers, strict=True):
            for step, agents in enumerate(own.tolist()):
                groups[list(pool.groups), step] = pool.split(agents)
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

    def run(self, numbers: Ints) -> Run:
        """A run with so many agents."""
        plan = with_levels(self.plan, self.split(numbers), self.every)
        if self.steady:
            return steady_run(plan, STEADY_CALLS)
        return day_run(plan, listed_days(plan), self.every)

    def simulated(self, numbers: Ints, replications: int) -> Experiment:
        """Replications with so many agents; always the same callers."""
        run = self.run(numbers)
        task = Evenly(run, self.seed, busy_quantiles(self.plan.busyness, replications))
        return Experiment(self.plan, run, self.seed, tuple(self.spread(task, range(replications))))

    def corrected(self, theory: Ints) -> tuple[Ints, tuple[bool, ...], int]:
        """Numbers between one that fails and one that does, closing in on each step."""
        known = _Known(np.zeros_like(theory), np.full_like(theory, -1))
        now = np.maximum(theory, 1) * (theory > 0)
        for rounds in range(1, ROUNDS + 1):
            slack = self.slack(now)
            if not known.narrowed(now, slack):
                return now, _reached_steps(slack), rounds
            now = known.next_numbers(now, slack, self.plan.busyness)
        return self.raised(np.where(known.high >= 0, known.high, now))

    def raised(self, now: Ints) -> tuple[Ints, tuple[bool, ...], int]:
        """What still misses by a hair when the rounds are over gets more, a few times."""
        slack = self.slack(now)
        for extra in range(RAISED):
            if (slack >= 0).all():
                return now, _reached_steps(slack), ROUNDS + extra + 1
            now = np.where(slack < 0, now + _close(now), now)
            slack = self.slack(now)
        return now, _reached_steps(slack), ROUNDS + RAISED + 1

    def slack(self, numbers: Ints) -> Floats:
        """[C, I] by how much the targets are reached, in standard scores; below 0: missed."""
        found = self.simulated(numbers, self.replications)
        sums = added([sample.slots for sample in found.samples])
        slack = np.full(numbers.shape, 3.0)
        for c, pool in enumerate(self.pools):
            for step in range(numbers.shape[1]):
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
            most = max(_load(self.plan, pool, self.rates[list(pool.queues), step].tolist())
                       for step in range(self.rates.shape[1]))  # fmt: skip
            plenty[c, :] = math.ceil(2 * most + 10 * math.sqrt(most) + 10)
        found = self.simulated(plenty, 4)
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


@dataclass(slots=True, eq=False)
class _Known:
    """What is known of each step: most agents that fail, fewest that do, and the last look."""

    low: Ints
    high: Ints
    """-1: none yet"""
    before: tuple[Ints, Floats] | None = None
    """numbers and slack of the round before"""

    def narrowed(self, now: Ints, slack: Floats) -> bool:
        """Note what failed and what did; whether some step is still open."""
        fails, used = slack < 0, now > 0
        self.low[fails] = np.maximum(self.low[fails], now[fails])
        does = ~fails & ((self.high < 0) | (now < self.high))
        self.high[does] = now[does]
        stale = (self.high >= 0) & (self.high <= self.low)  # a neighbour has changed since
        self.high[stale] = -1
        return bool((used & (fails | (self.high - self.low > _close(self.high)))).any())

    def next_numbers(self, now: Ints, slack: Floats, busyness: float) -> Ints:
        """The next numbers to try: by the slack, inside what is known."""
        low, high = self.low, self.high
        move = self.move(now, slack, busyness)
        up = np.maximum(1, np.ceil(-move)).astype(np.int64)
        down = np.maximum(1, np.floor(move)).astype(np.int64)
        wanted = np.where(slack < 0, now + up, now - down)
        top = np.where(high >= 0, high - (high - low > 1), np.maximum(now, low) + up)
        aimed = np.clip(wanted, np.minimum(low + 1, top), top)
        closed = (high >= 0) & (high - low <= _close(high))
        self.before = (now, slack)
        return np.where(now == 0, 0, np.where(closed, high, aimed))

    def move(self, now: Ints, slack: Floats, busyness: float) -> Floats:
        """Agents by which the slack could be given up: by the slope since the round before, else
        by the standard deviation of the work (Poisson, and the day's busyness)."""
        unit = 0.6 * np.sqrt(np.maximum(now, 1) + (busyness * now) ** 2)
        move = unit * np.clip(slack, -3, 3)
        if self.before is None:
            return np.asarray(move)
        agents, gained = now - self.before[0], slack - self.before[1]
        rises = (agents != 0) & (gained * agents > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            secant = slack * agents / gained
        reach = 3 * np.maximum(unit, np.abs(move))
        return np.where(rises, np.clip(secant, -reach, reach), move)


def _reached_steps(slack: Floats) -> tuple[bool, ...]:
    return tuple(bool(own.min() >= 0) for own in slack.T)


def _close(numbers: Ints) -> Ints:
    """Near enough between a number that fails and one that does: an eighth of the square root
    (one agent up to 225), which no simulation of a day can tell apart."""
    return np.maximum(1, np.sqrt(np.maximum(numbers, 0)) / 7.5).astype(np.int64)


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


def rates_of(plan: Plan, every: float) -> Floats:
    """[Q, I] mean calls per second of each queue in the steps of the first day."""
    count = round(DAY / every)
    borders = np.linspace(0.0, DAY, count + 1)
    if plan.given_calls:
        counted = [np.histogram(np.asarray(i.arrivals) % DAY, borders)[0] for i in plan.queues]
        return np.array(counted) / every / listed_days(plan)
    edges, rates = rate_table([item.profile for item in plan.queues], DAY, surges=plan.surges,
                              week=plan.week, weekday=plan.weekday)  # fmt: skip
    sums = np.array([np.append(0.0, np.cumsum(own * np.diff(edges))) for own in rates])
    come = np.array([np.interp(borders, edges, own) for own in sums])
    return np.asarray(np.diff(come, axis=1) / every)


# --- theory of one step ------------------------------------------------------------------------


def theoretical(plan: Plan, pool: Pool, rates: Sequence[float]) -> tuple[int, bool]:
    """Fewest agents of a pool at such `rates` in a steady state, and whether that is exact."""
    if not sum(rates):
        return 0, True
    look, exact = _looking(plan, pool, rates)

    def does(agents: int) -> bool:
        try:
            return all(_reached(t, look(agents)) for t in plan.staff.targets)
        except UnstableError:
            return False

    load = _load(plan, pool, rates)
    high = max(1, math.ceil(load))
    limit = math.ceil(3 * load + 30 * math.sqrt(load) + 50)
    while not does(high):
        high += max(1, math.ceil(math.sqrt(load)))
        if high > limit:
            return math.ceil(load + 2 * math.sqrt(load)), False
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if does(middle) else (middle, high)
    return high, exact


def _looking(
    plan: Plan, pool: Pool, rates: Sequence[float]
) -> tuple[Callable[[int], list[Exact]], bool]:
    """What gives the figures of the pool's queues for a number of agents."""

    def sliced(agents: int) -> Plan:
        parts = pool.split(agents)
        return replace(
            plan,
            queues=tuple(
                replace(plan.queues[q], profile=Profile(DAY, (rate,)), arrivals=())
                for q, rate in zip(pool.queues, rates, strict=True)
            ),
            groups=tuple(_own(plan.groups[g], pool, part)
                         for g, part in zip(pool.groups, parts, strict=True)),
            week=(), busyness=0.0, surges=(),
        )  # fmt: skip

    def exact(agents: int) -> list[Exact]:
        found = [theory.exact for theory in theory_of(sliced(agents))]
        return [one for one in found if one is not None]

    try:
        theories = theory_of(sliced(max(1, 2 * math.ceil(_load(plan, pool, rates)))))
    except UnstableError:
        theories = []
    if theories and all(theory.exact for theory in theories):
        known = all(hasattr(theories[0].exact, t.figure) for t in plan.staff.targets)
        return exact, known
    return _nearly(plan, pool, rates), False


def _own(one: PlannedGroup, pool: Pool, agents: int) -> PlannedGroup:
    """The group alone in its pool, with so many agents all the time."""
    skills = tuple(pool.queues.index(skill) for skill in one.group.skills)
    return replace(one, group=replace(one.group, agents=agents, skills=skills),
                   levels=None, shifts=())  # fmt: skip


def _nearly(plan: Plan, pool: Pool, rates: Sequence[float]) -> Callable[[int], list[Exact]]:
    """Erlang A of all the pool's calls in one line: where no closed form is exact."""
    total = sum(rates)
    held = _load(plan, pool, rates) / total
    ring = _ring(plan, pool)
    impatient = sum(rate / plan.queues[q].queue.patience.mean
                    for q, rate in zip(pool.queues, rates, strict=True)) / total  # fmt: skip
    wanted = Wanted(max(0.0, plan.limits.answer_within - ring), plan.limits.short_abandon)
    patience = 1 / impatient if impatient else None

    def look(agents: int) -> list[Exact]:
        found = markov_queue(total, held, agents, patience=patience, wanted=wanted)
        asked = (found.mean_wait_answered or 0.0) + ring
        return [replace(found, mean_wait=found.mean_wait + ring, mean_wait_answered=asked)]

    return look


def _reached(target: Target, found: Sequence[Exact]) -> bool:
    """Whether theory's figure does; where theory does not know it the service level stands in."""
    values = [getattr(one, target.figure, one.service_level) for one in found]
    return all(target.met(value) for value in values)


def _load(plan: Plan, pool: Pool, rates: Sequence[float]) -> float:
    """Erlangs: calls per second times the whole occupation of an agent, ring included."""
    ring = _ring(plan, pool)
    return sum(
        rate * (plan.queues[q].queue.handle.mean + plan.queues[q].queue.after_call.mean + ring)
        for q, rate in zip(pool.queues, rates, strict=True)
    )


def _ring(plan: Plan, pool: Pool) -> float:
    """Mean seconds of ringing of the pool's quickest group."""
    cut = np.array([plan.redirect_after])
    return min(float(limited_mean(plan.groups[g].group.ring, cut)[0]) for g in pool.groups)
