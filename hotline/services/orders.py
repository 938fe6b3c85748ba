"""Work orders: made with their limits, urged, looked up and moved on.

    ACCEPTED -> DISPATCHED -> WORKING -> ANSWERED -> CALLBACK -> CLOSED
        ^___________|____________|          (returned: wrong unit, missing data)

A customer with the same matter in progress gets the old order again, never a second one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hotline.services.asking import (
    Inputs,
    Reply,
    ServiceError,
    accounts_of,
    customer_of,
    known_outage,
    needed,
    order_values,
    phone_of,
    spoken_date,
    spoken_datetime,
    word,
)
from hotline.services.limits import LIMITS, Limits
from hotline.services.model import AreaType, Customer, Message, OrderState, Urge, WorkOrder
from hotline.services.records import Records
from hotline.services.workdays import Deadline, after_workdays

FAULTS = frozenset({"single", "building", "voltage", "danger", "charger", "appliance"})
BUSINESSES = frozenset({
    "new", "capacity", "rename", "transfer", "tariff", "meter_check", "charger", "solar",
    "suspend", "resume",
})  # fmt: skip
CASES = frozenset({"complaint", "report", "opinion", "suggestion", "praise"})

EXPLAINED_BY_OUTAGE = frozenset({"single", "building"})
"""Faults for which a known outage of the area means no new order, only its restoration time (the
field's custom). A danger, a voltage problem or a broken charger always gets its own order."""

MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.ACCEPTED: frozenset({OrderState.DISPATCHED}),
    OrderState.DISPATCHED: frozenset({OrderState.WORKING, OrderState.ACCEPTED}),
    OrderState.WORKING: frozenset({OrderState.ANSWERED, OrderState.ACCEPTED}),
    OrderState.ANSWERED: frozenset({OrderState.CALLBACK, OrderState.WORKING, OrderState.CLOSED}),
    OrderState.CALLBACK: frozenset({OrderState.CLOSED, OrderState.WORKING}),
    OrderState.CLOSED: frozenset(),
}
"""Legal moves of a work order; back to ACCEPTED is a return (退单)."""


def move(order: WorkOrder, state: OrderState, now: datetime) -> WorkOrder:
    """`order` in its next `state`. Raises ValueError for a move that `MOVES` does not know."""
    if state not in MOVES[order.state]:
        options = ", ".join(sorted(MOVES[order.state])) or "none, it is closed"
        raise ValueError(f"order cannot go from {order.state} to {state}; available: {options}")
    moved = replace(order, state=state)
    if state is OrderState.DISPATCHED:
        moved = replace(moved, dispatched_at=now)
    if state is OrderState.CLOSED:
        moved = replace(moved, closed_at=now)
    return moved


# --- making one --------------------------------------------------------------------------------


def _due(
    kind: str, detail: str, now: datetime, arrive_by: datetime | None, limits: Limits
) -> Deadline:
    """The public limit of an order: arrival for a fault (6.2.5.1), hours for a reconnection,
    working days for the rest."""
    if arrive_by is not None:
        return Deadline(arrive_by)
    if kind == "reconnect":
        return Deadline(now + timedelta(hours=limits.reconnect_hours))
    days = limits.answer_workdays
    return after_workdays(now, days.get(detail, days.get(kind, 5)))


def new_order(
    records: Records,
    inputs: Inputs,
    now: datetime,
    *,
    kind: str,
    detail: str,
    account: str = "",
    phone: str = "",
    area: str = "",
    area_type: AreaType | None = None,
    anonymous: bool = False,
    limits: Limits = LIMITS,
) -> WorkOrder:
    """Put a new order into `records`, its limits counted from `now`. `area_type`: a crew is to
    arrive. The number is yymmdd and a serial of six."""
    day = f"{now:%y%m%d}"
    arrive_by = (
        now + timedelta(minutes=limits.arrive_minutes[area_type]) if area_type is not None else None
    )
    due = _due(kind, detail, now, arrive_by, limits)
    minutes = limits.dispatch_minutes.get(kind, limits.dispatch_minutes_other)
    contact = limits.contact_hours.get(kind)
    order = WorkOrder(
        order=f"{day}{records.serial(f'order-{day}'):06d}",
        kind=kind,
        detail=detail,
        # 6.4.5.5: nothing in an anonymous order leads back to the caller, not even the call.
        call="" if anonymous else inputs.get("call", ""),
        account="" if anonymous else account,
        phone="" if anonymous else phone,
        area=area,
        # What the caller chose by keys needs nobody to read it: the system dispatches at once
        # (our choice; 5.2.7.5 only limits how long it may take).
        state=OrderState.DISPATCHED,
        accepted_at=now,
        dispatched_at=now,
        dispatch_by=now + timedelta(minutes=minutes),
        due=due.at,
        contact_by=now + timedelta(hours=contact) if contact is not None else None,
        arrive_by=arrive_by,
        anonymous=anonymous,
        edition=limits.edition,
        note=due.note,
    )
    records.put(order)
    return order


def _in_progress(orders: list[WorkOrder], kind: str, detail: str) -> WorkOrder | None:
    for order in orders:
        if order.kind == kind and order.detail == detail and order.state is not OrderState.CLOSED:
            return order
    return None


def _checked(inputs: Inputs, name: str, allowed: frozenset[str]) -> str:
    value = needed(inputs, name)
    if value not in allowed:
        raise ServiceError(f"{name} is not one of {', '.join(sorted(allowed))}")
    return value


# --- services ----------------------------------------------------------------------------------


