"""Weekdays: the days of a run by name, and what is written below a chart of several days."""

from __future__ import annotations

from collections.abc import Sequence

from agents.settings import DAY
from menus.wording import Both

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT = (
    Both("周一", "Mon"), Both("周二", "Tue"), Both("周三", "Wed"), Both("周四", "Thu"),
    Both("周五", "Fri"), Both("周六", "Sat"), Both("周日", "Sun"),
)  # fmt: skip


def weekday(first: int, day: int) -> str:
    """The weekday of a day of a run, 0 = its first, which is the weekday number `first`."""
    return WEEKDAYS[(first + day) % len(WEEKDAYS)]


def short(first: int, day: int) -> Both:
    """The same for people."""
    return SHORT[(first + day) % len(SHORT)]


def clock_text(seconds: float) -> str:
    """A time of day as 08:30."""
    return f"{int(seconds // 3600) % 24:02d}:{int(seconds % 3600 // 60):02d}"


def named(
    instants: Sequence[float], days: int, first: int, language: str
) -> tuple[list[str], list[tuple[int, str]]]:
    """The name of each interval that begins at one of `instants`; and of several days what is
    written below a chart: (place, name of the day)."""
    times = [clock_text(at) for at in instants]
    if days == 1:
        return times, []
    names = [short(first, day).of(language) for day in range(days)]
    a_day = len(instants) // days
    whole = [f"{names[int(at // DAY)]} {time}" for at, time in zip(instants, times, strict=True)]
    return whole, [(day * a_day + a_day // 2, name) for day, name in enumerate(names)]
