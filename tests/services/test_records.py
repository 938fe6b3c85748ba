"""What only `MemoryRecords` can do; what both forms do is in `tests/store/test_records.py`."""

from __future__ import annotations

from datetime import datetime

from hotline.services.model import Binding, Customer
from hotline.services.records import MemoryRecords
from hotline.services.seed import seeded

NOW = datetime(2026, 6, 10, 9)


def binding(phone: str, account: str = "1") -> Binding:
    return Binding("b", phone, account)


class TestFork:
    def test_begins_equal_and_changes_on_its_own(self) -> None:
        base = seeded(NOW, customers=12)
        fork = base.fork()
        assert fork.find(Customer) == base.find(Customer)
        fork.put(binding("999"))
        assert fork.find(Binding, phone="999") == [binding("999")]
        assert base.find(Binding, phone="999") == []

    def test_a_record_changed_in_the_fork_is_not_found_as_it_was(self) -> None:
        base = MemoryRecords()
        base.put(binding("old"))
        fork = base.fork()
        fork.put(binding("new"))
        assert fork.find(Binding, phone="old") == []
        assert fork.find(Binding, account="1") == [binding("new")]
        assert base.find(Binding, phone="old") == [binding("old")]

    def test_series_go_on_from_the_base(self) -> None:
        base = MemoryRecords()
        assert base.serial("order") == 1
        first, second = base.fork(), base.fork()
        assert [first.serial("order"), first.serial("order")] == [2, 3]
        assert second.serial("order") == 2
