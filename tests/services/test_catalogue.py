from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from hotline.services import contact
from hotline.services.catalogue import GIVEN, READING, WRITING, answer
from hotline.services.limits import LIMITS
from hotline.services.model import (
    AreaType,
    Bill,
    BookingState,
    CallbackBooking,
    Customer,
    Message,
    MeterReading,
    OrderState,
    Outage,
    Subscription,
    Urge,
    WorkOrder,
)
from hotline.services.orders import BUSINESSES, MOVES, move
from hotline.services.records import MemoryRecords
from hotline.services.seed import CLOSED_ORDER, OPEN_ORDER, seeded
from menus.services import SERVICES, WORDS

NOW = datetime(2026, 6, 10, 9, 30)  # a Wednesday
PLAIN, OUT, DEBTOR, NEW, REMOTE = (
    "1000000001", "1000000002", "1000000005", "1000000006", "1000000009",
)  # fmt: skip
CALLER = "13800138000"

FORMS = {
    "account": r"\d{10}|\d{13}",
    "amount": r"\d+",
    "count": r"\d+",
    "date": r"\d{4}-\d{2}-\d{2}",
    "datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}",
    "digits": r"\d+",
    "kwh": r"\d+",
    "order": r"\d{12}",
    "time": r"\d{2}:\d{2}",
    "word": "|".join(re.escape(row[language]) for row in WORDS.values() for language in row),
}


@pytest.fixture
def records() -> MemoryRecords:
    return seeded(NOW, customers=0)


class Asking:
    """Asks services as one call does, and checks each reply against the catalogue."""

    def __init__(self, records: MemoryRecords) -> None:
        self.records = records

    def __call__(self, service: str, now: datetime = NOW, **inputs: str) -> dict[str, str]:
        inputs = {"number": CALLER, "call": "c1", **inputs}
        outcome, values = answer(service, self.records, inputs, now)
        spec = SERVICES[service]
        assert outcome in (*spec.outcomes, "failed")
        assert values.keys() == GIVEN.get((service, outcome), frozenset())
        for name, value in values.items():
            assert re.fullmatch(FORMS[spec.gives[name]], value), (name, value)
        return {"outcome": outcome, **values}


@pytest.fixture
def ask(records: MemoryRecords) -> Asking:
    return Asking(records)


