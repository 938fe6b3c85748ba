"""Pools: queues and groups that are bound together, and the work that each step brings them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.settings import DAY
from hotline.simulation.arrivals import Floats, rate_table
from hotline.simulation.building import listed_days
from hotline.simulation.durations import limited_mean
from hotline.simulation.exact import components
from hotline.simulation.plan import Plan
from hotline.simulation.staff_rules import WEEK


@dataclass(frozen=True, slots=True)
class Pool:
    """Queues and groups, by number, that are bound together, and the groups' proportions; or the
    groups of a pool that have the same skills."""

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
        found.append(Pool(tuple(members), tuple(groups), _weights(plan, groups)))
    return found


def kinds_of(plan: Plan, pool: Pool) -> list[Pool]:
    """The pool's groups by their skills, those of fewest first; none where all have the same."""
    kinds: dict[frozenset[int], list[int]] = {}
    for number in pool.groups:
        kinds.setdefault(frozenset(plan.groups[number].group.skills), []).append(number)
    if len(kinds) == 1:
        return []
    return [
        Pool(tuple(sorted(skills)), tuple(groups), _weights(plan, groups))
        for skills, groups in sorted(kinds.items(), key=lambda item: len(item[0]))
    ]


def _weights(plan: Plan, groups: Sequence[int]) -> tuple[float, ...]:
    sizes = [plan.groups[number].group.agents for number in groups]
    total = sum(sizes)
    return tuple(size / total if total else 1 / len(groups) for size in sizes)


def rates_of(plan: Plan, every: float, days: int = 1) -> Floats:
    """[Q, I] mean calls per second of each queue in the steps of the first `days`.

    A list of arrivals is folded into one day, unless its days are asked for.
    """
    borders = np.linspace(0.0, days * DAY, round(days * DAY / every) + 1)
    if plan.given_calls:
        times = 1 if days > 1 else listed_days(plan)
        counted = [np.histogram(np.asarray(i.arrivals) % DAY if days == 1 else i.arrivals,
                                borders)[0] for i in plan.queues]  # fmt: skip
        return np.array(counted) / every / times
    edges, rates = rate_table([item.profile for item in plan.queues], days * DAY,
                              surges=plan.surges, week=plan.week, weekday=plan.weekday)  # fmt: skip
    sums = np.array([np.append(0.0, np.cumsum(own * np.diff(edges))) for own in rates])
    come = np.array([np.interp(borders, edges, own) for own in sums])
    return np.asarray(np.diff(come, axis=1) / every)


def staffed_days(plan: Plan) -> int:
    """How many days of the plan are staffed: as many as are asked for, else a week where the days
    differ by their calls, else one."""
    if plan.staff.days is not None:
        return plan.staff.days
    if plan.stationary or plan.given_calls:
        return 1
    longest = max(item.profile.period for item in plan.queues) / DAY
    return WEEK if plan.week else min(WEEK, max(plan.days, round(longest)))


def load_of(plan: Plan, pool: Pool, rates: Sequence[float]) -> float:
    """Erlangs: calls per second times the whole occupation of an agent, ring included."""
    ring = ring_of(plan, pool)
    return sum(
        rate * (plan.queues[q].queue.handle.mean + plan.queues[q].queue.after_call.mean + ring)
        for q, rate in zip(pool.queues, rates, strict=True)
    )


def ring_of(plan: Plan, pool: Pool) -> float:
    """Mean seconds of ringing of the pool's quickest group."""
    cut = np.array([plan.redirect_after])
    return min(float(limited_mean(plan.groups[g].group.ring, cut)[0]) for g in pool.groups)
