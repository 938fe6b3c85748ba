"""Who works which shift of a week: rosters of people with days off, hours and rest.

    days       an integer programme: the fewest people so that each day has its shifts' number of
               them at work, each working some days in a row (or any days) and off the others
    shifts     day by day, earliest shift first: it goes to the person, free and rested by then,
               whose own week began with the earliest shift. Who must be back soonest goes first
               (earliest deadline), so times stay alike over a person's week and the rest before
               the next week's first shift is kept
    left over  what nobody may work by these rules goes to those with a day to spare, else to one
               more person

A week goes round: the same comes again. Fewer days do not, and have no days off but those that
`WorkRules.days` asks for. The shifts are those on the roster: of its people, `shrinkage` are away.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.covering import Cover, goes_round, work_of
from hotline.simulation.staff_rules import WEEK, WorkRules

Days = tuple[int, ...]
Free = tuple[float, float, int]
"""Someone free and rested: when he must be done, seconds of work so far, his number."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift that one person works on a day; `shift` in seconds after that day's midnight."""

    day: int
    kind: str
    shift: Shift

    @property
    def start(self) -> float:
        """Seconds after the first day's midnight."""
        return self.day * DAY + self.shift.start

    @property
    def end(self) -> float:
        """Seconds after the first day's midnight."""
        return self.day * DAY + self.shift.end

    @property
    def work(self) -> float:
        """Seconds of work, breaks left out."""
        return work_of(self.shift)


