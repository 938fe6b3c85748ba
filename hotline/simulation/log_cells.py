"""Cells of a call log: names of columns in either language, times in the ways people write them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from typing import Any

from menus.wording import NOWHERE, Both

COLUMNS: dict[str, tuple[str, ...]] = {
    "call": ("call", "call_id", "id", "通话编号", "流水号", "呼叫编号"),
    "arrived": ("arrived", "arrival", "vru_entry", "呼入时间", "来电时间", "到达时间"),
    "queue": ("queue", "skill", "group", "队列", "技能组", "业务类型"),
    "queued_at": ("queued_at", "queued", "q_start", "转人工时间", "排队时间", "进入排队"),
    "rang_at": ("rang_at", "ring_start", "振铃时间", "振铃开始"),
    "answered_at": ("answered_at", "answered", "ser_start", "应答时间", "接听时间"),
    "abandoned_at": ("abandoned_at", "abandoned", "放弃时间"),
    "ended_at": ("ended_at", "ended", "ser_exit", "挂机时间", "结束时间"),
    "after_call": ("after_call", "acw", "wrap_up", "话后处理", "话后处理秒", "整理时长"),
    "agent": ("agent", "server", "坐席", "工号", "坐席工号"),
    "outcome": ("outcome", "result", "结果", "通话结果"),
}
"""Column of the schema -> the headings that mean it."""
_BY_HEADING = {heading: name for name, headings in COLUMNS.items() for heading in headings}

_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[T\s]*"
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?(?:Z|[+-]\d{2}:?\d{2})?"
)
EARLIEST, LATEST = 1990, 2100
EXCEL_ZERO = datetime(1899, 12, 30)
"""Day 0 of Excel's dates (with its leap day of 1900 that never was)."""


class CellError(ValueError):
    """A cell that cannot be read; `said` and `hint` in both languages."""

    def __init__(self, zh: str, en: str, hint: Both = NOWHERE) -> None:
        self.said, self.hint = Both(zh, en), hint
        super().__init__(en)


def column_of(heading: str) -> str:
    """The column of the schema that a heading means; "" for others."""
    plain = re.sub(r"[（(].*?[)）]|\s", "", heading.strip().lower()).replace("-", "_")
    return _BY_HEADING.get(plain, "")


def cell_time(cell: Any) -> datetime | None:
    """The time in a cell: a date of Excel, its number of days, or text. None: empty.

    Raises `CellError`.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.replace(tzinfo=None), str(cell))
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    text = "" if cell is None else str(cell).strip()
    if not text or text in ("-", "NULL", "null", "None", r"\N"):
        return None
    number = _number(text)
    return _serial(number, text) if number is not None else _text(text)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _serial(days: float, text: str) -> datetime:
    """Days since the end of 1899, as Excel keeps a date that lost its format."""
    if not math.isfinite(days) or not 32874 <= days <= 73051:  # 1990 to 2100
        raise CellError(f"{text} 不是时刻", f"{text} is no time", _HINT)
    return EXCEL_ZERO + timedelta(seconds=round(days * 86400, 3))


_HINT = Both("写成 2026-11-23 08:30:05", "write it as 2026-11-23 08:30:05")


def _text(text: str) -> datetime:
    match = _TIME.fullmatch(text)
    if match is None:
        raise CellError(f"{text!r} 不是时刻", f"{text!r} is no time", _HINT)
    year, month, day, hour, minute = map(int, match.groups()[:5])
    second, fraction = int(match[6] or 0), (match[7] or "").ljust(6, "0")
    try:
        found = datetime(year, month, day, hour, minute, second, int(fraction))
    except ValueError:
        raise CellError(f"没有这样的时刻：{text}", f"there is no such time: {text}") from None
    return _plausible(found, text)


def _plausible(time: datetime, text: str) -> datetime:
    if not EARLIEST <= time.year < LATEST:
        raise CellError(f"年份不可能：{text}", f"the year cannot be: {text}")
    return time


def seconds(cell: Any) -> float | None:
    """Seconds of 0 or more, also as 0:45 or 1:02:03. None: empty. Raises `CellError`."""
    text = "" if cell is None else str(cell).strip()
    if not text or text == "-":
        return None
    number = _number(text)
    if number is None and re.fullmatch(r"\d+(:\d\d){1,2}(\.\d+)?", text):
        number = sum(float(part) * 60**at for at, part in enumerate(reversed(text.split(":"))))
    if number is None or not math.isfinite(number):
        raise CellError(f"{text!r} 不是秒数", f"{text!r} is not a number of seconds")
    if number < 0:
        raise CellError(f"{text} 秒为负", f"{text} s is negative")
    return number
