"""The clause-by-clause report: built call by call, printed as JSON, a table, or one HTML file.

    builder = ReportBuilder(edition(), book=book, agents=roster.by_id)
    for record, entries in calls:
        builder.add_call(record, entries)
    report = builder.build()

Statuses are `pass`, `fail` and `not seen by software`. A clause that software could see but that
nothing exercised is not seen either: what was not checked has not passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hotline.standard import day_checks
from hotline.standard.book_checks import check_book
from hotline.standard.call_checks import CallChecker
from hotline.standard.clauses import NOTHING, Clause, Edition, Text, edition
from hotline.standard.day_checks import Row, Workdays, weekends_only
from hotline.standard.results import Profile, Result
from hotline.standard.tally import Tally
from hotline.switch.record import CallRecord, Entry
from menus.model import Book
from menus.paths import Duration

PASS, FAIL, UNSEEN = "pass", "fail", "not seen by software"
STATUS_WORDS = {
    PASS: Text("通过", "pass"),
    FAIL: Text("不通过", "fail"),
    UNSEEN: Text("软件不可见", "not seen by software"),
}
IDLE = Text("本次未触及", "not exercised")
NOT_EXERCISED = Text("本次没有触及该条的通话或资料", "nothing in these calls exercised it")


def masked(number: str) -> str:
    """A telephone number with its middle hidden: `138****8000`."""
    if len(number) < 8:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


@dataclass(frozen=True, slots=True)
class Example:
    """One failure. `call` is a call's id, or None for a book or a day."""

    rule: str
    call: str | None
    number: str
    measured: Text
    place: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How often one rule was looked at."""

    rule: str
    title: Text
    checked: int
    passed: int

    @property
    def failed(self) -> int:
        """How often it was broken."""
        return self.checked - self.passed


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause's result."""

    clause: Clause
    rules: tuple[RuleLine, ...]
    examples: tuple[Example, ...]
    pass_share: float = 1.0

    @property
    def checked(self) -> int:
        """How many things were looked at."""
        return sum(rule.checked for rule in self.rules)

    @property
    def passed(self) -> int:
        """How many of them were in order."""
        return sum(rule.passed for rule in self.rules)

    @property
    def failed(self) -> int:
        """How many were not."""
        return self.checked - self.passed

    @property
    def status(self) -> str:
        """`pass`, `fail` or `not seen by software`."""
        if not self.checked:
            return UNSEEN
        return PASS if self.passed >= self.pass_share * self.checked - 1e-9 else FAIL

    @property
    def word(self) -> Text:
        """The status for people, who want to know a clause not exercised from one never seen."""
        if self.clause.visible and not self.checked:
            return IDLE
        return STATUS_WORDS[self.status]

    @property
    def reason(self) -> Text:
        """Why nothing was checked; empty when something was."""
        if self.checked:
            return NOTHING
        return NOT_EXERCISED if self.clause.visible else self.clause.unseen


@dataclass(frozen=True, slots=True)
class Report:
    """All clauses in the order of the standard, and the figures behind them."""

    calls: int
    edition: Edition
    clauses: tuple[ClauseLine, ...]
    figures: Mapping[str, Any]

    def __getitem__(self, number: str) -> ClauseLine:
        """The line of clause `number`; KeyError if there is no such clause."""
        for line in self.clauses:
            if line.clause.number == number:
                return line
        raise KeyError(number)

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """Plain data: the contract's fields and more beside them."""
        return {
            "calls": self.calls,
            "edition": {"name": self.edition.name, "title": self.edition.title.of(language)},
            "clauses": [_clause_json(line, language) for line in self.clauses],
            "figures": dict(self.figures),
        }


def _clause_json(line: ClauseLine, language: str) -> dict[str, Any]:
    clause = line.clause
    return {
        "clause": clause.number,
        "title": clause.title.of(language),
        "requirement": clause.need.of(language),
        "trust": clause.trust,
        "our_choice": clause.choice.of(language),
        "checked": line.checked,
        "passed": line.passed,
        "failed": line.failed,
        "status": line.status,
        "reason": line.reason.of(language),
        "not_seen": clause.unseen.of(language),
        "rules": [
            {
                "rule": rule.rule,
                "title": rule.title.of(language),
                "checked": rule.checked,
                "passed": rule.passed,
                "failed": rule.failed,
            }
            for rule in line.rules
        ],
        "examples": [
            {
                "call": example.call,
                "rule": example.rule,
                "measured": example.measured.of(language),
                "place": example.place,
                "number": example.number,
            }
            for example in line.examples
        ],
    }


@dataclass(slots=True)
class _Count:
    checked: int = 0
    passed: int = 0


@dataclass(slots=True)
class _Clauses:
    """Counts per rule, and the first `keep` failures of each clause."""

    keep: int
    counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def add(self, result: Result, number: str = "") -> None:
        key = (result.clause, result.rule)
        count = self.counts.get(key)
        if count is None:
            count = self.counts[key] = _Count()
        count.checked += 1
        count.passed += result.ok
        if not result.ok:
            kept = self.examples.setdefault(result.clause, [])
            if len(kept) < self.keep:
                kept.append(
                    Example(result.rule, result.call, number, result.measured, result.place)
                )


