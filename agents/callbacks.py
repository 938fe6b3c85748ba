"""How a call-back that the customer does not answer is tried again: hotline-wide, or by queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from agents.errors import SettingsError


@dataclass(frozen=True, slots=True)
class CallbackRule:
    """At most `tries` attempts, `retry_after` seconds between two. In the words of queue plans.

    Raises `SettingsError`.
    """

    tries: int = 3
    retry_after: float = 600.0

    def __post_init__(self) -> None:
        if self.tries < 1:
            raise SettingsError(f"tries of a call-back is {self.tries}; at least 1 is needed")
        if self.retry_after < 0:
            raise SettingsError(
                f"retry_after of a call-back is {self.retry_after}; give 0 or more seconds"
            )

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> CallbackRule:
        """A rule from a settings file. Raises `SettingsError` for an unknown name."""
        known = [item.name for item in fields(cls)]
        for name in data:
            if name not in known:
                raise SettingsError(
                    f"unknown setting {name!r} of a call-back; known: {', '.join(known)}"
                )
        return cls(**data)


USUAL = CallbackRule()
