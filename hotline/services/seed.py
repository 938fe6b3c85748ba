"""Invented customers, bills, outages and orders, the same for the same seed and date.

Nobody here exists: names are drawn from lists, every address lies on an invented road (虚构路) and
every customer carries `invented=True`. The first customers are fixed, for scenarios and demos:

    calls from   account        area and what is special
    13800138000  1000000001     1001 city, no outage, in credit, one year of bills: the plain case
    13800138001  1000000002     1002 city, outage by storm, announced by bulletin
    13800138002  1000000003/04  1001 two accounts on one telephone
    13800138003  1000000005     1003 rural, owes the last bill (128.56 yuan)
    13800138004  1000000006     1005 city, prepaid, new: neither bills nor readings
    13800138005  1000000007     1001 complaint 260101990001 in progress, old enough to be urged
    13800138006  1000000008     1001 fault order 260101990002, closed
    13800138007  1000000009     1006 remote (crew within 120 min)
    13800138008  1000000010     1005 city, highest tier, invoice by e-mail
    13800138009  1000000011     1004 rural, planned outage without bulletin
    13800138010  1000000000012  1001 city, account of 13 digits
    13900139000  -              no account is bound to this telephone

Areas 1002 (unplanned, bulletin) and 1004 (planned, no bulletin) are without power; the others not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hotline.services.limits import LIMITS
from hotline.services.model import (
    AreaType,
    Bill,
    Binding,
    Customer,
    MeterReading,
    OrderState,
    Outage,
    Record,
    WorkOrder,
)
from hotline.services.records import MemoryRecords, Records
from menus.services import AREAS, WORDS

OPEN_ORDER = "260101990001"
CLOSED_ORDER = "260101990002"

_AREA_TYPES = {
    "1001": AreaType.CITY, "1002": AreaType.CITY, "1003": AreaType.RURAL,
    "1004": AreaType.RURAL, "1005": AreaType.CITY, "1006": AreaType.REMOTE,
}  # fmt: skip
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = ("建国", "秀英", "伟", "芳", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰")
_FEN_PER_KWH = 56


@dataclass(frozen=True, slots=True)
class _Known:
    """A fixed customer. `kwh`: a usual month; `debt`: what is owed on the last bill, fen."""

    phone: str
    account: str
    area: str
    name: str
    kwh: int = 180
    debt: int = 0
    prepaid: bool = False
    email: str = ""


_KNOWN = (
    _Known("13800138000", "1000000001", "1001", "王平"),
    _Known("13800138001", "1000000002", "1002", "李雨"),
    _Known("13800138002", "1000000003", "1001", "张双"),
    _Known("13800138002", "1000000004", "1001", "张双"),
    _Known("13800138003", "1000000005", "1003", "刘欠", debt=12856),
    _Known("13800138004", "1000000006", "1005", "陈新", kwh=0, prepaid=True),
    _Known("13800138005", "1000000007", "1001", "杨催"),
    _Known("13800138006", "1000000008", "1001", "赵结"),
    _Known("13800138007", "1000000009", "1006", "黄远"),
    _Known("13800138008", "1000000010", "1005", "周多", kwh=900, email="invented@example.com"),
    _Known("13800138009", "1000000011", "1004", "吴停"),
    _Known("13800138010", "1000000000012", "1001", "徐长"),
)


def seed(records: Records, now: datetime, *, customers: int = 1000, seed: int = 95598) -> None:
    """Put invented data as of local time `now` into `records`: the fixed customers of the table
    above and then drawn ones, `customers` in all (at least the fixed)."""
    with records.transaction(write=True) as target:
        target.put_all(_everything(now, customers, Random(seed)))


def seeded(now: datetime, *, customers: int = 1000, seed: int = 95598) -> MemoryRecords:
    """New `MemoryRecords` with the invented data."""
    records = MemoryRecords()
    records.put_all(_everything(now, customers, Random(seed)))
    return records


def _everything(now: datetime, customers: int, chance: Random) -> Iterator[Record]:
    drawn = (_drawn(chance, serial) for serial in range(max(0, customers - len(_KNOWN))))
    for person in (*_KNOWN, *drawn):
        yield from _customer(person, now.date(), chance)
    yield from _outages(now)
    yield from _orders(now)


def _drawn(chance: Random, serial: int) -> _Known:
    long = serial % 5 == 4
    return _Known(
        phone=f"139{10000000 + serial:08d}",
        account=f"{3100000000000 + serial}" if long else f"{3100000000 + serial}",
        area=chance.choice(list(AREAS)),
        name=chance.choice(_SURNAMES) + chance.choice(_GIVEN),
        kwh=round(chance.lognormvariate(5.1, 0.5)),
        debt=chance.randrange(1000, 40000) if chance.random() < 0.08 else 0,
        prepaid=chance.random() < 0.4,
    )


def _customer(person: _Known, today: date, chance: Random) -> Iterator[Record]:
    street = f"{WORDS[f'area.{AREAS[person.area]}']['zh-CN']}虚构路{chance.randrange(1, 400)}号"
    credit = chance.randrange(500, 30000) if person.prepaid else 0
    yield Customer(
        person.account, person.name, street, person.area, _AREA_TYPES[person.area],
        person.prepaid, -person.debt if person.debt else credit, person.email,
    )  # fmt: skip
    yield Binding(f"{person.phone}-{person.account}", person.phone, person.account)
    if not person.kwh:
        return
    total = chance.randrange(1000, 20000)
    for months_ago in range(12, 0, -1):
        first = _months_before(today, months_ago)
        kwh = round(person.kwh * _season(first.month) * chance.uniform(0.9, 1.1))
        total += kwh
        last = months_ago == 1
        amount = person.debt if last and person.debt else kwh * _FEN_PER_KWH
        billed = _months_before(today, months_ago - 1)
        yield Bill(
            f"{person.account}-{first:%Y%m}", person.account, f"{first:%Y-%m}", kwh, amount,
            billed, billed + timedelta(days=24), paid=not (last and person.debt),
        )  # fmt: skip
    read_on = today.replace(day=1)
    yield MeterReading(
        f"{person.account}-{read_on:%Y%m%d}-a", person.account, total, read_on, "company"
    )


def _months_before(day: date, months: int) -> date:
    """The first of the month `months` before that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _season(month: int) -> float:
    """Monthly use against the mean: cooling in summer, heating in winter."""
    return 1.5 if month in (7, 8) else 1.2 if month in (1, 2, 12) else 0.85


