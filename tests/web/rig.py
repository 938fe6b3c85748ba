"""A hotline for the web tests: the real exchange, menus, ACD, agents and services, on a virtual
clock with silent media. The browser tests use `hotline serve` instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from agents.acd import Acd
from agents.behaviours import behaviour
from agents.roster_file import load_roster
from agents.settings import AcdSettings
from agents.simulated import SimulatedAgent
from hotline.services.live import DirectServices
from hotline.services.seed import seeded
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.events import Event
from hotline.switch.exchange import Exchange
from hotline.switch.record import Entry
from ivr.call import Call
from menus.loader import load

SECONDS_PER_CHARACTER = 0.2


class SilentMedia:
    """Prompts last as long as their text is; nothing is heard."""

    def __init__(self, clock, post: Callable[[Event], None]) -> None:
        self.clock, self.post = clock, post

    def play(self, call: str, play: int, what: do.Playable) -> None:
        if isinstance(what, do.Prompt):
            ends = self.clock.now() + len(what.text) * SECONDS_PER_CHARACTER
            self.clock.call_at(
                ends, lambda: self.post(ev.PlaybackFinished(self.clock.now(), call, play))
            )

    def answer(self, call: str) -> None: ...
    def reject(self, call: str, reason: str) -> None: ...
    def stop(self, call: str, play: int) -> None: ...
    def speak(self, call: str, what: do.Playable) -> None: ...
    def bridge(self, call: str, agent: str) -> None: ...
    def unbridge(self, call: str, agent: str) -> None: ...
    def hang_up(self, call: str, reason: str) -> None: ...
    def dial_out(self, call: str, number: str) -> None: ...


class Hotline:
    """Has the attributes that `hotline.web` needs (`hotline.web.ports`)."""

    def __init__(self, trunks: int | None = None) -> None:
        self.clock = VirtualClock()
        self.book = load()
        self.roster = load_roster()
        self._observers: list[Callable[[Entry], None]] = []
        now = datetime(2026, 3, 2, 10, 0)
        self.exchange = Exchange(
            clock=self.clock,
            media=SilentMedia(self.clock, self.post),
            services=DirectServices(seeded(now), lambda: now),
            journal=self,
            acd=Acd(self.roster, AcdSettings(trunks=trunks)),
            make_call=lambda event: Call(self.book),
            agents={
                profile.id: SimulatedAgent(profile, behaviour("steady"), Chance(1))
                for profile in self.roster
            },
        )

    def start(self) -> None:
        """All agents of the roster come to work."""
        for profile in self.roster:
            self.post(ev.AgentSignedIn(self.clock.now(), "", profile.id))
            self.post(ev.AgentReady(self.clock.now(), "", profile.id))

    def post(self, event: Event) -> None:
        self.exchange.post(event)

    def observe(self, callback: Callable[[Entry], None]) -> None:
        self._observers.append(callback)

    # the journal
    def append(self, to: str, event: Event) -> None:
        for observer in self._observers:
            observer(Entry(to, event))

    def closed(self, closing: ev.CallClosed) -> None: ...

    # a caller, for tests
    def arrive(self, call: str, number: str = "13800138000") -> None:
        self.post(ev.CallArrived(self.clock.now(), call, number, medium="memory"))

    def press(self, call: str, keys: Sequence[str], *, every: float = 1.0) -> None:
        for key in keys:
            self.post(ev.KeyPressed(self.clock.now(), call, key))
            self.clock.run(self.clock.now() + every)

    def hang_up(self, call: str) -> None:
        self.post(ev.HungUp(self.clock.now(), call))
