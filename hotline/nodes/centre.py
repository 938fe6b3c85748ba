"""The nodes as the ACD sees them: where each call is, and what becomes of a dead node's calls.

    node says        the ACD's exchange                              told to the node
    acd, X           X is delivered to the ACD                       what the ACD tells the call,
    agent, X         X is delivered to the agent                     what is noted about it, what
                                                                     its agent did
    acd, CallClosed  delivered when all else has been                CallClosed, after all that
    (silence)        every call of the node has closed:
                     agents, places and lines are free

A call belongs to the node that brought it. One whose node is gone closes for the ACD as a caller's
hang-up does, those without an agent first, so that no agent who becomes free is offered to another
call of the same node. A call-back is dialled by the node with the fewest calls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from hotline.nodes import wire
from hotline.nodes.joining import RefusedError
from hotline.nodes.node import TOLD, Send
from hotline.nodes.wire import AGAIN, WireError
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, AGENT, CALL, JOURNAL, Action, Tell
from hotline.switch.events import CallClosed, Event, Party
from hotline.switch.ports import Clock, JournalSink, Machine


class Exchange(Protocol):
    """The part of the ACD's exchange that nodes speak to."""

    def hand(self, to: str, event: Event) -> None:
        """Take in an event from another process."""
        ...


@dataclass(slots=True, eq=False)
class Node:
    """A connected node. `send` tells it something; nothing once it is gone."""

    name: str
    send: Send
    calls: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Counted:
    """What the ACD has counted since it began, over all nodes: `calls` that came in (each once,
    blocked ones included), `requests` for an agent and what became of them."""

    calls: int = 0
    blocked: int = 0
    requests: int = 0
    refused: int = 0
    offers: int = 0
    answered: int = 0
    lost: int = 0
    """calls whose node went away"""

    def __str__(self) -> str:
        return (
            f"calls {self.calls}, blocked {self.blocked}, requests {self.requests}, "
            f"refused {self.refused}, offers {self.offers}, answered {self.answered}, "
            f"lost {self.lost}"
        )


class NoLines:
    """Media and services of an exchange whose calls are all elsewhere: its journal entries tell
    the nodes what is to be done there."""

    def _nothing(self, *_: object, **__: object) -> None:
        """The node does it."""

    answer = reject = play = stop = speak = bridge = unbridge = hang_up = dial_out = _nothing
    call = _nothing