def _outages(now: datetime) -> Iterator[Outage]:
    began = now.replace(second=0, microsecond=0)
    storm = began - timedelta(minutes=50)
    yield Outage(
        "invented-0001", "1002", "storm", "on_site", storm, began + timedelta(hours=2),
        known_at=storm + timedelta(minutes=15), published_at=storm + timedelta(minutes=25),
    )  # fmt: skip
    works = began - timedelta(hours=2)
    yield Outage(
        "invented-0002", "1004", "planned", "planned", works, began + timedelta(hours=4),
        known_at=works - timedelta(days=7), published_at=works - timedelta(days=7),
        bulletin=False,
    )  # fmt: skip
    over = began - timedelta(days=1)
    yield Outage(
        "invented-0003", "1001", "equipment", "restoring", over, over + timedelta(hours=2),
        known_at=over + timedelta(minutes=10), published_at=over + timedelta(minutes=20),
        restored_at=over + timedelta(hours=2),
    )  # fmt: skip


def _orders(now: datetime) -> Iterator[WorkOrder]:
    began = now.replace(microsecond=0) - timedelta(days=5)
    yield WorkOrder(
        OPEN_ORDER, "complaint", "", "", "1000000007", "13800138005", "1001",
        OrderState.WORKING, began, began + timedelta(minutes=20),
        due=now.replace(hour=23, minute=59, second=59, microsecond=0) + timedelta(days=2),
        contact_by=began + timedelta(hours=24), dispatched_at=began + timedelta(minutes=6),
        edition=LIMITS.edition,
    )  # fmt: skip
    yield WorkOrder(
        CLOSED_ORDER, "fault", "single", "", "1000000008", "13800138006", "1001",
        OrderState.CLOSED, began, began + timedelta(minutes=2),
        due=began + timedelta(minutes=45), arrive_by=began + timedelta(minutes=45),
        dispatched_at=began + timedelta(minutes=1), closed_at=began + timedelta(hours=3),
        edition=LIMITS.edition,
    )  # fmt: skip
