"""Errors of this package: one small tree.

AgentsError
  RosterError     a roster file: names file, line and remedy
  SettingsError   a setting that cannot be
"""

from __future__ import annotations


class AgentsError(ValueError):
    """Anything wrong with what was given to `agents`."""


class RosterError(AgentsError):
    """A roster that cannot be used. `line` is 1-based, 0 when the file as a whole is meant."""

    def __init__(self, file: str, line: int, problem: str, remedy: str) -> None:
        self.file, self.line, self.problem, self.remedy = file, line, problem, remedy
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {problem}; {remedy}")


class SettingsError(AgentsError):
    """A setting that cannot be; the message names it and says what is allowed."""
