"""`DatabaseJournal`: the journal of live calls, written by a thread of its own.

    exchange thread      append ... append ... closed          never waits for the disk
                            |         |          |
    writer thread        [ gather <= 0.1 s ] [ at once ] -> one transaction a batch -> on_written

What is guaranteed, and when
- A call is *finished* when its last entries, its row in `calls` and the removal from `open_calls`
  are committed, all in one transaction (SQLite: synchronous = FULL, so also on the disk). Only then
  `on_written` is told; from then on the call survives `kill -9` and loss of power.
- `closed` returns before that, usually by some ten milliseconds: an exchange that waited for the
  disk would make every other call stutter. `flush` waits until all that was appended is committed.
- The writer takes a `rest` after each millisecond of work, unless somebody waits in `flush`: the
  interpreter serves one thread at a time, and while this one works the audio of all calls waits.
- Of calls in progress the entries up to the last batch (0.1 s) are kept; after a crash
  `archive.close_lost` gives each of them a row with the outcome `lost`.
- While the database refuses to work (disk full, server gone) everything waits in memory and is
  tried again every second; `problem` says what is wrong. An orderly `close` raises StoreError if
  something could still not be written.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import Condition, Event, Thread
from time import thread_time
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from hotline.store.calls import save_calls
from hotline.store.codec import dump_entries
from hotline.store.database import Database, wall_time
from hotline.store.errors import StoreError
from hotline.store.tables import journal, open_calls
from hotline.switch import events as ev
from hotline.switch.record import CallRecord, Entry, fold

log = logging.getLogger(__name__)

OnWritten = Callable[[CallRecord], None]

_REMEMBERED = 100_000
"""Ids of closed calls kept, so that a late fact (an agent's wrap-up) does not reopen its call."""
_GATHER = 0.02
"""Seconds in which calls that end at the same time come together into one transaction."""
_AT_ONCE = 0.001
"""Seconds of work between two rests."""


_NO_LONGER_OPEN = open_calls.delete().where(open_calls.c.call == bindparam("ended"))


@dataclass(slots=True)
class _Open:
    """A call that has entries in memory: `written` of them are in the database."""

    call: str
    entries: list[Entry] = field(default_factory=list)
    written: int = 0
    closed: bool = False
    record: CallRecord | None = None


class DatabaseJournal:
    """Journal sink that writes to `database`; start one, `close` it at the end.

    `clock_start` is the epoch second of instant 0 of the call clock; `node` tells apart several
    hotlines on one database; `on_written(record)` is called on the writer thread for every finished
    call. With `max_waiting` entries not yet written `closed` waits for the disk after all: for
    simulations, which produce faster than any disk writes. `rest` (seconds): see above; 0 for none.
    `begin` is called first on the writer thread: what that thread wants done to itself.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock_start: float = 0.0,
        node: str = "",
        interval: float = 0.1,
        retry: float = 1.0,
        on_written: OnWritten | None = None,
        max_waiting: int | None = None,
        rest: float = 0.0,
        begin: Callable[[], object] = lambda: None,
    ) -> None:
        self.problem: str | None = None
        self.rejected = 0
        """calls the database will never take (their id is used already): logged and given up"""
        self._database, self._clock_start, self._node = database, clock_start, node
        self._interval, self._retry, self._rest = interval, retry, rest
        self._on_written, self._max_waiting, self._begin = on_written, max_waiting, begin
        self._buffer: deque[tuple[str, ev.Event, bool]] = deque()
        self._appended = self._written = 0
        self._calls: dict[str, _Open] = {}
        self._general = _Open("")
        self._dirty: dict[str, _Open] = {}
        self._gone: dict[str, None] = {}
        self._some, self._urgent, self._stop = Event(), Event(), Event()
        self._progress = Condition()
        self._awaited = 0
        """how many wait in `flush`; while somebody does, `_wanted` is set and nobody rests"""
        self._wanted = Event()
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    # --- the exchange's side -------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Entries not yet committed."""
        return self._appended - self._written

    def append(self, to: str, event: ev.Event) -> None:
        """Add one entry; it is committed within `interval` seconds."""
        self._put(to, event, False)

    def closed(self, closing: ev.CallClosed) -> None:
        """The call is complete: commit it at once, without waiting for it here."""
        self._put("", closing, True)
        self._urgent.set()
        if self._max_waiting is not None and self.waiting > self._max_waiting:
            self.flush()

    def _put(self, to: str, event: ev.Event, closes: bool) -> None:
        self._buffer.append((to, event, closes))
        self._appended += 1
        if not self._some.is_set():
            self._some.set()

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all that was appended so far is committed; False after `timeout` seconds."""
        target = self._appended
        with self._progress:
            self._awaited += 1
            self._wanted.set()
            self._urgent.set()
            self._some.set()
            try:
                return self._progress.wait_for(lambda: self._written >= target, timeout)
            finally:
                self._awaited -= 1
                if not self._awaited:
                    self._wanted.clear()

    def close(self, timeout: float = 10.0) -> None:
        """Write what is left and stop. Raises StoreError if it cannot be written in `timeout` s."""
        done = self.flush(timeout)
        self._stop.set()
        self._wanted.set()
        self._urgent.set()
        self._some.set()
        self._thread.join(timeout)
        if not done:
            raise StoreError(
                f"{self.waiting} journal entries could not be written ({self.problem}): "
                "make room for the database or bring it back, then start again"
            )

    # --- the writer's side ---------------------------------------------------------------------

    def _run(self) -> None:
        self._begin()
        while not self._stop.is_set():
            self._some.wait()
            if self._urgent.wait(self._interval) and self._rest:
                self._wanted.wait(_GATHER)
            self._some.clear()
            self._urgent.clear()
            taken = self._take()
            while not (done := self._write()) and not self._stop.wait(self._retry):
                taken += self._take()
            if done:
                with self._progress:
                    self._written += taken
                    self._progress.notify_all()

    def _take(self) -> int:
        count = len(self._buffer)
        for _ in range(count):
            to, event, closes = self._buffer.popleft()
            state = self._state(event.call)
            if not closes:
                state.entries.append(Entry(to, event))
            elif state is not self._general:  # else closed twice: once is enough
                state.closed = True
                self._forget(state)
            self._dirty[state.call] = state
        return count

    def _state(self, call: str) -> _Open:
        if not call or call in self._gone:
            return self._general
        state = self._calls.get(call)
        if state is None:
            state = self._calls[call] = _Open(call)
        return state

    def _forget(self, state: _Open) -> None:
        """The call takes no more entries; it stays in `_dirty` until it is written."""
        self._calls.pop(state.call, None)
        self._gone[state.call] = None
        if len(self._gone) > _REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _write(self) -> bool:
        """Commit everything dirty; False when the database does not work just now."""
        states = list(self._dirty.values())
        try:
            self._done(states, self._commit(states))
        except (IntegrityError, DataError):
            return self._write_apart(states)
        except (SQLAlchemyError, OSError) as error:
            return self._troubled(error)
        except Exception:  # one call that cannot be written must not hold up the others
            return self._write_apart(states)
        return True

    def _write_apart(self, states: Iterable[_Open]) -> bool:
        """Something among `states` is not acceptable: find it by writing one at a time."""
        for state in states:
            try:
                self._done([state], self._commit([state]))
            except (IntegrityError, DataError) as error:
                self._reject(state, error)
            except (SQLAlchemyError, OSError) as error:
                return self._troubled(error)
            except Exception as error:
                self._reject(state, error)
        return True

    def _reject(self, state: _Open, error: Exception) -> None:
        log.error("call %s cannot be stored: %s", state.call, type(error).__name__)
        self.rejected += 1
        self._dirty.pop(state.call, None)
        state.written = len(state.entries)

    def _troubled(self, error: Exception) -> bool:
        reason = type(error).__name__
        if self.problem != reason:
            log.error("journal cannot be written (%s); trying again", reason)
        self.problem = reason
        return False

    def _done(self, states: Iterable[_Open], finished: Iterable[CallRecord]) -> None:
        if self.problem is not None:
            log.warning("journal is written again")
            self.problem = None
        for state in states:
            self._dirty.pop(state.call, None)
            state.written = len(state.entries)
        if self._general.written:
            self._general.entries.clear()
            self._general.written = 0
        if self._on_written is not None:
            for record in finished:
                self._tell(record)

    def _tell(self, record: CallRecord) -> None:
        assert self._on_written is not None
        try:
            self._on_written(record)
        except Exception as error:  # a listener's fault must not stop the journal
            log.error("listener to finished calls failed: %s", type(error).__name__)

    def _gently(self, states: Iterable[_Open]) -> Iterator[_Open]:
        """`states` one by one, with rests in between."""
        begun = thread_time()
        for state in states:
            yield state
            if self._rest and thread_time() - begun > _AT_ONCE:
                self._wanted.wait(self._rest)
                begun = thread_time()

    # --- one transaction -----------------------------------------------------------------------

    def _commit(self, states: Iterable[_Open]) -> list[CallRecord]:
        now = wall_time()
        states = list(states)
        chunks = [self._chunk(s, now) for s in self._gently(states) if len(s.entries) > s.written]
        finished = [self._record(s) for s in self._gently(states) if s.closed]
        opened = [s.call for s in states if s.call and not s.closed and not s.written]
        ended = [s.call for s in states if s.closed and s.written]
        with self._database.write() as connection:
            if chunks:
                connection.execute(journal.insert(), chunks)
            self._mark(connection, opened, ended, now)
            save_calls(connection, self._database.vault, finished, now)
        return finished

    def _mark(
        self, connection: Connection, opened: list[str], ended: list[str], now: float
    ) -> None:
        if opened:
            run = {"node": self._node, "written_at": now, "clock_start": self._clock_start}
            connection.execute(open_calls.insert(), [{"call": call, **run} for call in opened])
        if ended:
            connection.execute(_NO_LONGER_OPEN, [{"ended": call} for call in ended])

    def _chunk(self, state: _Open, now: float) -> dict[str, Any]:
        fresh = state.entries[state.written :]
        return {
            "call": state.call,
            "seq": state.written,
            "entries": len(fresh),
            "node": self._node,
            "written_at": now,
            "body": self._database.vault.seal(dump_entries(fresh)),
        }

    def _record(self, state: _Open) -> CallRecord:
        if state.record is None:
            state.record = replace(fold(state.entries), clock_start=self._clock_start)
        return state.record
