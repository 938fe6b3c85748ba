from __future__ import annotations

from datetime import date, datetime

import pytest

from hotline.services.workdays import after_workdays, is_workday


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-06-08 09:00", 1, "2026-06-09"),  # Monday
        ("2026-06-12 09:00", 1, "2026-06-15"),  # Friday: over the weekend
        ("2026-06-13 09:00", 1, "2026-06-15"),  # accepted on a Saturday
        ("2026-06-08 23:59", 5, "2026-06-15"),
        ("2026-06-08 09:00", 10, "2026-06-23"),  # the Dragon Boat day, 19 June, is free
        ("2025-09-30 09:00", 1, "2025-10-09"),  # the national holiday, 1 to 8 October
        ("2025-09-26 09:00", 1, "2025-09-28"),  # a Sunday worked in exchange (调休)
    ],
)
def test_limits_end_with_the_last_working_day(start: str, days: int, due: str) -> None:
    deadline = after_workdays(datetime.fromisoformat(start), days)
    assert deadline.at == datetime.fromisoformat(f"{due} 23:59:59")
    assert deadline.note == ""


def test_beyond_the_published_calendar_weekends_count_and_a_note_says_so() -> None:
    deadline = after_workdays(datetime(2026, 12, 30, 9), 5)
    assert deadline.at.date() == date(2027, 1, 6)  # 1 January is a Friday: counted, for want of it
    assert "2027" in deadline.note
    assert is_workday(date(2027, 1, 1)) == (True, False)


def test_within_the_calendar_there_is_no_note() -> None:
    assert is_workday(date(2026, 1, 1)) == (False, True)
