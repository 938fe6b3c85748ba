"""The clause report from a database: the one way in which command, web page and demo make it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime

from agents.agent_figures import agent_figures
from agents.figures import Figures
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
from hotline.switch.events import AgentStateChanged
from hotline.switch.record import CallRecord, Entry
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
    made = [
        # an enquiry that the menu answered was answered when it was closed (6.3.5)
        {**asdict(order), "answered_at": order.closed_at}
        for order in orders
        if order.call
    ]
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


def on_one_clock(entries: Iterable[Entry]) -> list[AgentStateChanged]:
    """Agents' states of several runs as if one followed the other.

    Each run of a hotline begins its clock at 0, so an instant that goes back is a new run. Everyone
    is off duty between runs.
    """
    told: list[AgentStateChanged] = []
    shift = last = 0.0
    present: set[str] = set()
    for entry in entries:
        event = entry.event
        if event.at < last:
            told += [AgentStateChanged(shift + last, "", agent) for agent in sorted(present)]
            shift, present = shift + last, set()
        last = event.at
        if isinstance(event, AgentStateChanged):
            told.append(replace(event, at=shift + event.at))
            present.add(event.agent)
    return told


def agents_of(database: Database, roster: Roster) -> dict[str, Figures]:
    """Figures of each agent by number (工号): offers, answered within 12 s, unanswered, hung up
    first, occupancy. Adherence is measured against the roster's shifts, where it has any."""
    states = on_one_clock(read_journal(database, ""))
    until = states[-1].at if states else 0.0
    figures = agent_figures(list(iter_calls(database)), states, until=until, roster=roster)
    numbers = roster.by_id
    return {numbers[a].number if a in numbers else a: of for a, of in figures.items()}
