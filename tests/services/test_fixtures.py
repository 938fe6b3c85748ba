from __future__ import annotations

from datetime import datetime

import pytest

from hotline.services.catalogue import answer
from hotline.services.fixtures import FixtureError, kind_of, records
from hotline.services.model import AreaType, Bill, Binding, Customer, Outage, WorkOrder
from hotline.services.records import MemoryRecords

NOW = datetime(2026, 6, 10, 9, 30)


def test_a_customer_may_bring_a_telephone() -> None:
    row = {"account": "1000000099", "phone": "13900000000", "area": "1001", "balance": -5000}
    customer, binding = records("customers", row, 1, NOW)
    assert isinstance(customer, Customer)
    assert (customer.account, customer.balance) == ("1000000099", -5000)
    assert isinstance(customer.area_type, AreaType)
    assert binding == Binding("13900000000-1000000099", "13900000000", "1000000099")


@pytest.mark.parametrize("cause", ["storm", "cause.storm"])
def test_an_outage_written_with_little_is_told_to_callers(cause: str) -> None:
    world = MemoryRecords()
    row = {"area": "1001", "cause": cause, "etr": "2026-06-10T18:00"}
    world.put_all(records("outages", row, 1, NOW))
    outcome, values = answer("outage_by_area", world, {"area": "1001"}, NOW)
    assert outcome == "found"
    assert (values["cause"], values["etr"]) == ("雷雨大风", "2026-06-10T18:00")


def test_an_outage_without_cause_has_a_plain_one() -> None:
    world = MemoryRecords()
    world.put_all(records("outage", {"area": "1001"}, 1, NOW))
    assert answer("bulletin", world, {"area": "1001"}, NOW)[0] == "active"


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("outages", {"cause": "dragon"}, "outages: no cause 'dragon'; there are damage, equip"),
        ("bills", {"colour": "red"}, "bills: no field 'colour'; there are account, amount"),
        ("bills", {"kwh": "much"}, "bills: kwh cannot be 'much'"),
        ("bills", {"paid": "perhaps"}, "bills: paid cannot be 'perhaps'"),
        ("work_orders", {"state": "gone"}, "work_orders: state cannot be 'gone'"),
        ("trains", {}, "no records 'trains'; there are bill, binding"),
    ],
)
def test_what_cannot_be_a_record_is_named(name: str, row: dict[str, object], message: str) -> None:
    with pytest.raises(FixtureError, match=message):
        list(records(name, row, 1, NOW))


def test_kinds_are_named_in_singular_or_plural() -> None:
    assert kind_of("work_orders") is kind_of("work_order") is WorkOrder
    assert (kind_of("bills"), kind_of("outage")) == (Bill, Outage)
