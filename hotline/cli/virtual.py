"""The hotline in virtual time, for scenarios: a new one for each, so that none disturbs another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from agents.behaviours import Behaviour
from agents.roster import AgentProfile, Roster
from agents.roster_file import DEMO, load_roster
from agents.settings import AcdSettings
from hotline.callers.hearing import Canon
from hotline.callers.line import MemoryLine
from hotline.callers.scenario import AgentFixture, AnswerFixture, Scenario, ScenarioError, moment
from hotline.cli.compose import EPOCH, Parts, built_in_pack, render, sign_in
from hotline.services.fixtures import FixtureError, kind_of, records
from hotline.services.live import DirectServices, Faults, Told, ToldServices
from hotline.services.records import MemoryRecords
from hotline.services.seed import seeded
from hotline.switch import events as ev
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.distributions import deterministic
from hotline.switch.journal import MemoryJournal
from hotline.switch.ports import JournalSink, Services
from hotline.switch.record import Entry
from menus.model import Book
from menus.wording import Both, Problem


class VirtualHotline:
    """One hotline whose callers are machines in the same process.

    `line.place(caller, call)` brings a caller; `clock.run()` lets time pass.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        clock: VirtualClock | None = None,
        on_closed: Callable[[Sequence[Entry]], None] | None = None,
        journal: JournalSink | None = None,
        canon: Canon | None = None,
        faults: Faults | None = None,
        on_duty: frozenset[str] | None = None,
        told: Sequence[Told] = (),
        busy_until: Mapping[str, float] | None = None,
    ) -> None:
        self.parts = parts
        self.clock = clock or VirtualClock()
        self.canon = canon or Canon.of_book(parts.book)
        self.closed: dict[str, Sequence[Entry]] = {}
        self.journal = MemoryJournal(on_closed or self._keep)
        self.line = MemoryLine(
            render(parts.pack), canon=self.canon, rings=parts.rings, refusals=parts.refusals()
        )
        services: Services = DirectServices(
            parts.records, lambda: parts.now(self.clock), clock=self.clock, faults=faults
        )
        self.exchange = parts.exchange(
            clock=self.clock,
            media=self.line,
            services=ToldServices(told, services, self.clock) if told else services,
            journal=journal or self.journal,
        )
        self.line.connect(self.exchange)
        sign_in(self.exchange, parts.roster, on_duty)
        for agent, seconds in (busy_until or {}).items():
            self._busy(agent, seconds)

    def _busy(self, agent: str, seconds: float) -> None:
        """`agent` is on duty, but has other calls for so long."""
        self.exchange.post(ev.AgentNotReady(self.clock.now(), "", agent, "busy"))
        self.clock.call_at(
            seconds, lambda: self.exchange.post(ev.AgentReady(self.clock.now(), "", agent))
        )

    def _keep(self, entries: Sequence[Entry]) -> None:
        self.closed[entries[0].event.call] = entries

    def entries(self, call: str) -> Sequence[Entry]:
        """The journal of a call, closed or open; empty if there is none."""
        return self.closed.get(call) or self.journal.open.get(call) or ()

    def left(self, kind: str) -> Iterable[Mapping[str, object]]:
        """Records of `kind` that were made or changed since the hotline was built."""
        own = self.parts.records
        assert isinstance(own, MemoryRecords)
        return [{**asdict(record)} for record in own.own(kind_of(kind))]


class ScenarioHotlines:
    """Builds the hotline each scenario asks for; what they share is made once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._canon = Canon.of_book(parts.book)
        self._seeded: dict[datetime, MemoryRecords] = {}

    def serving(self, book: Book) -> ScenarioHotlines:
        """The same hotlines by another book."""
        other = ScenarioHotlines(replace(self._parts, book=book))
        other._seeded = self._seeded
        return other

    def __call__(self, scenario: Scenario, seed: int) -> VirtualHotline:
        """The factory that `callers.runner` calls."""
        given = scenario.given
        start = moment(given.time, EPOCH) if given.time else EPOCH
        acd = replace(
            self._parts.acd,
            trunks=given.trunks if given.trunks is not None else self._parts.acd.trunks,
            waiting_room=(
                given.waiting_room
                if given.waiting_room is not None
                else self._parts.acd.waiting_room
            ),
        )
        parts = replace(
            self._parts,
            acd=acd,
            records=self._records(scenario, start),
            chance=Chance(seed),
            start=start,
            rings=given.rings if given.rings is not None else self._parts.rings,
        )
        if given.agents is not None:
            parts = replace(
                parts,
                roster=Roster(tuple(_profile(agent) for agent in given.agents)),
                behaviours={_id(agent): _behaviour(agent) for agent in given.agents},
            )
        faults = Faults(broken=set(given.failing), slow=given.slow)
        return VirtualHotline(
            parts,
            canon=self._canon,
            faults=faults,
            told=tuple(_told(answer) for answer in given.answers),
            busy_until={_id(a): a.free_after for a in given.agents or () if a.free_after},
        )

    def _records(self, scenario: Scenario, start: datetime) -> MemoryRecords:
        base = self._seeded.get(start)
        if base is None:
            base = self._seeded[start] = seeded(start, customers=30)
        if not scenario.given.tables:
            return base.fork()
        filled = base.fork()
        serial = 0
        for table, rows in scenario.given.tables.items():
            places = scenario.given.places.get(table, ())
            for at, row in enumerate(rows):
                serial += 1
                try:
                    filled.put_all(records(table, row, serial, start))
                except FixtureError as error:
                    place = places[at] if at < len(places) else scenario.place
                    remedy = Both("修改 given 中的这一行", "correct the row in `given`")
                    what = Both(str(error), str(error))
                    raise ScenarioError(Problem(place, what, remedy)) from error
        return filled.fork()


def scenario_hotlines(book: Book, *, announces: bool = False) -> ScenarioHotlines:
    """Hotlines of `book` with the built-in pack and roster, for scenarios."""
    return ScenarioHotlines(
        Parts(
            book=book,
            roster=load_roster(DEMO),
            pack=built_in_pack(),
            records=MemoryRecords(),
            acd=AcdSettings(),
            announces=announces,
        )
    )


def _id(agent: AgentFixture) -> str:
    return f"a{agent.number}"


def _told(answer: AnswerFixture) -> Told:
    return Told(answer.service, answer.outcome, dict(answer.values), answer.after)


def _profile(agent: AgentFixture) -> AgentProfile:
    return AgentProfile(
        id=_id(agent), number=agent.number, skills=agent.skills, languages=agent.languages
    )


def _behaviour(agent: AgentFixture) -> Behaviour:
    return Behaviour(
        ring=deterministic(agent.answer_after or 0.0),
        talk=deterministic(agent.talk),
        wrap_up=deterministic(5.0),
        endings=((agent.then, 1.0),),
        answers=0.0 if agent.answer_after is None else 1.0,
    )
