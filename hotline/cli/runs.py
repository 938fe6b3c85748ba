"""A run of scenarios as data: written with `--json`, read again and compared with `--compare`.

A scenario is the same in two runs when its name and the name of its file are, wherever the folders
are. Durations are seconds of the caller's time.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.callers.verdict import Failure, Verdict

VERSION = 1
SAME_DURATION = 0.05
"""Seconds by which two durations may differ and still be called the same."""


class RunError(Exception):
    """A file that is not a run: what and remedy in one line."""


@dataclass(frozen=True, slots=True)
class Case:
    """What came of one scenario."""

    name: str
    file: str
    line: int
    passed: bool
    duration: float
    seed: int
    transcript: tuple[str, ...]
    failures: tuple[Mapping[str, Any], ...] = ()
    where: str = ""
    """what `hotline test` takes to run it again"""
    tags: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same scenario in another run."""
        return Path(self.file).name, self.name

    @classmethod
    def of(cls, verdict: Verdict, tags: Iterable[str] = ()) -> Case:
        """The case of a verdict."""
        return cls(
            name=verdict.scenario,
            file=verdict.file,
            line=verdict.line,
            passed=verdict.passed,
            duration=round(verdict.duration, 3),
            seed=verdict.seed,
            transcript=tuple(verdict.transcript.text().splitlines()),
            failures=tuple(_failure(failure) for failure in verdict.failures),
            where=verdict.where,
            tags=tuple(sorted(tags)),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Case:
        """The reverse of `to_json`; raises `KeyError` or `TypeError` for what is none."""
        known = {name: row[name] for name in cls.__dataclass_fields__}
        lists = {name: tuple(known[name]) for name in ("transcript", "failures", "tags")}
        return cls(**known | lists)


def _failure(failure: Failure) -> dict[str, Any]:
    """A failure as data, in both languages where it is known in both."""
    return {
        "file": failure.file,
        "line": failure.line,
        "at": round(failure.at, 3),
        "expected": failure.expected,
        "got": failure.got,
        "expected_zh": failure.expected_in("zh"),
        "got_zh": failure.got_in("zh"),
        "notes": [{"zh": note.of("zh"), "en": note.of("en")} for note in failure.notes],
    }


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `seconds` of real time, `coverage` as `Coverage.to_json` or None."""

    cases: tuple[Case, ...]
    seconds: float = 0.0
    book: str = ""
    seed: int = 0
    media: str = "memory"
    coverage: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": VERSION,
            "passed": sum(case.passed for case in self.cases),
            "failed": sum(not case.passed for case in self.cases),
            "seconds": round(self.seconds, 3),
            "book": self.book,
            "seed": self.seed,
            "media": self.media,
            "scenarios": [case.to_json() for case in self.cases],
            "coverage": self.coverage,
        }

    def text(self) -> str:
        """The file."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, path: str | Path) -> Run:
        """The run that `text` was written of. Raises `RunError`, `OSError`."""
        try:
            return cls._of(json.loads(Path(path).read_text("utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RunError(
                f"{path}: is not a run of scenarios (write one with `hotline test --json FILE`)"
            ) from None

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Run:
        if data["version"] != VERSION:
            raise ValueError(data["version"])
        return cls(
            tuple(Case.from_json(row) for row in data["scenarios"]),
            float(data["seconds"]),
            str(data["book"]),
            int(data["seed"]),
            str(data["media"]),
            data["coverage"],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A scenario that both runs have, then and now."""

    then: Case
    now: Case

    @property
    def transcript(self) -> list[str]:
        """The lines that differ, as a diff without its header; empty when none does."""
        lines = difflib.unified_diff(self.then.transcript, self.now.transcript, lineterm="", n=1)
        return list(lines)[2:]

    @property
    def seconds(self) -> float:
        """By how much the call became longer."""
        return self.now.duration - self.then.duration


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs."""

    newly_failing: tuple[Change, ...]
    newly_passing: tuple[Change, ...]
    still_failing: tuple[Change, ...]
    changed: tuple[Change, ...]
    """passing in both, with another transcript"""
    durations: tuple[Change, ...]
    """passing in both with the same transcript, in another time"""
    added: tuple[Case, ...]
    removed: tuple[Case, ...]
    coverage: tuple[float, float] | None = None
    """then and now"""
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not any(
            (
                self.newly_failing,
                self.newly_passing,
                self.changed,
                self.durations,
                self.added,
                self.removed,
                self.lost,
                self.gained,
            )
        )


def compare(then: Run, now: Run) -> Comparison:
    """What differs in `now`, run by run."""
    old = {case.key: case for case in then.cases}
    new = {case.key: case for case in now.cases}
    both = [Change(old[key], case) for key, case in new.items() if key in old]
    good = [change for change in both if change.then.passed and change.now.passed]
    reached_then, reached_now = _reached(then), _reached(now)
    covers = then.coverage is not None and now.coverage is not None
    return Comparison(
        newly_failing=tuple(c for c in both if c.then.passed and not c.now.passed),
        newly_passing=tuple(c for c in both if not c.then.passed and c.now.passed),
        still_failing=tuple(c for c in both if not c.then.passed and not c.now.passed),
        changed=tuple(c for c in good if c.then.transcript != c.now.transcript),
        durations=tuple(
            c
            for c in good
            if c.then.transcript == c.now.transcript and abs(c.seconds) > SAME_DURATION
        ),
        added=tuple(case for key, case in new.items() if key not in old),
        removed=tuple(case for key, case in old.items() if key not in new),
        coverage=(_fraction(then), _fraction(now)) if covers else None,
        lost=tuple(i for i in reached_then if i not in reached_now) if covers else (),
        gained=tuple(i for i in reached_now if i not in reached_then) if covers else (),
    )


def _reached(run: Run) -> dict[str, None]:
    rows = (run.coverage or {}).get("reached", ())
    return dict.fromkeys(f"{group}: {where} {what}".rstrip() for group, where, what, *_ in rows)


def _fraction(run: Run) -> float:
    return float((run.coverage or {}).get("fraction", 0.0))


_WORDS = {
    "zh": {
        "title": "与上次运行比较：",
        "same": "与上次运行相同",
        "newly_failing": "新失败",
        "newly_passing": "新通过",
        "still_failing": "仍失败",
        "changed": "通话记录改变",
        "durations": "用时改变",
        "added": "新增场景",
        "removed": "本次未运行的场景",
        "coverage": "覆盖率",
        "lost": "不再到达",
        "gained": "新到达",
    },
    "en": {
        "title": "compared with the earlier run:",
        "same": "the same as the earlier run",
        "newly_failing": "newly failing",
        "newly_passing": "newly passing",
        "still_failing": "still failing",
        "changed": "another transcript",
        "durations": "another duration",
        "added": "new scenarios",
        "removed": "scenarios not in this run",
        "coverage": "coverage",
        "lost": "no longer reached",
        "gained": "newly reached",
    },
}


def text(found: Comparison, lang: str = "en") -> str:
    """The comparison for a terminal."""
    words = _WORDS["zh" if lang.startswith("zh") else "en"]
    if found.same:
        return words["same"]
    lines = [words["title"]]
    for name in ("newly_failing", "newly_passing", "still_failing"):
        lines += _block(words[name], [_place(c.now) for c in getattr(found, name)])
    for change in found.changed:
        lines += _block(words["changed"], [_place(change.now)])
        lines += [f"      {line}" for line in change.transcript]
    timed = [
        f"{_place(c.now)}  {c.then.duration:.1f} → {c.now.duration:.1f} s" for c in found.durations
    ]
    lines += _block(words["durations"], timed)
    for name in ("added", "removed"):
        lines += _block(words[name], [_place(case) for case in getattr(found, name)])
    if found.coverage is not None and found.coverage[0] != found.coverage[1]:
        then, now = found.coverage
        lines.append(f"  {words['coverage']}: {then:.1%} → {now:.1%}")
    for name in ("lost", "gained"):
        lines += _block(words[name], getattr(found, name))
    return "\n".join(lines)


def _block(title: str, entries: Sequence[str]) -> list[str]:
    return [f"  {title} ({len(entries)}):", *(f"    {e}" for e in entries)] if entries else []


def _place(case: Case) -> str:
    return f"{case.name}  {case.file}:{case.line}"
