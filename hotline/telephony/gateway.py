"""The gateway: WebSocket connections on one side, calls of the exchange on the other.

start       ---> CallConnection ---> CallArrived                    (one call id each)
dtmf                                 KeyPressed
media                                EngineMedia.heard
the client's end                     HungUp, exactly once
media, mark, clear, close <--- CallConnection (a `Transport`) <--- EngineMedia
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from hotline.switch import events as ev
from hotline.switch.events import Party
from hotline.telephony import twilio
from hotline.telephony.connection import START_WITHIN, Connection, Door, Wire
from hotline.telephony.media import EngineMedia, Exchange

CALLS = 1000
"""Connections at once by default; one more is closed with 1013."""


class Gateway(Door["CallConnection"]):
    """Takes calls for `exchange` and plays through `media`; `counted` also holds `calls`."""

    def __init__(
        self,
        exchange: Exchange,
        media: EngineMedia,
        *,
        limit: int = CALLS,
        centre: str = "",
        start_within: float = START_WITHIN,
        make_id: Callable[[], str] = lambda: f"ws-{secrets.token_hex(8)}",
    ) -> None:
        super().__init__(media.engine.clock, limit, start_within)
        self.exchange, self.media = exchange, media
        self.centre, self.make_id = centre, make_id
        media.connect(exchange)

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return sum(connection.in_call for connection in self.connections)

    def call_of(self, stream: str) -> str:
        """The call of the connected client that named its stream `stream`, or `""`.

        A page that chose an unguessable `streamSid` finds its own call with it, and nobody's else.
        """
        found = (c.call for c in self.connections if stream and c.stream == stream)
        return next(found, "")

    def admit(self, wire: Wire) -> CallConnection:
        """A caller."""
        return CallConnection(self, wire)


class CallConnection(Connection):
    """One caller."""

    def __init__(self, gateway: Gateway, wire: Wire) -> None:
        super().__init__(gateway, wire)
        self._gateway = gateway
        self._call = ""

    @property
    def call(self) -> str:
        """Its call's id; `""` before `start`."""
        return self._call

    @property
    def in_call(self) -> bool:
        """Whether a call is in progress on it."""
        return bool(self._call) and not self._closed

    def started(self, start: twilio.Started) -> None:
        """A call arrives."""
        gateway = self._gateway
        self._call = gateway.make_id()
        gateway.counted["calls"] += 1
        gateway.media.add_line(self._call, self)
        gateway.exchange.post(
            ev.CallArrived(
                gateway.now(),
                self._call,
                start.number,
                start.dialled,
                start.area,
                "websocket",
                gateway.centre,
            )
        )

    def audio(self, ulaw: bytes) -> None:
        """The caller is heard."""
        self._gateway.media.heard(self._call, ulaw)

    def key(self, digit: str) -> None:
        """The caller pressed a key."""
        gateway = self._gateway
        gateway.exchange.post(ev.KeyPressed(gateway.now(), self._call, digit))

    def over(self, by: Party, reason: str) -> None:
        """Free the line first, so that no action reaches it."""
        if self._call:
            gateway = self._gateway
            gateway.media.remove_line(self._call)
            gateway.exchange.post(ev.HungUp(gateway.now(), self._call, by, reason))
