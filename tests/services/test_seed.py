from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from hotline.services import seed as seeding
from hotline.services.catalogue import answer
from hotline.services.limits import LIMITS
from hotline.services.model import INDEXES, Bill, Binding, Customer, Outage, WorkOrder
from hotline.services.records import MemoryRecords, Records
from hotline.services.seed import seeded
from menus.services import ACCOUNT_DIGITS, AREAS, ORDER_DIGITS, WORDS

NOW = datetime(2026, 3, 31, 14, 30)


@pytest.fixture(scope="module")
def records() -> MemoryRecords:
    return seeded(NOW)


def everything(records: Records) -> list[object]:
    return [record for kind in INDEXES for record in records.find(kind)]


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert everything(seeded(NOW)) == everything(seeded(NOW))
    assert everything(seeded(NOW)) != everything(seeded(NOW, seed=1))


@pytest.mark.parametrize("count", [0, 12, 50])
def test_there_are_as_many_as_asked_but_at_least_the_fixed(count: int) -> None:
    assert len(seeded(NOW, customers=count).find(Customer)) == max(count, 12)


def test_accounts_areas_and_marks_are_valid(records: MemoryRecords) -> None:
    customers = records.find(Customer)
    assert {len(customer.account) for customer in customers} == set(ACCOUNT_DIGITS)
    assert {customer.area for customer in customers} == set(AREAS)
    assert all(customer.invented and "虚构路" in customer.address for customer in customers)


def test_what_is_owed_is_what_the_open_bills_say(records: MemoryRecords) -> None:
    debtors = 0
    for customer in records.find(Customer):
        bills = records.find(Bill, account=customer.account)
        owed = sum(bill.amount for bill in bills if not bill.paid)
        assert owed == max(0, -customer.balance)
        debtors += owed > 0
    assert debtors > 10


def test_bills_cover_the_twelve_months_before(records: MemoryRecords) -> None:
    months = [bill.month for bill in records.find(Bill, account="1000000001")]
    assert months[0] == "2025-03"
    assert months[-1] == "2026-02"
    assert len(set(months)) == 12


def test_outages_are_in_the_books_words_and_published_in_time(records: MemoryRecords) -> None:
    for outage in records.find(Outage):
        assert f"cause.{outage.cause}" in WORDS
        assert f"outage.{outage.status}" in WORDS
        # 6.2.5.2
        late = outage.published_at - outage.known_at
        assert late <= timedelta(minutes=LIMITS.publish_minutes)


def test_order_numbers_can_be_typed(records: MemoryRecords) -> None:
    assert {len(order.order) for order in records.find(WorkOrder)} == set(ORDER_DIGITS)


def test_the_documented_customers_are_as_documented(records: MemoryRecords) -> None:
    table = re.findall(r"^    (1\d{10})  (\d+|-)(?:/\d+)? +(\d{4})?", seeding.__doc__ or "", re.M)
    assert len(table) == 12
    for phone, account, area in table:
        accounts = [binding.account for binding in records.find(Binding, phone=phone)]
        if account == "-":
            assert accounts == []
            continue
        assert account in accounts
        customer = records.get(Customer, account)
        assert customer is not None
        assert customer.area == area


@pytest.mark.parametrize(
    ("service", "inputs", "outcome"),
    [
        ("account_by_phone", {"number": "13800138000"}, "found"),
        ("account_by_phone", {"number": "13800138002"}, "many"),
        ("account_by_phone", {"number": "13900139000"}, "none"),
        ("outage_lookup", {"account": "1000000001"}, "none"),
        ("bulletin", {"number": "13800138001"}, "active"),
        ("bulletin", {"number": "13800138009"}, "none"),
        ("outage_lookup", {"account": "1000000011"}, "found"),
        ("balance", {"account": "1000000005"}, "arrears"),
        ("last_bill", {"account": "1000000006"}, "none"),
        ("urge_order", {"order": seeding.OPEN_ORDER}, "accepted"),
        ("urge_order", {"order": seeding.CLOSED_ORDER}, "closed"),
    ],
)
def test_scenarios_can_rely_on_the_fixed_customers(
    records: MemoryRecords, service: str, inputs: dict[str, str], outcome: str
) -> None:
    assert answer(service, records.fork(), inputs, NOW)[0] == outcome


def test_the_heavy_user_is_in_the_top_tier_at_the_end_of_a_year() -> None:
    december = datetime(2026, 12, 15)
    records = seeded(december, customers=0)
    assert answer("annual_usage", records, {"account": "1000000010"}, december)[0] == "top"
