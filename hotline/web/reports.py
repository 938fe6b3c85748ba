"""What the clause report, lint and the diagram say, ready for JSON and for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from typing import Any, cast

from hotline.standard.call_checks import CallChecker
from hotline.standard.clauses import Text, clauses, edition
from hotline.standard.report import NOT_EXERCISED, UNSEEN, Report, build_report
from hotline.switch.record import Entry, fold
from hotline.web.ports import Hotline
from menus.diagram import mermaid
from menus.model import Book

PASS, FAIL = "pass", "fail"


def report_of(hotline: Hotline, entries: Mapping[str, Sequence[Entry]]) -> Report:
    """The report on all closed calls: the hotline's own, or on the `entries` given by call.

    Reads every call there is; not for the event loop.
    """
    own = getattr(hotline, "report", None)
    if own is not None:
        return cast(Report, own())
    return build_report(
        ((fold(found), found) for found in entries.values()),
        edition_=edition(hotline.book.edition),
        book=hotline.book,
        agents=_profiles(hotline),
    )


def as_json(
    hotline: Hotline, entries: Mapping[str, Sequence[Entry]], lang: str = "zh"
) -> dict[str, Any]:
    """The report as its JSON contract has it: `calls`, `clauses` and more."""
    return report_of(hotline, entries).to_json(lang)


def shown_status(clause: Mapping[str, Any]) -> str:
    """The status of a clause of `as_json` for people, who want to know whether software could
    have seen it: pass | fail | not exercised | not seen by software."""
    status = str(clause["status"])
    exercised = clause.get("reason") not in NOT_EXERCISED
    return status if status != UNSEEN or exercised else "not exercised"


def as_html(hotline: Hotline, entries: Mapping[str, Sequence[Entry]], lang: str = "zh") -> str:
    """The report as a page of its own, with nothing fetched from outside."""
    from hotline.standard.page import to_html

    return to_html(report_of(hotline, entries), lang)


def _profiles(hotline: Hotline) -> dict[str, Any] | None:
    roster = getattr(hotline, "roster", None)
    return {profile.id: profile for profile in roster} if roster else None


# --- one call ----------------------------------------------------------------------------------


def checker(hotline: Hotline) -> CallChecker:
    """What checks the calls of this hotline; cheap to make, cheaper to keep."""
    return CallChecker(edition(hotline.book.edition), book=hotline.book, agents=_profiles(hotline))


def of_call(hotline: Hotline, entries: Sequence[Entry], lang: str = "zh") -> list[dict[str, Any]]:
    """What was looked at in one call, by clause and rule: `clause`, `rule`, `title`, `checked`,
    `passed`, `status` and `measured` (of the first failure, else of the first look)."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for result in checker(hotline).check(entries, fold(entries)):
        row = found.setdefault(
            (result.clause, result.rule),
            {
                "clause": result.clause,
                "rule": result.rule,
                "title": _rule_title(result.clause, result.rule).of(lang),
                "checked": 0,
                "passed": 0,
                "status": PASS,
                "measured": "",
                "place": "",
            },
        )
        row["checked"] += 1
        row["passed"] += result.ok
        if row["checked"] == 1 or (not result.ok and row["status"] == PASS):
            row["measured"], row["place"] = result.measured.of(lang), result.place
        if not result.ok:
            row["status"] = FAIL
    order = {number: place for place, number in enumerate(clauses())}
    return sorted(found.values(), key=lambda row: order.get(row["clause"], 999))


def _rule_title(number: str, name: str) -> Text:
    clause = clauses().get(number)
    if clause is None:
        return Text(name, name)
    rule = clause.rules.get(name)
    return rule.title if rule else clause.title


# --- the book ----------------------------------------------------------------------------------


class _Same:
    """A book as a key of a cache: by identity, because it holds mappings."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __hash__(self) -> int:
        return id(self.book)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.book is self.book


def lint(book: Book, lang: str) -> list[dict[str, Any]]:
    """The findings of `hotline lint`, looked for once a language."""
    return _lint(_Same(book), lang)


@lru_cache(maxsize=8)
def _lint(book: _Same, lang: str) -> list[dict[str, Any]]:
    from menus.lint import lint as check  # slow to import and not needed to take calls

    return [asdict(finding) for finding in check(book.book, lang=lang)]


@cache
def language_code(lang: str) -> str:
    """The book's code for a page language."""
    return {"zh": "zh-CN", "en": "en-US"}[lang]


def diagram(book: Book, lang: str, *, steps: bool = False) -> str:
    """Mermaid source of the book's menus, and of its steps when asked for."""
    return mermaid(book, language_code("en" if lang == "en" else "zh"), steps=steps)
