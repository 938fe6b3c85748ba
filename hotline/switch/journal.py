"""The in-memory journal: append-only entries by call, handed over whole when a call closes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hotline.switch.events import CallClosed, Event
from hotline.switch.record import Entry


class MemoryJournal:
    """Keeps each open call's entries; `on_closed(entries)` gets them when the call closes.

    Entries that concern no call (agents signing in) stay in `general`.
    """

    def __init__(self, on_closed: Callable[[Sequence[Entry]], None] | None = None) -> None:
        self._on_closed = on_closed
        self.open: dict[str, list[Entry]] = {}
        self.general: list[Entry] = []

    def append(self, to: str, event: Event) -> None:
        """Add one entry."""
        call = event.call
        if not call:
            self.general.append(Entry(to, event))
            return
        entries = self.open.get(call)
        if entries is None:
            self.open[call] = [Entry(to, event)]
        else:
            entries.append(Entry(to, event))

    def closed(self, closing: CallClosed) -> None:
        """Hand over the call's entries."""
        entries = self.open.pop(closing.call, [])
        if self._on_closed is not None:
            self._on_closed(entries)
