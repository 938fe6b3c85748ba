"""`SqlRecords`: business records in tables, under the same protocol as `MemoryRecords`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields
from enum import Enum
from itertools import groupby
from typing import Any, TypeVar, cast, get_type_hints

from sqlalchemy import Connection, Insert, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline.services.model import Record
from hotline.services.records import Records, check_indexed
from hotline.store.database import Database
from hotline.store.tables import KINDS, serials

R = TypeVar("R", bound=Record)

_WRITERS_LOCK = 955981
"""PostgreSQL advisory lock: services that write run one after another, so that two calls never
both find "no order yet" (SQLite has one writer anyway)."""


class _Mapper:
    """Between records of one kind and rows of its table."""

    def __init__(self, kind: type[Record]) -> None:
        hints = get_type_hints(kind)
        self.table: Table = KINDS[kind]
        self.key = self.table.c[kind.KEY]
        self.names = [field.name for field in fields(kind)]
        self._kind = kind
        self._enums = {
            name: hints[name]
            for name in self.names
            if isinstance(hints[name], type) and issubclass(hints[name], Enum)
        }

    def row(self, record: Record) -> dict[str, Any]:
        """The columns of `record`."""
        values = {name: getattr(record, name) for name in self.names}
        for name in self._enums:
            values[name] = values[name].value
        return values

    def record(self, row: Any) -> Record:
        """The record of a row."""
        values = dict(row._mapping)
        for name, enum in self._enums.items():
            values[name] = enum(values[name])
        return self._kind(**values)


_MAPPERS = {kind: _Mapper(kind) for kind in KINDS}


def _insert(dialect: str) -> Callable[[Table], Any]:
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


def _upsert(kind: type[Record], dialect: str) -> Insert:
    mapper = _MAPPERS[kind]
    insert = _insert(dialect)(mapper.table)
    changes = {name: insert.excluded[name] for name in mapper.names if name != kind.KEY}
    return cast(Insert, insert.on_conflict_do_update(index_elements=[kind.KEY], set_=changes))


_UPSERTS = {
    (kind, dialect): _upsert(kind, dialect)
    for kind in KINDS
    for dialect in ("sqlite", "postgresql")
}


class _OpenRecords:
    """Records within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def get(self, kind: type[R], key: str) -> R | None:
        """See `Records.get`."""
        mapper = _MAPPERS[kind]
        query = select(mapper.table).where(mapper.key == key)
        row = self._connection.execute(query).first()
        return None if row is None else cast(R, mapper.record(row))

    def find(self, kind: type[R], **equal: str) -> list[R]:
        """See `Records.find`."""
        check_indexed(kind, equal)
        mapper = _MAPPERS[kind]
        query = select(mapper.table)
        for name, value in equal.items():
            query = query.where(mapper.table.c[name] == value)
        found = [mapper.record(row) for row in self._connection.execute(query)]
        # Sorted here: databases disagree about the order of text.
        return cast("list[R]", sorted(found, key=lambda record: record.key))

    def put(self, record: Record) -> None:
        """See `Records.put`."""
        self.put_all([record])

    def put_all(self, records: Iterable[Record]) -> None:
        """See `Records.put_all`."""
        for kind, some in groupby(sorted(records, key=lambda r: type(r).__name__), type):
            mapper = _MAPPERS[kind]
            # The last record under a key wins, as one put after the other would have it.
            rows = {record.key: mapper.row(record) for record in some}
            self._connection.execute(_UPSERTS[kind, self._dialect], list(rows.values()))

    def serial(self, name: str) -> int:
        """See `Records.serial`."""
        insert = _insert(self._dialect)(serials).values(name=name, value=1)
        upsert = insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": serials.c.value + 1}
        )
        return int(self._connection.execute(upsert.returning(serials.c.value)).scalar_one())

    def transaction(self, *, write: bool) -> AbstractContextManager[Records]:
        """A transaction inside another is part of it."""
        return nullcontext(self)


class SqlRecords:
    """Records in the tables of `database`. Safe to use from several threads; each method is a
    transaction of its own unless called on what `transaction` gives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, kind: type[R], key: str) -> R | None:
        """See `Records.get`."""
        with self.transaction(write=False) as records:
            return records.get(kind, key)

    def find(self, kind: type[R], **equal: str) -> list[R]:
        """See `Records.find`."""
        with self.transaction(write=False) as records:
            return records.find(kind, **equal)

    def put(self, record: Record) -> None:
        """See `Records.put`."""
        with self.transaction(write=True) as records:
            records.put(record)

    def put_all(self, records: Iterable[Record]) -> None:
        """See `Records.put_all`."""
        with self.transaction(write=True) as target:
            target.put_all(records)

    def serial(self, name: str) -> int:
        """See `Records.serial`."""
        with self.transaction(write=True) as records:
            return records.serial(name)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Records]:
        """See `Records.transaction`."""
        opened = self._database.write() if write else self._database.read()
        with opened as connection:
            if write and not self._database.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
            yield _OpenRecords(connection)
