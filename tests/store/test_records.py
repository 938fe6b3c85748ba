from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.services.catalogue import READING, WRITING, answer
from hotline.services.model import INDEXES, Customer, OrderState, WorkOrder
from hotline.services.orders import BUSINESSES, CASES, FAULTS, move
from hotline.services.records import MemoryRecords, Records
from hotline.services.seed import CLOSED_ORDER, OPEN_ORDER, seed
from hotline.store.database import Database
from hotline.store.records import SqlRecords
from hotline.store.tables import KINDS, serials
from menus.services import AREAS

NOW = datetime(2026, 12, 29, 9, 30)

PHONES = [*(f"138001380{index:02d}" for index in range(11)), "13900139000"]
ACCOUNTS = [*(f"10000000{index:02d}" for index in range(1, 12)), "1000000000012", "9999999999"]

INPUTS = st.fixed_dictionaries(
    {
        "number": st.sampled_from(PHONES[:3]) | st.sampled_from(["", *PHONES]),
        "account": st.sampled_from(ACCOUNTS[:3]) | st.sampled_from(ACCOUNTS),
        "area": st.sampled_from(["", *AREAS, "9999"]),
        "language": st.sampled_from(["zh-CN", "en-US", "bo-CN"]),
        "order": st.sampled_from(
            [OPEN_ORDER, CLOSED_ORDER, "261229000001", "261229000002", "999999999999"]
        ),
        "fault": st.sampled_from(sorted(FAULTS)[:2]) | st.sampled_from([*sorted(FAULTS), "?"]),
        "business": st.sampled_from([*sorted(BUSINESSES)[:3], "?"]),
        "case": st.sampled_from([*sorted(CASES), "?"]),
        "slot": st.sampled_from(["morning", "afternoon", "evening", "night"]),
        "topic": st.sampled_from(["bill", "outage"]),
        "reading": st.sampled_from(["0", "999999", "20000", "x", "9" * 10]),
        "anonymous": st.sampled_from(["", "yes"]),
        "call": st.sampled_from(["c1", "c2"]),
    },
    optional={"phone": st.sampled_from(PHONES[:2])},
)

STEPS = st.lists(
    st.tuples(st.sampled_from([*READING, *WRITING, "no_such_service"]), INPUTS,
              st.integers(0, 600)),
    max_size=25,
)  # fmt: skip


def everything(records: Records) -> dict[str, list[object]]:
    return {kind.__name__: list(records.find(kind)) for kind in INDEXES}


def emptied(database: Database) -> SqlRecords:
    with database.write() as connection:
        for table in (*KINDS.values(), serials):
            connection.execute(table.delete())
    return SqlRecords(database)


def run(records: Records, steps: list[tuple[str, dict[str, str], int]]) -> list[object]:
    replies: list[object] = []
    now = NOW
    for service, inputs, minutes in steps:
        now += timedelta(minutes=minutes)
        outcome, values = answer(service, records, inputs, now)
        replies.append((service, outcome, dict(values)))
    return replies


class TestParity:
    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(steps=STEPS)
    def test_any_services_in_any_order_do_the_same_in_memory_and_in_tables(
        self, database: Database, steps: list[tuple[str, dict[str, str], int]]
    ) -> None:
        memory, tables = MemoryRecords(), emptied(database)
        for records in (memory, tables):
            seed(records, NOW, customers=15)
        assert run(tables, steps) == run(memory, steps)
        assert everything(tables) == everything(memory)

    def test_seeded_records_survive_the_tables(self, sqlite_database: Database) -> None:
        memory, tables = MemoryRecords(), SqlRecords(sqlite_database)
        for records in (memory, tables):
            seed(records, NOW)
        assert everything(tables) == everything(memory)
        assert len(tables.find(Customer)) == 1000


@pytest.fixture(params=["memory", "tables"])
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "memory":
        return MemoryRecords()
    return SqlRecords(request.getfixturevalue("sqlite_database"))


def order(number: str, account: str = "1") -> WorkOrder:
    return WorkOrder(
        number, "fault", "single", "", account, "", "", OrderState.ACCEPTED, NOW, NOW, NOW
    )


class TestEitherForm:
    def test_a_record_put_again_is_replaced_and_found_under_its_new_fields(
        self, records: Records
    ) -> None:
        records.put(order("1", account="a"))
        records.put(order("1", account="b"))
        assert records.find(WorkOrder, account="a") == []
        assert records.find(WorkOrder, account="b") == [order("1", account="b")]
        assert records.get(WorkOrder, "1") == order("1", account="b")

    def test_results_come_in_order_of_their_keys(self, records: Records) -> None:
        keys = ["b", "B", "a", "10", "9", "_"]
        records.put_all(order(key) for key in keys)
        assert [found.key for found in records.find(WorkOrder, account="1")] == sorted(keys)

    def test_a_search_without_index_is_refused(self, records: Records) -> None:
        with pytest.raises(ValueError, match="no index on state; available: account, phone, call"):
            records.find(WorkOrder, state="accepted")

    def test_all_fields_of_a_search_count(self, records: Records) -> None:
        records.put(order("1"))
        assert records.find(WorkOrder, account="1", state="closed") == []
        assert records.find(WorkOrder, account="1", state="accepted") == [order("1")]

    def test_a_failed_transaction_leaves_nothing(self, records: Records) -> None:
        records.put(order("1"))
        assert records.serial("x") == 1

        def fail() -> None:
            with records.transaction(write=True) as target:
                target.put(move(order("1"), OrderState.DISPATCHED, NOW))
                target.put(order("2"))
                target.serial("x")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert records.find(WorkOrder) == [order("1")]
        assert records.serial("x") == 2

    def test_a_transaction_inside_another_is_part_of_it(self, records: Records) -> None:
        def fail() -> None:
            with records.transaction(write=True) as outer:
                with outer.transaction(write=True) as inner:
                    inner.put(order("1"))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert records.find(WorkOrder) == []


def test_two_callers_at_once_get_one_order(database: Database) -> None:
    """The classic race: both find no order in progress, both make one."""
    tables = SqlRecords(database)
    seed(tables, NOW, customers=0)
    start = threading.Barrier(4)
    outcomes: Counter[str] = Counter()

    def report() -> None:
        start.wait(10)
        inputs = {"account": "1000000001", "fault": "single", "number": "13800138000"}
        outcomes[answer("fault_report", tables, inputs, NOW)[0]] += 1

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes == {"created": 1, "duplicate": 3}
    assert len(tables.find(WorkOrder, account="1000000001")) == 1
