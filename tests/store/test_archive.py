from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from hotline.store.archive import (
    DAY,
    Purged,
    close_lost,
    export_call,
    import_call,
    purge,
    read_journal,
)
from hotline.store.calls import count_calls, load_call
from hotline.store.database import Database, open_database, wall_time
from hotline.store.errors import CodecError, StoreError
from hotline.store.journal import DatabaseJournal
from hotline.switch import events as ev
from hotline.switch.actions import ACD
from hotline.switch.events import OfferOutcome
from hotline.switch.record import Outcome, RequestOutcome, fold
from tests.store.calling import entries, play, whole


def stored(
    database: Database,
    *,
    finished: tuple[str, ...] = (),
    left: tuple[str, ...] = (),
    node: str = "",
    clock_start: float = 0.0,
) -> None:
    sink = DatabaseJournal(database, node=node, clock_start=clock_start)
    for call in finished:
        play(sink, call)
    for call in left:
        play(sink, call, finish=False)
    sink.close()


class TestLostCalls:
    def test_get_a_row_and_a_closing_event(self, database: Database) -> None:
        stored(database, finished=("c1",), left=("c2",), clock_start=1000.0)
        (record,) = close_lost(database)
        assert (record.call, record.outcome, record.reason) == ("c2", Outcome.LOST, "lost")
        assert record.clock_start == 1000.0
        (request,) = record.requests
        assert request.outcome is RequestOutcome.LOST
        assert [offer.outcome for offer in request.offers] == [OfferOutcome.LOST]
        assert load_call(database, "c2", reveal=True) == record

    def test_their_journal_folds_to_the_same_row(self, database: Database) -> None:
        stored(database, left=("c1",))
        (record,) = close_lost(database)
        journal = read_journal(database, "c1")
        assert journal[:-1] == list(entries("c1"))
        assert isinstance(journal[-1].event, ev.CallClosed)
        assert fold(journal) == record

    def test_calls_of_another_node_go_on(self, database: Database) -> None:
        stored(database, left=("c1",), node="north")
        stored(database, left=("c2",), node="south")
        assert [record.call for record in close_lost(database, node="south")] == ["c2"]
        assert load_call(database, "c1") is None

    def test_a_finished_call_marked_open_keeps_its_row(self, database: Database) -> None:
        stored(database, finished=("c1",))
        with database.write() as connection:
            connection.execute(text("INSERT INTO open_calls VALUES ('c1', '', 0, 0)"))
        assert close_lost(database) == []
        record = load_call(database, "c1", reveal=True)
        assert record == fold(whole("c1"))


class TestExport:
    def test_gives_back_the_same_entries(self, database: Database) -> None:
        stored(database, finished=("c1",))
        lines = list(export_call(database, "c1"))
        assert len(lines) == len(whole("c1")) + 1
        assert import_call(lines) == whole("c1")

    def test_of_an_unknown_call(self, database: Database) -> None:
        with pytest.raises(StoreError, match="call c9 has no journal: unknown, or purged"):
            list(export_call(database, "c9"))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda lines: lines[1:], "line 1: the first line does not name the format"),
            (lambda lines: [*lines[:3], "{", *lines[4:]], "line 4: stored journal is not a list"),
            (lambda lines: lines[:-2], "has 17 of 19 entries"),
            (lambda lines: [], "0 of 0 entries"),
        ],
    )
    def test_a_damaged_export_names_the_line(
        self, sqlite_database: Database, change: object, message: str
    ) -> None:
        stored(sqlite_database, finished=("c1",))
        assert callable(change)
        lines = change(list(export_call(sqlite_database, "c1")))
        with pytest.raises(CodecError, match=message):
            import_call(lines)


class TestPurge:
    def test_old_journals_go_and_rows_stay(self, database: Database) -> None:
        stored(database, finished=("c1", "c2"), left=("c3",))
        tomorrow = wall_time() + DAY
        assert purge(database, 2, now=tomorrow) == Purged(0, 0, 2)
        purged = purge(database, 0.5, now=tomorrow)
        assert purged == Purged(calls=2, entries=2 * len(whole("c1")), rows_kept=2)
        assert read_journal(database, "c1") == []
        assert count_calls(database) == 2
        assert load_call(database, "c1", reveal=True) == fold(whole("c1"))

    def test_a_call_in_progress_is_not_touched(self, database: Database) -> None:
        stored(database, left=("c1",))
        assert purge(database, 0, now=wall_time() + DAY).entries == 0
        assert read_journal(database, "c1") == list(entries("c1"))

    def test_what_concerns_no_call_goes_too(self, database: Database) -> None:
        sink = DatabaseJournal(database)
        sink.append(ACD, ev.AgentSignedIn(0.0, "", "a1"))
        sink.close()
        assert purge(database, 0, now=wall_time() + 1) == Purged(0, 1, 0)
        assert read_journal(database, "") == []

    def test_purged_bodies_are_not_left_in_the_file(self, tmp_path: Path) -> None:
        database = open_database(str(tmp_path / "hotline.db"))
        stored(database, finished=("c1",))
        with database.read() as connection:
            body = connection.execute(text("SELECT body FROM journal")).scalar_one()
        purge(database, 0, now=wall_time() + 1)
        files = [file.read_bytes() for file in tmp_path.iterdir()]
        database.close()
        assert not any(body[20:60] in content for content in files)

    def test_a_negative_age_is_refused(self, sqlite_database: Database) -> None:
        with pytest.raises(StoreError, match="give a number of days"):
            purge(sqlite_database, -1)


def test_a_record_does_not_depend_on_where_it_was_kept(database: Database) -> None:
    stored(database, finished=("c1",))
    again = fold(read_journal(database, "c1"))
    assert load_call(database, "c1", reveal=True) == replace(again, clock_start=0.0)
