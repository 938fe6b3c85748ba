"""Business records of the hotline: customers, bills, outages, work orders. All data is invented.

Frozen dataclasses without behaviour; each has a `key`, unique within its kind. Amounts are integer
fen, energy integer kWh, dates and times local (Beijing time, without zone). A change is a new
record put under the same key. `INDEXES` names the fields by which records are looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar


class AreaType(StrEnum):
    """Kind of region, on which the limit to arrive at a fault depends (6.2.5.1)."""

    CITY = "city"
    RURAL = "rural"
    REMOTE = "remote"


class OrderState(StrEnum):
    """Life of a work order: 受理, 派发, 处理, 回单, 回访, 归档."""

    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    WORKING = "working"
    ANSWERED = "answered"
    CALLBACK = "callback"
    CLOSED = "closed"


class BookingState(StrEnum):
    """Life of a booked call-back."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Record:
    """One business record; its key is the field named `KEY`."""

    KEY: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """Unique among the records of its kind."""
        return str(getattr(self, self.KEY))


@dataclass(frozen=True, slots=True)
class Customer(Record):
    """One account (户号, 10 or 13 digits). `balance` in fen, negative when something is owed."""

    KEY: ClassVar[str] = "account"
    account: str
    name: str
    address: str
    area: str
    area_type: AreaType
    prepaid: bool
    balance: int
    email: str = ""
    invented: bool = True


@dataclass(frozen=True, slots=True)
class Binding(Record):
    """Telephone `phone` belongs to the customer of `account`; either may have several."""

    KEY: ClassVar[str] = "binding"
    binding: str
    phone: str
    account: str


@dataclass(frozen=True, slots=True)
class Bill(Record):
    """One month's bill: `month` as YYYY-MM, `amount` in fen."""

    KEY: ClassVar[str] = "bill"
    bill: str
    account: str
    month: str
    kwh: int
    amount: int
    billed: date
    due: date
    paid: bool = True


@dataclass(frozen=True, slots=True)
class MeterReading(Record):
    """The meter of `account` stood at `reading` kWh on `read_on`. `source`: company | customer."""

    KEY: ClassVar[str] = "meter_reading"
    meter_reading: str
    account: str
    reading: int
    read_on: date
    source: str = "company"


@dataclass(frozen=True, slots=True)
class Outage(Record):
    """A known outage of a whole area. `cause` and `status` are codes of the book's vocabulary
    (`cause.*`, `outage.*`), `etr` the expected time of restoration. `known_at`: the fault point
    was found; `published_at` must follow within 20 minutes (6.2.5.2). `bulletin`: announced to
    every caller of the area before the root menu."""

    KEY: ClassVar[str] = "outage"
    outage: str
    area: str
    cause: str
    status: str
    started: datetime
    etr: datetime
    known_at: datetime
    published_at: datetime
    bulletin: bool = True
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkOrder(Record):
    """One work order (工单). `kind`: fault | reconnect | business | complaint | report | opinion |
    suggestion | praise | consult; `detail` says which fault or business.

    `due` is the public limit; `arrive_by` the crew's (6.2.5.1), `contact_by` the first contact
    (6.4.5.1), `dispatch_by` the centre's. `note`: what is uncertain about the limits. Anonymous
    orders have neither `phone` nor `account` (6.4.5.5).
    """

    KEY: ClassVar[str] = "order"
    order: str
    kind: str
    detail: str
    call: str
    account: str
    phone: str
    area: str
    state: OrderState
    accepted_at: datetime
    dispatch_by: datetime
    due: datetime
    contact_by: datetime | None = None
    arrive_by: datetime | None = None
    dispatched_at: datetime | None = None
    closed_at: datetime | None = None
    anonymous: bool = False
    edition: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Urge(Record):
    """The customer asked to hurry `order` up (催办), logged against the old order."""

    KEY: ClassVar[str] = "urge"
    urge: str
    order: str
    at: datetime
    call: str


@dataclass(frozen=True, slots=True)
class CallbackBooking(Record):
    """`number` is to be called back on `day` in `slot` (morning | afternoon | evening).
    `place` is day and slot in one, for counting."""

    KEY: ClassVar[str] = "booking"
    booking: str
    number: str
    day: date
    slot: str
    place: str
    state: BookingState
    language: str
    call: str


@dataclass(frozen=True, slots=True)
class Message(Record):
    """A text message or e-mail about `topic` (the third and fourth ways of 5.2.4.1). `reference`
    is an order number, area or business code, or "". Nothing is really sent."""

    KEY: ClassVar[str] = "message"
    message: str
    channel: str
    to: str
    topic: str
    account: str
    reference: str
    sent_at: datetime
    call: str


@dataclass(frozen=True, slots=True)
class Subscription(Record):
    """`account` gets messages about `topic` (outage | bill) on `phone`."""

    KEY: ClassVar[str] = "subscription"
    subscription: str
    account: str
    topic: str
    phone: str
    since: datetime
    call: str


INDEXES: Mapping[type[Record], tuple[str, ...]] = MappingProxyType(
    {
        Customer: ("area",),
        Binding: ("phone", "account"),
        Bill: ("account",),
        MeterReading: ("account",),
        Outage: ("area",),
        WorkOrder: ("account", "phone", "call"),
        Urge: ("order",),
        CallbackBooking: ("number", "place", "call"),
        Message: ("to", "call"),
        Subscription: ("account", "call"),
    }
)
"""Every kind of record, with the fields by which `Records.find` can search it."""
