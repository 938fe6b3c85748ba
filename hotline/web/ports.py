"""What the web needs of a running hotline; `hotline.cli.compose.LiveHotline` provides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from hotline.switch.ports import Clock
from hotline.switch.record import CallRecord, Entry
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
    `roster` (profiles with `id`, `number`, `name`, `skills`), `entries(call)` and `records()`
    (calls kept by the store), `report()`."""

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


def kept_records(hotline: Hotline) -> Sequence[CallRecord] | None:
    """The closed calls that the hotline's store keeps, or None when it has no store."""
    records = getattr(hotline, "records", None)
    if records is None:
        return None
    return tuple(records() if callable(records) else records)


def kept_entries(hotline: Hotline, call: str) -> Sequence[Entry]:
    """One call's journal from the store; empty when unknown or when there is no store."""
    entries = getattr(hotline, "entries", None)
    return tuple(entries(call)) if entries is not None else ()
