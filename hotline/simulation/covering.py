"""Shifts that cover the steps: an integer programme, solved with HiGHS (scipy.optimize.milp).

    minimise    sum over shifts of hours x cost x agents
    so that     in every stretch of the day  agents at work >= the step's number
                agents of each shift a whole number, 0 or more

One programme for each group of agents: they share nothing but the calls. A shift past midnight
covers the early morning as well, for the same goes on every day. Dantzig 1954 ("A comment on
Edie's Traffic Delays at Toll Booths"), with the breaks' places as shifts of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.engine.model import Ints
from hotline.simulation.plan import GroupShift, Plan
from hotline.simulation.staff_rules import ShiftKind

SECONDS = 4.0
"""The solver stops looking for something better after so long."""
GAP = 0.002
"""... or when it has proved to be so near the best, relatively."""


class UncoverableError(Exception):
    """No shift covers a stretch that needs agents: `at` seconds after midnight."""

    def __init__(self, at: float) -> None:
        self.at = at
        super().__init__(f"no shift covers {at:g} s after midnight")


@dataclass(frozen=True, slots=True)
class Worked:
    """So many `agents` of a group work `shift`, a shift of the kind called `kind`."""

    kind: str
    shift: Shift
    agents: int


@dataclass(frozen=True, slots=True)
class Cover:
    """The shifts of one group. `gap`: how far from the best they may be, 0 = proved the best."""

    worked: tuple[Worked, ...]
    gap: float

    @property
    def agents(self) -> int:
        """Agents of a day."""
        return sum(one.agents for one in self.worked)

    def rostered(self, shrinkage: float) -> list[int]:
        """How many of each shift must be on the roster so that `agents` are there: the whole
        group rounded up once, shared by largest remainder."""
        exact = [one.agents / (1 - shrinkage) for one in self.worked]
        given = [math.floor(part + 1e-9) for part in exact]
        left = math.ceil(sum(exact) - 1e-9) - sum(given)
        for at in sorted(range(len(exact)), key=lambda i: given[i] - exact[i])[:left]:
            given[at] += 1
        return given

    @property
    def hours(self) -> float:
        """Hours of a day, breaks included."""
        return sum(one.agents * (one.shift.end - one.shift.start) for one in self.worked) / 3600


def cover(numbers: Sequence[int], every: float, kinds: Sequence[ShiftKind]) -> Cover:
    """Shifts of `kinds` that cover a day's `numbers` in steps of `every` s.

    Raises `UncoverableError`.
    """
    options = [(kind, shift) for kind in kinds for shift in kind.candidates()]
    if not any(numbers):
        return Cover((), 0.0)
    borders = _borders([shift for _, shift in options], every)
    middles = (borders[:-1] + borders[1:]) / 2
    at_work = np.array([_at_work(shift, middles) for _, shift in options], np.float64).T
    needed = np.asarray(numbers, np.float64)[(middles // every).astype(np.int64)]
    bare = (at_work.sum(axis=1) == 0) & (needed > 0)
    if bare.any():
        raise UncoverableError(float(borders[int(np.argmax(bare))]))
    costs = [kind.cost * kind.length / 3600 for kind, _ in options]
    agents, gap = _solved(at_work, needed, np.array(costs))
    worked = [Worked(kind.name, shift, int(count))
              for (kind, shift), count in zip(options, agents, strict=True) if count]  # fmt: skip
    return Cover(tuple(sorted(worked, key=lambda one: (one.shift.start, one.shift.breaks))), gap)


def _borders(shifts: Sequence[Shift], every: float) -> NDArray[np.float64]:
    """Where the need or somebody's work may change, from 0 to a day."""
    marks = {0.0, DAY, *np.arange(0.0, DAY, every).tolist()}
    for shift in shifts:
        marks |= {t % DAY for t in (shift.start, shift.end)}
        marks |= {t % DAY for pause in shift.breaks for t in pause}
    return np.array(sorted(marks))


def _at_work(shift: Shift, middles: NDArray[np.float64]) -> NDArray[np.bool_]:
    found = np.zeros(len(middles), bool)
    for clock in (middles, middles + DAY):
        there = (clock >= shift.start) & (clock < shift.end)
        for begin, end in shift.breaks:
            there &= ~((clock >= begin) & (clock < end))
        found |= there
    return found


def _solved(
    at_work: NDArray[np.float64], needed: NDArray[np.float64], costs: NDArray[np.float64]
) -> tuple[Ints, float]:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    rows = np.unique(np.column_stack((at_work, needed)), axis=0)
    enough = LinearConstraint(csr_array(rows[:, :-1]), rows[:, -1], np.inf)
    found = milp(
        costs,
        integrality=np.ones(len(costs), np.int64),
        bounds=Bounds(0, np.inf),
        constraints=enough,
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    if found.x is not None:
        return np.rint(found.x).astype(np.int64), float(found.mip_gap or 0.0)
    # out of time before a first solution: the relaxation rounded up, less what it can spare
    loose = np.asarray(milp(costs, bounds=Bounds(0, np.inf), constraints=enough).x)
    whole = _trimmed(np.ceil(loose - 1e-9).astype(np.int64), rows[:, :-1], rows[:, -1])
    return whole, float(costs @ whole / float(costs @ loose) - 1)


def _trimmed(
    agents: Ints, at_work: NDArray[np.float64], needed: NDArray[np.float64]
) -> Ints:  # fmt: skip
    """Take agents away, one shift after the other, as long as every stretch has its number."""
    spare = at_work @ agents - needed
    for shift in np.argsort(agents):
        there = at_work[:, shift] > 0
        off = int(min(agents[shift], spare[there].min(initial=np.inf)))
        if off > 0:
            agents[shift] -= off
            spare[there] -= off
    return agents


def covered(groups: Ints, every: float, kinds: Sequence[ShiftKind]) -> list[Cover]:
    """The shifts of each group; groups [G, I]."""
    known: dict[tuple[int, ...], Cover] = {}
    found = []
    for numbers in groups.tolist():
        key = tuple(numbers)
        if key not in known:
            known[key] = cover(numbers, every, kinds)
        found.append(known[key])
    return found


def with_shifts(plan: Plan, covers: Sequence[Cover]) -> Plan:
    """The plan with these shifts in place of its agents."""
    groups = []
    for one, own in zip(plan.groups, covers, strict=True):
        shifts = tuple(GroupShift(worked.shift, worked.agents) for worked in own.worked)
        group = replace(one.group, agents=own.agents)
        groups.append(replace(one, group=group, levels=None, shifts=shifts))
    return replace(plan, groups=tuple(groups))
