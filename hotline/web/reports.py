"""The bridge to the clause report, lint and the diagram: what they say, ready for JSON and pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotline.switch.record import Entry
from hotline.web.ports import Hotline
from menus.model import Book


def title_of(clause: dict[str, Any], lang: str) -> str:
    """A clause's title in `lang`, in Chinese where there is no other."""
    title = clause.get("title", "")
    if isinstance(title, dict):
        return str(title.get(lang) or title.get("zh") or "")
    return str(clause.get(f"title_{lang}") or title)


def as_json(hotline: Hotline) -> dict[str, Any]:
    """The report as its JSON contract has it: `calls` and `clauses`."""
    return {"calls": 0, "clauses": []}


def as_html(hotline: Hotline, lang: str) -> str:
    """The report as a page of its own."""
    return ""


def of_call(hotline: Hotline, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each clause that says something about one call: clause, title, title_en, status, detail."""
    return []


def lint(book: Book, lang: str) -> list[dict[str, Any]]:
    """The findings of `hotline lint`."""
    return []


def diagram(book: Book, lang: str) -> str:
    """Mermaid source of the book's menus."""
    return "flowchart LR"
