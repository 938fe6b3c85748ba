"""Call logs of a real hotline: CSV or Excel -> rows, and every row that cannot be, with its line.

    arrived | queue | queued_at | rang_at | answered_at | abandoned_at | ended_at | after_call | ...

The schema with all columns, their Chinese names and the ways to write a time: docs/call-log.md.
Lines may be UTF-8 or GBK, even mixed. Telephone numbers are neither needed nor read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hotline.simulation.log_cells import CellError, cell_time, column_of, seconds
from menus.model import Place
from menus.wording import NOWHERE, BookError, Both, Problem, nearest

TIMES = ("arrived", "queued_at", "rang_at", "answered_at", "abandoned_at", "ended_at")
OUTCOMES = ("answered", "abandoned", "blocked", "self_service", "callback", "lost")
_WORDS = {
    "应答": "answered", "接通": "answered", "已接": "answered", "agent": "answered",
    "放弃": "abandoned", "未接": "abandoned", "hang": "abandoned", "hangup": "abandoned",
    "呼损": "blocked", "busy": "blocked", "自助": "self_service", "ivr": "self_service",
    "回拨": "callback", "中断": "lost",
}  # fmt: skip
SHOWN = 10
"""Wrong rows that a message lists before it sums up."""


class CallLogError(BookError):
    """A log that cannot be used, or has wrong rows where none are wished."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One call. Instants in seconds after midnight of the log's first day; None: never happened."""

    line: int
    queue: str
    arrived: float
    queued: float | None
    rang: float | None
    answered: float | None
    abandoned: float | None
    ended: float | None
    after_call: float | None
    agent: str
    outcome: str

    @property
    def wait(self) -> float | None:
        """Seconds of queue and ring; None if the call never asked for an agent."""
        until = self.answered if self.answered is not None else self.abandoned
        return None if until is None or self.queued is None else until - self.queued


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be: where, what and how to mend it. `value`: the cell, as written."""

    line: int
    column: str
    what: Both
    hint: Both = NOWHERE
    value: str = ""


@dataclass(frozen=True, slots=True)
class CallLog:
    """A log: the rows that can be in order of arrival, and those that cannot."""

    rows: tuple[LogRow, ...]
    bad: tuple[BadRow, ...]
    first: datetime
    """midnight of its first day"""
    file: str = ""

    @property
    def queues(self) -> list[str]:
        """Names of the queues, busiest first."""
        count: dict[str, int] = {}
        for row in self.rows:
            if row.queued is not None:
                count[row.queue] = count.get(row.queue, 0) + 1
        return sorted(count, key=lambda name: (-count[name], name))

    @property
    def days_without(self) -> int:
        """Days between the first and the last that have no call at all."""
        return self.days - len({int(row.arrived // 86400) for row in self.rows})

    @property
    def days(self) -> int:
        """Days from the first call to the last."""
        last = max((row.arrived for row in self.rows), default=0.0)
        return int(last // 86400) + 1


# --- the file ----------------------------------------------------------------------------------


def read_log(
    path: str | Path, *, queues: Sequence[str] = (), bad_rows: str = "stop"
) -> CallLog:  # fmt: skip
    """The log in `path`. `queues`: the names that may occur (none: any); `bad_rows`: stop | skip.

    Raises `CallLogError` with the lines that are wrong (stop), or if nothing can be used.
    """
    file = Path(path)
    lines = excel_lines(file) if file.suffix.lower() in (".xlsx", ".xlsm") else csv_lines(file)
    found = _Reader(str(path), queues).log(lines)
    if found.bad and bad_rows == "stop":
        raise CallLogError(_problems(found))
    if not found.rows:
        what = Both("没有一行可用", "no row can be used")
        raise CallLogError([Problem(Place(str(path), 1), what), *_problems(found)])
    return found


def _problems(found: CallLog) -> list[Problem]:
    shown = [
        Problem(Place(found.file, bad.line), Both(f"{bad.column}：{bad.what.zh}",
                                                  f"{bad.column}: {bad.what.en}"), bad.hint)
        for bad in found.bad[:SHOWN]
    ]  # fmt: skip
    if found.bad:
        count, good = len(found.bad), len(found.rows)
        shown.append(Problem(
            Place(found.file, found.bad[-1].line),
            Both(f"共 {count} 行有误，{good} 行可用", f"{count} wrong rows, {good} can be used"),
            Both("改正，或用 --bad-rows skip 跳过", "mend them, or go on with --bad-rows skip"),
        ))  # fmt: skip
    return shown


Line = tuple[int, Sequence[Any]]
"""A row's line in the file, and its cells."""