@dataclass(slots=True)
class Person:
    """One person's week, in the order of the days."""

    days: Days
    """the days on which he may work"""
    turns: list[Turn] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Seconds of work in the week."""
        return sum(turn.work for turn in self.turns)


@dataclass(frozen=True, slots=True, eq=False)
class Roster:
    """The people of one group. Fewer than `at_least` cannot be, whatever the order of shifts."""

    people: tuple[Person, ...]
    at_least: int


def roster(cover: Cover, shrinkage: float, rules: WorkRules, days: int) -> Roster:
    """People for the shifts of `cover`, those away (`shrinkage`) included."""
    turns = [
        Turn(one.day, one.kind, one.shift)
        for one, number in zip(cover.worked, cover.rostered(shrinkage), strict=True)
        for _ in range(number)
    ]
    if not turns:
        return Roster((), 0)
    return _Rostering(turns, rules, goes_round(days)).found()


class _Rostering:
    """The rostering of one group."""

    def __init__(self, turns: Sequence[Turn], rules: WorkRules, round_: bool) -> None:
        self.rules, self.round = rules, round_
        self.days = tuple(range(WEEK)) if round_ else tuple(sorted({t.day for t in turns}))
        self.by_day = {
            day: sorted((t for t in turns if t.day == day), key=lambda t: (t.start, t.end))
            for day in self.days
        }
        self.turns = turns

    def found(self) -> Roster:
        """The people."""
        patterns, counts = self.days_worked()
        people = [
            Person(pattern)
            for pattern, count in zip(patterns, counts, strict=True)
            for _ in range(count)
        ]
        left = [turn for day in self.days for turn in self.assigned(day, people)]
        self.give(left, people)
        used = sorted((p for p in people if p.turns), key=lambda p: p.turns[0].shift.start)
        return Roster(tuple(used), self.at_least())

    # --- days ----------------------------------------------------------------------------------

    def days_worked(self) -> tuple[list[Days], list[int]]:
        """Sets of days to work, and how many people have each: the fewest people in all."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        patterns = list(self.patterns(self.days_each()))
        needed = [len(self.by_day[day]) for day in self.days]
        at_work = np.array([[day in pattern for pattern in patterns] for day in self.days], float)
        found = milp(
            np.ones(len(patterns)),
            integrality=np.ones(len(patterns), np.int64),
            bounds=Bounds(0, np.inf),
            constraints=LinearConstraint(at_work, needed, np.inf),
        )
        return patterns, np.rint(np.asarray(found.x)).astype(np.int64).tolist()

    def days_each(self) -> int:
        """Days that a person works: those allowed, unless their hours are too many."""
        mean = sum(turn.work for turn in self.turns) / len(self.turns)
        by_hours = math.floor(self.rules.hours * 3600 / mean + 1e-9)
        return max(1, min(self.rules.days, by_hours, len(self.days)))

    def patterns(self, number: int) -> Iterator[Days]:
        """Sets of so many days."""
        if not (self.round and self.rules.together):
            yield from combinations(self.days, number)
            return
        for first in range(WEEK if number < WEEK else 1):
            yield tuple(sorted((first + day) % WEEK for day in range(number)))

    def at_least(self) -> int:
        """People without whom it cannot be: by the fullest day, by days and by hours."""
        longest = max(len(turns) for turns in self.by_day.values())
        worked, hours = sum(turn.work for turn in self.turns), self.rules.hours * 3600
        shortest = max(min(turn.work for turn in self.turns), 1.0)
        each = max(1, min(self.rules.days, len(self.days), math.floor(hours / shortest + 1e-9)))
        return max(longest, math.ceil(len(self.turns) / each), math.ceil(worked / hours - 1e-9))

    # --- shifts --------------------------------------------------------------------------------

    def assigned(self, day: int, people: Sequence[Person]) -> list[Turn]:
        """Give the shifts of `day` to the people of that day; those that are left over."""
        waiting = sorted((self.rested(one), at) for at, one in enumerate(people) if day in one.days)
        waiting.reverse()
        free: list[Free] = []
        left = []
        for turn in self.by_day[day]:
            while waiting and waiting[-1][0] <= turn.start:
                at = waiting.pop()[1]
                heapq.heappush(free, (self.deadline(people[at]), people[at].seconds, at))
            at = self.taken(free, turn)
            if at < 0:
                left.append(turn)
            else:
                people[at].turns.append(turn)
        return left

    def taken(self, free: list[Free], turn: Turn) -> int:
        """Who of the `free` takes the turn; -1: nobody may."""
        aside = []
        found = -1
        while free and found < 0:
            entry = heapq.heappop(free)
            deadline, worked, at = entry
            if deadline < turn.end:
                continue  # and later shifts end later still
            if worked + turn.work > self.rules.hours * 3600 + 1e-6:
                aside.append(entry)
                continue
            found = at
        for entry in aside:
            heapq.heappush(free, entry)
        return found

    def rested(self, one: Person) -> float:
        """When he may begin to work again."""
        return one.turns[-1].end + self.rules.rest if one.turns else -math.inf

    def deadline(self, one: Person) -> float:
        """When he must be done, so as to be rested for the next week's first shift."""
        if not self.round or not one.turns:
            return math.inf
        return one.turns[0].start + WEEK * DAY - self.rules.rest

    # --- what is left over ---------------------------------------------------------------------

    def give(self, left: Sequence[Turn], people: list[Person]) -> None:
        """Give turns to whoever may work them, else to more people."""
        for turn in left:
            for one in people:
                if self.fits(one, turn):
                    break
            else:
                one = Person(self.days)
                people.append(one)
            one.turns = sorted([*one.turns, turn], key=lambda t: t.start)

    def fits(self, one: Person, turn: Turn) -> bool:
        """Whether he may work this turn as well."""
        return allowed([*one.turns, turn], self.rules, self.round)


def allowed(turns: Sequence[Turn], rules: WorkRules, week: bool) -> bool:
    """Whether one person may work these turns; `week`: the same comes again."""
    ordered = sorted(turns, key=lambda turn: turn.start)
    days = {turn.day for turn in ordered}
    if len(days) < len(ordered) or len(days) > rules.days:
        return False
    if sum(turn.work for turn in ordered) > rules.hours * 3600 + 1e-6:
        return False
    ends = [turn.end for turn in ordered[:-1]]
    starts = [turn.start for turn in ordered[1:]]
    if week and ordered:
        ends.append(ordered[-1].end)
        starts.append(ordered[0].start + WEEK * DAY)
    if any(start - end < rules.rest - 1e-6 for start, end in zip(starts, ends, strict=True)):
        return False
    return not (week and rules.together) or _days_off(days) >= WEEK - rules.days


def _days_off(days: set[int]) -> int:
    """The longest stretch of days off in a week that goes round."""
    off = "".join("." if day % WEEK in days else "x" for day in range(2 * WEEK))
    return min(WEEK, max(map(len, off.split("."))))
