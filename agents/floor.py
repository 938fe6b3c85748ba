"""What the ACD knows at run time: agents, requests, and the pools that index both.

A pool is one pair (skill, language). It holds the idle agents who serve it, longest idle first,
and the requests that wait for it, in order of service. Both are split by centre, so that neither
an arriving request nor an agent who becomes ready ever searches through those of the other kind.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agents.roster import AgentProfile
from agents.states import STAFFED
from hotline.switch.events import AgentState

ANYWHERE = "*"
"""The scope of a request that any centre may serve."""

Key = tuple[float, ...]
"""Order of service: the smallest is served first."""


class Phase(StrEnum):
    """Where a request is."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    BOOKED = "booked"  # the caller has gone and keeps the place for a call-back
    RESERVED = "reserved"  # the agent waits for the call-back leg to be answered
    RESTING = "resting"  # the caller is still on the line, or a call-back failed: not in a queue


@dataclass(slots=True, eq=False)
class Agent:
    """An agent as the ACD sees him now. `since`: when the present state began."""

    profile: AgentProfile
    id: str
    centre: str
    state: AgentState = AgentState.OFFLINE
    since: float = 0.0
    request: Request | None = None
    wish: AgentState | None = None
    """state wished for after the call"""
    wish_reason: str = ""
    asked_break: bool = False
    turn: int = 0
    """sequence number of becoming idle: smallest is longest idle"""
    last_offer: int = 0
    """sequence number of the last offer: smallest is next in turn"""
    signed_in: float = 0.0
    busy: float = 0.0
    """seconds in ringing, talking, hold and wrap-up since sign-in"""
    talk_began: float = 0.0
    pools: list[Pool] = field(default_factory=list)
    lines: list[list[Place]] = field(default_factory=list)
    """the waiting lines that this agent may serve"""


@dataclass(slots=True, eq=False)
class Request:
    """One request for an agent, from asking to the end of the conversation.

    `call` is the leg now concerned: the caller's, later the call-back's. `scope` is the home
    centre or `ANYWHERE`. `place` never changes, so that a redirected caller keeps it.
    """

    call: str
    number: int
    skill: str
    language: str
    priority: int
    asked: float
    home: str
    scope: str
    pool: Pool
    place: Place = field(init=False)
    phase: Phase = Phase.WAITING
    agent: Agent | None = None
    offer: int = 0
    told: int = 0
    """position last told to the caller"""
    original: str = ""
    """the call that booked, for a call-back"""
    customer: str = ""
    tries: int = 0


Place = tuple[Key, int, Request]
"""Key of service, sequence number of asking, and whose it is."""


@dataclass(slots=True, eq=False)
class Pool:
    """One skill in one language. `staffed` counts agents who serve it now or soon."""

    skill: str
    language: str
    idle: dict[str, OrderedDict[Agent, None]]
    lines: dict[str, list[Place]]
    able: list[Agent] = field(default_factory=list)
    staffed: int = 0

    def position(self, request: Request) -> int:
        """The request's place from 1, among those that could be served before it."""
        scope, place, position = request.scope, request.place, 1
        for other, line in self.lines.items():
            if line and (scope == ANYWHERE or other in (scope, ANYWHERE)):
                position += bisect_left(line, place)
        return position


def enter(request: Request) -> None:
    """Put the request in its line, at its place."""
    insort(request.pool.lines[request.scope], request.place)


def leave(request: Request) -> None:
    """Take the request out of its line."""
    line = request.pool.lines[request.scope]
    del line[bisect_left(line, request.place)]


class Floor:
    """All agents and pools. Pools come into being with the first request for them."""

    def __init__(self, roster: Sequence[AgentProfile]) -> None:
        self.agents = {profile.id: Agent(profile, profile.id, profile.centre) for profile in roster}
        centres = tuple(dict.fromkeys(profile.centre for profile in roster))
        self.centres = centres if len(centres) > 1 else ()
        """names of the centres; none when there is only one"""
        if not self.centres:
            for agent in self.agents.values():
                agent.centre = ANYWHERE
        self.down: set[str] = set()
        self.pools: dict[tuple[str, str], Pool] = {}
        self.turns = 0

    def pool(self, skill: str, language: str) -> Pool:
        """The pool of `skill` in `language`."""
        known = self.pools.get((skill, language))
        return known if known is not None else self._open(skill, language)

    def _open(self, skill: str, language: str) -> Pool:
        places = self.centres or (ANYWHERE,)
        pool = Pool(
            skill,
            language,
            {centre: OrderedDict() for centre in places},
            {scope: [] for scope in (*self.centres, ANYWHERE)},
        )
        self.pools[skill, language] = pool
        pool.able = [a for a in self.agents.values() if a.profile.serves(skill, language)]
        for agent in pool.able:
            agent.pools.append(pool)
            agent.lines.append(pool.lines[ANYWHERE])
            if agent.centre != ANYWHERE:
                agent.lines.append(pool.lines[agent.centre])
            pool.staffed += agent.state in STAFFED
        idle = [a for a in pool.able if a.state is AgentState.READY and a.centre not in self.down]
        for agent in sorted(idle, key=lambda a: a.turn):
            pool.idle[agent.centre][agent] = None
        return pool

    def enlist(self, agent: Agent) -> None:
        """`agent` is idle from now on."""
        self.turns += 1
        agent.turn = self.turns
        self.relist(agent)

    def relist(self, agent: Agent) -> None:
        """Show an idle agent to the pools, unless his centre is down."""
        if agent.centre not in self.down:
            for pool in agent.pools:
                pool.idle[agent.centre][agent] = None

    def delist(self, agent: Agent) -> None:
        """`agent` is not idle any more."""
        for pool in agent.pools:
            pool.idle[agent.centre].pop(agent, None)

    def staff(self, agent: Agent, change: int) -> None:
        """`agent` begins (1) or stops (-1) serving the queues."""
        for pool in agent.pools:
            pool.staffed += change
