"""What came of one scenario."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.callers.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was not as the scenario says.

    `step` is the index in the story, None for a watcher, a record or the limit. `heard` is the
    transcript so far, `at` seconds since the caller lifted the receiver.
    """

    step: int | None
    file: str
    line: int
    expected: str
    got: str
    heard: Transcript
    at: float = 0.0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: expected {self.expected}; {self.got}"


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
