"""The composition root of these tests: the whole hotline in virtual time for one scenario."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from agents.behaviours import Behaviour
from agents.roster import AgentProfile, Roster
from agents.settings import AcdSettings
from hotline.callers.hearing import Canon
from hotline.callers.line import MemoryLine
from hotline.callers.scenario import AgentFixture, Scenario
from hotline.cli.compose import EPOCH, Parts, built_in_pack, render, sign_in
from hotline.services import model
from hotline.services.live import DirectServices, Faults
from hotline.services.records import MemoryRecords
from hotline.services.seed import seeded
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.distributions import deterministic
from hotline.switch.journal import MemoryJournal
from hotline.switch.record import Entry
from menus.loader import load
from menus.model import Book

KINDS: dict[str, type[model.Record]] = {
    "customer": model.Customer,
    "binding": model.Binding,
    "bill": model.Bill,
    "meter_reading": model.MeterReading,
    "outage": model.Outage,
    "work_order": model.WorkOrder,
    "urge": model.Urge,
    "callback_booking": model.CallbackBooking,
    "message": model.Message,
    "subscription": model.Subscription,
}
DEFAULTS: dict[str, dict[str, object]] = {
    "customer": {
        "name": "虚构",
        "address": "虚构路1号",
        "area": "1001",
        "area_type": "city",
        "prepaid": False,
        "balance": 0,
    },
    "work_order": {
        "detail": "",
        "call": "",
        "account": "",
        "phone": "",
        "area": "1001",
        "state": "accepted",
    },
    "callback_booking": {"language": "zh-CN", "call": "", "state": "booked"},
    "message": {"channel": "sms", "account": "", "reference": "", "call": ""},
    "subscription": {"call": ""},
}
DEFAULT_AGENTS = (AgentFixture("1001"), AgentFixture("1002"))


@cache
def default_book() -> Book:
    return load()


@cache
def canon_of(path: str = "") -> Canon:
    return Canon.of_book(default_book())


@cache
def seed_records(now: datetime) -> MemoryRecords:
    return seeded(now, customers=20)


def record(kind: str, row: Mapping[str, object], now: datetime) -> model.Record:
    """A business record of a scenario's row: defaults filled in, texts turned into values."""
    cls = KINDS[kind]
    hints = typing.get_type_hints(cls)
    values = {**DEFAULTS.get(kind, {}), **row}
    for field in dataclasses.fields(cls):
        if field.name not in values and field.default is dataclasses.MISSING:
            values[field.name] = _default(hints[field.name], now)
    return cls(**{name: _value(hints[name], value, now) for name, value in values.items()})


def _default(hint: object, now: datetime) -> object:
    if hint is datetime:
        return now
    return now.date() if hint is date else ""


def _value(hint: object, value: object, now: datetime) -> object:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    kind = options[0]
    if value is None:
        return None
    if kind in (datetime, date) and isinstance(value, str):
        if value.endswith("h") and value[:-1].lstrip("-").isdigit():
            moment = now + timedelta(hours=int(value[:-1]))
            return moment if kind is datetime else moment.date()
        return datetime.fromisoformat(value) if kind is datetime else date.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind in (int, bool):
        return kind(value)
    return str(value) if kind is str else value


def start_of(scenario: Scenario) -> datetime:
    time = scenario.given.time
    if not time:
        return EPOCH
    if len(time) <= 8:
        return datetime.combine(EPOCH.date(), datetime.strptime(time[:5], "%H:%M").time())
    return datetime.fromisoformat(time)


class World:
    """See `hotline.callers.runner.Hotline`."""

    def __init__(self, scenario: Scenario, seed: int, book: Book | None = None) -> None:
        given = scenario.given
        self.start = start_of(scenario)
        fixtures = DEFAULT_AGENTS if given.agents is None else given.agents
        profiles = [
            AgentProfile(f"a{f.number}", f.number, skills=f.skills, languages=f.languages)
            for f in fixtures
        ]
        behaviours = {
            f"a{f.number}": Behaviour(
                ring=deterministic(f.answer_after or 0.0),
                talk=deterministic(f.talk),
                wrap_up=deterministic(5.0),
                endings=((f.then, 1.0),),
                answers=0.0 if f.answer_after is None else 1.0,
            )
            for f in fixtures
        }
        base = MemoryRecords.fork(seed_records(self.start))
        for table, rows in given.tables.items():
            for row in rows:
                base.put(record(table.removesuffix("s"), row, self.start))
        self._base, self._records = base, base.fork()
        self.book = book or default_book()
        self.canon = canon_of() if book is None else Canon.of_book(book)
        pack = built_in_pack()
        midnight = self.start - datetime.combine(self.start.date(), datetime.min.time())
        parts = Parts(
            book=self.book,
            roster=Roster(tuple(profiles)),
            pack=pack,
            records=self._records,
            acd=AcdSettings(
                trunks=given.trunks,
                waiting_room=given.waiting_room,
                clock_midnight=midnight.total_seconds(),
            ),
            behaviours=behaviours,
            chance=Chance(seed),
            start=self.start,
        )
        self.clock = VirtualClock()
        self.line = MemoryLine(render(pack), canon=self.canon)
        self._closed: dict[str, Sequence[Entry]] = {}
        self.journal = MemoryJournal(self._keep)
        faults = Faults(broken=set(given.failing), slow=given.slow)
        services = DirectServices(
            self._records, lambda: parts.now(self.clock), clock=self.clock, faults=faults
        )
        self.exchange = parts.exchange(
            clock=self.clock, media=self.line, services=services, journal=self.journal
        )
        self.line.connect(self.exchange)
        sign_in(self.exchange, parts.roster)

    def _keep(self, entries: Sequence[Entry]) -> None:
        self._closed[entries[0].event.call] = entries

    def entries(self, call: str) -> Sequence[Entry]:
        return self._closed.get(call) or self.journal.open.get(call, [])

    def left(self, kind: str) -> Iterable[Mapping[str, object]]:
        cls = KINDS[kind]
        before = {r.key: r for r in self._base.find(cls)}
        for found in self._records.find(cls):
            if before.get(found.key) != found:
                yield {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}


def factory(scenario: Scenario, seed: int) -> World:
    return World(scenario, seed)
