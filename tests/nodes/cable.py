"""A cable between a node and the ACD, in memory: the same octets as over TCP, and it can be cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hotline.cli.compose import Parts
from hotline.nodes.centre import Nodes
from hotline.nodes.ends import AcdEnd, NodeEnd
from hotline.nodes.node import RemoteAcd
from hotline.nodes.wire import WireError
from hotline.switch import events as ev
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal


class Cable:
    """Joins `acd` at node `name` with `nodes`. Octets take `transit` seconds of the clock, or no
    time at all; a cut loses what is on the way."""

    def __init__(
        self, nodes: Nodes, acd: RemoteAcd, name="a", *, clock=None, transit=0.0, secrets=(b"", b"")
    ):
        self._clock, self._transit, self.whole = clock, transit, True
        self.problem = ""
        self.sent: list[bytes] = []
        self.node = NodeEnd(acd, name, self._to(lambda: self.acd), f"n-{name}", secrets[0])
        self.acd = AcdEnd(nodes, self._to(lambda: self.node), f"a-{name}", secrets[1])
        self.acd.begin()

    def _to(self, end):
        def write(octets):
            self.sent.append(octets)
            if self._transit:
                due = self._clock.now() + self._transit
                self._clock.call_at(due, lambda: self._arrive(end(), octets))
            else:
                self._arrive(end(), octets)

        return write

    def _arrive(self, end, octets):
        if not self.whole:
            return
        try:
            end.receive(octets)
        except WireError as problem:
            self.problem = self.problem or str(problem)
            self.cut()

    def cut(self):
        """Both ends find out."""
        self.whole = False
        self.node.lost()
        self.acd.lost()


class NodeExchange(Exchange):
    """A node's exchange, for which tests also sign agents in: that is done at the ACD."""

    acd: Exchange

    def post(self, event: ev.Event) -> None:
        if isinstance(event, ev.AgentEvent):
            self.acd.post(event)
        else:
            super().post(event)


@dataclass(frozen=True)
class SplitParts(Parts):
    """Parts whose hotline is a node and an ACD, joined by a cable of so many seconds."""

    transit: float = 0.0

    def exchange(self, **ports: Any) -> Exchange:
        clock = ports["clock"]
        remote = RemoteAcd(clock)
        there, _, nodes = self.acd_exchange(clock=clock, journal=MemoryJournal())
        here = super().exchange(**{**ports, "acd": remote})
        here.__class__ = NodeExchange
        here.acd = there  # type: ignore[attr-defined]
        here.join = lambda: Cable(nodes, remote, clock=clock, transit=self.transit)  # type: ignore[attr-defined]
        here.cable = here.join()  # type: ignore[attr-defined]
        return here


def split(parts: Parts, transit: float = 0.0) -> SplitParts:
    """The same parts in two processes."""
    fields = {name: getattr(parts, name) for name in parts.__dataclass_fields__}
    return replace(SplitParts(**fields), transit=transit)
