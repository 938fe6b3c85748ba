"""The ACD as a node sees it: told over the connection, and what its calls do while there is none.

connected       CallArrived        ->  ACD; admitted when it says so
                AgentRequested     ->  ACD; Queued, OfferMade, AgentConnected come back
                CallClosed         ->  ACD; closed here when it has said all about the call
lost            a call not yet admitted is admitted: the menus need no ACD
                who waits or is being offered is refused as `fault`: he hears the apology of
                    every fault and goes where the book leads
                a call-back whose customer is being rung is given up
                conversations go on; the caller's hang-up ends them in order
without         calls are admitted, every request is refused as `fault`
connected again the calls that are here are told to the ACD again, so that it counts their
                lines and serves them. For it their agents are free: a conversation with an
                agent from before is over, and the caller is asked how it was
closing         the ACD will stop: as without, for new calls and requests; the others go on
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from hotline.nodes.wire import AGAIN, CLOSING
from hotline.switch import events as ev
from hotline.switch.actions import ACD, AGENT, CALL, JOURNAL, Action, HangUp, Reject, Speak, Tell
from hotline.switch.events import AgentState, CallClosed, Event, OfferOutcome, Party
from hotline.switch.ports import Clock
from hotline.switch.replay import REQUESTS

Send = Callable[[str, Event], None]

TOLD = tuple((REQUESTS | {ev.CallArrived}) - {CallClosed})
"""what calls tell the ACD; `CallClosed` goes by `leaving`"""


class Exchange(Protocol):
    """The part of the node's exchange that the ACD speaks to."""

    def hand(self, to: str, event: Event) -> None:
        """Take in an event from another process."""
        ...

    def perform(self, call: str, action: Action) -> None:
        """Carry out an action from another process."""
        ...


@dataclass(slots=True)
class _Call:
    """What a call of ours and the ACD have between them. `known`: the ACD of this connection has
    it; `asking`: its request that has no outcome, 0 if none."""

    arrival: ev.CallArrived | ev.CallbackDue
    known: bool
    admitted: bool = False
    asking: int = 0
    offer: ev.OfferMade | None = None
    agent: str = ""
    closing: CallClosed | None = None

    @property
    def dialling(self) -> bool:
        """A call-back whose customer and agent are not yet together."""
        return isinstance(self.arrival, ev.CallbackDue) and self.asking > 0


