"""The tables, one list for models and migrations (a test holds the two together).

calls        one row per finished call: main columns to search by, the whole record as JSON
open_calls   calls in progress that have journal entries; empty after a clean stop
journal      what happened, in chunks of entries, sealed (digits typed are in here, only here)
facts        about the database itself: a text sealed with its key
customers .. serials   business records, a column per field of `hotline.services.model`
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from hotline.services import model
from hotline.services.model import Record

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


# --- calls -------------------------------------------------------------------------------------

calls = Table(
    "calls",
    metadata,
    _key("call"),
    Column("number", LargeBinary, nullable=False),  # sealed
    _text("masked"),  # 138****8000
    _text("medium"),
    _text("area"),
    _text("centre"),
    Column("arrived_at", Float, nullable=False),  # epoch s, or call clock where that is 0 based
    Column("ended_at", Float, nullable=False),
    _text("outcome"),
    _text("ended_by"),
    _text("reason"),
    Column("requests", Integer, nullable=False),
    Column("survey", Integer, nullable=True),
    Column("written_at", Float, nullable=False),  # epoch s of writing
    Column("detail", Text, nullable=False),  # the CallRecord as JSON, without its number
    Index(None, "arrived_at", "call"),
)

open_calls = Table(
    "open_calls",
    metadata,
    _key("call"),
    _text("node"),
    Column("written_at", Float, nullable=False),
    Column("clock_start", Float, nullable=False, server_default="0"),  # of the run it belongs to
)

journal = Table(
    "journal",
    metadata,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    _text("call"),  # "" for what concerns no call
    Column("seq", Integer, nullable=False),  # number of the chunk's first entry within the call
    Column("entries", Integer, nullable=False),
    _text("node"),
    Column("written_at", Float, nullable=False),
    Column("body", LargeBinary, nullable=False),  # entries as JSON, sealed
    Index(None, "call", "seq"),
    Index(None, "written_at"),
)

facts = Table("facts", metadata, _key("name"), Column("value", LargeBinary, nullable=False))

# --- business records --------------------------------------------------------------------------

customers = Table(
    "customers",
    metadata,
    _key("account"),
    _text("name"),
    _text("address"),
    _text("area"),
    _text("area_type"),
    Column("prepaid", Boolean, nullable=False),
    Column("balance", BigInteger, nullable=False),
    _text("email"),
    Column("invented", Boolean, nullable=False),
    Index(None, "area"),
)

bindings = Table(
    "bindings",
    metadata,
    _key("binding"),
    _text("phone"),
    _text("account"),
    Index(None, "phone"),
    Index(None, "account"),
)

bills = Table(
    "bills",
    metadata,
    _key("bill"),
    _text("account"),
    _text("month"),
    Column("kwh", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("billed", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("paid", Boolean, nullable=False),
    Index(None, "account"),
)

meter_readings = Table(
    "meter_readings",
    metadata,
    _key("meter_reading"),
    _text("account"),
    Column("reading", BigInteger, nullable=False),
    Column("read_on", Date, nullable=False),
    _text("source"),
    Index(None, "account"),
)

outages = Table(
    "outages",
    metadata,
    _key("outage"),
    _text("area"),
    _text("cause"),
    _text("status"),
    Column("started", DateTime, nullable=False),
    Column("etr", DateTime, nullable=False),
    Column("known_at", DateTime, nullable=False),
    Column("published_at", DateTime, nullable=False),
    Column("bulletin", Boolean, nullable=False),
    Column("restored_at", DateTime, nullable=True),
    Index(None, "area"),
)

work_orders = Table(
    "work_orders",
    metadata,
    _key("order"),
    _text("kind"),
    _text("detail"),
    _text("call"),
    _text("account"),
    _text("phone"),
    _text("area"),
    _text("state"),
    Column("accepted_at", DateTime, nullable=False),
    Column("dispatch_by", DateTime, nullable=False),
    Column("due", DateTime, nullable=False),
    Column("contact_by", DateTime, nullable=True),
    Column("arrive_by", DateTime, nullable=True),
    Column("dispatched_at", DateTime, nullable=True),
    Column("closed_at", DateTime, nullable=True),
    Column("anonymous", Boolean, nullable=False),
    _text("edition"),
    _text("note"),
    Index(None, "account"),
    Index(None, "phone"),
    Index(None, "call"),
)

urges = Table(
    "urges",
    metadata,
    _key("urge"),
    _text("order"),
    Column("at", DateTime, nullable=False),
    _text("call"),
    Index(None, "order"),
)

callback_bookings = Table(
    "callback_bookings",
    metadata,
    _key("booking"),
    _text("number"),
    Column("day", Date, nullable=False),
    _text("slot"),
    _text("place"),
    _text("state"),
    _text("language"),
    _text("call"),
    Index(None, "number"),
    Index(None, "place"),
    Index(None, "call"),
)

messages = Table(
    "messages",
    metadata,
    _key("message"),
    _text("channel"),
    _text("to"),
    _text("topic"),
    _text("account"),
    _text("reference"),
    Column("sent_at", DateTime, nullable=False),
    _text("call"),
    Index(None, "to"),
    Index(None, "call"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _key("subscription"),
    _text("account"),
    _text("topic"),
    _text("phone"),
    Column("since", DateTime, nullable=False),
    _text("call"),
    Index(None, "account"),
    Index(None, "call"),
)

serials = Table("serials", metadata, _key("name"), Column("value", BigInteger, nullable=False))

KINDS: dict[type[Record], Table] = {
    model.Customer: customers,
    model.Binding: bindings,
    model.Bill: bills,
    model.MeterReading: meter_readings,
    model.Outage: outages,
    model.WorkOrder: work_orders,
    model.Urge: urges,
    model.CallbackBooking: callback_bookings,
    model.Message: messages,
    model.Subscription: subscriptions,
}
"""The table of each kind of business record."""
