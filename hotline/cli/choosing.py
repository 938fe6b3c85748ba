"""Which scenarios to run: paths, `--tag`, `-k` with and, or, not and brackets, `--last-failed`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.callers.scenario import Scenario
    from hotline.callers.verdict import Verdict

KEPT = Path(".hotline_cache") / "last-failed.json"
"""Where the names of failed scenarios are kept, below the working folder."""

_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_OPERATORS = frozenset({"and", "or", "not", "(", ")"})
Match = Callable[[str], bool]


def scenarios_of(paths: Sequence[str]) -> Iterator[Scenario]:
    """The scenarios of files and folders, or of FILE:LINE; of those shipped when none is given."""
    from hotline.callers.reading import load

    for path in paths or (str(shipped()),):
        yield from load(path)


def shipped() -> Path:
    """The folder of the scenarios that ship with the project."""
    from hotline import callers

    return Path(callers.__file__).with_name("scenarios")


def expression(text: str) -> Match:
    """What `-k` asks: `报修 and not (夜间 or 英语)`. Words match anywhere, in either case; words
    beside each other are one phrase. Raises `click.UsageError`."""
    tokens = list(_phrases(_TOKEN.findall(text)))
    if not tokens:
        return lambda _: True
    try:
        match, rest = _either(tokens)
    except ValueError as error:
        raise _wrong(text, str(error)) from None
    if rest:
        raise _wrong(text, f"{rest[0]!r} was not expected")
    return match


def _phrases(tokens: Iterable[str]) -> Iterator[str]:
    """Operators as they are, neighbouring words joined."""
    words: list[str] = []
    for token in tokens:
        if token not in _OPERATORS:
            words.append(token)
            continue
        if words:
            yield " ".join(words)
            words = []
        yield token
    if words:
        yield " ".join(words)


def _either(tokens: Sequence[str]) -> tuple[Match, Sequence[str]]:
    left, tokens = _both(tokens)
    while tokens and tokens[0] == "or":
        right, tokens = _both(tokens[1:])
        left = _joined(any, left, right)
    return left, tokens


def _both(tokens: Sequence[str]) -> tuple[Match, Sequence[str]]:
    left, tokens = _one(tokens)
    while tokens and tokens[0] == "and":
        right, tokens = _one(tokens[1:])
        left = _joined(all, left, right)
    return left, tokens


def _joined(how: Callable[[Iterable[bool]], bool], left: Match, right: Match) -> Match:
    return lambda text: how(match(text) for match in (left, right))


def _one(tokens: Sequence[str]) -> tuple[Match, Sequence[str]]:
    if not tokens or tokens[0] in ("and", "or", ")"):
        raise ValueError("a word is missing")
    first, rest = tokens[0], tokens[1:]
    if first == "not":
        match, rest = _one(rest)
        return (lambda text: not match(text)), rest
    if first == "(":
        match, rest = _either(rest)
        if not rest or rest[0] != ")":
            raise ValueError("a ) is missing")
        return match, rest[1:]
    word = first.casefold()
    return (lambda text: word in text.casefold()), rest


def _wrong(text: str, why: str) -> click.UsageError:
    return click.UsageError(
        f"-k {text!r}: {why}; write words with and, or, not, such as 'fault and not night'"
    )


def chosen(
    scenarios: Iterable[Scenario], pattern: str, tags: Sequence[str], *, last_failed: bool
) -> list[Scenario]:
    """Those that all of the options ask for; `pattern` looks at names and tags."""
    match, wanted = expression(pattern), set(tags)
    found = [
        scenario
        for scenario in scenarios
        if match(f"{scenario.name}\n{' '.join(sorted(scenario.tags))}")
        and (not wanted or scenario.tags & wanted)
    ]
    if not last_failed:
        return found
    failed = remembered()
    again = [scenario for scenario in found if _key(scenario.place.file, scenario.name) in failed]
    return again or found


def remembered() -> set[str]:
    """The scenarios that failed when they were last run here."""
    try:
        data = json.loads(KEPT.read_text("utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in data if isinstance(name, str)} if isinstance(data, list) else set()


def remember(verdicts: Iterable[Verdict]) -> None:
    """Keep the names of what failed for `--last-failed`; what was not run stays as it was."""
    before = remembered()
    failed = set(before)
    for verdict in verdicts:
        key = _key(verdict.file, verdict.scenario)
        (failed.discard if verdict.passed else failed.add)(key)
    if failed == before:
        return
    try:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.parent.joinpath(".gitignore").write_text("*\n", "utf-8")
        KEPT.write_text(json.dumps(sorted(failed), ensure_ascii=False, indent=1), "utf-8")
    except OSError:
        return  # a folder that cannot be written to only costs --last-failed


def _key(file: str, name: str) -> str:
    return f"{Path(file).absolute()}::{name}"
