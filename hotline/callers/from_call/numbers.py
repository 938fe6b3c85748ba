"""Numbers that belong to somebody, and the invented ones that stand for them in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hotline.switch import events as ev
from hotline.switch.actions import CALL
from hotline.switch.record import Entry
from menus.inputs import CHECKS

PRIVATE = frozenset({"account", "phone", "order", "digits"})
"""Kinds of values that belong to somebody."""
NUMBER = "13800138000"
"""The invented telephone number that stands for the caller's."""
SHORT = 4
"""Digits of an input up to which it names nobody (a region code, a choice of a menu)."""


class Names:
    """True number -> invented number, the same everywhere in one scenario."""

    def __init__(self, entries: Sequence[Entry], number: str, *, reveal: bool) -> None:
        self._known: dict[str, str] = {}
        self._reveal = reveal
        if number:
            self._known[number] = NUMBER
        for typed in _inputs(entries):
            self._known.setdefault(typed, self._invent(typed))

    def of(self, text: str) -> str:
        """`text` with every number that belongs to somebody replaced."""
        if self._reveal:
            return text
        for true in sorted(self._known, key=len, reverse=True):
            if true and true in text:
                text = text.replace(true, self._known[true])
        return text

    def value(self, text: str, kind: str) -> str:
        """A value of `kind` as it may be written down."""
        if kind in PRIVATE and text.isdigit() and text not in self._known:
            self._known[text] = self._invent(text)
        return self.of(text)

    def _invent(self, true: str) -> str:
        """As long as `true`, with the same first digit (a lone 0 or 9 is a command), and passing
        the same of the book's checks."""
        if len(true) <= SHORT:
            return true
        serial = len(self._known) + 1
        while True:
            for start in (true[0], true[:3]):
                body = f"{start}{serial:0{len(true) - len(start)}d}"
                if body != true and _alike(body, true) and body not in self._known.values():
                    return body
            serial += 1


def _alike(one: str, other: str) -> bool:
    return len(one) == len(other) and all(check(one) == check(other) for check in CHECKS.values())


def _inputs(entries: Sequence[Entry]) -> Iterator[str]:
    """The inputs of several digits, in order. A key that is chosen, or wrong, is none."""
    yield from ("".join(keys) for keys in _runs(entries) if len(keys) > SHORT)


def _runs(entries: Sequence[Entry]) -> list[list[str]]:
    """Every key of the call: digits that were typed in a row together, other keys one by one."""
    runs: list[list[str]] = []
    open_run = False
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.KeyPressed) and entry.to == CALL:
            if open_run and event.key.isdigit():
                runs[-1].append(event.key)
            else:
                runs.append([event.key])
            open_run = event.key.isdigit()
        elif isinstance(event, ev.Chosen | ev.WrongKey | ev.SurveyAnswered):
            if open_run and len(runs[-1]) > 1:
                runs.append([runs[-1].pop()])  # the last key was a choice, not a digit of these
            open_run = False
        elif isinstance(event, ev.Collected | ev.NoInput):
            open_run = False
    return runs


def keys(entries: Sequence[Entry], names: Names) -> list[str]:
    """Every key of the call, in order, as it may be written down."""
    return [key for run in _runs(entries) for key in names.of("".join(run))]
