"""Agents' SIP telephones: the port `Desks` of the exchange, by the user agent of the gateway.

    exchange          telephone            exchange is told
                      REGISTER             DeskOpened      (expiry or un-REGISTER: DeskClosed)
    RingDesk          INVITE, it rings     (all his telephones do)
                      200                  DeskAnswered    (his audio is at the media engine now)
                      486, 4xx, 5xx        DeskLeft(declined), when it is the last one
                      603, 6xx             DeskLeft(declined): he wants the call on none of them
                      keys, REFER, hold    DeskKey, DeskTransfer, DeskHeld
                      BYE                  DeskLeft(hung up)
                      silence              DeskLeft(lost)
    ReleaseDesk       CANCEL or BYE
                      INVITE sip:*5@...    DeskAsked(ready), and so on: 200 and BYE

An agent with several telephones is rung on all of them (RFC 3261 16.7, parallel): the first that
answers has the call, the others are taken back, and a 200 that crosses is ended with a BYE.

What all this means is decided by `agents.desk` and the ACD; here is only signalling and audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sipmessage import URI

from hotline.switch import events as ev
from hotline.switch.events import DeskEnd
from hotline.switch.ports import Clock
from hotline.telephony.media import EngineMedia, Exchange
from hotline.telephony.rtp.port import RtpPort, RtpPorts
from hotline.telephony.rtp.stream import Stream
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    Invited,
    KeyCame,
    MediaAgreed,
    Output,
    TransferAsked,
    UserGone,
    UserThere,
)
from hotline.telephony.sip.inbound import Inbound
from hotline.telephony.sip.keys import Keypad
from hotline.telephony.sip.message import Hop, parse_uri
from hotline.telephony.sip.session import Session

WISHES: Mapping[str, str] = {"*5": "ready", "*6": "not_ready", "*7": "break"}
"""What an agent dials -> what he wishes (our choice)."""
DECLINED = 600
"""From this status on a refusal speaks for all telephones of the agent (RFC 3261 16.7)."""
DISCARD = 9
"""The port of no service (RFC 863): a wish has no audio."""


@dataclass(slots=True, eq=False)
class _Desk:
    """An agent's telephones that are called: each with the port of its audio. `at`: the one that
    he has taken up."""

    agent: str
    ports: dict[Session, RtpPort] = field(default_factory=dict)
    at: Session | None = None
    held: bool = False
    keypad: Keypad = field(default_factory=Keypad)


class SipDesks:
    """Telephones of the agents in `users` (agent id -> SIP user), on `endpoint`."""

    def __init__(
        self,
        users: Mapping[str, str],
        endpoint: SipEndpoint,
        exchange: Exchange,
        media: EngineMedia,
        ports: RtpPorts,
        clock: Clock,
    ) -> None:
        self._users = dict(users)
        self._agents = {user: agent for agent, user in users.items()}
        self._endpoint, self._exchange, self._media = endpoint, exchange, media
        self._ports, self._clock = ports, clock
        self._desks: dict[str, _Desk] = {}
        self._sessions: dict[Session, _Desk] = {}

    # --- the port of the exchange --------------------------------------------------------------

    def ring(self, agent: str) -> None:
        """Call all his telephones; an agent who has none, or no port of audio, has left."""
        self.release(agent)
        desk = _Desk(agent)
        self._endpoint.act(lambda: self._call_all(desk))
        if not desk.ports:
            self._post(ev.DeskLeft(self._clock.now(), "", agent, DeskEnd.DECLINED))

    def release(self, agent: str) -> None:
        """CANCEL or BYE, whichever it takes."""
        desk = self._desks.get(agent)
        if desk is not None:
            self._forget(desk)

    def close(self) -> None:
        """Hang up everywhere; what the telephones do from now on concerns nobody."""
        self._agents.clear()
        for agent in list(self._desks):
            self.release(agent)

    # --- from the user agent -------------------------------------------------------------------

    def handle(self, event: Output) -> bool:
        """What the user agent tells; False if it concerns no agent."""
        match event:
            case UserThere(user) | UserGone(user) if agent := self._agents.get(user):
                kind = ev.DeskOpened if isinstance(event, UserThere) else ev.DeskClosed
                self._post(kind(self._clock.now(), "", agent))
            case Invited(session, _, dialled, _) if agent := self._wishing(session, dialled):
                self._wish(session, agent, WISHES[dialled])
            case MediaAgreed(session, stream) if desk := self._sessions.get(session):
                self._agreed(desk, session, stream)
            case Answered(session) if desk := self._sessions.get(session):
                self._taken_up(desk, session)
            case KeyCame(session, key) if desk := self._sessions.get(session):
                self._key(desk, key, by_info=True)
            case TransferAsked(session, target) if desk := self._sessions.get(session):
                self._transfer(desk, session, target)
            case Ended(session, _, code) if desk := self._sessions.get(session):
                self._ended(desk, session, code)
            case _:
                return False
        return True

    # --- inside --------------------------------------------------------------------------------

    def _post(self, event: ev.Event) -> None:
        self._exchange.post(event)

    def _call_all(self, desk: _Desk) -> None:
        """The INVITEs to all telephones of his that there are ports for."""
        now = self._clock.now()
        for binding in self._endpoint.agent.registrar.where(self._users[desk.agent], now):
            try:
                port = self._ports.open()
            except OSError:
                return
            self._call(desk, URI.parse(binding.uri), binding.hop, port)

    def _call(self, desk: _Desk, uri: URI, hop: Hop, port: RtpPort) -> None:
        address = self._endpoint.local(hop)[0], port.address[1]
        session = self._endpoint.agent.call(uri, address, self._clock.now(), hop=hop)
        self._desks[desk.agent] = self._sessions[session] = desk
        desk.ports[session] = port
        port.keyed = lambda key: self._key(desk, key, by_info=False)
        port.lost = lambda: self._lost(desk, session)

    def _taken_up(self, desk: _Desk, session: Session) -> None:
        """The first of his telephones answers; the others are taken back."""
        desk.at = session
        for other in [other for other in desk.ports if other is not session]:
            self._drop(desk, other)
        self._media.add_desk(desk.agent, desk.ports[session])
        self._post(ev.DeskAnswered(self._clock.now(), "", desk.agent))

    def _agreed(self, desk: _Desk, session: Session, stream: Stream) -> None:
        """Where his audio goes, and whether he has put the caller on hold (his `sendonly`)."""
        peer = session.dialog.peer.host if session.dialog is not None else ""
        trusted = self._endpoint.agent.guard.trusts(peer)
        desk.ports[session].connect(stream, peer, trusted=trusted)
        if desk.at is session and desk.held is stream.send:
            desk.held = not stream.send
            self._media.mute_desk(desk.agent, on=desk.held)
            self._post(ev.DeskHeld(self._clock.now(), "", desk.agent, desk.held))

    def _key(self, desk: _Desk, key: str, *, by_info: bool) -> None:
        now = self._clock.now()
        if desk.keypad.pressed(key, now, by_info=by_info):
            self._post(ev.DeskKey(now, "", desk.agent, key))

    def _transfer(self, desk: _Desk, session: Session, target: str) -> None:
        """The user part of where he refers us to is a skill, or `survey`. We dial nobody."""
        uri = parse_uri(target)
        session.transfer_answer(uri is not None)
        if uri is not None:
            session.transfer_went(200)
            self._post(ev.DeskTransfer(self._clock.now(), "", desk.agent, uri.user or ""))

    def _ended(self, desk: _Desk, session: Session, code: int) -> None:
        """One of his telephones has ended the call or refused it; others may still ring."""
        if desk.at is None and code < DECLINED and len(desk.ports) > 1:
            self._drop(desk, session)
            return
        how = DeskEnd.LOST if code else DeskEnd.HUNG_UP
        up = desk.at is not None
        self._forget(desk)
        self._post(ev.DeskLeft(self._clock.now(), "", desk.agent, how if up else DeskEnd.DECLINED))

    def _lost(self, desk: _Desk, session: Session) -> None:
        """No audio for a long time: he is gone without a word."""
        if session in self._sessions:
            self._forget(desk)
            self._post(ev.DeskLeft(self._clock.now(), "", desk.agent, DeskEnd.LOST))

    def _forget(self, desk: _Desk) -> None:
        """Hang up on all his telephones: what they do from now on concerns nobody."""
        del self._desks[desk.agent]
        if desk.at is not None:
            self._media.remove_desk(desk.agent)
        for session in list(desk.ports):
            self._drop(desk, session)

    def _drop(self, desk: _Desk, session: Session) -> None:
        """CANCEL or BYE, whichever it takes; nothing where the telephone has ended the call."""
        del self._sessions[session]
        desk.ports.pop(session).close()
        self._endpoint.act(session.hang_up)

    def _wishing(self, session: Session, dialled: str) -> str:
        """The agent who dials a wish, or `""`: he says who he is and comes from where his telephone
        registered (a proxy may be there for many)."""
        if dialled not in WISHES or not isinstance(session, Inbound):
            return ""
        user, source = session.request.from_.user, session.request.source
        bindings = self._endpoint.agent.registrar.where(user, self._clock.now())
        same = any(binding.hop[:3] == source[:3] for binding in bindings)
        return self._agents.get(user, "") if same else ""

    def _wish(self, session: Session, agent: str, wish: str) -> None:
        """Answered and ended: his telephone shows a call that went well."""
        assert isinstance(session, Inbound)
        session.accept((self._endpoint.local(session.request.source)[0], DISCARD))
        session.hang_up()
        self._post(ev.DeskAsked(self._clock.now(), "", agent, wish))
