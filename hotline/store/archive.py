"""What is done with stored journals: read for replay, exported, closed after a crash, purged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, func, not_, select

from hotline.store.calls import save_calls
from hotline.store.codec import EVENTS, dump_entries, load_entries
from hotline.store.database import Database, wall_time
from hotline.store.errors import CodecError, StoreError
from hotline.store.tables import calls, journal, open_calls
from hotline.switch.actions import JOURNAL
from hotline.switch.events import CallClosed, Party
from hotline.switch.record import CallRecord, Entry, fold

DAY = 86400.0
FORMAT = "hotline-journal 1"


def read_journal(database: Database, call: str) -> list[Entry]:
    """All entries of `call` in order; [] when there are none (unknown, or purged).

    With `call` "" the entries that concern no call. Raises StoreError.
    """
    query = select(journal.c.body).where(journal.c.call == call).order_by(journal.c.id)
    with database.read() as connection:
        bodies = connection.execute(query).scalars().all()
    return [entry for body in bodies for entry in load_entries(database.vault.open(body))]


def export_call(database: Database, call: str) -> Iterator[str]:
    """The journal of `call` as lines of JSON, the first of which names the format.

    The digits the caller typed are in it, unmasked: replay needs them. Raises StoreError when the
    call has no journal.
    """
    entries = read_journal(database, call)
    if not entries:
        raise StoreError(f"call {call} has no journal: unknown, or purged")
    yield json.dumps({"format": FORMAT, "call": call, "entries": len(entries)})
    for entry in entries:
        yield EVENTS.dumps([entry.to, entry.event])


def import_call(lines: Iterable[str]) -> list[Entry]:
    """The entries that `export_call` gave. Raises CodecError naming the line."""
    numbered = enumerate(lines, 1)
    entries: list[Entry] = []
    expected = None
    for number, line in numbered:
        try:
            if number == 1:
                expected = _header(line)
            elif line.strip():
                entries += load_entries(f"[{line}]")
        except CodecError as error:
            raise CodecError(f"line {number}: {error}; export the call again") from None
    if expected is None or expected != len(entries):
        raise CodecError(
            f"the export has {len(entries)} of {expected or 0} entries: export the call again"
        )
    return entries


def _header(line: str) -> int:
    try:
        header = json.loads(line)
        if header["format"] == FORMAT:
            return int(header["entries"])
    except (ValueError, TypeError, KeyError):
        pass
    raise CodecError(f"the first line does not name the format {FORMAT!r}")


def close_lost(database: Database, *, node: str = "") -> list[CallRecord]:
    """Give every call that `node` left in progress when it stopped a row with the outcome lost.

    To be called at start, before calls are taken. A call whose row exists already is only taken
    off the list. Raises StoreError for a journal that cannot be read.
    """
    query = (
        select(open_calls.c.call, open_calls.c.clock_start, calls.c.call.is_not(None))
        .join_from(open_calls, calls, open_calls.c.call == calls.c.call, isouter=True)
        .where(open_calls.c.node == node)
        .order_by(open_calls.c.call)
    )
    with database.read() as connection:
        left = connection.execute(query).all()
    closed = []
    for call, clock_start, has_row in left:
        entries = [] if has_row else read_journal(database, call)
        closed += _close(database, call, entries, node, clock_start)
    return closed


def _close(
    database: Database, call: str, entries: list[Entry], node: str, clock_start: float
) -> list[CallRecord]:
    now = wall_time()
    finished: list[CallRecord] = []
    with database.write() as connection:
        if entries:
            last = entries[-1].event
            lost = CallClosed(last.at, call, by=Party.SYSTEM, reason="lost")
            closing = Entry(JOURNAL, lost)
            finished.append(replace(fold([*entries, closing]), clock_start=clock_start))
            chunk = {
                "call": call,
                "seq": len(entries),
                "entries": 1,
                "node": node,
                "written_at": now,
                "body": database.vault.seal(dump_entries([closing])),
            }
            connection.execute(journal.insert(), [chunk])
            save_calls(connection, database.vault, finished, now)
        connection.execute(open_calls.delete().where(open_calls.c.call == call))
    return finished


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed, and what it left."""

    calls: int
    entries: int
    rows_kept: int


def purge(database: Database, older_than: float, *, now: float | None = None) -> Purged:
    """Delete the journals, and with them every digit typed, that were written more than
    `older_than` days ago (`now` in epoch seconds, else the present). The calls' rows stay, and so
    do journals of calls in progress."""
    if older_than < 0:
        raise StoreError("cannot purge what is younger than 0 days: give a number of days")
    limit = (wall_time() if now is None else now) - older_than * DAY
    with database.write() as connection:
        old = _old(limit)
        counted = select(func.count(func.distinct(journal.c.call)), func.sum(journal.c.entries))
        count, entries = connection.execute(counted.where(and_(old, journal.c.call != ""))).one()
        loose = select(func.sum(journal.c.entries)).where(and_(old, journal.c.call == ""))
        general = connection.execute(loose).scalar()
        connection.execute(journal.delete().where(old))
        kept = connection.execute(select(func.count()).select_from(calls)).scalar_one()
    if database.is_sqlite:
        # Old pages may still be in the write-ahead log: bring it into the file and empty it.
        with database.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Purged(int(count), int(entries or 0) + int(general or 0), kept)


def _old(limit: float) -> ColumnElement[bool]:
    going = select(open_calls.c.call)
    return and_(journal.c.written_at < limit, not_(journal.c.call.in_(going)))
