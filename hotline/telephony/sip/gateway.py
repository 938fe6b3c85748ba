"""SIP calls on one side, calls of the exchange on the other; the counterpart of the WebSocket's.

INVITE           ---> Invited ----> a port, a line, CallArrived        (one call id each)
                      Unwanted ---> a port, a line, words; then 503    (no call)
183              <--- progress <---- the exchange plays before it answers
keys (RTP, INFO) ------------------> KeyPressed
BYE, CANCEL, silence -> Ended -----> HungUp, exactly once
200              <--- accept <------ the exchange answers
486              <--- reject <------ the exchange refuses
BYE              <--- hang_up <----- the exchange hangs up
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sipmessage import URI

from hotline.switch import events as ev
from hotline.switch.events import Party
from hotline.switch.ports import Clock
from hotline.telephony.media import EngineMedia, Exchange
from hotline.telephony.places import Place
from hotline.telephony.rtp.port import RtpPort, RtpPorts
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.desks import SipDesks
from hotline.telephony.sip.dialog import hop_of
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    Invited,
    KeyCame,
    MediaAgreed,
    Output,
    Reached,
    TransferAsked,
    Unregistered,
    Unwanted,
)
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.inbound import Inbound
from hotline.telephony.sip.keys import Keypad
from hotline.telephony.sip.message import Header, Hop
from hotline.telephony.sip.session import Session

log = logging.getLogger(__name__)

BUSY = 486
"""A caller for whom no line is free is told this (21.4.24)."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """Who carries our calls to other numbers. `register`: it wants to know where we are."""

    uri: URI
    credentials: Credentials | None = None
    register: bool = False


@dataclass(slots=True)
class _Leg:
    """One call's signalling and audio. `outgoing`: we called; `reached`: the far end has shown
    that what we send comes to it."""

    call: str
    session: Session
    port: RtpPort
    outgoing: bool = False
    reached: bool = False
    keypad: Keypad = field(default_factory=Keypad)


class SipGateway:
    """Takes calls for `exchange` through `media`. `endpoint` is its user agent.

    Callers hear `rings` periods of ring-back tone, as early media, before they are answered.
    `agents` (agent id -> SIP user) have telephones of their own: `desks`, for the exchange, or for
    `place` where agents have other desks too.
    """

    def __init__(
        self,
        clock: Clock,
        exchange: Exchange,
        media: EngineMedia,
        ports: RtpPorts,
        *,
        settings: Settings | None = None,
        guard: Guard | None = None,
        public: str = "",
        trunk: Trunk | None = None,
        centre: str = "",
        agents: Mapping[str, str] | None = None,
        place: Place | None = None,
        rings: int = 0,
        make_id: Callable[[], str] = lambda: f"sip-{secrets.token_hex(8)}",
    ) -> None:
        self.exchange, self.media, self.ports = exchange, media, ports
        self.centre, self._make_id, self._clock = centre, make_id, clock
        self._rings = rings
        self.endpoint = SipEndpoint(
            clock, self.handle, settings=settings, guard=guard, public=public
        )
        self.desks = SipDesks(agents or {}, self.endpoint, place or exchange, media, ports, clock)
        if place is not None:
            place.desks = self.desks
        self._legs: dict[Session, _Leg] = {}
        self._trunk = trunk
        media.dialler = self.dial

    async def listen(self, host: str, port: int) -> None:
        """Bind the addresses and, where the trunk wants it, register. Raises OSError."""
        await self.endpoint.listen(host, port)
        trunk = self._trunk
        if trunk is not None and trunk.register and trunk.credentials is not None:
            registrar, user = replace(trunk.uri, user=None, password=None), trunk.credentials
            now = self._clock.now()
            self.endpoint.act(lambda: self.endpoint.agent.register(registrar, user, now))

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return len(self._legs)

    def drain(self) -> None:
        """Take no new calls; those in progress go on."""
        self.endpoint.agent.drain()

    async def close(self) -> None:
        """Let go of all sockets; calls that are left end."""
        for leg in list(self._legs.values()):
            self._lost(leg)
        self.desks.close()
        await self.endpoint.close()
        self.ports.close()

    def handle(self, event: Output) -> None:
        """What the user agent tells."""
        if self.desks.handle(event):
            return
        match event:
            case Invited(session, number, dialled, _):
                assert isinstance(session, Inbound)
                self._arrive(session, number, dialled)
            case Unwanted(session, reason, code, headers):
                assert isinstance(session, Inbound)
                self._turn_away(session, reason, code, headers)
            case MediaAgreed(session, stream) if leg := self._legs.get(session):
                assert session.dialog is not None
                peer = session.dialog.peer.host
                trusted = self.endpoint.agent.guard.trusts(peer)
                leg.port.connect(stream, peer, trusted=trusted)
            case KeyCame(session, key) if leg := self._legs.get(session):
                self._key(leg, key, by_info=True)
            case TransferAsked(session):
                # a caller cannot make us dial a number of his choice
                session.transfer_answer(False)
            case Ended(session, by_peer) if leg := self._legs.pop(session, None):
                self._ended(leg, event, by_peer)
            case Answered(session) if leg := self._legs.get(session):
                self._reached(leg)
                if leg.outgoing:
                    self.exchange.post(ev.AnsweredOut(self._clock.now(), leg.call))
            case Reached(session) if leg := self._legs.get(session):
                self._reached(leg)
            case Unregistered(_, code):
                log.warning("the SIP trunk does not register us: %d", code)

    # --- calls -------------------------------------------------------------------------------

    def _arrive(self, session: Inbound, number: str, dialled: str) -> None:
        leg = self._take(session, BUSY)
        if leg is not None:
            now, to = self._clock.now(), dialled or "95598"
            self.exchange.post(
                ev.CallArrived(now, leg.call, number, to, "", "sip", self.centre, self._rings)
            )

    def _turn_away(
        self, session: Inbound, reason: str, code: int, headers: Sequence[Header]
    ) -> None:
        """Say why, then refuse; the exchange never hears of it."""
        leg = self._take(session, code, headers)
        if leg is not None:
            self.media.reject(leg.call, reason)

    def _take(self, session: Inbound, refusal: int, headers: Sequence[Header] = ()) -> _Leg | None:
        """A port and a line for a call that came; with no port it is refused."""
        try:
            port = self.ports.open()
        except OSError:
            session.reject(503, [("Retry-After", "10")], "no RTP port is free")
            return None
        leg = self._connect(self._make_id(), session, port)
        act = self.endpoint.act
        self.media.add_line(
            leg.call,
            port,
            answered=lambda: self._accept(leg, session),
            refused=lambda reason: act(lambda: session.reject(refusal, headers, reason)),
            early=lambda: self._progress(leg, session),
        )
        return leg

    def _accept(self, leg: _Leg, session: Inbound) -> None:
        """Take the call. A stranger on UDP gets audio only with his ACK, which shows that our
        answer has reached him: else whoever writes another's address on an INVITE has that other
        one flooded with 50 packets a second."""
        if not self._proven(leg, session):
            self.media.wait(leg.call)
        self.endpoint.act(lambda: session.accept(self._address(leg.port, session.request.source)))

    def _progress(self, leg: _Leg, session: Inbound) -> bool:
        """Early media, for a stranger on UDP only with his PRACK, as above: one who knows none
        hears his own telephone's ring-back tone instead."""
        proven, hop = self._proven(leg, session), session.request.source
        if not (session.can_progress and (proven or session.acknowledges)):
            self.endpoint.act(session.ring)
            return False
        if not proven:
            self.media.wait(leg.call)
        self.endpoint.act(lambda: session.progress(self._address(leg.port, hop)))
        return True

    def _proven(self, leg: _Leg, session: Inbound) -> bool:
        """Whether the caller is known to be where the INVITE says that he is."""
        source = session.request.source
        return leg.reached or source.reliable or self.endpoint.agent.guard.trusts(source.host)

    def _reached(self, leg: _Leg) -> None:
        leg.reached = True
        self.media.proceed(leg.call)

    def _address(self, port: RtpPort, hop: Hop) -> tuple[str, int]:
        """Where a peer at `hop` reaches our audio: we may be bound to all addresses, or known to
        others by another one."""
        return self.endpoint.local(hop)[0], port.address[1]

    def _connect(self, call: str, session: Session, port: RtpPort) -> _Leg:
        """A call has signalling and audio: whatever happens on either is the leg's."""
        leg = self._legs[session] = _Leg(call, session, port)
        port.keyed = lambda key: self._key(leg, key, by_info=False)
        port.lost = lambda: self._lost(leg)
        port.released = lambda code, reason: self._released(leg)
        return leg

    def dial(self, call: str, number: str) -> None:
        """Ring `number` for `call`: a user's telephone if it is one, else through the trunk."""
        found = self._way_to(number)
        try:
            port = self.ports.open() if found is not None else None
        except OSError:
            port = None
        if found is None or port is None:
            reason = "no line to call out on"
            self.exchange.post(ev.HungUp(self._clock.now(), call, Party.NETWORK, reason))
            return
        self.endpoint.act(lambda: self._invite(call, found, port))

    def _invite(self, call: str, found: tuple[URI, Hop | None], port: RtpPort) -> None:
        uri, hop = found
        credentials = self._trunk.credentials if self._trunk is not None and hop is None else None
        session = self.endpoint.agent.call(
            uri,
            self._address(port, hop or hop_of(uri)),
            self._clock.now(),
            hop=hop,
            credentials=credentials,
        )
        self._connect(call, session, port).outgoing = True
        self.media.add_line(call, port)

    def _way_to(self, number: str) -> tuple[URI, Hop | None] | None:
        bindings = self.endpoint.agent.registrar.where(number, self._clock.now())
        if bindings:
            return URI.parse(bindings[0].uri), bindings[0].hop
        if self._trunk is None:
            return None
        return replace(self._trunk.uri, user=number, password=None), None

    def _key(self, leg: _Leg, key: str, *, by_info: bool) -> None:
        now = self._clock.now()
        if leg.keypad.pressed(key, now, by_info=by_info):
            self.exchange.post(ev.KeyPressed(now, leg.call, key))

    def _lost(self, leg: _Leg) -> None:
        """No audio for a long time: the far end is gone without a word."""
        if self._legs.pop(leg.session, None) is not None:
            self.endpoint.act(leg.session.hang_up)
            self._over(leg, Party.NETWORK, "no audio any more")

    def _released(self, leg: _Leg) -> None:
        """The exchange hung up."""
        if self._legs.pop(leg.session, None) is not None:
            self.endpoint.act(leg.session.hang_up)

    def _ended(self, leg: _Leg, event: Ended, by_peer: bool) -> None:
        if not by_peer and not leg.outgoing:  # refused by us: the exchange knows
            leg.port.released = None
            leg.port.close()
        elif event.code in (0, 487):
            self._over(leg, Party.CALLER, event.reason or "hung up")
        else:
            self._over(leg, Party.NETWORK, event.reason)

    def _over(self, leg: _Leg, by: Party, reason: str) -> None:
        """The far end is over: free the line first, so that no action reaches it."""
        self.media.remove_line(leg.call)
        leg.port.released = None
        leg.port.close()
        self.exchange.post(ev.HungUp(self._clock.now(), leg.call, by, reason))
