"""Composition roots: one place that knows every part and plugs them together.

`Parts` is what a hotline is made of whatever its clock; `virtual` joins them in virtual time,
`live` on an event loop. Nothing else in the project chooses an implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

from agents.acd import Acd
from agents.behaviours import Behaviour, behaviour
from agents.desk import DeskAgent, HangsUp
from agents.policies import policy
from agents.roster import Roster
from agents.settings import DAY, AcdSettings
from agents.simulated import SimulatedAgent
from audio.pack import Pack
from hotline.demonstration.faults import Fault, Faulty
from hotline.nodes.centre import Nodes, NoLines
from hotline.nodes.node import RemoteAcd
from hotline.services.records import Records
from hotline.switch import events as ev
from hotline.switch.actions import AGENT, CALL, Prompt
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.exchange import Exchange
from hotline.switch.ports import Clock, JournalSink, Machine, Media, Services
from ivr import Calendar, Call
from ivr.speech import Speaker, refusals
from menus.model import Book

OnFault = Callable[[Exception, ev.Event], None]

EPOCH = datetime(2026, 11, 23, 9, 0)
"""local time at instant 0 where nobody says otherwise: a Monday morning"""


def calendar_from(start: datetime) -> Calendar:
    """The calendar of a call clock whose instant 0 was at local time `start`."""

    def calendar(at: float) -> tuple[int, float]:
        moment = start + timedelta(seconds=at)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return moment.isoweekday(), (moment - midnight).total_seconds()

    return calendar


@dataclass(frozen=True)
class Parts:
    """What a hotline is made of. `behaviours` by agent id, `""` for all others; `start` is the
    local time at instant 0 of the call clock."""

    book: Book
    roster: Roster
    pack: Pack
    records: Records
    acd: AcdSettings = field(default_factory=AcdSettings)
    behaviours: Mapping[str, Behaviour] = field(default_factory=lambda: {"": behaviour("normal")})
    chance: Chance = field(default_factory=Chance)
    start: datetime = EPOCH
    faulty: Mapping[str, Fault] = field(default_factory=dict)
    """CALL or AGENT -> a fault planted in those machines (the demonstration day)"""
    desks: frozenset[str] = frozenset()
    """ids of the agents who answer on telephones of their own; all others are simulated"""
    desk_hangs_up: HangsUp = "survey"
    """what it means that such an agent hangs up"""
    policy: str = "longest_idle"
    """who is served next, and by whom: a name of `agents.policies`"""
    rings: int = 0
    """periods of ring-back tone that a caller hears before the call is answered"""
    announces: bool = False
    """whether refused callers are told why, in words"""

    def acd_settings(self) -> AcdSettings:
        """The ACD's settings, told the time of day, what the roster says of call-backs and, unless
        they have their own, the hours in which the book says that agents are on duty."""
        _, midnight = self.calendar(0.0)
        hours, own = self.acd.hours, self.book.hours
        if not hours and (own.start, own.end) != (0.0, DAY):
            hours = ((own.start, own.end),)
        return replace(
            self.acd,
            hours=hours,
            clock_midnight=midnight,
            callback=self.roster.callback or self.acd.callback,
            callback_of={**self.acd.callback_of, **self.roster.callback_of},
        )

    def refusals(self) -> Mapping[str, Prompt]:
        """Reason -> what a refused caller is told."""
        return refusals(self.book) if self.announces else {}

    def behaviour_of(self, agent: str) -> Behaviour:
        """How `agent` works."""
        return self.behaviours.get(agent) or self.behaviours.get("") or behaviour("normal")

    def now(self, clock: Clock) -> datetime:
        """Local time."""
        return self.start + timedelta(seconds=clock.now())

    def calendar(self, at: float) -> tuple[int, float]:
        """ISO weekday and seconds after midnight at instant `at`, for opening hours."""
        return calendar_from(self.start)(at)

    def call_maker(self) -> Callable[[ev.Event], Machine]:
        """The factory of call machines, which share the book's prompts."""
        book, speaker = self.book, Speaker(self.book.language)
        fault = self.faulty.get(CALL)

        def make(event: ev.Event) -> Machine:
            call = Call(book, speaker=speaker, calendar=self.calendar)
            return Faulty(call, fault) if fault else call

        return make

    def agents(self) -> dict[str, Machine]:
        """The agents of the roster, simulated or on telephones of their own."""
        fault = self.faulty.get(AGENT)
        made: dict[str, Machine] = {}
        for profile in self.roster:
            if profile.id in self.desks:
                made[profile.id] = DeskAgent(profile, self.desk_hangs_up)
                continue
            agent = SimulatedAgent(profile, self.behaviour_of(profile.id), self.chance)
            made[profile.id] = Faulty(agent, fault) if fault else agent
        return made

    def _acd(self) -> Acd:
        return Acd(self.roster, self.acd_settings(), policy(self.policy))

    def exchange(
        self,
        *,
        clock: Clock,
        media: Media,
        services: Services,
        journal: JournalSink,
        acd: RemoteAcd | None = None,
        on_fault: OnFault | None = None,
    ) -> Exchange:
        """The exchange with its ACD and agents, or with what stands for an ACD elsewhere."""
        exchange = Exchange(
            clock=clock,
            media=media,
            services=services,
            journal=journal,
            acd=acd or self._acd(),
            make_call=self.call_maker(),
            agents={} if acd else self.agents(),
            elsewhere=acd,
            on_fault=on_fault,
        )
        if acd is not None:
            acd.connect(exchange)
        return exchange

    def acd_exchange(
        self, *, clock: Clock, journal: JournalSink, on_fault: OnFault | None = None
    ) -> tuple[Exchange, Acd, Nodes]:
        """An ACD whose calls are all at nodes, and its exchange; `journal` keeps what agents do."""
        acd = self._acd()
        nodes = Nodes(clock, journal, acd.has_agent)
        lines = NoLines()
        exchange = Exchange(
            clock=clock,
            media=lines,
            services=lines,
            journal=nodes,
            acd=acd,
            make_call=nodes.make_call,
            agents=self.agents(),
            on_fault=on_fault,
        )
        nodes.connect(exchange)
        return exchange, acd, nodes


def render(pack: Pack) -> Callable[[Prompt], tuple[float, tuple[tuple[str, str], ...]]]:
    """How long a prompt lasts (seconds) and what is said for its values."""

    def of(prompt: Prompt) -> tuple[float, tuple[tuple[str, str], ...]]:
        rendering = pack.render(prompt.text, dict(prompt.values), prompt.language)
        return rendering.duration, rendering.spoken

    return of


def sign_in(exchange: Exchange, roster: Roster, on_duty: frozenset[str] | None = None) -> None:
    """Everybody (or those `on_duty`) signs in and is ready; 5.2.5.2 may refuse some."""
    now = exchange.clock.now()
    for profile in roster:
        if on_duty is None or profile.id in on_duty:
            exchange.post(ev.AgentSignedIn(now, "", profile.id))
            exchange.post(ev.AgentReady(now, "", profile.id))


@cache
def built_in_pack() -> Pack:
    """The prompt pack that ships with the project, loaded once."""
    return Pack.load()


__all__ = ["EPOCH", "Parts", "VirtualClock", "built_in_pack", "calendar_from", "render", "sign_in"]
