"""The day itself: ordinary callers all day long on the main hotline, planted calls on branches.

All of it runs on one virtual clock, so a day takes seconds. The composition root hands in how to
build a hotline; this module decides who calls when, and what the back office does with the orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hotline.callers.hearing import Canon
from hotline.callers.personas import PERSONAS, Asks, PersonaCaller
from hotline.demonstration.caller import TimedCaller
from hotline.demonstration.plants import Broken, Planted
from hotline.standard.report import Report
from hotline.switch import events as ev
from hotline.switch.actions import JOURNAL
from hotline.switch.chance import Chance
from hotline.switch.events import AgentState, Party
from hotline.switch.record import Entry
from menus.model import Book

T = TypeVar("T")
START = datetime(2026, 11, 23)
"""the demonstration day: a Monday, from midnight"""
DAY = 86400.0
CALLS = 1000
BOOKS = Path(__file__).with_name("books")

PROFILE = (2, 1, 1, 0, 1, 1, 3, 6, 10, 12, 12, 10, 8, 8, 9, 9, 9, 9, 10, 11, 10, 8, 5, 3)
"""calls by clock hour, in parts; nobody but the planted call rings between 3 and 4 o'clock"""

GOALS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("0",), 20),
    (("1", "1", "1"), 12),  # is there an outage here?
    (("1", "2", "1", "1"), 10),  # report a fault
    (("1", "2", "0"), 8),
    (("2", "1", "1"), 14),  # balance
    (("2", "2", "1"), 6),  # last bill
    (("2", "0"), 6),
    (("3", "1", "1"), 4),  # papers for a new connection
    (("3", "0"), 4),
    (("4", "1"), 4),  # complaint
    (("2", "*", "1", "9"), 4),
    (("8", "0"), 3),  # English
    (("8", "2"), 2),
)
"""keys for each prompt that asks, with weights; our choice, after the mix of domain figures"""
PEOPLE = (("plain", 50), ("patient", 10), ("hurried", 14), ("elderly", 14), ("confused", 5),
          ("angry", 4), ("hard_of_hearing", 2), ("silent", 1))  # fmt: skip
NUMBERS = ("13800138000", "13800138003", "13800138008", "13800138010", "13800138005")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One ordinary caller: `at` seconds after midnight."""

    call: str
    at: float
    goal: tuple[str, ...]
    person: str
    number: str


def arrivals(calls: int, chance: Chance) -> list[Arrival]:
    """The ordinary callers of the day, in order of time; as many as asked for."""
    edges = [0.0]
    for part in PROFILE:
        edges.append(edges[-1] + part)
    made = []
    for number in range(calls):
        name = f"day-{number:05d}"
        drawn = chance.uniform("arrival", name) * edges[-1]
        hour = max(h for h in range(24) if edges[h] <= drawn and PROFILE[h])
        at = (hour + (drawn - edges[hour]) / PROFILE[hour]) * 3600
        made.append(
            Arrival(
                name,
                # the last hour's calls must end before midnight to belong to the day
                min(at, DAY - 1800),
                _pick(GOALS, chance.uniform("goal", name)),
                _pick(PEOPLE, chance.uniform("person", name)),
                NUMBERS[int(chance.uniform("number", name) * len(NUMBERS))],
            )
        )
    return sorted(made, key=lambda arrival: arrival.at)


def _pick(weighted: Sequence[tuple[T, float]], luck: float) -> T:
    left = luck * sum(weight for _, weight in weighted)
    for value, weight in weighted:
        left -= weight
        if left < 0:
            return value
    return weighted[-1][0]


def persona_caller(
    arrival: Arrival, book: Book, canon: Canon, asks: Asks, chance: Chance
) -> PersonaCaller:
    """The machine that plays `arrival`."""
    return PersonaCaller(
        arrival.goal, PERSONAS[arrival.person], asks, chance, arrival.call, number=arrival.number
    )


def planted_caller(plant: Planted) -> TimedCaller:
    """The machine that makes the planted call."""
    return TimedCaller(plant.plan, plant.number)


def killed(entries: Sequence[Entry], at: float) -> list[Entry]:
    """A journal that breaks off at `at`, closed as `lost` at the next start."""
    kept = [entry for entry in entries if entry.event.at <= at]
    last = kept[-1].event
    return [*kept, Entry(JOURNAL, ev.CallClosed(last.at, last.call, Party.SYSTEM, "lost"))]


def put_on_duty(agent: str) -> Entry:
    """The planted breach of 5.2.5.2: refused at sign-in, on duty all the same."""
    return Entry(JOURNAL, ev.AgentStateChanged(60.0, "", agent, AgentState.READY))


def back_office(order: Mapping[str, object]) -> dict[str, object]:
    """What a diligent back office adds to an order of the day: every step in time."""
    accepted = order["accepted_at"]
    assert isinstance(accepted, datetime)
    return {
        "area_type": "city",
        **order,
        "dispatched_at": accepted + timedelta(minutes=1),
        "contacted_at": accepted + timedelta(minutes=30),
        "arrived_at": accepted + timedelta(minutes=40),
        "restored_at": accepted + timedelta(hours=2),
        "answered_at": accepted + timedelta(hours=6),
        "done_at": accepted + timedelta(hours=6),
        "closed_at": accepted + timedelta(hours=7),
        "called_back_at": accepted + timedelta(hours=8),
    }


def found(report: Report) -> frozenset[Broken]:
    """The violations of a report, in the words of `plants.expected`."""
    return frozenset(
        Broken(line.clause.number, example.rule, _where(example.call, example.place))
        for line in report.clauses
        for example in line.examples
    )


def _where(call: str | None, place: str) -> str:
    file, _, number = place.rpartition(":")
    return call or (Path(file).name if file and number.isdigit() and "/" in file else place)
