"""Calls of earlier days, from the hotline's store. Everything here blocks: call it on a thread.

A hotline without a store (`database`) has none; then only what the hub has seen is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotline.switch import figures
from hotline.switch.figures import Share
from hotline.switch.record import CallRecord, Entry
from hotline.web.ports import Hotline


@dataclass(slots=True)
class Totals:
    """Figures of closed calls that can be added up call by call (`hotline.switch.figures`)."""

    calls: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    ring: Share = field(default_factory=Share)
    queue_and_ring: Share = field(default_factory=Share)
    contained: Share = field(default_factory=Share)

    def add(self, record: CallRecord) -> None:
        """One more call."""
        one = (record,)
        self.calls += 1
        self.outcomes[str(record.outcome)] += 1
        self.ring += figures.ring_compliance(one)
        self.queue_and_ring += figures.queue_ring_within(one, 12.0)
        self.contained += figures.containment(one)

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.calls + other.calls,
            self.outcomes + other.outcomes,
            self.ring + other.ring,
            self.queue_and_ring + other.queue_and_ring,
            self.contained + other.contained,
        )


def totals(records: Iterable[CallRecord]) -> Totals:
    """The figures of many calls."""
    made = Totals()
    for record in records:
        made.add(record)
    return made


def database_of(hotline: Hotline) -> Any:
    """The store's database, or None."""
    return getattr(hotline, "database", None)


def totals_before(hotline: Hotline, epoch: float) -> Totals:
    """Figures of the calls that arrived before epoch second `epoch`."""
    database = database_of(hotline)
    if database is None:
        return Totals()
    from hotline.store.calls import iter_calls

    return totals(iter_calls(database, until=epoch))


def recent(hotline: Hotline, limit: int) -> Sequence[CallRecord]:
    """The calls that arrived last, newest first; numbers come masked."""
    database = database_of(hotline)
    if database is None:
        return ()
    from hotline.store.calls import recent_calls

    return recent_calls(database, limit)


def row(hotline: Hotline, call: str) -> CallRecord | None:
    """One call's row, which outlives its journal."""
    database = database_of(hotline)
    if database is None:
        return None
    from hotline.store.calls import load_call

    return load_call(database, call)


def entries(hotline: Hotline, call: str) -> Sequence[Entry]:
    """One call's journal; empty when unknown or purged."""
    database = database_of(hotline)
    if database is None:
        return ()
    from hotline.store.archive import read_journal

    return read_journal(database, call)