def fault_report(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """故障报修: a new order with its arrival limit, the old one, or the known outage's ETR."""
    fault = _checked(inputs, "fault", FAULTS)
    customer = customer_of(records, inputs)
    old = _in_progress(records.find(WorkOrder, account=customer.account), "fault", fault)
    if old is not None:
        return "duplicate", {"order": old.order}
    outage = known_outage(records, customer.area, now) if fault in EXPLAINED_BY_OUTAGE else None
    if outage is not None:
        return "known_outage", {
            "cause": word(f"cause.{outage.cause}", inputs),
            "etr": spoken_datetime(outage.etr),
        }
    order = _customers_order(records, inputs, now, customer, "fault", fault, customer.area_type)
    return "created", {"order": order.order}


def reconnect(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """欠费复电: paid, but still without power."""
    customer = customer_of(records, inputs)
    if customer.balance < 0:
        return "arrears", {"arrears": str(-customer.balance)}
    old = _in_progress(records.find(WorkOrder, account=customer.account), "reconnect", "")
    if old is not None:
        return "duplicate", {"order": old.order}
    order = _customers_order(records, inputs, now, customer, "reconnect", "", None)
    return "created", {"order": order.order}


def _customers_order(
    records: Records,
    inputs: Inputs,
    now: datetime,
    customer: Customer,
    kind: str,
    detail: str,
    area_type: AreaType | None,
) -> WorkOrder:
    return new_order(
        records, inputs, now, kind=kind, detail=detail, account=customer.account,
        phone=phone_of(inputs), area=customer.area, area_type=area_type,
    )  # fmt: skip


def apply_business(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """An application (6.1), on which the caller is called back within its limit."""
    business = _checked(inputs, "business", BUSINESSES)
    phone = phone_of(inputs)
    old = _in_progress(records.find(WorkOrder, phone=phone), "business", business)
    if old is not None:
        return "duplicate", {"order": old.order, "due": spoken_date(old.due.date())}
    order = new_order(
        records, inputs, now, kind="business", detail=business, phone=phone,
        account=inputs.get("account", ""), area=inputs.get("area", ""),
    )  # fmt: skip
    return "created", {"order": order.order, "due": spoken_date(order.due.date())}


def file_case(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Complaint (6.4.5.1), report, opinion, suggestion (6.4.5.2) or praise."""
    case = _checked(inputs, "case", CASES)
    anonymous = inputs.get("anonymous") == "yes"
    order = new_order(
        records, inputs, now, kind=case, detail="", anonymous=anonymous,
        account=inputs.get("account", ""), phone=inputs.get("number", ""),
        area=inputs.get("area", ""),
    )  # fmt: skip
    return "created", {"order": order.order, "due": spoken_date(order.due.date())}


def leave_message(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """A text message with a link under which the customer writes (5.2.4.1); answered in 6.3.5."""
    number = needed(inputs, "number")
    order = new_order(
        records, inputs, now, kind="consult", detail="message", phone=number,
        area=inputs.get("area", ""),
    )  # fmt: skip
    records.put(Message(
        message=f"{records.serial('message'):010d}", channel="sms", to=number, topic="message",
        account="", reference=order.order, sent_at=now, call=inputs.get("call", ""),
    ))  # fmt: skip
    return "created", {"order": order.order}


ENQUIRY = "enquiry."
"""begins the `detail` of a question that was answered on the spot"""


def note_enquiry(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """业务咨询 that the menu answers itself: a consult order that is closed at once (6.3.5)."""
    number = inputs.get("number", "")
    order = new_order(
        records,
        inputs,
        now,
        kind="consult",
        detail=ENQUIRY + needed(inputs, "enquiry"),
        phone=number,
        area=inputs.get("area", ""),
        anonymous=not number,
    )
    records.put(replace(order, state=OrderState.CLOSED, closed_at=now))
    return "noted", {}


def order_status(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Progress of the order whose number was typed."""
    order = records.get(WorkOrder, needed(inputs, "order"))
    return ("none", {}) if order is None else ("found", order_values(order, inputs))


def order_by_phone(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Progress of the caller's order: one in progress before a closed one, the newest first."""
    phone = inputs.get("number", "")
    orders = records.find(WorkOrder, phone=phone) if phone else []
    orders = [order for order in orders if not order.detail.startswith(ENQUIRY)]
    for account in accounts_of(records, phone):
        orders += records.find(WorkOrder, account=account)
    if not orders:
        return "none", {}
    newest = max(orders, key=lambda o: (o.state is not OrderState.CLOSED, o.accepted_at, o.order))
    return "found", order_values(newest, inputs)


def urge_order(records: Records, inputs: Inputs, now: datetime, limits: Limits = LIMITS) -> Reply:
    """催办: logged against the old order, at most so often a day, not while most time is left."""
    order = records.get(WorkOrder, needed(inputs, "order"))
    if order is None:
        raise ServiceError("no such order")
    due = {"due": spoken_date(order.due.date())}
    if order.state is OrderState.CLOSED:
        return "closed", due
    today = [u for u in records.find(Urge, order=order.order) if u.at.date() == now.date()]
    if len(today) >= limits.urges_a_day:
        return "limit", due
    if now - order.accepted_at < limits.urge_after * (order.due - order.accepted_at):
        return "too_early", due
    serial = records.serial(f"urge-{order.order}")
    records.put(Urge(f"{order.order}-{serial:03d}", order.order, now, inputs.get("call", "")))
    return "accepted", due
