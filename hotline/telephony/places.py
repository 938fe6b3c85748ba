"""Where agents sit: the port `Desks` for several kinds of desk at once.

    telephone --DeskOpened--> Place --+                    the agent sits where he came first;
    browser --- DeskOpened--> Place --+--> exchange        at a second place he is not there
                                      |
    telephone or browser <--- ring ---+--- exchange        rung where he sits

A kind of desks posts to its `Place` as if that were the exchange. What belongs to a call comes from
the place that was rung; all else comes from where the agent sits.
"""

from __future__ import annotations

from hotline.switch import events as ev
from hotline.switch.events import DeskEnd
from hotline.switch.ports import Clock, Desks
from hotline.telephony.media import Exchange


class Places:
    """All places of one hotline."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self.exchange, self._clock = exchange, clock
        self.sits: dict[str, Place] = {}
        """agent -> where he has signed in"""
        self.rung: dict[str, Place] = {}
        """agent -> where it rings, or he is off hook"""

    def place(self, name: str) -> Place:
        """One kind of desks; its `desks` are to be set before anybody comes."""
        return Place(name, self)

    def ring(self, agent: str) -> None:
        """Ring where he sits; an agent who sits nowhere has left."""
        place = self.sits.get(agent)
        if place is None or place.desks is None:
            left = ev.DeskLeft(self._clock.now(), "", agent, DeskEnd.DECLINED)
            self.exchange.post(left)
        else:
            self.rung[agent] = place
            place.desks.ring(agent)

    def release(self, agent: str) -> None:
        """Stop it where it was rung."""
        place = self.rung.pop(agent, None)
        if place is not None and place.desks is not None:
            place.desks.release(agent)


class Place:
    """Where one kind of desks posts what agents do: an `Exchange` for `SipDesks` and others."""

    def __init__(self, name: str, places: Places) -> None:
        self.name, self._places = name, places
        self.desks: Desks | None = None

    def elsewhere(self, agent: str) -> str:
        """Name of the other place where he has signed in, or `""`."""
        place = self._places.sits.get(agent, self)
        return "" if place is self else place.name

    def post(self, event: ev.Event) -> None:
        """Hand it on, unless it comes from a place where the agent is not."""
        if self._counts(event):
            self._places.exchange.post(event)

    def _counts(self, event: ev.Event) -> bool:
        sits, rung = self._places.sits, self._places.rung
        match event:
            case ev.DeskOpened():
                return sits.setdefault(event.agent, self) is self
            case ev.DeskClosed():
                return sits.get(event.agent) is self and sits.pop(event.agent) is self
            case ev.DeskAsked():
                return sits.get(event.agent) is self
            case ev.DeskLeft():
                return rung.get(event.agent) is self and rung.pop(event.agent) is self
            case ev.DeskEvent():
                return rung.get(event.agent) is self
        return True
