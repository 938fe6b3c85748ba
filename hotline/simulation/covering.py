"""Shifts that cover the steps: an integer programme, solved with HiGHS (scipy.optimize.milp).

    minimise    sum over days and shifts of hours x cost x agents
    so that     in every stretch of the days  agents at work >= the step's number
                agents of each shift a whole number, 0 or more

One programme for each group of agents: they share nothing but the calls. A day (or a week) goes
round: a shift past its last midnight covers its first morning as well, for the same comes again.
Two to six days do not; their first night may be worked by shifts of the day before, day -1.
Dantzig 1954 ("A comment on Edie's Traffic Delays at Toll Booths"), with the breaks' places as
shifts of their own. Who of the people works which of a week's shifts: `rosters`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.engine.model import Ints
from hotline.simulation.plan import GroupShift, Plan
from hotline.simulation.staff_rules import WEEK, ShiftKind

SECONDS = 4.0
"""The solver stops looking for something better after so long."""
GAP = 0.002
"""... or when it has proved to be so near the best, relatively."""


class UncoverableError(Exception):
    """No shift covers a stretch that needs agents: `at` seconds after the first midnight."""

    def __init__(self, at: float) -> None:
        self.at = at
        super().__init__(f"no shift covers {at:g} s after midnight")


@dataclass(frozen=True, slots=True)
class Worked:
    """So many `agents` of a group work `shift`, a shift of the kind called `kind`, on a `day`.

    `shift` is in seconds after the midnight of its day, 0 = the first.
    """

    kind: str
    shift: Shift
    agents: int
    day: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """The shifts of one group. `gap`: how far from the best they may be, 0 = proved the best."""

    worked: tuple[Worked, ...]
    gap: float

    @property
    def agents(self) -> int:
        """Agents present, each day's counted anew."""
        return sum(one.agents for one in self.worked)

    def on_day(self, day: int) -> int:
        """Agents whose shift begins on `day`."""
        return sum(one.agents for one in self.worked if one.day == day)

    def rostered(self, shrinkage: float) -> list[int]:
        """How many of each shift must be on the roster so that `agents` are there: the group of
        each day rounded up once, shared by largest remainder."""
        given = [math.floor(one.agents / (1 - shrinkage) + 1e-9) for one in self.worked]
        for day in {one.day for one in self.worked}:
            own = [at for at, one in enumerate(self.worked) if one.day == day]
            exact = {at: self.worked[at].agents / (1 - shrinkage) for at in own}
            left = math.ceil(sum(exact.values()) - 1e-9) - sum(given[at] for at in own)
            for at in sorted(own, key=lambda i: given[i] - exact[i])[:left]:
                given[at] += 1
        return given

    @property
    def hours(self) -> float:
        """Hours of all days, breaks included."""
        return sum(one.agents * (one.shift.end - one.shift.start) for one in self.worked) / 3600

    @property
    def working_hours(self) -> float:
        """The same, breaks left out."""
        return sum(one.agents * work_of(one.shift) for one in self.worked) / 3600


def work_of(shift: Shift) -> float:
    """Seconds of work in a shift, breaks left out."""
    return shift.end - shift.start - sum(end - start for start, end in shift.breaks)


def cover(numbers: Sequence[int], every: float, kinds: Sequence[ShiftKind]) -> Cover:
    """Shifts of `kinds` that cover the `numbers` of whole days in steps of `every` s.

    Raises `UncoverableError`.
    """
    if not any(numbers):
        return Cover((), 0.0)
    days = max(1, round(len(numbers) * every / DAY))
    options = _options(kinds, days)
    borders = _borders([shift for _, shift, _ in options], every, days)
    middles = (borders[:-1] + borders[1:]) / 2
    at_work = np.array(
        [_at_work(shift, middles - day * DAY, days) for _, shift, day in options], np.float64
    ).T
    needed = np.asarray(numbers, np.float64)[(middles // every).astype(np.int64)]
    bare = (at_work.sum(axis=1) == 0) & (needed > 0)
    if bare.any():
        raise UncoverableError(float(borders[int(np.argmax(bare))]))
    costs = [kind.cost * kind.length / 3600 for kind, _, _ in options]
    agents, gap = _solved(at_work, needed, np.array(costs), SECONDS if days == 1 else 2 * SECONDS)
    worked = [
        Worked(kind.name, shift, int(count), day)
        for (kind, shift, day), count in zip(options, agents, strict=True)
        if count
    ]
    return Cover(tuple(sorted(worked, key=_in_order)), gap)


def _in_order(one: Worked) -> tuple[object, ...]:
    return one.day, one.shift.start, one.shift.breaks


def goes_round(days: int) -> bool:
    """Whether after so many days the same begins again: one day alone, or a week."""
    return days in (1, WEEK)


def _options(kinds: Sequence[ShiftKind], days: int) -> list[tuple[ShiftKind, Shift, int]]:
    """Every shift that may be worked, with its day."""
    first = 0 if goes_round(days) else -1
    return [
        (kind, shift, day)
        for day in range(first, days)
        for kind in kinds
        for shift in kind.candidates()
        if day >= 0 or shift.end > DAY
    ]


def _borders(shifts: Sequence[Shift], every: float, days: int) -> NDArray[np.float64]:
    """Where the need or somebody's work may change, from 0 to the end of the last day."""
    marks = {0.0, *np.arange(0.0, DAY, every).tolist()}
    for shift in shifts:
        marks |= {t % DAY for t in (shift.start, shift.end)}
        marks |= {t % DAY for pause in shift.breaks for t in pause}
    a_day = np.array(sorted(marks))
    return np.append((np.arange(days)[:, None] * DAY + a_day).ravel(), days * DAY)


def _at_work(shift: Shift, middles: NDArray[np.float64], days: int) -> NDArray[np.bool_]:
    """Whether a shift is worked at the instants `middles`, s after the midnight of its day."""
    found = np.zeros(len(middles), bool)
    for clock in (middles, middles + days * DAY) if goes_round(days) else (middles,):
        there = (clock >= shift.start) & (clock < shift.end)
        for begin, end in shift.breaks:
            there &= ~((clock >= begin) & (clock < end))
        found |= there
    return found


def _solved(
    at_work: NDArray[np.float64],
    needed: NDArray[np.float64],
    costs: NDArray[np.float64],
    seconds: float,
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
        options={"time_limit": seconds, "mip_rel_gap": GAP},
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


def with_shifts(plan: Plan, covers: Sequence[Cover], days: int) -> Plan:
    """The plan with these shifts of so many days in place of its agents."""
    groups = []
    for one, own in zip(plan.groups, covers, strict=True):
        shifts = tuple(_layers(own, days))
        group = replace(one.group, agents=sum(shift.agents for shift in shifts))
        groups.append(replace(one, group=group, levels=None, shifts=shifts))
    return replace(plan, groups=tuple(groups), days=days)


def _layers(own: Cover, days: int) -> Iterator[GroupShift]:
    """The shifts of a plan: as few agents for each as its fullest day has, who work it on all the
    days that need as many."""
    by_shift: dict[Shift, dict[int, int]] = {}
    for one in own.worked:
        numbers = by_shift.setdefault(one.shift, {})
        numbers[one.day % WEEK] = numbers.get(one.day % WEEK, 0) + one.agents
    for shift, numbers in by_shift.items():
        if days == 1:
            yield GroupShift(shift, numbers[0])
            continue
        below = 0
        for level in sorted(set(numbers.values())):
            on = tuple(sorted(day for day, agents in numbers.items() if agents >= level))
            yield GroupShift(shift, level - below, () if len(on) == WEEK else on)
            below = level
