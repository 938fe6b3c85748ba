"""Every named service of `menus.services`, and `answer`, which asks one by name.

    outcome, values = answer("last_bill", records, {"account": "1000000001"}, now)

Whatever goes wrong inside a service becomes the outcome `failed` and a log line that names the
service and the kind of error, never a digit of input; nothing of a failed service is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from hotline.services import accounts, contact, orders
from hotline.services.asking import Inputs, Service, ServiceError
from hotline.services.records import Records

log = logging.getLogger(__name__)

FAILED: tuple[str, Mapping[str, str]] = ("failed", MappingProxyType({}))
"""The reply of a service that could not answer."""

READING: Mapping[str, Service] = MappingProxyType(
    {
        service.__name__: service
        for service in (
            accounts.account_by_phone,
            accounts.account_check,
            accounts.balance,
            accounts.last_bill,
            accounts.annual_usage,
            accounts.meter_reading,
            contact.bulletin,
            contact.outage_lookup,
            contact.outage_by_area,
            contact.branch_hall,
            orders.order_status,
            orders.order_by_phone,
        )
    }
)
"""Services that change nothing."""

WRITING: Mapping[str, Service] = MappingProxyType(
    {
        service.__name__: service
        for service in (
            accounts.submit_reading,
            contact.subscribe_outage,
            contact.subscribe_bill,
            contact.send_invoice,
            contact.send_sms,
            contact.book_callback,
            contact.cancel_callback,
            orders.fault_report,
            orders.reconnect,
            orders.apply_business,
            orders.file_case,
            orders.leave_message,
            orders.note_enquiry,
            orders.urge_order,
        )
    }
)
"""Services that may change a record."""

_WHOLE = frozenset({"account", "tail"})
_OUTAGE = frozenset({"cause", "status", "start", "etr"})
_ORDER = frozenset({"order", "status", "due"})

GIVEN: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {
        ("account_by_phone", "found"): _WHOLE,
        ("account_check", "found"): _WHOLE,
        ("bulletin", "active"): frozenset({"area_name", "cause", "etr"}),
        ("outage_lookup", "found"): _OUTAGE,
        ("outage_by_area", "found"): _OUTAGE | {"area_name"},
        ("fault_report", "created"): frozenset({"order"}),
        ("fault_report", "duplicate"): frozenset({"order"}),
        ("fault_report", "known_outage"): frozenset({"cause", "etr"}),
        ("reconnect", "created"): frozenset({"order"}),
        ("reconnect", "duplicate"): frozenset({"order"}),
        ("reconnect", "arrears"): frozenset({"arrears"}),
        ("balance", "credit"): frozenset({"balance"}),
        ("balance", "arrears"): frozenset({"arrears", "due"}),
        ("last_bill", "found"): frozenset({"amount", "kwh", "billed", "due"}),
        ("annual_usage", "found"): frozenset({"kwh", "tier", "left"}),
        ("annual_usage", "top"): frozenset({"kwh", "tier"}),
        ("meter_reading", "found"): frozenset({"reading", "read_on"}),
        ("submit_reading", "accepted"): frozenset({"used"}),
        ("apply_business", "created"): frozenset({"order", "due"}),
        ("apply_business", "duplicate"): frozenset({"order", "due"}),
        ("branch_hall", "found"): frozenset({"hall", "address", "opens", "closes"}),
        ("file_case", "created"): frozenset({"order", "due"}),
        ("order_status", "found"): _ORDER,
        ("order_by_phone", "found"): _ORDER,
        ("urge_order", "accepted"): frozenset({"due"}),
        ("urge_order", "too_early"): frozenset({"due"}),
        ("urge_order", "limit"): frozenset({"due"}),
        ("urge_order", "closed"): frozenset({"due"}),
        ("book_callback", "booked"): frozenset({"day", "from", "until"}),
        ("book_callback", "exists"): frozenset({"day", "from", "until"}),
        ("cancel_callback", "cancelled"): frozenset({"day"}),
        ("leave_message", "created"): frozenset({"order"}),
    }
)
"""(service, outcome) -> the values that come with it; outcomes not named here bring none. What a
prompt may speak after an outcome, more precisely than `ServiceSpec.gives`."""


def answer(
    name: str, records: Records, inputs: Inputs, now: datetime
) -> tuple[str, Mapping[str, str]]:
    """Ask service `name` at local time `now`; `inputs` as `menus.services` says, and `call`.

    Never raises: an unknown service, a missing input or a broken database is `failed`.
    """
    service = READING.get(name) or WRITING.get(name)
    if service is None:
        log.warning("service %s is unknown; available: menus.services.SERVICES", name)
        return FAILED
    try:
        with records.transaction(write=name in WRITING) as open_records:
            return service(open_records, inputs, now)
    except ServiceError as error:
        log.warning("service %s failed: %s", name, error)
    except Exception as error:  # a caller must hear something whatever breaks in a service
        # Only the type: a database error quotes the values it was given.
        log.error("service %s failed: %s", name, type(error).__name__)
    return FAILED