class ReportBuilder:
    """Takes in calls and what belongs to them, in any order and number, and builds the report.

    `book` tells which prompts a key may interrupt and is itself checked; `agents` maps agent ids
    to their profiles. `examples`: failures kept per clause. `mask`: hide telephone numbers.
    `utc_offset`: hours from UTC to local time, for the hours of the day.
    """

    def __init__(
        self,
        edition_: Edition | None = None,
        *,
        book: Book | None = None,
        agents: Mapping[str, Profile] | None = None,
        duration: Duration | None = None,
        examples: int = 5,
        mask: bool = True,
        utc_offset: float = 8.0,
    ) -> None:
        self.edition = edition_ or edition()
        self._checker = CallChecker(self.edition, book=book, agents=agents)
        self._clauses = _Clauses(examples)
        self._tally = Tally(self.edition, utc_offset)
        self._mask = mask
        self._calls = 0
        if book is not None:
            self.add_results(check_book(book, self.edition, duration=duration))

    def add_call(self, record: CallRecord, entries: Sequence[Entry] = ()) -> None:
        """One closed call. Without its journal only what the row shows is checked."""
        self._calls += 1
        self._tally.add(record)
        number = masked(record.number) if self._mask else record.number
        add = self._clauses.add
        for result in self._checker.check(entries, record):
            add(result, number)

    def add_agents(self, entries: Iterable[Entry]) -> None:
        """The journal entries that belong to no call: sign-ins and states of agents."""
        self.add_results(day_checks.check_sign_ins(entries))

    def add_orders(
        self,
        orders: Iterable[Row],
        *,
        workdays: Workdays = weekends_only,
        now: datetime | None = None,
    ) -> None:
        """Work orders; `now` also judges steps that are overdue (see `day_checks`)."""
        checks = day_checks.check_orders(orders, self.edition, workdays=workdays, now=now)
        self.add_results(checks)

    def add_outages(self, outages: Iterable[Row], *, now: datetime | None = None) -> None:
        """Known outages, with when they were located and published."""
        self.add_results(day_checks.check_outages(outages, self.edition, now=now))

    def add_dispositions(self, rows: Iterable[Row]) -> None:
        """What agents noted about their calls."""
        self.add_results(day_checks.check_dispositions(rows, self.edition))

    def add_results(self, results: Iterable[Result]) -> None:
        """Results of any other check; its clause and rule must be among `clauses.yaml`."""
        for result in results:
            self._clauses.add(result)

    def build(self) -> Report:
        """The report so far; more may be added and it may be built again."""
        day = _Clauses(self._clauses.keep)
        for hour, seen in enumerate(self._tally.hours):
            if seen.calls:
                what = Text(
                    f"{hour} 时：{seen.calls} 通来电，接入 {seen.admitted}",
                    f"hour {hour}: {seen.calls} calls, {seen.admitted} got in",
                )
                day.add(Result("5.2.7.1", "hours", None, seen.admitted > 0, what, f"{hour}:00"))
        lines = tuple(self._line(clause, day) for clause in self.edition.clauses.values())
        return Report(self._calls, self.edition, lines, self._tally.figures())

    def _line(self, clause: Clause, day: _Clauses) -> ClauseLine:
        gathered = (self._clauses, day)
        rules = []
        for rule in clause.rules.values():
            counts = [g.counts.get((clause.number, rule.name), _Count()) for g in gathered]
            checked, passed = sum(c.checked for c in counts), sum(c.passed for c in counts)
            rules.append(RuleLine(rule.name, rule.title, checked, passed))
        examples = [e for g in gathered for e in g.examples.get(clause.number, ())]
        share = self.edition.pass_share(clause.number)
        return ClauseLine(clause, tuple(rules), tuple(examples[: day.keep]), share)


def build_report(
    calls: Iterable[tuple[CallRecord, Sequence[Entry]]],
    *,
    edition_: Edition | None = None,
    book: Book | None = None,
    agents: Mapping[str, Profile] | None = None,
    agent_entries: Iterable[Entry] = (),
    orders: Iterable[Row] = (),
    outages: Iterable[Row] = (),
    dispositions: Iterable[Row] = (),
    workdays: Workdays = weekends_only,
    now: datetime | None = None,
    examples: int = 5,
    mask: bool = True,
) -> Report:
    """The report on `calls` (each read once) and on what belongs to them."""
    builder = ReportBuilder(edition_, book=book, agents=agents, examples=examples, mask=mask)
    for record, entries in calls:
        builder.add_call(record, entries)
    builder.add_agents(agent_entries)
    builder.add_orders(orders, workdays=workdays, now=now)
    builder.add_outages(outages, now=now)
    builder.add_dispositions(dispositions)
    return builder.build()
