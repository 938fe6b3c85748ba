from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hotline.store.archive import close_lost, read_journal
from hotline.store.calls import count_calls, load_call
from hotline.store.database import Database, open_database
from hotline.store.errors import StoreError
from hotline.store.journal import DatabaseJournal
from hotline.switch import events as ev
from hotline.switch.actions import ACD, JOURNAL
from hotline.switch.record import CallRecord, Outcome, fold
from tests.store.calling import TYPED, closing, play, whole


@pytest.fixture
def journal(database: Database) -> Iterator[DatabaseJournal]:
    sink = DatabaseJournal(database, interval=0.005, retry=0.01)
    yield sink
    sink.close()


def open_marks(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT call FROM open_calls")).scalars())


class TestFinishedCalls:
    def test_entries_and_row_are_there_when_flushed(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        play(journal, "c1")
        assert journal.flush(10)
        assert read_journal(database, "c1") == whole("c1")
        assert load_call(database, "c1", reveal=True) == fold(whole("c1"))
        assert open_marks(database) == []
        assert journal.waiting == 0

    def test_a_writer_that_rests_writes_all_and_does_not_rest_for_who_waits(
        self, database: Database
    ) -> None:
        calm = DatabaseJournal(database, interval=0.005, rest=600.0)
        for number in range(300):
            play(calm, f"c{number}")
        calm.close(30)
        assert count_calls(database) == 300
        assert open_marks(database) == []

    def test_entries_written_bit_by_bit_are_one_journal(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        for entry in whole("c1"):
            journal.append(entry.to, entry.event)
            assert journal.flush(10)
        assert open_marks(database) == ["c1"]
        journal.closed(closing("c1"))
        assert journal.flush(10)
        assert open_marks(database) == []
        assert read_journal(database, "c1") == whole("c1")
        assert load_call(database, "c1", reveal=True) == fold(whole("c1"))

    def test_listeners_hear_of_a_call_only_when_it_is_committed(
        self, sqlite_database: Database
    ) -> None:
        seen: list[CallRecord | None] = []
        heard = threading.Event()

        def listen(record: CallRecord) -> None:
            seen.append(load_call(sqlite_database, record.call, reveal=True))
            heard.set()

        sink = DatabaseJournal(sqlite_database, on_written=listen)
        play(sink, "c1")
        assert heard.wait(10)
        sink.close()
        assert seen == [fold(whole("c1"))]

    def test_a_listener_that_fails_stops_nothing(self, sqlite_database: Database) -> None:
        def listen(record: CallRecord) -> None:
            raise RuntimeError

        sink = DatabaseJournal(sqlite_database, on_written=listen)
        play(sink, "c1")
        assert sink.flush(10)
        play(sink, "c2")
        sink.close()
        assert count_calls(sqlite_database) == 2

    def test_the_clocks_start_makes_times_of_day(self, sqlite_database: Database) -> None:
        sink = DatabaseJournal(sqlite_database, clock_start=1_800_000_000.0)
        play(sink, "c1", 5.0)
        sink.close()
        record = load_call(sqlite_database, "c1")
        assert record is not None
        assert record.clock_start + record.arrived == 1_800_000_005.0

    def test_many_calls_at_once(self, database: Database, journal: DatabaseJournal) -> None:
        half_done = [list(whole(f"c{index}")) for index in range(50)]
        for position in range(len(half_done[0])):
            for entries in half_done:
                journal.append(entries[position].to, entries[position].event)
        for index in range(50):
            journal.closed(closing(f"c{index}"))
        assert journal.flush(30)
        assert count_calls(database) == 50
        assert read_journal(database, "c49") == whole("c49")


class TestPrivacy:
    def test_typed_digits_are_nowhere_in_the_files(self, tmp_path: Path) -> None:
        database = open_database(str(tmp_path / "hotline.db"))
        sink = DatabaseJournal(database)
        play(sink, "c1")
        sink.close()
        database.close()
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"c1" in stored
        assert TYPED.encode() not in stored
        assert b"13800138000" not in stored

    def test_log_lines_hold_no_digits(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        sink = DatabaseJournal(database)
        play(sink, "c1")
        assert sink.flush(10)
        sink._gone.clear()  # as after a restart: the same id again
        play(sink, "c1")
        sink.close()
        assert sink.rejected > 0
        assert "call c1 cannot be stored: IntegrityError" in caplog.text
        assert TYPED not in caplog.text
        assert "13800138000" not in caplog.text


class TestOddEntries:
    def test_what_concerns_no_call_is_kept_apart(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        signed_in = ev.AgentSignedIn(0.0, "", "a1")
        ready = ev.AgentReady(1.0, "", "a1")
        journal.append(ACD, signed_in)
        assert journal.flush(10)
        journal.append(ACD, ready)
        assert journal.flush(10)
        assert [entry.event for entry in read_journal(database, "")] == [signed_in, ready]
        assert open_marks(database) == []

    def test_a_late_fact_does_not_reopen_its_call(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        play(journal, "c1")
        late = ev.AgentStateChanged(30.0, "c1", "a1", ev.AgentState.READY)
        journal.append(JOURNAL, late)
        assert journal.flush(10)
        assert open_marks(database) == []
        assert [entry.event for entry in read_journal(database, "")] == [late]
        assert read_journal(database, "c1") == whole("c1")

    def test_a_call_closed_twice_has_one_row(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        play(journal, "c1")
        journal.closed(closing("c1"))
        assert journal.flush(10)
        assert count_calls(database) == 1
        assert journal.rejected == 0

    def test_an_entry_that_cannot_be_written_harms_only_its_own_call(
        self, database: Database, journal: DatabaseJournal
    ) -> None:
        journal.append(JOURNAL, ev.Did(0.0, "c1", action=object()))
        play(journal, "c2")
        assert journal.flush(10)
        assert journal.rejected == 1
        assert load_call(database, "c2") is not None


class TestTrouble:
    def test_nothing_is_lost_while_the_database_does_not_work(
        self, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried, works = threading.Semaphore(0), threading.Event()
        commit = DatabaseJournal._commit

        def refuse(self: DatabaseJournal, states: object) -> object:
            if not works.is_set():
                tried.release()
                raise OperationalError("", {}, Exception("disk full"))
            return commit(self, states)  # type: ignore[arg-type]

        monkeypatch.setattr(DatabaseJournal, "_commit", refuse)
        sink = DatabaseJournal(sqlite_database, interval=0.001, retry=0.001)
        play(sink, "c1")
        assert tried.acquire(timeout=10)
        assert tried.acquire(timeout=10)
        assert sink.problem == "OperationalError"
        play(sink, "c2")
        works.set()
        assert sink.flush(10)
        assert sink.problem is None
        sink.close()
        assert count_calls(sqlite_database) == 2

    def test_closing_says_what_could_not_be_written(
        self, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(self: DatabaseJournal, states: object) -> None:
            raise OperationalError("", {}, Exception("disk full"))

        monkeypatch.setattr(DatabaseJournal, "_commit", refuse)
        sink = DatabaseJournal(sqlite_database, interval=0.001, retry=0.001)
        play(sink, "c1")
        with pytest.raises(StoreError, match=f"{len(whole('c1')) + 1} journal entries"):
            sink.close(timeout=0.05)

    def test_a_limit_makes_the_writer_catch_up(self, sqlite_database: Database) -> None:
        sink = DatabaseJournal(sqlite_database, max_waiting=0)
        play(sink, "c1")
        assert count_calls(sqlite_database) == 1
        sink.close()


VICTIM = """
import sys, time
from hotline.store.database import open_database
from hotline.store.journal import DatabaseJournal
from tests.store.calling import play

def told(record):
    if record.call == "c99":
        print("closed", flush=True)

sink = DatabaseJournal(open_database(sys.argv[1]), on_written=told)
play(sink, "open", finish=False)
sink.flush()
for index in range(100):
    play(sink, f"c{index}")
time.sleep(60)
"""


class TestKilled:
    def test_a_finished_call_survives_kill_9_and_an_open_one_is_lost(self, url: str) -> None:
        victim = subprocess.Popen([sys.executable, "-c", VICTIM, url], stdout=subprocess.PIPE)
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"closed\n"
        victim.kill()
        victim.stdout.close()
        assert victim.wait(10) == -signal.SIGKILL

        database = open_database(url)
        assert count_calls(database) == 100
        for index in range(100):
            assert load_call(database, f"c{index}", reveal=True) == fold(whole(f"c{index}"))
            assert read_journal(database, f"c{index}") == whole(f"c{index}")
        assert load_call(database, "open") is None

        assert [record.call for record in close_lost(database)] == ["open"]
        record = load_call(database, "open")
        assert record is not None
        assert record.outcome is Outcome.LOST
        assert record.keys == len(TYPED)
        assert close_lost(database) == []
        database.close()
