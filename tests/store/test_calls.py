from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from hotline.store.calls import (
    count_calls,
    iter_calls,
    load_call,
    mask,
    recent_calls,
    save_calls,
)
from hotline.store.database import Database
from hotline.store.errors import StoreError
from hotline.switch.record import CallRecord, fold
from tests.store.calling import NUMBER, whole

START = 1_800_000_000.0


def record(call: str, begin: float = 0.0) -> CallRecord:
    return replace(fold(whole(call, begin)), clock_start=START)


def save(database: Database, *records: CallRecord) -> None:
    with database.write() as connection:
        save_calls(connection, database.vault, records, 0.0)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13800138000", "138****8000"), ("59512345", "595*2345"), ("95598", "****8"), ("", "")],
)
def test_masked_numbers(number: str, shown: str) -> None:
    assert mask(number) == shown


def test_a_row_gives_back_the_whole_record(database: Database) -> None:
    call = record("c1")
    save(database, call)
    assert load_call(database, "c1", reveal=True) == call
    assert load_call(database, "c2") is None


def test_numbers_are_masked_unless_revealed(database: Database) -> None:
    save(database, record("c1"))
    shown = load_call(database, "c1")
    assert shown is not None
    assert shown.number == "138****8000"
    assert [r.number for r in recent_calls(database)] == ["138****8000"]
    assert [r.number for r in iter_calls(database)] == ["138****8000"]


def test_the_row_itself_holds_no_number(database: Database) -> None:
    save(database, record("c1"))
    with database.read() as connection:
        row = connection.execute(text("SELECT * FROM calls")).one()
    assert all(NUMBER not in str(value) for value in row)


def test_any_number_of_calls_comes_in_order_of_arrival(database: Database) -> None:
    # Several arrive at the same instant on the border between two pages.
    begins = [5.0, 1.0, 3.0, 3.0, 3.0, 2.0, 9.0]
    save(database, *(record(f"c{index}", begin) for index, begin in enumerate(begins)))
    for page in range(1, 9):
        found = [call.call for call in iter_calls(database, page=page)]
        assert found == ["c1", "c5", "c2", "c3", "c4", "c0", "c6"]
    assert count_calls(database) == 7
    assert [call.call for call in recent_calls(database, 2)] == ["c6", "c0"]


def test_since_is_in_and_until_is_out(database: Database) -> None:
    save(database, *(record(f"c{begin}", float(begin)) for begin in range(5)))
    found = iter_calls(database, START + 1, START + 3)
    assert [call.call for call in found] == ["c1", "c2"]


def test_what_no_encoding_knows_does_not_lose_the_row(database: Database) -> None:
    save(database, replace(record("c1"), number="\udcff\0" * 5, area="\0", reason="\udcff"))
    loaded = load_call(database, "c1", reveal=True)
    assert loaded is not None
    assert (loaded.number, loaded.area, loaded.reason) == ("\udcff\0" * 5, "\0", "\udcff")


def test_a_damaged_row_is_an_error_of_one_line(database: Database) -> None:
    save(database, record("c1"))
    with database.write() as connection:
        connection.execute(text("UPDATE calls SET detail = '{'"))
    with pytest.raises(StoreError, match="not JSON"):
        load_call(database, "c1")
