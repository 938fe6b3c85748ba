"""What the web needs of a running hotline; `hotline.cli.compose.LiveHotline` provides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from hotline.switch.ports import Clock
from hotline.switch.record import Entry
from menus.model import Book


class Running(Protocol):
    """The part of an exchange that pages look at."""

    @property
    def clock(self) -> Clock:
        """The call clock."""
        ...

    @property
    def calls(self) -> Mapping[str, Any]:
        """Calls in progress, by id."""
        ...


class Lines(Protocol):
    """The part of `hotline.telephony.gateway.Gateway` that pages look at."""

    def call_of(self, stream: str) -> str:
        """The call of the connection whose `streamSid` is `stream`, or `""`."""
        ...


class Hotline(Protocol):
    """A running hotline. Optional attributes are looked up with a default: `gateway` (`Lines`),
    `roster` (`agents.roster.Roster`), `database` (`hotline.store`), `report()`."""

    @property
    def book(self) -> Book:
        """The menu book in use."""
        ...

    @property
    def exchange(self) -> Running:
        """The exchange."""
        ...

    def observe(self, callback: Callable[[Entry], None]) -> Any:
        """Call `callback` with every journal entry as it happens, on the exchange's thread."""
        ...