class TestCatalogue:
    def test_every_declared_service_is_there_and_no_other(self) -> None:
        assert READING.keys() | WRITING.keys() == SERVICES.keys()
        assert not READING.keys() & WRITING.keys()

    def test_values_per_outcome_agree_with_the_declaration(self) -> None:
        for (service, outcome), names in GIVEN.items():
            assert outcome in SERVICES[service].outcomes
            assert names <= SERVICES[service].gives.keys()

    @pytest.mark.parametrize("service", sorted(READING))
    def test_services_that_read_change_nothing(self, service: str) -> None:
        inputs = {"account": PLAIN, "number": CALLER, "area": "1002", "order": OPEN_ORDER}
        records, untouched = seeded(NOW, customers=0), seeded(NOW, customers=0)
        assert answer(service, records, inputs, NOW)[0] != "failed"
        assert records._kinds == untouched._kinds

    @pytest.mark.parametrize(
        "service", sorted(name for name, spec in SERVICES.items() if "account" in spec.needs)
    )
    def test_a_missing_account_fails(self, ask: Asking, service: str) -> None:
        inputs = {"fault": "single", "reading": "1"}
        assert ask(service, **inputs)["outcome"] == "failed"

    def test_an_unknown_service_fails(self, records: MemoryRecords) -> None:
        assert answer("no_such_service", records, {}, NOW) == ("failed", {})

    def test_a_service_that_breaks_half_way_keeps_nothing_and_logs_no_digits(
        self, ask: Asking, records: MemoryRecords, monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        def broken(self: MemoryRecords, record: object) -> None:
            put(self, record)  # type: ignore[arg-type]
            raise OSError(f"disk full while writing {CALLER}")

        put = MemoryRecords.put
        monkeypatch.setattr(MemoryRecords, "put", broken)
        assert ask("file_case", case="complaint")["outcome"] == "failed"
        monkeypatch.undo()
        assert "service file_case failed: OSError" in caplog.text
        assert CALLER not in caplog.text
        assert records.find(WorkOrder, phone=CALLER) == []


class TestAccounts:
    def test_one_account_is_found_by_the_telephone(self, ask: Asking) -> None:
        assert ask("account_by_phone") == {"outcome": "found", "account": PLAIN, "tail": "0001"}

    def test_a_withheld_number_has_none(self, ask: Asking) -> None:
        assert ask("account_by_phone", number="")["outcome"] == "none"

    def test_a_typed_account_is_checked(self, ask: Asking) -> None:
        assert ask("account_check", account="1000000000012")["tail"] == "0012"
        assert ask("account_check", account="12345")["outcome"] == "none"

    def test_credit_and_arrears(self, ask: Asking, records: MemoryRecords) -> None:
        assert ask("balance", account=PLAIN) == {"outcome": "credit", "balance": "0"}
        due = next(bill.due for bill in records.find(Bill, account=DEBTOR) if not bill.paid)
        assert ask("balance", account=DEBTOR) == {
            "outcome": "arrears", "arrears": "12856", "due": f"{due}",
        }  # fmt: skip

    def test_the_last_bill_is_the_newest(self, ask: Asking) -> None:
        reply = ask("last_bill", account=DEBTOR)
        assert reply["amount"] == "12856"
        assert reply["billed"] == "2026-06-01"
        assert ask("last_bill", account=NEW)["outcome"] == "none"

    @pytest.mark.parametrize(
        ("kwh", "outcome", "tier", "left"),
        [
            (2160, "found", "第一档", "0"),
            (2161, "found", "第二档", "2039"),
            (4200, "found", "第二档", "0"),
            (4201, "top", "第三档", None),
        ],
    )
    def test_tiers_of_the_year(
        self, ask: Asking, records: MemoryRecords, kwh: int, outcome: str, tier: str,
        left: str | None,
    ) -> None:  # fmt: skip
        day = date(2026, 2, 1)
        records.put(Bill("b1", NEW, "2026-01", kwh, 1, day, day))
        records.put(Bill("b0", NEW, "2025-12", 9999, 1, day, day))  # last year's does not count
        reply = ask("annual_usage", account=NEW)
        assert (reply["outcome"], reply["tier"], reply.get("left")) == (outcome, tier, left)

    def test_a_year_without_bills(self, ask: Asking) -> None:
        assert ask("annual_usage", account=NEW)["outcome"] == "none"

    def test_a_reading_is_stored_unless_less_than_the_last(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        last = int(ask("meter_reading", account=PLAIN)["reading"])
        assert ask("submit_reading", account=PLAIN, reading=f"{last - 1}")["outcome"] == "too_low"
        assert len(records.find(MeterReading, account=PLAIN)) == 1
        assert ask("submit_reading", account=PLAIN, reading=f"{last + 7}")["used"] == "7"
        assert ask("meter_reading", account=PLAIN) == {
            "outcome": "found", "reading": f"{last + 7}", "read_on": "2026-06-10",
        }  # fmt: skip

    def test_a_first_reading(self, ask: Asking) -> None:
        assert ask("meter_reading", account=NEW)["outcome"] == "none"
        assert ask("submit_reading", account=NEW, reading="12")["used"] == "12"


class TestOutages:
    def test_cause_progress_and_restoration_are_told(self, ask: Asking) -> None:
        """6.2.5.2"""
        assert ask("outage_lookup", account=OUT) == {
            "outcome": "found", "cause": "雷雨大风", "status": "正在抢修",
            "start": "2026-06-10T08:40", "etr": "2026-06-10T11:30",
        }  # fmt: skip

    def test_in_the_language_of_the_call(self, ask: Asking) -> None:
        assert ask("outage_by_area", area="1002", language="en-US")["area_name"] == "West District"
        assert ask("outage_by_area", area="1002", language="bo-CN")["area_name"] == "城西区"

    def test_unknown_accounts_and_areas_have_no_known_outage(self, ask: Asking) -> None:
        assert ask("outage_lookup", account="9999999999")["outcome"] == "none"
        assert ask("outage_by_area", area="9999")["outcome"] == "none"

    def test_over_or_not_yet_published_is_not_known(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        (outage,) = records.find(Outage, area="1002")
        records.put(replace(outage, published_at=NOW + timedelta(minutes=1)))
        assert ask("outage_lookup", account=OUT)["outcome"] == "none"
        assert ask("outage_lookup", NOW + timedelta(minutes=1), account=OUT)["outcome"] == "found"
        records.put(replace(outage, restored_at=NOW))
        assert ask("outage_lookup", account=OUT)["outcome"] == "none"

    def test_the_bulletin_is_for_callers_of_the_area(self, ask: Asking) -> None:
        assert ask("bulletin", area="1002")["area_name"] == "城西区"
        assert ask("bulletin", area="", number="13800138001")["outcome"] == "active"
        # The line's area wins over the account's: power is out where the caller stands.
        assert ask("bulletin", area="1001", number="13800138001")["outcome"] == "none"

    def test_service_halls(self, ask: Asking) -> None:
        assert ask("branch_hall", area="1006")["hall"] == "云河县供电营业厅"
        assert ask("branch_hall", area="1006")["opens"] == "08:30"
        assert ask("branch_hall", area="9999")["outcome"] == "none"


class TestFaults:
    @pytest.mark.parametrize(
        ("account", "area_type", "minutes"),
        [(PLAIN, AreaType.CITY, 45), (DEBTOR, AreaType.RURAL, 90), (REMOTE, AreaType.REMOTE, 120)],
    )
    def test_the_crew_has_45_90_or_120_minutes(
        self, ask: Asking, records: MemoryRecords, account: str, area_type: AreaType, minutes: int
    ) -> None:
        """6.2.5.1"""
        customer = records.get(Customer, account)
        assert customer is not None
        assert customer.area_type is area_type
        order = records.get(
            WorkOrder, ask("fault_report", account=account, fault="single")["order"]
        )
        assert order is not None
        assert order.arrive_by == order.due == NOW + timedelta(minutes=minutes)
        assert order.dispatch_by == NOW + timedelta(minutes=2)
        assert (order.phone, order.area, order.call) == (CALLER, customer.area, "c1")

    def test_the_crew_calls_the_telephone_typed(self, ask: Asking, records: MemoryRecords) -> None:
        reply = ask("fault_report", account=PLAIN, fault="single", phone="05511234567")
        order = records.get(WorkOrder, reply["order"])
        assert order is not None
        assert order.phone == "05511234567"

    def test_a_known_outage_means_no_order_but_its_end(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        reply = ask("fault_report", account=OUT, fault="building")
        assert reply == {
            "outcome": "known_outage", "cause": "雷雨大风", "etr": "2026-06-10T11:30",
        }  # fmt: skip
        assert records.find(WorkOrder, account=OUT) == []

    @pytest.mark.parametrize("fault", ["danger", "voltage", "charger", "appliance"])
    def test_what_an_outage_does_not_explain_gets_its_order(self, ask: Asking, fault: str) -> None:
        assert ask("fault_report", account=OUT, fault=fault)["outcome"] == "created"

    def test_the_same_fault_again_is_the_old_order_until_it_is_closed(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        first = ask("fault_report", account=PLAIN, fault="single")["order"]
        assert ask("fault_report", account=PLAIN, fault="single") == {
            "outcome": "duplicate", "order": first,
        }  # fmt: skip
        assert ask("fault_report", account=PLAIN, fault="danger")["outcome"] == "created"
        order = records.get(WorkOrder, first)
        assert order is not None
        records.put(replace(order, state=OrderState.CLOSED))
        assert ask("fault_report", account=PLAIN, fault="single")["outcome"] == "created"

    @pytest.mark.parametrize("fault", ["", "nonsense"])
    def test_an_unknown_fault_fails(self, ask: Asking, fault: str) -> None:
        assert ask("fault_report", account=PLAIN, fault=fault)["outcome"] == "failed"

    def test_reconnection_after_payment(self, ask: Asking, records: MemoryRecords) -> None:
        assert ask("reconnect", account=DEBTOR) == {"outcome": "arrears", "arrears": "12856"}
        created = ask("reconnect", account=PLAIN)
        order = records.get(WorkOrder, created["order"])
        assert order is not None
        assert order.due == NOW + timedelta(hours=24)
        assert ask("reconnect", account=PLAIN) == {**created, "outcome": "duplicate"}


class TestCases:
    @pytest.mark.parametrize(
        ("case", "due", "contact_hours"),
        [
            ("complaint", "2026-06-17", 24),  # 6.4.5.1: 5 working days
            ("report", "2026-06-25", None),  # 6.4.5.2: 10, over the free 19 June
            ("opinion", "2026-06-25", None),
            ("suggestion", "2026-06-25", None),
            ("praise", "2026-06-11", None),
        ],
    )
    def test_limits(
        self, ask: Asking, records: MemoryRecords, case: str, due: str, contact_hours: int | None
    ) -> None:
        reply = ask("file_case", case=case)
        assert reply["due"] == due
        order = records.get(WorkOrder, reply["order"])
        assert order is not None
        assert order.kind == case
        assert order.dispatch_by == NOW + timedelta(minutes=20)
        expected = None if contact_hours is None else NOW + timedelta(hours=contact_hours)
        assert order.contact_by == expected

    def test_nothing_in_an_anonymous_report_leads_to_the_caller(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        """6.4.5.5"""
        reply = ask("file_case", case="report", anonymous="yes", account=PLAIN)
        order = records.get(WorkOrder, reply["order"])
        assert order is not None
        assert (order.phone, order.account, order.call, order.anonymous) == ("", "", "", True)
        assert ask("order_by_phone")["outcome"] == "none"
        assert ask("order_status", order=reply["order"])["status"] == "已派发"

    def test_a_limit_beyond_the_calendar_carries_the_note(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        reply = ask("file_case", datetime(2026, 12, 30, 9), case="complaint")
        order = records.get(WorkOrder, reply["order"])
        assert order is not None
        assert "2027" in order.note
        assert order.edition == LIMITS.edition

    def test_an_application_is_made_once(self, ask: Asking) -> None:
        created = ask("apply_business", business="rename")
        assert created["due"] == "2026-06-11"
        assert ask("apply_business", business="rename") == {**created, "outcome": "duplicate"}
        assert ask("apply_business", business="solar")["outcome"] == "created"
        assert ask("apply_business", business="rename", number="1")["outcome"] == "created"

    def test_every_business_can_be_applied_for(self, ask: Asking) -> None:
        outcomes = {ask("apply_business", business=name)["outcome"] for name in BUSINESSES}
        assert outcomes == {"created"}
        assert ask("apply_business", business="meter")["outcome"] == "failed"

    def test_a_message_to_be_written_is_an_order_and_a_link(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        reply = ask("leave_message")
        (message,) = records.find(Message, to=CALLER)
        assert message.reference == reply["order"]
        assert records.get(WorkOrder, reply["order"]) is not None


class TestOrders:
    def test_numbers_are_the_day_and_a_serial(self, ask: Asking) -> None:
        numbers = [ask("file_case", case="praise")["order"] for _ in range(2)]
        tomorrow = ask("file_case", NOW + timedelta(days=1), case="praise")["order"]
        assert [*numbers, tomorrow] == ["260610000001", "260610000002", "260611000001"]

    def test_progress_by_number_and_by_telephone(self, ask: Asking) -> None:
        assert ask("order_status", order=OPEN_ORDER)["status"] == "处理中"
        assert ask("order_status", order="999999999999")["outcome"] == "none"
        assert ask("order_by_phone", number="13800138005")["order"] == OPEN_ORDER
        assert ask("order_by_phone", number="13800138006")["status"] == "已办结"
        assert ask("order_by_phone", number="")["outcome"] == "none"

    def test_one_in_progress_comes_before_a_newer_closed_one(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        old = ask("file_case", case="opinion")["order"]
        new = ask("file_case", NOW + timedelta(hours=1), case="praise")["order"]
        assert ask("order_by_phone")["order"] == new
        order = records.get(WorkOrder, new)
        assert order is not None
        records.put(replace(order, state=OrderState.CLOSED))
        assert ask("order_by_phone")["order"] == old

    def test_not_urged_while_most_of_the_time_is_left(self, ask: Asking) -> None:
        order = ask("fault_report", account=PLAIN, fault="single")["order"]  # 45 minutes
        early, late = NOW + timedelta(minutes=22), NOW + timedelta(minutes=23)
        assert ask("urge_order", early, order=order)["outcome"] == "too_early"
        assert ask("urge_order", late, order=order)["outcome"] == "accepted"

    def test_urged_twice_a_day_on_the_old_order(self, ask: Asking, records: MemoryRecords) -> None:
        before = len(records.find(WorkOrder))
        outcomes = [ask("urge_order", order=OPEN_ORDER)["outcome"] for _ in range(3)]
        assert outcomes == ["accepted", "accepted", "limit"]
        tomorrow = ask("urge_order", NOW + timedelta(days=1), order=OPEN_ORDER)
        assert tomorrow["outcome"] == "accepted"
        assert len(records.find(Urge, order=OPEN_ORDER)) == 3
        assert len(records.find(WorkOrder)) == before

    def test_closed_and_unknown_orders_are_not_urged(self, ask: Asking) -> None:
        assert ask("urge_order", order=CLOSED_ORDER)["outcome"] == "closed"
        assert ask("urge_order", order="999999999999")["outcome"] == "failed"

    def test_an_order_moves_along_the_table_only(self, records: MemoryRecords) -> None:
        order = records.get(WorkOrder, OPEN_ORDER)
        assert order is not None
        closed = move(move(order, OrderState.ANSWERED, NOW), OrderState.CLOSED, NOW)
        assert closed.closed_at == NOW
        with pytest.raises(ValueError, match="from closed to working; available: none"):
            move(closed, OrderState.WORKING, NOW)
        dispatched = move(replace(order, state=OrderState.ACCEPTED), OrderState.DISPATCHED, NOW)
        assert dispatched.dispatched_at == NOW

    def test_every_state_is_reached_and_can_be_left_for_the_end(self) -> None:
        reached, todo = set(), {OrderState.ACCEPTED}
        while todo:
            state = todo.pop()
            reached.add(state)
            todo |= MOVES[state] - reached
        assert reached == set(OrderState)


class TestMessages:
    def test_only_so_many_a_day(self, ask: Asking, records: MemoryRecords) -> None:
        outcomes = [ask("send_sms", topic="bill", account=PLAIN)["outcome"] for _ in range(6)]
        assert outcomes == ["sent"] * LIMITS.messages_a_day + ["limit"]
        assert len(records.find(Message, to=CALLER)) == LIMITS.messages_a_day
        assert ask("send_sms", NOW + timedelta(days=1), topic="bill")["outcome"] == "sent"
        assert ask("send_sms", topic="bill", number="")["outcome"] == "failed"

    def test_invoices_go_to_the_address_on_record(
        self, ask: Asking, records: MemoryRecords
    ) -> None:
        assert ask("send_invoice", account="1000000010")["outcome"] == "sent"
        assert ask("send_invoice", account=PLAIN)["outcome"] == "sent"
        assert ask("send_invoice", account=NEW)["outcome"] == "none"
        channels = [(message.channel, message.to) for message in records.find(Message)]
        assert channels == [("email", "invented@example.com"), ("sms", CALLER)]

    @pytest.mark.parametrize("topic", ["outage", "bill"])
    def test_subscribed_once(self, ask: Asking, records: MemoryRecords, topic: str) -> None:
        service = f"subscribe_{topic}"
        assert ask(service, account=PLAIN)["outcome"] == "subscribed"
        assert ask(service, account=PLAIN)["outcome"] == "already"
        (subscription,) = records.find(Subscription, account=PLAIN)
        assert (subscription.topic, subscription.phone) == (topic, CALLER)


class TestCallbacks:
    @pytest.mark.parametrize(
        ("hour", "slot", "day", "begins"),
        [
            (9, "morning", "2026-06-11", "08:00"),  # this morning has begun
            (9, "afternoon", "2026-06-10", "14:00"),
            (7, "morning", "2026-06-10", "08:00"),
            (22, "evening", "2026-06-11", "18:00"),
        ],
    )
    def test_the_next_such_part_of_a_day(
        self, ask: Asking, hour: int, slot: str, day: str, begins: str
    ) -> None:
        reply = ask("book_callback", NOW.replace(hour=hour), slot=slot)
        assert (reply["outcome"], reply["day"], reply["from"]) == ("booked", day, begins)

    def test_nobody_is_called_at_noon_or_at_night(self) -> None:
        for begin, end in LIMITS.callback_slots.values():
            assert time(8) <= begin < end <= time(21)
            assert end <= time(12) or begin >= time(14)

    def test_one_booking_a_number(self, ask: Asking, records: MemoryRecords) -> None:
        booked = ask("book_callback", slot="evening")
        assert ask("book_callback", slot="morning") == {**booked, "outcome": "exists"}
        assert len(records.find(CallbackBooking, number=CALLER)) == 1

    def test_a_cancelled_booking_makes_room(self, ask: Asking, records: MemoryRecords) -> None:
        ask("book_callback", slot="evening")
        assert ask("cancel_callback") == {"outcome": "cancelled", "day": "2026-06-10"}
        assert ask("cancel_callback")["outcome"] == "none"
        (booking,) = records.find(CallbackBooking, number=CALLER)
        assert booking.state is BookingState.CANCELLED
        assert ask("book_callback", slot="evening")["outcome"] == "booked"

    def test_a_slot_fills_up(self, records: MemoryRecords) -> None:
        limits = replace(LIMITS, callbacks_a_slot=2)
        replies = [
            contact.book_callback(records, {"number": f"{n}", "slot": "evening"}, NOW, limits)
            for n in range(3)
        ]
        assert [outcome for outcome, _ in replies] == ["booked", "booked", "full"]

    def test_an_unknown_slot_fails(self, ask: Asking) -> None:
        assert ask("book_callback", slot="night")["outcome"] == "failed"