class Nodes:
    """All nodes of one ACD; the journal (`journal=`) and the call machines (`make_call=`) of its
    exchange. `connect(exchange)` comes before the first node. `journal` keeps what concerns no
    call; `has_agent(call)` tells whether the ACD has bound an agent to it."""

    def __init__(
        self, clock: Clock, journal: JournalSink, has_agent: Callable[[str], bool]
    ) -> None:
        self.counted = Counted()
        self.nodes: dict[str, Node] = {}
        self._clock, self._journal, self._has_agent = clock, journal, has_agent
        self._exchange: Exchange
        self._agents: dict[str, ev.AgentStateChanged] = {}
        self._at: dict[str, Node] = {}

    def connect(self, exchange: Exchange) -> None:
        """Where the nodes' words go."""
        self._exchange = exchange

    # --- the connections' side -----------------------------------------------------------------

    def opened(self, name: str, send: Send) -> Node:
        """Node `name` is there, with no calls. Raises RefusedError while another of that name is:
        two with one name, or one that starts again before the news of its end has come."""
        if name in self.nodes:
            why = f"a node {name} has joined already; each needs a --node name of its own"
            raise RefusedError(why, later=True)
        self.nodes[name] = node = Node(name, send)
        return node

    def welcome(self, node: Node) -> None:
        """Tell a node that has just joined how all agents are."""
        for event in self._agents.values():
            node.send(JOURNAL, event)

    def heard(self, node: Node, to: str, event: Event) -> None:
        """`node` says `event` to `to`. Raises WireError for what no node of ours says."""
        event = replace(event, at=self._clock.now())
        match to, event:
            case ((do.ACD | wire.AGAIN), ev.CallArrived(call=call)):
                if call in self._at:
                    raise WireError("a call that is here already")
                self._at[call] = node
                node.calls.add(call)
                self.counted.calls += to != AGAIN
                self._exchange.hand(ACD, event)
            case do.ACD, CallClosed(call=call) if self._at.get(call) is not node:
                node.send(JOURNAL, event)  # nothing is known about it, so nothing is to come
            case do.ACD, CallClosed():
                self._exchange.hand(ACD, event)
            case do.ACD, _ if isinstance(event, TOLD):
                if self._at.get(event.call) is node:
                    self._exchange.hand(ACD, event)
            case do.AGENT, ev.AgentBridged():
                self._exchange.hand(AGENT, event)
            case _:
                raise WireError(f"{type(event).__name__} to {to} from a node")

    def lost(self, node: Node) -> None:
        """`node` is gone, and with it all its calls."""
        node.send = _to_nobody
        del self.nodes[node.name]
        self.counted.lost += len(node.calls)
        now = self._clock.now()
        for call in sorted(node.calls, key=lambda call: (self._has_agent(call), call)):
            self._exchange.hand(ACD, CallClosed(now, call, Party.NETWORK, "node lost"))

    # --- the exchange's side: its call machines ------------------------------------------------

    def make_call(self, event: Event) -> Machine:
        """What stands for the call that begins with `event`."""
        if isinstance(event, ev.CallbackDue):
            if not self.nodes:
                return _NoNode()
            dials = min(self.nodes.values(), key=lambda node: (len(node.calls), node.name))
            self._at[event.call] = dials
            dials.calls.add(event.call)
        return _Away(self)

    def tell(self, to: str, event: Event) -> None:
        """Tell the node that has the event's call."""
        node = self._at.get(event.call)
        if node is not None:
            node.send(to, event)

    # --- the exchange's side: its journal ------------------------------------------------------

    def append(self, to: str, event: Event) -> None:
        """What concerns no call is kept, and agents' states are shown to all nodes; what the call's
        node does not know is told to it; the rest its own exchange writes down."""
        self._count(to, event)
        if not event.call:
            self._journal.append(to, event)
            if isinstance(event, ev.AgentStateChanged):
                self._show(event)
        elif isinstance(event, CallClosed):
            pass  # `closed` tells it, when all else has been told
        elif to == JOURNAL or (to == ACD and isinstance(event, ev.AgentEvent)):
            self.tell(to, event)

    def _show(self, event: ev.AgentStateChanged) -> None:
        self._agents[event.agent] = event
        for node in self.nodes.values():
            node.send(JOURNAL, event)

    def closed(self, closing: CallClosed) -> None:
        """All has been said about the call."""
        self.tell(JOURNAL, closing)
        node = self._at.pop(closing.call, None)
        if node is not None:
            node.calls.discard(closing.call)

    def _count(self, to: str, event: Event) -> None:
        counted = self.counted
        match to, event:
            case do.ACD, ev.AgentRequested():
                counted.requests += 1
            case do.CALL, ev.RequestRefused():
                counted.refused += 1
            case do.CALL, ev.OfferMade():
                counted.offers += 1
            case do.CALL, ev.AgentConnected():
                counted.answered += 1
            case do.JOURNAL, ev.CallBlocked():
                counted.blocked += 1


class _Away:
    """Stands in the ACD's exchange for a call that is at a node."""

    __slots__ = ("_nodes",)

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def handle(self, event: Event) -> Sequence[Action]:
        """Told to the call itself."""
        self._nodes.tell(CALL, event)
        return ()


class _NoNode:
    """A call-back for which there is no node: not answered, so that the ACD tries it again."""

    def handle(self, event: Event) -> Sequence[Action]:
        """It closes at once."""
        return (Tell(ACD, CallClosed(event.at, event.call, Party.NETWORK, "no node")),)


def _to_nobody(to: str, event: Event) -> None:
    """What is said to a node that is gone."""
