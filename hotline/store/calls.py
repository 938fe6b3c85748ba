"""Finished calls: one row each, from which reports and pages read `CallRecord`s.

The caller's number is sealed; without `reveal` a record carries it masked (138****8000).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, func, select, tuple_

from hotline.store.codec import dump_record, load_record
from hotline.store.database import Database
from hotline.store.tables import calls
from hotline.store.vault import Vault
from hotline.switch.record import CallRecord


def mask(number: str) -> str:
    """`number` with its middle hidden: 138****8000; of a short one only the last digit shows."""
    if len(number) < 8:
        return "*" * max(0, len(number) - 1) + number[-1:]
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def row_of(record: CallRecord, vault: Vault, written_at: float) -> dict[str, Any]:
    """The row of `calls` for `record`, written at epoch second `written_at`."""
    return {
        "call": record.call,
        "number": vault.seal(record.number),
        "masked": _clean(mask(record.number)),
        "medium": _clean(record.medium),
        "area": _clean(record.area),
        "centre": _clean(record.centre),
        "arrived_at": record.clock_start + record.arrived,
        "ended_at": record.clock_start + record.ended,
        "outcome": record.outcome.value,
        "ended_by": record.ended_by.value,
        "reason": _clean(record.reason),
        "requests": len(record.requests),
        "survey": record.survey,
        "written_at": written_at,
        "detail": dump_record(replace(record, number="")),
    }


def _clean(text: str) -> str:
    """Text from the network, as a column of any database takes it."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def save_calls(
    connection: Connection, vault: Vault, records: Sequence[CallRecord], written_at: float
) -> None:
    """Insert the rows of `records` in the open transaction of `connection`."""
    if records:
        connection.execute(calls.insert(), [row_of(r, vault, written_at) for r in records])


def _record(row: Any, vault: Vault, reveal: bool) -> CallRecord:
    number = vault.open(row.number) if reveal else row.masked
    return replace(load_record(row.detail), number=number)


_COLUMNS = (calls.c.call, calls.c.arrived_at, calls.c.number, calls.c.masked, calls.c.detail)


def load_call(database: Database, call: str, *, reveal: bool = False) -> CallRecord | None:
    """The record of `call`, or None. Raises StoreError for a row that cannot be read."""
    with database.read() as connection:
        row = connection.execute(select(*_COLUMNS).where(calls.c.call == call)).first()
    return None if row is None else _record(row, database.vault, reveal)


def iter_calls(
    database: Database,
    since: float | None = None,
    until: float | None = None,
    *,
    reveal: bool = False,
    page: int = 1000,
) -> Iterator[CallRecord]:
    """Records of calls that arrived at `since` or later and before `until` (epoch seconds), in
    order of arrival, read page by page: memory and transactions stay small for any number."""
    query = select(*_COLUMNS).order_by(calls.c.arrived_at, calls.c.call).limit(page)
    if since is not None:
        query = query.where(calls.c.arrived_at >= since)
    if until is not None:
        query = query.where(calls.c.arrived_at < until)
    last: tuple[float, str] | None = None
    while True:
        rows = _page(database, query, last)
        for row in rows:
            yield _record(row, database.vault, reveal)
        if len(rows) < page:
            return
        last = (rows[-1].arrived_at, rows[-1].call)


def _page(database: Database, query: Select[Any], last: tuple[float, str] | None) -> Sequence[Any]:
    if last is not None:
        query = query.where(tuple_(calls.c.arrived_at, calls.c.call) > tuple_(*last))
    with database.read() as connection:
        return connection.execute(query).all()


def recent_calls(database: Database, limit: int = 100, *, reveal: bool = False) -> list[CallRecord]:
    """The calls that arrived last, newest first."""
    query = select(*_COLUMNS).order_by(calls.c.arrived_at.desc(), calls.c.call.desc())
    with database.read() as connection:
        rows = connection.execute(query.limit(limit)).all()
    return [_record(row, database.vault, reveal) for row in rows]


def count_calls(database: Database) -> int:
    """How many calls have a row."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(calls)).scalar_one()
