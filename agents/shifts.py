"""Shifts: who should be at work when. Times are seconds since midnight of the clock's first day.

A shift may run past midnight (`end` above 86,400): it then belongs to the day on which it began.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from agents.roster import AgentProfile
from agents.settings import DAY


class Duty(StrEnum):
    """What the shift plan says about one agent at one instant."""

    OFF = "off"
    WORK = "work"
    BREAK = "break"


def duty(profile: AgentProfile, time: float) -> Duty:
    """What `profile` should do at `time`. Boundaries belong to what begins there."""
    for shift in profile.shifts:
        for clock in (time % DAY, time % DAY + DAY):
            if shift.start <= clock < shift.end:
                resting = any(start <= clock < end for start, end in shift.breaks)
                return Duty.BREAK if resting else Duty.WORK
    return Duty.OFF


def duty_spans(profile: AgentProfile, begin: float, end: float) -> list[tuple[Duty, float, float]]:
    """What `profile` should do from `begin` to `end`, as (duty, begin, end), without gaps."""
    plan, spans, time = ShiftPlan([profile]), [], begin
    while time < end:
        change = plan.after(time)
        until = end if change is None else min(change, end)
        spans.append((duty(profile, time), time, until))
        time = until
    return spans


class ShiftPlan:
    """When anybody's duty changes, day after day."""

    def __init__(self, roster: Iterable[AgentProfile]) -> None:
        changes: dict[float, list[str]] = defaultdict(list)
        self.members: list[str] = []
        for profile in roster:
            if profile.shifts:
                self.members.append(profile.id)
            for instant in sorted(_boundaries(profile)):
                changes[instant].append(profile.id)
        self._changes = dict(changes)
        self._instants = sorted(changes)

    def after(self, time: float) -> float | None:
        """The first change after `time`; None when nobody has a shift."""
        if not self._instants:
            return None
        day, clock = divmod(time, DAY)
        index = bisect_right(self._instants, clock)
        if index < len(self._instants):
            return day * DAY + self._instants[index]
        return (day + 1) * DAY + self._instants[0]

    def concerned(self, time: float) -> list[str]:
        """Ids of the agents whose duty changes at `time`, which came from `after`."""
        return self._changes.get(time % DAY, [])


def _boundaries(profile: AgentProfile) -> set[float]:
    instants: set[float] = set()
    for shift in profile.shifts:
        pairs = ((shift.start, shift.end), *shift.breaks)
        instants.update(instant % DAY for pair in pairs for instant in pair)
    return instants
