"""Outage information, service halls, messages, subscriptions and call-backs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hotline.services.asking import (
    Inputs,
    Reply,
    ServiceError,
    accounts_of,
    area_word,
    customer_of,
    known_outage,
    needed,
    outage_values,
    phone_of,
    spoken_date,
    spoken_datetime,
    spoken_time,
    word,
)
from hotline.services.limits import LIMITS, Limits
from hotline.services.model import (
    Bill,
    BookingState,
    CallbackBooking,
    Customer,
    Message,
    Subscription,
)
from hotline.services.records import Records
from menus.services import AREAS

# --- outages -----------------------------------------------------------------------------------


def _area_of_caller(records: Records, inputs: Inputs) -> str:
    """The caller's region: where the line says, else where their first account is."""
    area = inputs.get("area", "")
    if not area:
        for account in accounts_of(records, inputs.get("number", "")):
            customer = records.get(Customer, account)
            if customer is not None:
                return customer.area
    return area


def bulletin(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Regional outage bulletin before the root menu (停电信息公告, 5.2.3)."""
    area = _area_of_caller(records, inputs)
    outage = known_outage(records, area, now)
    if outage is None or not outage.bulletin or area not in AREAS:
        return "none", {}
    return "active", {
        "area_name": area_word("area", area, inputs),
        "cause": word(f"cause.{outage.cause}", inputs),
        "etr": spoken_datetime(outage.etr),
    }


def outage_lookup(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The known outage where the account is; an unknown account has none."""
    customer = records.get(Customer, needed(inputs, "account"))
    outage = known_outage(records, customer.area, now) if customer is not None else None
    return ("none", {}) if outage is None else ("found", outage_values(outage, inputs))


def outage_by_area(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The known outage of the area typed; an unknown area has none."""
    area = needed(inputs, "area")
    outage = known_outage(records, area, now) if area in AREAS else None
    if outage is None:
        return "none", {}
    return "found", outage_values(outage, inputs) | {"area_name": area_word("area", area, inputs)}


def branch_hall(records: Records, inputs: Inputs, now: datetime, limits: Limits = LIMITS) -> Reply:
    """The service hall of an area: name, address, opening hours."""
    area = needed(inputs, "area")
    if area not in AREAS:
        return "none", {}
    opens, closes = limits.hall_hours
    return "found", {
        "hall": area_word("hall", area, inputs),
        "address": area_word("address", area, inputs),
        "opens": spoken_time(opens),
        "closes": spoken_time(closes),
    }


# --- messages and subscriptions ----------------------------------------------------------------


def _subscribe(records: Records, inputs: Inputs, now: datetime, topic: str) -> Reply:
    account = customer_of(records, inputs).account
    key = f"{account}-{topic}"
    if records.get(Subscription, key) is not None:
        return "already", {}
    call = inputs.get("call", "")
    records.put(Subscription(key, account, topic, phone_of(inputs), now, call))
    return "subscribed", {}


def subscribe_outage(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Messages about outages where the account is (信息订阅)."""
    return _subscribe(records, inputs, now, "outage")


def subscribe_bill(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """A message with each monthly bill."""
    return _subscribe(records, inputs, now, "bill")


def _send(
    records: Records, inputs: Inputs, now: datetime, *, channel: str, to: str, topic: str,
    reference: str = "",
) -> None:  # fmt: skip
    records.put(Message(
        message=f"{records.serial('message'):010d}", channel=channel, to=to, topic=topic,
        account=inputs.get("account", ""), reference=reference, sent_at=now,
        call=inputs.get("call", ""),
    ))  # fmt: skip


def send_invoice(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The last bill's e-invoice, to the e-mail address on record or as a text message link."""
    customer = customer_of(records, inputs)
    bill = max(records.find(Bill, account=customer.account), key=lambda b: b.month, default=None)
    if bill is None:
        return "none", {}
    channel, to = ("email", customer.email) if customer.email else ("sms", phone_of(inputs))
    _send(records, inputs, now, channel=channel, to=to, topic="invoice", reference=bill.bill)
    return "sent", {}


def send_sms(records: Records, inputs: Inputs, now: datetime, limits: Limits = LIMITS) -> Reply:
    """What was just said, as a text message; only so many to one number a day."""
    to, topic = phone_of(inputs), needed(inputs, "topic")
    today = [
        message
        for message in records.find(Message, to=to)
        if message.channel == "sms" and message.sent_at.date() == now.date()
    ]
    if len(today) >= limits.messages_a_day:
        return "limit", {}
    reference = inputs.get("order") or inputs.get("business") or inputs.get("area", "")
    _send(records, inputs, now, channel="sms", to=to, topic=topic, reference=reference)
    return "sent", {}


# --- call-backs --------------------------------------------------------------------------------


def _booked(records: Records, number: str, now: datetime) -> list[CallbackBooking]:
    bookings = records.find(CallbackBooking, number=number)
    return [b for b in bookings if b.state is BookingState.BOOKED and b.day >= now.date()]


def _booking_values(booking: CallbackBooking, limits: Limits) -> dict[str, str]:
    begin, end = limits.callback_slots[booking.slot]
    return {
        "day": spoken_date(booking.day),
        "from": spoken_time(begin),
        "until": spoken_time(end),
    }


def book_callback(
    records: Records, inputs: Inputs, now: datetime, limits: Limits = LIMITS
) -> Reply:
    """A call-back in a part of the day: today's if it has not begun, else tomorrow's."""
    number, slot = phone_of(inputs), needed(inputs, "slot")
    if slot not in limits.callback_slots:
        raise ServiceError(f"slot is not one of {', '.join(limits.callback_slots)}")
    for booking in _booked(records, number, now):
        return "exists", _booking_values(booking, limits)
    begin, _ = limits.callback_slots[slot]
    day = now.date() if now.time() < begin else now.date() + timedelta(days=1)
    place = f"{day}-{slot}"
    taken = records.find(CallbackBooking, place=place)
    if sum(b.state is BookingState.BOOKED for b in taken) >= limits.callbacks_a_slot:
        return "full", {}
    booking = CallbackBooking(
        booking=f"{records.serial('booking'):010d}", number=number, day=day, slot=slot,
        place=place, state=BookingState.BOOKED, language=inputs.get("language", ""),
        call=inputs.get("call", ""),
    )  # fmt: skip
    records.put(booking)
    return "booked", _booking_values(booking, limits)


def cancel_callback(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The caller's next call-back is not wanted any more."""
    booked = _booked(records, needed(inputs, "number"), now)
    if not booked:
        return "none", {}
    first = min(booked, key=lambda booking: (booking.day, booking.booking))
    records.put(replace(first, state=BookingState.CANCELLED))
    return "cancelled", {"day": spoken_date(first.day)}
