"""Messages in both languages, and the errors of this package.

BookError               a book that cannot be used: unreadable, or not of the book's form
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from menus.model import Place


class Both(NamedTuple):
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The sentence in `lang` ("zh", "zh-CN", "en", ...); English for any other language."""
        return self.zh if lang.lower().startswith("zh") else self.en


NOWHERE = Both("", "")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at `place`, and what to do about it."""

    place: Place
    message: Both
    hint: Both = NOWHERE

    def line(self, lang: str = "en") -> str:
        """`file:line: message (hint)`."""
        place = str(self.place) if self.place.line else self.place.file
        hint = self.hint.of(lang)
        return f"{place}: {self.message.of(lang)}" + (f" ({hint})" if hint else "")


class BookError(Exception):
    """A book that cannot be used. Has at least one problem, in the order of files and lines.

    `file`, `line`, `message` and `hint` are those of the first; `str(error)` lists all of them,
    one a line, and `in_language(lang)` does so in Chinese or English.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        found = [problems] if isinstance(problems, Problem) else list(problems)
        found.sort(key=lambda p: (p.place.file, p.place.line))
        self.problems: Sequence[Problem] = tuple(found)
        first = self.problems[0]
        self.file = first.place.file
        self.line = first.place.line
        self.message = first.message.en
        self.hint = first.hint.en
        super().__init__(self.in_language("en"))

    def in_language(self, lang: str) -> str:
        """All problems, one a line."""
        return "\n".join(problem.line(lang) for problem in self.problems)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, if any is near enough to be what was meant."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
