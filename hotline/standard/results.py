"""What a check says: one `Result` per thing looked at, passed or failed."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from hotline.standard.clauses import NOTHING, Text


class Result(NamedTuple):
    """Rule `rule` of clause `clause` was looked at once.

    `call` is the call's id, None for a book or a day. `measured` is what was seen, without any
    number of the caller; `place` is where: a menu, an agent, an order, or `file:line`.
    """

    clause: str
    rule: str
    call: str | None
    ok: bool
    measured: Text = NOTHING
    place: str = ""


class Profile(Protocol):
    """What the standard asks about an agent; `agents.roster.AgentProfile` has this shape."""

    @property
    def number(self) -> str:
        """工号."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages the agent speaks."""
        ...

    @property
    def putonghua(self) -> str | None:
        """Level of the Putonghua certificate, None without one."""
        ...

    @property
    def training_passed(self) -> bool:
        """Trained before duty, and passed."""
        ...

    @property
    def minority_seat(self) -> bool:
        """A seat for a minority language, exempt from the certificate."""
        ...
