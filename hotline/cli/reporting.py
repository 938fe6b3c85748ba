"""The clause report from a database: the one way in which command, web page and demo make it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime

from agents.roster import Roster
from hotline.services.model import Outage, WorkOrder
from hotline.services.records import Records
from hotline.services.workdays import after_workdays
from hotline.standard.clauses import Edition
from hotline.standard.report import Report, ReportBuilder
from hotline.store.archive import read_journal
from hotline.store.calls import iter_calls
from hotline.store.database import Database
from hotline.store.records import SqlRecords
from hotline.switch.record import CallRecord
from menus.model import Book


def local_offset() -> float:
    """Hours from UTC to this machine's local time."""
    return time.localtime().tm_gmtoff / 3600


def workdays(start: datetime, days: int) -> datetime:
    """The end of the `days`-th working day after `start`, by the calendar of holidays."""
    return after_workdays(start, days).at


def add_business(builder: ReportBuilder, records: Records, now: datetime | None) -> None:
    """Work orders and outages: clauses 5.2.7.5 and 6.x."""
    orders = records.find(WorkOrder)
    # Orders that a seed invented have no call: they are scenery, not this hotline's work.
    made = [asdict(order) for order in orders if order.call]
    builder.add_orders(made, workdays=workdays, now=now)
    builder.add_outages([asdict(outage) for outage in records.find(Outage)], now=now)


def report_from(
    database: Database,
    *,
    book: Book,
    roster: Roster,
    edition: Edition | None = None,
    examples: int = 5,
    reveal: bool = False,
    progress: Callable[[Iterable[CallRecord]], Iterable[CallRecord]] = iter,
) -> Report:
    """The report on every closed call of `database`. `reveal` shows telephone numbers."""
    builder = ReportBuilder(
        edition,
        book=book,
        agents=roster.by_id,
        examples=examples,
        mask=not reveal,
        utc_offset=local_offset(),
    )
    for record in progress(iter_calls(database, reveal=reveal)):
        builder.add_call(record, read_journal(database, record.call))
    builder.add_agents(read_journal(database, ""))
    add_business(builder, SqlRecords(database), datetime.now())
    return builder.build()


def timed(record: CallRecord, start: datetime) -> CallRecord:
    """A row of virtual time, with the moment at which its clock began."""
    return replace(record, clock_start=start.timestamp())
