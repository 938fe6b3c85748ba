"""Theory of one step: the fewest agents of a pool in a steady state.

Exact where the plan has a closed form, else Erlang A with handle + after-call + mean ring as one
occupation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.settings import DAY
from hotline.simulation.arrivals import Profile
from hotline.simulation.erlang import LEAST_PATIENCE, Exact, UnstableError, Wanted, markov_queue
from hotline.simulation.exact import theory_of
from hotline.simulation.plan import Plan, PlannedGroup
from hotline.simulation.pools import Pool, load_of, ring_of
from hotline.simulation.targets import Target


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

    load = load_of(plan, pool, rates)
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
        theories = theory_of(sliced(max(1, 2 * math.ceil(load_of(plan, pool, rates)))))
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
    held = load_of(plan, pool, rates) / total
    ring = ring_of(plan, pool)
    impatient = sum(rate / max(plan.queues[q].queue.patience.mean, LEAST_PATIENCE)
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
