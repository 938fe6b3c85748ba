"""Who is calling, and what they use and owe: accounts, bills, meter readings."""

from __future__ import annotations

from datetime import datetime

from hotline.services.asking import (
    Inputs,
    Reply,
    ServiceError,
    accounts_of,
    customer_of,
    needed,
    spoken_date,
    word,
)
from hotline.services.limits import LIMITS, Limits
from hotline.services.model import Bill, Customer, MeterReading
from hotline.services.records import Records
from menus.services import ACCOUNT_DIGITS


def _identity(account: str) -> dict[str, str]:
    # More of an account than its last four digits is never read out unasked (7.1.3).
    return {"account": account, "tail": account[-4:]}


def account_by_phone(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The account bound to the caller's telephone, when it is exactly one."""
    accounts = accounts_of(records, inputs.get("number", ""))
    if not accounts:
        return "none", {}
    return ("found", _identity(accounts[0])) if len(accounts) == 1 else ("many", {})


def account_check(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """Whether the account typed exists (10 or 13 digits)."""
    account = needed(inputs, "account")
    known = len(account) in ACCOUNT_DIGITS and records.get(Customer, account) is not None
    return ("found", _identity(account)) if known else ("none", {})


def _last_bill(records: Records, account: str) -> Bill | None:
    return max(records.find(Bill, account=account), key=lambda bill: bill.month, default=None)


def balance(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """余额 or 欠费; `due` is the earliest day by which an open bill is to be paid, else today."""
    customer = customer_of(records, inputs)
    if customer.balance >= 0:
        return "credit", {"balance": str(customer.balance)}
    open_bills = [b.due for b in records.find(Bill, account=customer.account) if not b.paid]
    due = min(open_bills, default=now.date())
    return "arrears", {"arrears": str(-customer.balance), "due": spoken_date(due)}


def last_bill(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """The newest monthly bill."""
    bill = _last_bill(records, customer_of(records, inputs).account)
    if bill is None:
        return "none", {}
    return "found", {
        "amount": str(bill.amount),
        "kwh": str(bill.kwh),
        "billed": spoken_date(bill.billed),
        "due": spoken_date(bill.due),
    }


def annual_usage(records: Records, inputs: Inputs, now: datetime, limits: Limits = LIMITS) -> Reply:
    """This year's use so far, its tier, and what is left of the tier."""
    account = customer_of(records, inputs).account
    bills = [b for b in records.find(Bill, account=account) if b.month.startswith(f"{now.year}-")]
    if not bills:
        return "none", {}
    kwh = sum(bill.kwh for bill in bills)
    tier = 1 + sum(kwh > end for end in limits.tiers_kwh)
    values = {"kwh": str(kwh), "tier": word(f"tier.{tier}", inputs)}
    if tier > len(limits.tiers_kwh):
        return "top", values
    return "found", values | {"left": str(limits.tiers_kwh[tier - 1] - kwh)}


def _last_reading(records: Records, account: str) -> MeterReading | None:
    readings = records.find(MeterReading, account=account)
    return max(readings, key=lambda reading: (reading.read_on, reading.reading), default=None)


def meter_reading(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """What the meter showed when it was last read."""
    last = _last_reading(records, customer_of(records, inputs).account)
    if last is None:
        return "none", {}
    return "found", {"reading": str(last.reading), "read_on": spoken_date(last.read_on)}


def submit_reading(records: Records, inputs: Inputs, now: datetime) -> Reply:
    """A reading typed by the customer: stored unless less than the last one."""
    account = customer_of(records, inputs).account
    typed = needed(inputs, "reading")
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
        raise ServiceError("reading is not a number of at most 9 digits")
    last = _last_reading(records, account)
    before = last.reading if last is not None else 0
    if int(typed) < before:
        return "too_low", {}
    key = f"{account}-{now:%Y%m%d}-c"
    records.put(MeterReading(key, account, int(typed), now.date(), "customer"))
    return "accepted", {"used": str(int(typed) - before)}
