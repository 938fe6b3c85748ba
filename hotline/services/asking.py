"""What every service needs: its inputs, replies, and how values are put into words.

A service is a pure function `(records, inputs, now) -> (outcome, values)`. It raises
`ServiceError` when it cannot do its work; whoever calls it answers `failed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from hotline.services.model import Binding, Customer, Outage, WorkOrder
from hotline.services.records import Records
from menus.services import AREAS, WORDS

Inputs = Mapping[str, str]
Reply = tuple[str, dict[str, str]]
Service = Callable[[Records, Inputs, datetime], Reply]

DEFAULT_LANGUAGE = "zh-CN"


class ServiceError(Exception):
    """The service cannot answer; the message holds no personal data and may be logged."""


def needed(inputs: Inputs, name: str) -> str:
    """Input `name`, which must not be empty."""
    value = inputs.get(name, "")
    if not value:
        raise ServiceError(f"input {name} is missing")
    return value


def phone_of(inputs: Inputs) -> str:
    """Where to reach the caller: the `phone` typed, else the number called from."""
    return inputs.get("phone") or needed(inputs, "number")


def customer_of(records: Records, inputs: Inputs) -> Customer:
    """The customer of the account named in `inputs`."""
    customer = records.get(Customer, needed(inputs, "account"))
    if customer is None:
        raise ServiceError("no such account")
    return customer


def accounts_of(records: Records, phone: str) -> list[str]:
    """Accounts bound to telephone `phone`."""
    return [binding.account for binding in records.find(Binding, phone=phone)] if phone else []


def known_outage(records: Records, area: str, now: datetime) -> Outage | None:
    """The published outage in `area` that began last and is not over."""
    going = [
        outage
        for outage in records.find(Outage, area=area)
        if outage.published_at <= now and outage.started <= now and outage.restored_at is None
    ]
    return max(going, key=lambda outage: outage.started, default=None)


def word(code: str, inputs: Inputs) -> str:
    """The phrase of `code` in the call's language (Chinese where there is none)."""
    phrases = WORDS[code]
    language = inputs.get("language", DEFAULT_LANGUAGE)
    return phrases.get(language, phrases[DEFAULT_LANGUAGE])


def area_word(prefix: str, area: str, inputs: Inputs) -> str:
    """The phrase `prefix`.* of a region code: its name, hall or address."""
    return word(f"{prefix}.{AREAS[area]}", inputs)


def spoken_date(day: date) -> str:
    """A `date` value."""
    return f"{day:%Y-%m-%d}"


def spoken_time(at: time) -> str:
    """A `time` value."""
    return f"{at:%H:%M}"


def spoken_datetime(at: datetime) -> str:
    """A `datetime` value, whole minutes."""
    return f"{at:%Y-%m-%dT%H:%M}"


def outage_values(outage: Outage, inputs: Inputs) -> dict[str, str]:
    """What a caller is told about an outage: cause, progress, restoration (6.2.5.2)."""
    return {
        "cause": word(f"cause.{outage.cause}", inputs),
        "status": word(f"outage.{outage.status}", inputs),
        "start": spoken_datetime(outage.started),
        "etr": spoken_datetime(outage.etr),
    }


def order_values(order: WorkOrder, inputs: Inputs) -> dict[str, str]:
    """What a caller is told about a work order."""
    return {
        "order": order.order,
        "status": word(f"order.{order.state}", inputs),
        "due": spoken_date(order.due.date()),
    }
