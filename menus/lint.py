"""Lint: the rule book of `menus.rules` against a resolved book at rest.

A finding is about a well-formed book that would mislead or lose callers, or that breaks a clause;
a book that cannot be read at all is a `BookError` of the loader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hotline.standard.clauses import Edition
from menus import checks_prompts, checks_standard, checks_tree
from menus.graph import Graph
from menus.limits import Limits, book_limits, standard_edition
from menus.model import Book
from menus.paths import Duration
from menus.rules import RULES, Level
from menus.view import Hit, View

CHECKS: tuple[Callable[[View], Iterator[Hit]], ...] = (
    *checks_tree.CHECKS,
    *checks_prompts.CHECKS,
    *checks_standard.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `level`: error | warning | advice; `clause`: of the standard, or ""."""

    rule: str
    level: Level
    clause: str
    file: str
    line: int
    message: str
    hint: str = field(default="")


def lint(
    book: Book,
    *,
    lang: str = "en",
    duration: Duration | None = None,
    functions_required: bool | None = None,
    edition: Edition | None = None,
) -> list[Finding]:
    """Every finding about `book`, in the order of its lines; messages in `lang` ("zh" or "en").

    `duration` gives the seconds of a recorded prompt by its id; without it they are guessed from
    the texts. `functions_required` (default: what the book says) asks for all of clause 5.2.3.
    `edition` (default: the book's) gives the limits of the standard.
    """
    if functions_required is None:
        functions_required = bool(book.extra.get("functions_required"))
    own = book.extra.get("limits", book_limits())
    limits = Limits(edition or standard_edition(book.edition), own)
    view = View(book, Graph(book), limits, duration, functions_required)
    found: dict[Finding, None] = {}
    for check in CHECKS:
        for hit in check(view):
            rule = RULES[hit.rule]
            found[
                Finding(
                    rule.id,
                    rule.level,
                    rule.clause,
                    hit.place.file,
                    hit.place.line,
                    hit.message.of(lang),
                    hit.hint.of(lang),
                )
            ] = None
    return sorted(found, key=lambda finding: (finding.file, finding.line, finding.rule))


def failed(findings: Sequence[Finding]) -> bool:
    """Whether the findings make lint fail (exit code 1); advice never does."""
    return any(finding.level != "advice" for finding in findings)
