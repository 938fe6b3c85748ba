"""`Records`: where services read and change business records; `MemoryRecords` keeps them in dicts.

    with records.transaction(write=True) as open_records:     # all of it happens, or nothing
        customer = open_records.get(Customer, account)
        orders = open_records.find(WorkOrder, account=account)
        open_records.put(replace(customer, balance=0))

The same protocol over SQL tables is `hotline.store.records.SqlRecords`; a parity test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import Protocol, TypeVar, cast

from hotline.services.model import INDEXES, Record

R = TypeVar("R", bound=Record)


class Records(Protocol):
    """A repository of business records. Every result list is in order of the records' keys."""

    def get(self, kind: type[R], key: str) -> R | None:
        """The record with that key, or None."""
        ...

    def find(self, kind: type[R], **equal: str) -> list[R]:
        """Records whose fields equal all of `equal`; without any, all records of the kind.

        Raises ValueError unless one of the fields is in `INDEXES`.
        """
        ...

    def put(self, record: Record) -> None:
        """Insert `record`, or replace the one with its key."""
        ...

    def put_all(self, records: Iterable[Record]) -> None:
        """Insert or replace many."""
        ...

    def serial(self, name: str) -> int:
        """The next number of the series `name`: 1, 2, 3, ..."""
        ...

    def transaction(self, *, write: bool) -> AbstractContextManager[Records]:
        """Everything done with the records inside happens, or, on an exception, none of it."""
        ...


def check_indexed(kind: type[Record], fields: Iterable[str]) -> None:
    """Raise ValueError when no index helps a search of `kind` by `fields`."""
    names = tuple(fields)
    if names and not set(names) & set(INDEXES[kind]):
        raise ValueError(
            f"{kind.__name__} has no index on {', '.join(names)}; "
            f"available: {', '.join(INDEXES[kind])}"
        )


class MemoryRecords:
    """Records in dicts, for simulation and tests. `fork` gives a cheap copy that may diverge."""

    def __init__(self, base: MemoryRecords | None = None) -> None:
        self._base = base
        self._kinds: dict[type[Record], dict[str, Record]] = {kind: {} for kind in INDEXES}
        self._index: dict[tuple[type[Record], str, str], dict[str, None]] = {}
        self._serials: dict[str, int] = {}
        self._undo: list[tuple[type[Record], str, Record | None]] | None = None
        self._lock = RLock()

    def fork(self) -> MemoryRecords:
        """Records that begin equal to these and change on their own. O(1); do not change the
        original while forks are in use."""
        return MemoryRecords(self)

    def own(self, kind: type[R]) -> list[R]:
        """Records of `kind` put since the fork."""
        return cast("list[R]", list(self._kinds[kind].values()))

    def get(self, kind: type[R], key: str) -> R | None:
        """See `Records.get`."""
        own = self._kinds[kind].get(key)
        if own is not None:
            return cast(R, own)
        return self._base.get(kind, key) if self._base is not None else None

    def find(self, kind: type[R], **equal: str) -> list[R]:
        """See `Records.find`."""
        check_indexed(kind, equal)
        own = self._kinds[kind]
        found: dict[str, Record] = {}
        if self._base is not None:
            found = {r.key: r for r in self._base.find(kind, **equal) if r.key not in own}
        for key in self._candidates(kind, equal):
            record = own[key]
            if all(getattr(record, field) == value for field, value in equal.items()):
                found[key] = record
        return cast("list[R]", [found[key] for key in sorted(found)])

    def _candidates(self, kind: type[Record], equal: dict[str, str]) -> Iterable[str]:
        for field in INDEXES[kind]:
            if field in equal:
                return self._index.get((kind, field, equal[field]), {})
        return self._kinds[kind]

    def put(self, record: Record) -> None:
        """See `Records.put`."""
        kind, key = type(record), record.key
        if self._undo is not None:
            self._undo.append((kind, key, self._kinds[kind].get(key)))
        self._store(kind, key, record)

    def put_all(self, records: Iterable[Record]) -> None:
        """See `Records.put_all`."""
        for record in records:
            self.put(record)

    def _store(self, kind: type[Record], key: str, record: Record | None) -> None:
        old = self._kinds[kind].pop(key, None)
        for field in INDEXES[kind]:
            if old is not None:
                self._index[kind, field, getattr(old, field)].pop(key, None)
            if record is not None:
                self._index.setdefault((kind, field, getattr(record, field)), {})[key] = None
        if record is not None:
            self._kinds[kind][key] = record

    def serial(self, name: str) -> int:
        """See `Records.serial`."""
        value = self._last(name) + 1
        self._serials[name] = value
        return value

    def _last(self, name: str) -> int:
        if name in self._serials or self._base is None:
            return self._serials.get(name, 0)
        return self._base._last(name)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Records]:
        """See `Records.transaction`. A transaction inside another is part of it."""
        with self._lock:
            if self._undo is not None or not write:
                yield self
                return
            self._undo, serials = [], dict(self._serials)
            try:
                yield self
            except BaseException:
                for kind, key, old in reversed(self._undo):
                    self._store(kind, key, old)
                self._serials = serials
                raise
            finally:
                self._undo = None
