"""The core of the ACD: places, offers, conversations, and the agents' moves between states.

The ring cycle of one request; `redirect_after` is the redirect limit, not the 12 s of 5.2.7.3:

    asked        offer 1          redirect limit       offer 2        answered      over     ready
      |  queued     |<--- ring:1 ------->|                |<-- ring:2 --->|           |         |
      |-------------|--------------------|----------------|---------------|-----------|---------|
    Queued       OfferMade    OfferEnded(no_answer)   OfferMade     OfferEnded   AgentLeft  wrap:
                              agent A: NOT_READY                    (answered)   or call    <agent>
                              caller: same place                  AgentConnected TalkEnded

The caller may leave at any point: the offer ends as `caller_left` and the agent is free at once.
Methods here change the state and append to `out`; `agents.acd` decides which event calls which.
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.floor import ANYWHERE, Agent, Floor, Phase, Request, enter, leave
from agents.policies import Policy
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from agents.states import BUSY, MOVES, STAFFED
from hotline.switch.actions import (
    AGENT,
    CALL,
    JOURNAL,
    Action,
    CancelTimer,
    StartTimer,
    Tell,
)
from hotline.switch.events import (
    AgentConnected,
    AgentState,
    AgentStateChanged,
    CallbackDue,
    Event,
    OfferEnded,
    OfferMade,
    OfferOutcome,
    Queued,
)

READY, NOT_READY = AgentState.READY, AgentState.NOT_READY
LEARNING = 0.05
"""weight of the newest handling time in the running mean behind the expected wait (our choice)"""


class Routing:
    """State of the ACD and the moves it is made of."""

    def __init__(
        self, roster: Iterable[AgentProfile], settings: AcdSettings, policy: Policy
    ) -> None:
        self.settings = settings
        self.policy = policy
        self.floor = Floor(tuple(roster))
        self.out: list[Action] = []
        self.homes: dict[str, str] = {}
        """live legs -> home centre or ANYWHERE"""
        self.legs: set[str] = set()
        """those of `homes` that are outbound and use no inbound trunk"""
        self.live: dict[str, Request] = {}
        """leg -> its request, from asking to the end of the conversation"""
        self.ringing: dict[int, Request] = {}
        self.booked: dict[str, Request] = {}
        """original call -> its booking"""
        self.attempts: dict[str, int] = {}
        """original call -> legs made for it, so that no two legs have the same id"""
        self.waiting = 0
        """callers in line"""
        self.asked = 0
        self.offered = 0
        self.mean_handle = settings.expected_handle
        self.announcing = False

    # --- agents --------------------------------------------------------------------------------

    def move(self, agent: Agent, state: AgentState, at: float, reason: str = "") -> None:
        """Put `agent` into `state` and journal it. Only moves of `agents.states` exist."""
        old = agent.state
        if state not in MOVES[old]:
            raise RuntimeError(f"agent {agent.id}: no move from {old} to {state}")
        if old is READY:
            self.floor.delist(agent)
        if old in BUSY:
            agent.busy += at - agent.since
        if (old in STAFFED) is not (state in STAFFED):
            self.floor.staff(agent, 1 if state in STAFFED else -1)
        agent.state = state
        agent.since = at
        self.out.append(Tell(JOURNAL, AgentStateChanged(at, "", agent.id, state, reason)))

    def settle(self, agent: Agent, at: float, otherwise: AgentState, reason: str = "") -> None:
        """After a call or an offer: to the state the agent wished for, or `otherwise`."""
        if agent.wish is not None:
            otherwise, reason = agent.wish, agent.wish_reason
            agent.wish = None
        self.move(agent, otherwise, at, reason)
        if otherwise is READY:
            self.serve(agent, at)

    def serve(self, agent: Agent, at: float) -> None:
        """A ready agent takes the request that comes first for him, or is idle."""
        if agent.centre not in self.floor.down:
            heads = [line[0] for line in agent.lines if line]
            if heads:
                request = self.policy.choose_request(agent, heads)[2]
                self.leave_line(request)
                self.assign(request, agent, at)
                return
        self.floor.enlist(agent)

    # --- places --------------------------------------------------------------------------------

    def find(self, request: Request, at: float) -> Agent | None:
        """The idle agent for `request`, if there is one."""
        choose, idle = self.policy.choose_agent, request.pool.idle
        group = idle.get(request.scope)
        if group is not None:
            return choose(group, request.skill, at) if group else None
        best = [choose(group, request.skill, at) for group in idle.values() if group]
        best.sort(key=lambda agent: agent.turn)
        return choose(best, request.skill, at) if best else None

    def place(self, request: Request, at: float) -> None:
        """Offer `request` to an idle agent, or let it wait at its place."""
        if request.scope != ANYWHERE and self._home_time(request, at) <= 0:
            request.scope = ANYWHERE
        agent = self.find(request, at)
        if agent is not None:
            self.assign(request, agent, at)
        else:
            self.line_up(request, at)

    def line_up(self, request: Request, at: float) -> None:
        """Put `request` in its line; a caller is told the place."""
        enter(request)
        if request.scope != ANYWHERE:
            left = self._home_time(request, at)
            self.out.append(StartTimer(f"overflow:{request.original or request.call}", left))
        if request.original:
            request.phase = Phase.BOOKED
            return
        request.phase = Phase.WAITING
        self.waiting += 1
        self.tell_place(request, request.pool.position(request), at)
        if not self.announcing and self.settings.announce_every:
            self.announcing = True
            self.out.append(StartTimer("places", self.settings.announce_every))

    def leave_line(self, request: Request) -> None:
        """Take `request` out of its line."""
        leave(request)
        if request.scope != ANYWHERE:
            self.out.append(CancelTimer(f"overflow:{request.original or request.call}"))
        if not request.original:
            self.waiting -= 1

    def _home_time(self, request: Request, at: float) -> float:
        """Seconds for which only the home centre may still serve `request`."""
        return request.asked + self.settings.overflow_after - at

    def tell_place(self, request: Request, position: int, at: float) -> None:
        """Tell the caller the place and the expected wait.

        Expected wait = place x mean handling time / agents who serve this queue now or soon.
        """
        pool = request.pool
        request.told = position
        wait = position * self.mean_handle / pool.staffed if pool.staffed else None
        self.out.append(Tell(CALL, Queued(at, request.call, request.number, position, wait)))

    def tell_places(self, at: float) -> None:
        """Tell each waiting caller whose place has changed; again later while anybody waits."""
        for pool in self.floor.pools.values():
            for line in pool.lines.values():
                for _, _, request in line:
                    if request.original:  # tens of thousands, in a typhoon
                        continue
                    position = pool.position(request)
                    if position != request.told:
                        self.tell_place(request, position, at)
        self.announcing = self.waiting > 0
        if self.announcing:
            self.out.append(StartTimer("places", self.settings.announce_every))

    def widen(self, request: Request, at: float) -> None:
        """From now on any centre may serve `request`."""
        if request.scope == ANYWHERE:
            return
        in_line = request.phase in (Phase.WAITING, Phase.BOOKED)
        if in_line:
            leave(request)
        request.scope = ANYWHERE
        if in_line:
            enter(request)
            agent = self.find(request, at)
            if agent is not None:
                self.leave_line(request)
                self.assign(request, agent, at)

    # --- offers --------------------------------------------------------------------------------

    def assign(self, request: Request, agent: Agent, at: float) -> None:
        """Bind the two: ring the agent for a caller, reserve him for a call-back."""
        request.agent = agent
        agent.request = request
        self.move(agent, AgentState.RINGING, at)
        if request.original:
            self._call_back(request, agent, at)
            return
        self.offered = offer = self.offered + 1
        agent.last_offer = offer
        request.offer = offer
        request.phase = Phase.RINGING
        self.ringing[offer] = request
        made = OfferMade(
            at, request.call, request.number, offer, agent.id, request.skill, request.language
        )
        self.out += (
            Tell(CALL, made),
            Tell(AGENT, made),
            StartTimer(f"ring:{offer}", self.settings.redirect_after),
        )

    def end_offer(
        self, request: Request, outcome: OfferOutcome, at: float, to: str = CALL
    ) -> Agent:
        """The ringing stops; returns the agent, who is still in RINGING and bound to nobody."""
        agent = self._stop_ringing(request, outcome, at, to)
        request.agent = None
        agent.request = None
        return agent

    def _stop_ringing(self, request: Request, outcome: OfferOutcome, at: float, to: str) -> Agent:
        agent, offer = request.agent, request.offer
        assert agent is not None
        del self.ringing[offer]
        request.offer = 0
        ended = OfferEnded(at, request.call, request.number, offer, agent.id, outcome)
        self.out += (Tell(to, ended), Tell(AGENT, ended))
        if outcome is not OfferOutcome.NO_ANSWER:
            self.out.append(CancelTimer(f"ring:{offer}"))
        return agent

    def redirect(self, request: Request, outcome: OfferOutcome, at: float, reason: str) -> None:
        """The agent did not take it: he is set not ready, the caller keeps the place."""
        agent = self.end_offer(request, outcome, at)
        self.settle(agent, at, NOT_READY, reason)
        self.place(request, at)

    def _call_back(self, request: Request, agent: Agent, at: float) -> None:
        """The turn of a call-back has come: see the timeline in `agents.acd`."""
        request.tries += 1
        request.phase = Phase.RESERVED
        self.attempts[request.original] = attempt = self.attempts.get(request.original, 0) + 1
        request.call = leg_name(request.original, attempt)
        self.homes[request.call] = request.home
        self.legs.add(request.call)
        self.live[request.call] = request
        due = CallbackDue(
            at,
            request.call,
            request.number,
            agent.id,
            agent.profile.number,
            request.customer,
            request.original,
            request.skill,
            request.language,
        )
        self.out += (Tell(CALL, due), Tell(AGENT, due))

    # --- conversations -------------------------------------------------------------------------

    def answer(self, request: Request, at: float) -> None:
        """The agent took the ringing call."""
        self._stop_ringing(request, OfferOutcome.ANSWERED, at, CALL)
        self.connect(request, at)

    def connect(self, request: Request, at: float) -> None:
        """Agent and caller speak from now on; the announcement says the agent's number."""
        agent = request.agent
        assert agent is not None
        request.phase = Phase.TALKING
        agent.talk_began = at
        self.move(agent, AgentState.TALKING, at)
        connected = AgentConnected(at, request.call, request.number, agent.id, agent.profile.number)
        self.out += (Tell(CALL, connected), Tell(AGENT, connected))

    def end_talk(self, request: Request, at: float) -> None:
        """The conversation is over: the agent has after-call work, and nobody waits for it."""
        agent = request.agent
        assert agent is not None
        del self.live[request.call]
        agent.request = None
        limit = self.settings.wrap_up
        if agent.wish is AgentState.OFFLINE or limit == 0:
            self.finish(agent, at)
            return
        self.move(agent, AgentState.WRAP_UP, at)
        if limit is not None:
            self.out.append(StartTimer(f"wrap:{agent.id}", limit))

    def finish(self, agent: Agent, at: float) -> None:
        """After-call work is over."""
        self.mean_handle += LEARNING * (at - agent.talk_began - self.mean_handle)
        self.settle(agent, at, READY)

    def has_agent(self, call: str) -> bool:
        """Whether an agent is bound to `call`: he rings, speaks, or waits for the call-back."""
        request = self.live.get(call)
        return request is not None and request.agent is not None

    def tell(self, to: str, event: Event) -> None:
        """Append `Tell`."""
        self.out.append(Tell(to, event))


def leg_name(original: str, attempt: int) -> str:
    """Id of the outbound leg: `<original>-cb`, then `-cb2`, `-cb3` for further attempts."""
    return f"{original}-cb{attempt if attempt > 1 else ''}"
