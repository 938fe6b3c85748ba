"""The plan's section `staff`: targets, steps, shrinkage and the shifts that may be worked.

staff:
  targets: {service_level: 0.95, abandoned_fraction: 0.03}
  of: each                # each queue by itself, or `all` together
  every: 30               # minutes of a step
  shrinkage: 0.25         # of those on the roster so many are away (leave, illness, training)
  days: 7                 # a week; 1 is the first day alone
  work: {days: 5, hours: 40, rest: 11, off: together}     # what one person may work in a week
  shifts:
    - {name: day, hours: 8, starts: ["06:00", "08:00"], breaks: [{minutes: 30, from: 3, until: 5}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.targets import USUAL, Target, TargetError, targets_of
from menus.model import Place

if TYPE_CHECKING:
    from hotline.simulation.parts import Parts

WEEK = 7
"""Days of a week."""
QUARTER = 900.0
"""Seconds between two places where a short break may begin."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pause:
    """A break of `length` s that begins between `earliest` and `latest` s after the shift does."""

    length: float
    earliest: float
    latest: float

    def places(self) -> list[float]:
        """Seconds after the shift's start at which it may begin: every quarter of an hour, or
        every half for a break of half an hour and more."""
        step = min(2 * QUARTER, max(QUARTER, self.length))
        count = int((self.latest - self.earliest) / step + 1e-9) + 1
        return [self.earliest + number * step for number in range(count)]


@dataclass(frozen=True, slots=True)
class ShiftKind:
    """Shifts that may be worked: of `length` s, at any of `starts` (s after midnight)."""

    name: str
    length: float
    starts: tuple[float, ...]
    pauses: tuple[Pause, ...] = ()
    cost: float = 1.0
    """what an hour costs, against the other kinds"""

    def candidates(self) -> list[Shift]:
        """Every shift of this kind: each start with each place of its breaks that do not meet."""
        found = []
        for start in self.starts:
            for places in product(*(pause.places() for pause in self.pauses)):
                breaks = tuple(sorted(
                    (start + at, start + at + pause.length)
                    for at, pause in zip(places, self.pauses, strict=True)
                ))  # fmt: skip
                if all(a[1] <= b[0] for a, b in pairwise(breaks)):
                    found.append(Shift(start, start + self.length, breaks))
        return found


USUAL_KINDS = (
    ShiftKind(
        "8 h",
        8 * HOUR,
        tuple(half * 1800.0 for half in range(48)),
        (Pause(1800.0, 3 * HOUR, 5 * HOUR),),
    ),
)
"""Where the plan names none: eight hours from any half-hour, with half an hour's meal after three
to five hours (our choice)."""


@dataclass(frozen=True, slots=True)
class WorkRules:
    """What one person may work in a week. All four are settings and our choice: what the law of a
    place, a contract or a works council says goes into the plan."""

    days: int = 5
    hours: float = 40.0
    """of work; breaks are left out"""
    rest: float = 11 * HOUR
    """seconds between the end of a shift and the beginning of the next"""
    together: bool = True
    """whether the days off are one stretch"""


@dataclass(frozen=True, slots=True)
class StaffRules:
    """What `hotline staff` is asked for."""

    targets: tuple[Target, ...] = USUAL
    each: bool = True
    every: float = 1800.0
    shrinkage: float = 0.0
    kinds: tuple[ShiftKind, ...] = USUAL_KINDS
    days: int | None = None
    """days to staff, from the plan's first; None: as the plan's calls suggest"""
    work: WorkRules = WorkRules()
    place: Place = field(default_factory=Place)
    """of the section"""
    mix: str = "trim"
    """groups of different skills: `trim` each by itself, or `keep` the plan's proportions"""


def staff_rules(parts: Parts, data: Mapping[str, Any]) -> StaffRules:
    """The rules of the section `staff`; what is wrong is noted in `parts`."""
    usual = StaffRules()
    targets = usual.targets
    if "targets" in data:
        try:
            targets = targets_of(data["targets"])
        except TargetError as error:
            parts.note(("staff", "targets"), error.said.zh, error.said.en)
    kinds = tuple(
        _kind(parts, item, at) for at, item in enumerate(data.get("shifts", ()))
    )  # fmt: skip
    return StaffRules(
        targets,
        data.get("of", "each") == "each",
        data.get("every", 30) * 60.0,
        float(data.get("shrinkage", 0.0)),
        kinds or usual.kinds,
        data.get("days"),
        _work(data.get("work", {})),
        parts.document.place("staff") if data else usual.place,
        data.get("mix", usual.mix),
    )


def _work(data: Mapping[str, Any]) -> WorkRules:
    usual = WorkRules()
    return WorkRules(
        data.get("days", usual.days),
        float(data.get("hours", usual.hours)),
        data.get("rest", usual.rest / HOUR) * HOUR,
        data.get("off", "together") == "together",
    )


def _kind(parts: Parts, item: Mapping[str, Any], at: int) -> ShiftKind:
    from hotline.simulation.parts import clock

    length = item["hours"] * HOUR
    starts = tuple(map(clock, item["starts"])) if "starts" in item else tuple(
        hour * HOUR for hour in range(24)
    )  # fmt: skip
    pauses = []
    for number, pause in enumerate(item.get("breaks", ())):
        one = Pause(
            pause["minutes"] * 60.0,
            pause["from"] * HOUR,
            pause.get("until", pause["from"]) * HOUR,
        )
        if one.latest < one.earliest or one.latest + one.length > length:
            parts.note(
                ("staff", "shifts", at, "breaks", number),
                "小休不在班次内", "the break does not lie in its shift",
                "from 不大于 until，且在 hours 之内完成",
                "`from` up to `until`, and over before `hours` are",
            )  # fmt: skip
        pauses.append(one)
    if length > DAY:
        parts.note(("staff", "shifts", at, "hours"), "长于一天", "longer than a day")
    name = item.get("name", f"{item['hours']:g} h")
    return ShiftKind(name, length, starts, tuple(pauses), float(item.get("cost", 1.0)))
