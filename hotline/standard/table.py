"""A report as a table in the terminal: Chinese titles with English beside them."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from hotline.standard.clauses import Text
from hotline.standard.report import FAIL, PASS, UNSEEN, ClauseLine, Report

_STYLE = {PASS: "green", FAIL: "bold red", UNSEEN: "dim"}
_MARK = {PASS: "✓", FAIL: "✗", UNSEEN: "·"}


def print_report(
    report: Report, console: Console, language: str = "zh", *, every: bool = False
) -> None:
    """Print the table and one line of sums; `every`: also clauses software never sees."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, right in (
        (Text("条款", "clause"), False),
        (Text("标题", "title"), False),
        (Text("结果", "result"), False),
        (Text("检查", "checked"), True),
        (Text("不通过", "failed"), True),
        (Text("说明", "what was seen"), False),
    ):
        table.add_column(name.of(language), justify="right" if right else "left")
    for line in report.clauses:
        if every or line.clause.visible:
            _row(table, line, language)
    console.print(table)
    console.print(_sums(report, language))


def _row(table: Table, line: ClauseLine, language: str) -> None:
    status, style = line.status, _STYLE[line.status]
    title = Line(line.clause.title.zh)
    title.append(f" {line.clause.title.en}", "dim")
    table.add_row(
        line.clause.number,
        title,
        Line(f"{_MARK[status]} {line.word.of(language)}", style),
        f"{line.checked:,}" if line.checked else "-",
        Line(f"{line.failed:,}", style) if line.failed else Line("-"),
        Line(_remark(line, language), "dim" if status == UNSEEN else ""),
    )


def _remark(line: ClauseLine, language: str) -> str:
    """The first failure, or why nothing was seen."""
    if not line.checked:
        return line.reason.of(language)
    if not line.examples:
        return ""
    example = line.examples[0]
    return " ".join(filter(None, (example.call, example.place, example.measured.of(language))))


def _sums(report: Report, language: str) -> str:
    passed, failed = (
        sum(line.status == status for line in report.clauses) for status in (PASS, FAIL)
    )
    idle = sum(line.clause.visible and not line.checked for line in report.clauses)
    never = sum(not line.clause.visible for line in report.clauses)
    return Text(
        f"{report.calls:,} 通电话；{passed} 条通过，{failed} 条不通过，{idle} 条本次未触及，"
        f"{never} 条软件不可见；版本 {report.edition.name}",
        f"{report.calls:,} calls; {passed} clauses passed, {failed} failed, {idle} not exercised, "
        f"{never} not seen by software; edition {report.edition.name}",
    ).of(language)
