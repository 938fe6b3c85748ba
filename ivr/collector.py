"""Digit collection: what one typed input of several digits means, key by key. Pure.

    say ........................|
      key before its end: the prompt stops at once (5.2.6.3)
                                |<- first digit ->|  silence: no input
      d        d        d        d
      |<------>|<------>|<------>|<- inter digit ->|  silence: done if long enough, else rejected
                                 #  terminator: done if long enough, else rejected
                       max_length  done at once; a # within `TERMINATOR_WAIT` s is swallowed
      *        before the first digit: back (a command); after it: clears the digits typed so far
      0 or 9   alone, followed by silence for `LONE_WAIT` s or by the terminator: the command
               (transfer, repeat); followed by a digit: the first digit of the input

The last rule is our choice. The standard wants transfer and back on each layer (5.2.6.2), and an
account number may begin with 0 or 9; waiting a moment tells the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from menus.inputs import CHECKS
from menus.model import Collect

LONE_WAIT = 2.0
"""seconds after which a lone command digit is a command"""


TERMINATOR_WAIT = 2.0
"""seconds in which a terminator still belongs to an input that its greatest length has ended"""


class Step(Enum):
    """What the collector wants after a key or a silence."""

    MORE = auto()  # wait for the next key, `timeout` seconds
    DONE = auto()  # `digits` is complete
    COMMAND = auto()  # `command` is a key of the step, not input
    CLEARED = auto()  # start again from an empty input
    REJECTED = auto()  # too short, empty, or a key that is no digit
    SILENT = auto()  # nothing was typed


@dataclass(slots=True)
class Collector:
    """The state of one collection. `timeout` is how long to wait for the next key, seconds."""

    spec: Collect
    digits: str = ""
    command: str = ""
    timeout: float = 0.0

    def key(self, key: str) -> Step:
        """One key was pressed."""
        if not self.digits:
            return self._first(key)
        if key == self.spec.terminator:
            return self._lone() if self._is_lone() else self._end()
        if key == "*":
            self.digits = ""
            return Step.CLEARED
        if not key.isdigit():
            return Step.REJECTED
        return self._add(key)

    def silence(self) -> Step:
        """No key came within the time-out."""
        if not self.digits:
            return Step.SILENT
        return self._lone() if self._is_lone() else self._end()

    def _first(self, key: str) -> Step:
        if key in self.spec.keys and not key.isdigit():
            self.command = key
            return Step.COMMAND
        if not key.isdigit():
            return Step.REJECTED
        return self._add(key)

    def _add(self, key: str) -> Step:
        self.digits += key
        if len(self.digits) >= self.spec.max_length:
            return Step.DONE
        self.timeout = LONE_WAIT if self._is_lone() else self.spec.inter_digit_timeout
        return Step.MORE

    def _is_lone(self) -> bool:
        return len(self.digits) == 1 < self.spec.min_length and self.digits in self.spec.keys

    def _lone(self) -> Step:
        self.command, self.digits = self.digits, ""
        return Step.COMMAND

    def _end(self) -> Step:
        return Step.DONE if len(self.digits) >= self.spec.min_length else Step.REJECTED


def acceptable(spec: Collect, digits: str) -> bool:
    """Whether complete input `digits` passes the step's check."""
    check = CHECKS.get(spec.check)
    return check is None or check(digits)
