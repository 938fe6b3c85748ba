"""Working days of mainland China: weekends, public holidays and the days worked in exchange (调休).

The published calendar ends with a year (2026 in `chinese-calendar` 1.11.0, which raises beyond
it), while limits set late in that year already fall into the next. Days beyond are counted by
weekends alone, and the result carries a note that says so wherever the date is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

BEYOND = "公休日安排尚未公布的年份按周末计算：{years}"
"""Note on a limit that was counted by weekends alone."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of the last day allowed; `note` is "" unless the calendar did not reach so far."""

    at: datetime
    note: str = ""


@cache
def _published(day: date) -> bool | None:
    """Whether `day` is worked, or None when the calendar does not say."""
    try:
        from chinese_calendar import is_workday  # type: ignore[import-untyped]
    except ImportError:
        return None
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return None


def is_workday(day: date) -> tuple[bool, bool]:
    """Whether `day` is a working day, and whether the published calendar says so."""
    known = _published(day)
    return (day.weekday() < 5, False) if known is None else (known, True)


def after_workdays(start: datetime, days: int) -> Deadline:
    """The end of the `days`-th working day after the day of `start`.

    The day of acceptance itself does not count (our choice: the public text does not say).
    """
    day, left, unsure = start.date(), days, set()
    while left > 0:
        day += timedelta(days=1)
        worked, published = is_workday(day)
        if not published:
            unsure.add(day.year)
        left -= worked
    note = BEYOND.format(years="、".join(str(year) for year in sorted(unsure))) if unsure else ""
    return Deadline(datetime.combine(day, time(23, 59, 59)), note)
