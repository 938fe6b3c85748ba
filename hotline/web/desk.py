"""The control channel of agents in a browser, and of any other client that answers calls.

    client  --sign_in, answer, hold, ...--> DeskClient --> Seat --> exchange
    client <--offer, state, talk, ... ----- DeskClient <-- journal entries, and the seat
                                                |
    audio   <--------- its own WebSocket -------+  (`hotline.telephony.browser`)

One `DeskControl` watches the journal for all clients. Everything is on the event loop's thread;
nothing waits, and the driver of a connection sees no exception. Messages: docs/desk.md.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.ports import TimerHandle
from hotline.switch.record import CallRecord, Entry, fold
from hotline.telephony.browser import BrowserDesks, Seat
from hotline.telephony.connection import Wire
from hotline.web import desk_protocol as said
from hotline.web.desk_client import (
    AFTER_WRONG,
    CLOSING,
    TAKEN,
    TELEPHONE,
    TOO_SOON,
    UNKNOWN,
    DeskClient,
    Words,
)
from hotline.web.desk_facts import Titles, caller_of, figures_of
from hotline.web.live import Hub

CONTROL = "/desk/control"
"""Path of the control channel."""
CLIENTS = 1000
"""Control connections at once; one more is closed with 1013."""
ROWS_KEPT = 500
"""Closed calls of an agent from which his own figures are computed."""


@dataclass(frozen=True, slots=True)
class DeskRules:
    """What agents and their pages are told. Times in seconds; `wrap_up` None: no limit."""

    answer_within: float = 12.0
    redirect_after: float = 20.0
    wrap_up: float | None = 60.0
    hangs_up: str = "survey"


class DeskControl:
    """All control connections of one hotline. `passwords`: 工号 -> password, None where none is
    needed; who is not in it cannot sign in."""

    def __init__(
        self,
        hub: Hub,
        desks: BrowserDesks,
        agents: Mapping[str, AgentProfile],
        passwords: Mapping[str, str | None],
        rules: DeskRules = DeskRules(),
    ) -> None:
        self.hub, self.desks, self.rules = hub, desks, rules
        self.titles = Titles(hub.hotline.book, (s for a in agents.values() for s in a.skills))
        self._agents = {profile.number: profile for profile in agents.values()}
        self._ids = frozenset(agents)
        self._passwords = passwords
        self._open: set[DeskClient] = set()
        self._clients: dict[str, DeskClient] = {}
        """agent -> his"""
        self._rows: dict[str, deque[CallRecord]] = {}
        self._offered: dict[str, set[str]] = {}
        """open call -> agents to whom it was offered"""
        self._tried: dict[str, float] = {}
        """工号 -> until when no password of his is looked at"""
        self.draining = False
        hub.hotline.observe(self.see)

    def open(self, wire: Wire) -> DeskClient:
        """A client connected. It may be closed at once: too many of them."""
        client = DeskClient(self, wire)
        if len(self._open) >= CLIENTS:
            client.close(1013, f"all {CLIENTS} control connections are in use")
        else:
            self._open.add(client)
        return client

    def now(self) -> float:
        """The present instant on the call clock, seconds."""
        return self.hub.now()

    def after(self, seconds: float, act: Any) -> TimerHandle:
        """Do something later."""
        return self.desks.clock.call_at(self.now() + seconds, act)

    # --- sign-in -------------------------------------------------------------------------------

    def agent_of(self, asked: said.SignIn) -> AgentProfile | Words:
        """Who it is, or why he is not let in."""
        if self.draining:
            return CLOSING
        if self._tried.get(asked.number, 0.0) > self.now():
            return TOO_SOON
        if not self._right(asked):
            if asked.number in self._agents:
                self._tried[asked.number] = self.now() + AFTER_WRONG
            return UNKNOWN
        return self._agents[asked.number]

    def _right(self, asked: said.SignIn) -> bool:
        if asked.number not in self._agents or asked.number not in self._passwords:
            return False
        password = self._passwords[asked.number]
        if password is None:
            return True
        return hmac.compare_digest(password.encode(), asked.password.encode())

    def sit(self, profile: AgentProfile, client: DeskClient) -> Seat | Words:
        """His seat, unless he sits somewhere else."""
        if self.desks.place.elsewhere(profile.id):
            return TELEPHONE
        seat = self.desks.sit(profile.id, client)
        if seat is None:
            return TAKEN
        self._clients[profile.id] = client
        return seat

    def gone(self, client: DeskClient, agent: str) -> None:
        """A client is over; `agent` had signed in with it, or `""`."""
        self._open.discard(client)
        if self._clients.get(agent) is client:
            del self._clients[agent]

    # --- the journal ---------------------------------------------------------------------------

    def see(self, entry: Entry) -> None:
        """One entry: tell the page that it concerns, and keep count for the agent's figures."""
        event = entry.event
        match event:
            case ev.OfferMade(call=call, agent=agent) if agent in self._ids:
                self._offered.setdefault(call, set()).add(agent)
            case ev.CallClosed(call=call) if agents := self._offered.pop(call, None):
                self._keep(call, agents)
        for client in self._concerned(event):
            client.see(entry)

    def _concerned(self, event: ev.Event) -> list[DeskClient]:
        name = getattr(event, "agent", "")
        if isinstance(event, ev.Did):
            name = getattr(event.action, "agent", "")
        if name:
            client = self._clients.get(name)
            return [client] if client is not None else []
        if isinstance(event, ev.KeyPressed):
            return [c for c in self._clients.values() if c.call == event.call]
        return []

    def _keep(self, call: str, agents: set[str]) -> None:
        entries = self.hub.closed.get(call)
        row = fold(entries) if entries else None
        for agent in agents:
            if row is not None:
                self._rows.setdefault(agent, deque(maxlen=ROWS_KEPT)).append(row)
            client = self._clients.get(agent)
            if client is not None:
                client.figures()

    def figures(self, profile: AgentProfile) -> dict[str, Any]:
        """His figures since the hotline started, the calls that are still open included."""
        calls = [call for call, agents in self._offered.items() if profile.id in agents]
        open_ = [fold(self.hub.open[call]) for call in calls if call in self.hub.open]
        rows = [*self._rows.get(profile.id, ()), *open_]
        return figures_of(profile, rows, self.rules.answer_within)

    def open_to_all(self) -> list[dict[str, str]]:
        """Those who need no password, which is only so where this machine alone can come in."""
        free = [p for p in self._agents.values() if self._passwords.get(p.number, "") is None]
        return [{"number": profile.number, "name": profile.name} for profile in free]

    @property
    def needs_password(self) -> bool:
        """Whether anybody needs one."""
        return any(password is not None for password in self._passwords.values())

    def caller(self, call: str) -> dict[str, Any]:
        """What an agent may see of a caller."""
        return caller_of(self.hub.open.get(call, ()), self.titles, self.now())