class RemoteAcd:
    """Stands in the node's exchange for the ACD (`acd=`) and for its agents (`elsewhere=`).

    `connect(exchange)` comes before the first event. Sans I/O: whoever has the connection tells
    `opened`, `heard`, `lost`. `show` gets the agents' states as they change, for pages: the ACD
    writes them down. Without an ACD all agents are offline.
    """

    def __init__(self, clock: Clock, show: Callable[[Event], None] | None = None) -> None:
        self._clock, self._show = clock, show
        self._agents: dict[str, ev.AgentStateChanged] = {}
        self._exchange: Exchange
        self._send: Send | None = None
        self._closing = False
        self._calls: dict[str, _Call] = {}

    def connect(self, exchange: Exchange) -> None:
        """Where the ACD's words go."""
        self._exchange = exchange

    @property
    def up(self) -> bool:
        """Whether new calls and requests are the ACD's."""
        return self._send is not None and not self._closing

    # --- the exchange's side: what our calls say -----------------------------------------------

    def handle(self, event: Event) -> Sequence[Action]:
        """One event for the ACD. What an agent told it is only passing by on its way to the
        journal, and needs nothing."""
        if not isinstance(event, TOLD):
            return ()
        match event:
            case ev.CallArrived():
                return self._arrived(event)
            case ev.AgentRequested(call=name, request=request) if not self._serves(name):
                return [Tell(CALL, self._fault(name, request))]
        call = self._calls.get(event.call)
        if call is not None:
            self._note(call, event)
            if call.known:
                self._say(ACD, event)
        return ()

    def _arrived(self, event: ev.CallArrived) -> Sequence[Action]:
        self._calls[event.call] = call = _Call(event, known=self.up)
        if call.known:
            self._say(ACD, event)
            return ()
        call.admitted = True
        return [Tell(CALL, event)]

    def _serves(self, name: str) -> bool:
        call = self._calls.get(name)
        return self.up and call is not None and call.known

    def _fault(self, name: str, request: int) -> ev.RequestRefused:
        return ev.RequestRefused(self._clock.now(), name, request, "fault")

    def _note(self, call: _Call, event: Event) -> None:
        match event:
            case ev.AgentRequested(request=request):
                call.asking, call.offer = request, None
            case ev.RequestWithdrawn():
                call.asking, call.offer = 0, None
            case ev.TalkEnded():
                call.agent = ""

    def tell_agent(self, event: Event) -> None:
        """`AgentBridged`: the caller is on his line. Nothing else is for agents elsewhere."""
        if isinstance(event, ev.AgentBridged):
            self._say(AGENT, event)

    def leaving(self, event: CallClosed) -> bool:
        """Keep the call open until the ACD has said all about it, if there is an ACD."""
        call = self._calls.get(event.call)
        if call is None or not call.known or self._send is None or call.closing is not None:
            self._calls.pop(event.call, None)
            return False
        call.closing = event
        self._say(ACD, event)
        return True

    def _say(self, to: str, event: Event) -> None:
        if self._send is not None:
            self._send(to, event)

    # --- the connection's side -----------------------------------------------------------------

    def opened(self, send: Send) -> None:
        """There is an ACD from now on; `send(to, event)` tells it something."""
        self._send, self._closing = send, False
        for name, call in list(self._calls.items()):
            if isinstance(call.arrival, ev.CallArrived):
                call.known = True
                send(AGAIN, call.arrival)
            if call.agent:
                now, agent = self._clock.now(), call.agent
                call.agent = ""
                self._hand(CALL, ev.AgentLeft(now, name, agent, "survey", "acd lost"))

    def heard(self, to: str, event: Event) -> None:
        """The ACD says `event` to `to`. About a call that is gone nothing matters any more."""
        if to == CLOSING:
            self._closing = True
            return
        now = self._clock.now()
        if isinstance(event, ev.AgentStateChanged):
            self._seen(replace(event, at=now))
        elif isinstance(event, ev.CallbackDue):
            self._calls[event.call] = _Call(event, True, admitted=True, asking=event.request)
        call = self._calls.get(event.call)
        if call is None or not call.known:
            return
        match event:
            case ev.CallArrived() if call.admitted:
                pass  # we told it again, and it has a line for it
            case ev.CallArrived():
                call.admitted = True
                self._hand(CALL, replace(event, at=now))
            case CallClosed():
                self._closed(call, replace(event, at=now))
            case ev.Did(action=Speak() | Reject() as action):
                if isinstance(action, Speak) or not call.admitted:
                    self._exchange.perform(event.call, action)
            case ev.CallBlocked() if call.admitted:
                pass  # it has no line for it: the call goes on without the ACD
            case _:
                self._follow(call, event)
                self._hand(to, replace(event, at=now))

    def _seen(self, event: ev.AgentStateChanged) -> None:
        self._agents[event.agent] = event
        if self._show is not None:
            self._show(event)

    def _closed(self, call: _Call, event: CallClosed) -> None:
        """The ACD has said all about a call: we asked for that, or it has no line for it."""
        if call.closing is not None:
            self._hand(ACD, call.closing)
        elif call.admitted:
            call.known = False
            if call.asking:
                self._refuse(event.call, call, event.at)
        else:
            del self._calls[event.call]
            self._hand(JOURNAL, event)

    def _follow(self, call: _Call, event: Event) -> None:
        """What is between the call and the ACD now. Answers to an earlier request mean nothing."""
        match event:
            case ev.OfferMade(request=request) if request == call.asking:
                call.offer = event
            case ev.OfferEnded():
                call.offer = None
            case ev.AgentConnected(request=request, agent=agent) if request == call.asking:
                call.asking, call.agent = 0, agent
            case ev.RequestRefused(request=request) | ev.CallbackBooked(request=request):
                call.asking = 0 if request == call.asking else call.asking
            case ev.AgentLeft():
                call.agent = ""

    def lost(self) -> None:
        """There is no ACD any more."""
        self._send = None
        now = self._clock.now()
        for agent in self._agents:
            self._seen(ev.AgentStateChanged(now, "", agent, AgentState.OFFLINE, "acd lost"))
        for name, call in list(self._calls.items()):
            known, call.known = call.known, False
            if known:
                self._alone(name, call)

    def _alone(self, name: str, call: _Call) -> None:
        now = self._clock.now()
        if call.closing is not None:
            self._hand(ACD, call.closing)
        elif isinstance(call.arrival, ev.CallArrived) and not call.admitted:
            call.admitted = True
            self._hand(CALL, replace(call.arrival, at=now))
        elif call.dialling:
            call.asking = 0
            self._exchange.perform(name, HangUp("acd lost"))
            self._hand(CALL, ev.HungUp(now, name, Party.SYSTEM, "acd lost"))
        elif call.asking:
            self._refuse(name, call, now)

    def _refuse(self, name: str, call: _Call, now: float) -> None:
        request, offer = call.asking, call.offer
        call.asking, call.offer = 0, None
        if offer is not None:
            lost = OfferOutcome.LOST
            ended = ev.OfferEnded(now, name, request, offer.offer, offer.agent, lost)
            self._hand(CALL, ended)
        self._hand(CALL, self._fault(name, request))

    def _hand(self, to: str, event: Event) -> None:
        self._exchange.hand(to, event)