def csv_lines(file: Path) -> Iterator[Line]:
    """The rows of a CSV file; each line UTF-8 or else GBK (GB 18030), or all of it UTF-16."""
    octets = file.read_bytes()
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        texts = octets.decode("utf-16", errors="replace").splitlines(keepends=True)
    else:
        texts = [_decoded(line) for line in octets.splitlines(keepends=True)]
    if texts:
        texts[0] = texts[0].removeprefix("\ufeff")
    head = texts[0] if texts else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(texts, delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("gb18030", errors="replace")


def excel_lines(file: Path) -> Iterator[Line]:
    """The rows of the first sheet of an Excel workbook."""
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        what = Both("不是 Excel 工作簿（xlsx）", "is no Excel workbook (xlsx)")
        raise CallLogError([Problem(Place(str(file), 1), what)]) from error
    for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
        if any(cell is not None for cell in cells):
            yield number, cells


# --- rows --------------------------------------------------------------------------------------


class _WrongCellError(Exception):
    def __init__(self, bad: BadRow) -> None:
        self.bad = bad


@dataclass(slots=True)
class _Raw:
    """A row with its times as datetimes."""

    line: int
    queue: str
    times: dict[str, datetime]
    after_call: float | None
    agent: str
    outcome: str


@dataclass(slots=True)
class _Reader:
    """Reads the rows of one file."""

    file: str
    queues: Sequence[str]
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def log(self, lines: Iterator[Line]) -> CallLog:
        """The whole log."""
        columns = self.columns(next(lines, (1, ())))
        rows, bad = [], []
        for line, cells in lines:
            try:
                rows.append(self.row(line, dict(_named(columns, cells)), cells))
            except _WrongCellError as error:
                bad.append(error.bad)
        if not rows:
            return CallLog((), tuple(bad), datetime(2000, 1, 1), self.file)
        first = min(min(raw.times.values()) for raw in rows)
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        made = sorted((_placed(raw, midnight) for raw in rows), key=lambda row: row.arrived)
        return CallLog(tuple(made), tuple(bad), midnight, self.file)

    def columns(self, head: Line) -> list[str]:
        """The columns by their name in the schema; "" is a column that is not needed."""
        line, cells = head
        found = [column_of(str(cell or "")) for cell in cells]
        missing = [name for name in ("queue",) if name not in found]
        if "queued_at" not in found and "arrived" not in found:
            missing.append("queued_at")
        if missing:
            names = ", ".join(missing)
            what = Both(f"表头缺少列 {names}", f"the heading has no column {names}")
            hint = Both("列名见 docs/call-log.md", "the columns are in docs/call-log.md")
            raise CallLogError([Problem(Place(self.file, line), what, hint)])
        return found

    def row(self, line: int, cells: Mapping[str, Any], raw: Sequence[Any]) -> _Raw:
        """One row. Raises `_WrongCellError`."""
        self.once(line, cells, raw)
        times = {name: time for name in TIMES
                 if (time := self.time(line, name, cells.get(name))) is not None}  # fmt: skip
        queue = str(cells.get("queue") or "").strip()
        outcome = self.outcome(line, cells, times)
        self.known(line, queue, outcome)
        if "queued_at" not in times and outcome not in ("blocked", "self_service"):
            if "arrived" not in times:
                raise self.wrong(line, "queued_at", "为空", "is empty")
            times["queued_at"] = times["arrived"]
        if not times:
            raise self.wrong(line, "arrived", "为空", "is empty")
        self.in_order(line, times)
        after = self.after_call(line, cells.get("after_call"))
        return _Raw(line, queue, times, after, str(cells.get("agent") or "").strip(), outcome)

    def once(self, line: int, cells: Mapping[str, Any], raw: Sequence[Any]) -> None:
        """The same call twice: by its number, or where there is none by the whole row."""
        number = str(cells.get("call") or "").strip()
        key = (number,) if number else tuple(str(cell) for cell in raw)
        if key in self.seen:
            column, hint = ("call", NOWHERE) if number else ("row", _NUMBERED)
            raise self.wrong(line, column, f"与第 {self.seen[key]} 行重复",
                             f"the same as line {self.seen[key]}", hint=hint)  # fmt: skip
        self.seen[key] = line

    def time(self, line: int, name: str, cell: Any) -> datetime | None:
        """A time, None if the cell is empty."""
        try:
            return cell_time(cell)
        except CellError as error:
            raise self.wrong(line, name, error.said.zh, error.said.en, value=str(cell),
                             hint=error.hint) from None  # fmt: skip

    def outcome(self, line: int, cells: Mapping[str, Any], times: Mapping[str, Any]) -> str:
        """How the call ended: as the log says, or as its times do."""
        text = str(cells.get("outcome") or "").strip().lower()
        said = _WORDS.get(text, text)
        if said and said not in OUTCOMES:
            raise self.wrong(line, "outcome", f"未知的结果 {text}", f"unknown outcome {text!r}",
                             value=text, hint=_near(said, OUTCOMES))  # fmt: skip
        by_times = [name for name in ("answered", "abandoned") if f"{name}_at" in times]
        if len(by_times) == 2:
            raise self.wrong(line, "abandoned_at", "既有应答又有放弃",
                             "both answered and abandoned")  # fmt: skip
        if said in ("answered", "abandoned") and by_times != [said]:
            raise self.wrong(line, f"{said}_at", f"结果是 {said}，但没有这一时刻",
                             f"the outcome is {said}, but this time is missing")  # fmt: skip
        if not said and not by_times:
            raise self.wrong(line, "outcome", "既无应答也无放弃", "neither answered nor abandoned")
        return said or by_times[0]

    def known(self, line: int, queue: str, outcome: str) -> None:
        """The queue must be named, and be one of those that may occur."""
        if not queue and outcome not in ("blocked", "self_service"):
            raise self.wrong(line, "queue", "为空", "is empty")
        if self.queues and queue and queue not in self.queues:
            raise self.wrong(line, "queue", f"未知队列 {queue}", f"unknown queue {queue!r}",
                             value=queue, hint=_near(queue, self.queues))  # fmt: skip

    def in_order(self, line: int, times: Mapping[str, datetime]) -> None:
        """Nothing happens before what goes before it: no wait and no talk is negative."""
        order = [name for name in TIMES if name in times]
        for before, after in pairwise(order):
            by = (times[before] - times[after]).total_seconds()
            if by > 0:
                raise self.wrong(line, after, f"比 {before} 早 {by:g} 秒（等待或通话为负）",
                                 f"is {by:g} s before {before} (a negative wait or talk)",
                                 value=str(times[after]))  # fmt: skip
            if -by > LONGEST:
                raise self.wrong(line, after, f"比 {before} 晚 {-by / 3600:,.1f} 小时",
                                 f"is {-by / 3600:,.1f} h after {before}",
                                 value=str(times[after]), hint=_LONGEST)  # fmt: skip

    def after_call(self, line: int, cell: Any) -> float | None:
        """Seconds of after-call work."""
        try:
            return seconds(cell)
        except CellError as error:
            raise self.wrong(line, "after_call", error.said.zh, error.said.en,
                             value=str(cell)) from None  # fmt: skip

    def wrong(
        self, line: int, column: str, zh: str, en: str, *, value: str = "", hint: Both = NOWHERE
    ) -> _WrongCellError:
        """The row cannot be."""
        return _WrongCellError(BadRow(line, column, Both(zh, en), hint, value))


LONGEST = 12 * 3600.0
"""No wait and no conversation is longer (s); our choice, against mistyped dates."""
_LONGEST = Both(
    "等待或通话不会超过 12 小时：检查日期", "no wait or talk is longer than 12 h: check the date"
)
_NUMBERED = Both("若两通都是真的，加一列 call（通话编号）",
                 "if both are real calls, number them in a column `call`")  # fmt: skip


def _near(word: str, known: Sequence[str]) -> Both:
    near, listed = nearest(word, known), ", ".join(known)
    if near:
        return Both(f"是否要写 {near}？", f"did you mean {near!r}?")
    return Both(f"已有：{listed}", f"there are: {listed}")


def _named(columns: Sequence[str], cells: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(columns, cells, strict=False):
        if name:
            yield name, cell


def _placed(raw: _Raw, midnight: datetime) -> LogRow:
    at = {name: (time - midnight) / timedelta(seconds=1) for name, time in raw.times.items()}
    return LogRow(
        raw.line,
        raw.queue,
        at.get("arrived", at.get("queued_at", 0.0)),
        at.get("queued_at"),
        at.get("rang_at"),
        at.get("answered_at"),
        at.get("abandoned_at"),
        at.get("ended_at"),
        raw.after_call,
        raw.agent,
        raw.outcome,
    )


def write_bad(bad: Sequence[BadRow], path: str, lang: str) -> None:
    """Write the wrong rows to the CSV file `path`: line, column, value, what, remedy."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "value", "what", "remedy"])
        for one in bad:
            writer.writerow([one.line, one.column, one.value, one.what.of(lang), one.hint.of(lang)])
