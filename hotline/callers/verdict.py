"""What came of one scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hotline.callers.transcript import Transcript
from menus.wording import NOWHERE, Both


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was not as the scenario says.

    `step` is the index in the story, None for a watcher, a record or the limit. `heard` is the
    transcript so far, `at` seconds since the caller lifted the receiver. `expected` and `got` are
    English, `both_expected` and `both_got` the same in both languages, `notes` what helps to mend
    it: what was heard instead, near misses, where in the story.
    """

    step: int | None
    file: str
    line: int
    expected: str
    got: str
    heard: Transcript
    at: float = 0.0
    both_expected: Both = NOWHERE
    both_got: Both = NOWHERE
    notes: tuple[Both, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: expected {self.expected}; {self.got}"

    def expected_in(self, lang: str) -> str:
        """What was expected, in Chinese where it is known."""
        return self.both_expected.of(lang) or self.expected

    def got_in(self, lang: str) -> str:
        """What was there instead, in Chinese where it is known."""
        return self.both_got.of(lang) or self.got

    def notes_in(self, lang: str) -> Iterator[str]:
        """What helps to mend it, one sentence each."""
        return (note.of(lang) for note in self.notes)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one scenario: `duration` in seconds of the caller's time."""

    scenario: str
    file: str
    line: int
    passed: bool
    failures: tuple[Failure, ...]
    transcript: Transcript
    duration: float
    seed: int = 0
    calls: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    """what the scenario asks and this medium cannot show"""
    row: int = 0
    """the line in a table of another file; 0 if there is none"""

    @property
    def where(self) -> str:
        """What `reading.load` and `hotline test` take to play this very scenario again."""
        return f"{self.file}:{self.line}" + (f":{self.row}" if self.row else "")
