"""The scripted caller's telephone on SIP: the same ear and the same stories as over WebSocket.

    Dial      --> INVITE; 200 is `LineAnswered`. The audio goes to the ear, early media included
    Press     --> telephone-event, or INFO where the other side did not agree on it
    Speak     --> RTP
    LeaveCall --> BYE (CANCEL before the answer)
    BYE       --> `LineClosed`; 486, 600 and 603 are a busy tone before it, as a telephone makes it

All callers of a run share one user agent and its port; each call has its own port for audio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from sipmessage import URI

from audio.pack import Pack
from hotline.callers import hearing as hear
from hotline.callers.hearing import Caller, Canon
from hotline.switch.events import Party
from hotline.telephony.caller import (
    ANSWER_WITHIN,
    UnknownCallerError,
    UnreachableError,
    UnspokenError,
    use,
    wall_engine,
)
from hotline.telephony.ear import PromptTable
from hotline.telephony.engine import Engine
from hotline.telephony.handset import Desk, MakeEar, Telephone
from hotline.telephony.rtp.port import RtpPort, RtpPorts
from hotline.telephony.rtp.profile import transcode
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Answered, Ended, MediaAgreed, Output, Rang
from hotline.telephony.sip.message import parse_uri, unspoken
from hotline.telephony.sip.outbound import Outbound
from hotline.telephony.sip.session import Session

SIP_USER = "HOTLINE_SIP_USER"
"""Environment variable NAME:PASSWORD for targets that ask who calls."""
BUSY = frozenset({486, 600, 603})


class SipTelephone(Telephone):
    """One call of a scripted caller. `SipCallers` connects it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.over = asyncio.Event()
        self.unheard = False
        """whether nobody is there at all"""
        self.asked = 0
        """401 or 407: the other side wants to know who calls"""
        self._line: SipCallers | None = None
        self._session: Outbound | None = None
        self._port: RtpPort | None = None

    # --- what the caller does ----------------------------------------------------------------

    def press(self, key: str) -> None:
        """As the two sides agreed on."""
        if self._port is None or self._session is None or self._line is None:
            return
        stream = self._port.session.stream
        if stream is not None and stream.event_payload is None:
            session = self._session
            self._line.endpoint.act(lambda: session.press(key))
        else:
            self._port.press(key)

    def leave(self) -> None:
        """BYE, or CANCEL before the answer."""
        if self.left:
            return
        self.left = True
        self._let_go()
        if self._session is not None and self._line is not None:
            self._line.endpoint.act(self._session.hang_up)
        self.over.set()

    # --- the line ----------------------------------------------------------------------------

    def begin(self, line: SipCallers, session: Outbound, port: RtpPort) -> None:
        """The INVITE is on its way."""
        self._line, self._session, self._port = line, session, port

    def agreed(self, event: MediaAgreed) -> None:
        """Audio can go both ways; from a provisional response it is early media."""
        port, session = self._port, self._session
        if port is None or session is None:
            return
        port.connect(event.stream, trusted=True)
        if self._leg is None:
            self._leg = self._desk.engine.attach(port)
            port.listen(self._heard)

    def _heard(self, octets: bytes) -> None:
        if self._port is not None:
            self.hear(transcode(octets, self._port.codec, "PCMU"))

    def ended(self, event: Ended) -> None:
        """The other side ended the call, or refused it."""
        if self.left:
            return
        if self._port is not None:
            self._heard(self._port.rest())  # a BYE may overtake the last words
        self._let_go()
        if event.code in BUSY:
            now = self._desk.clock.now()
            self._desk.tell(hear.HeardTone(now, self.stream, "busy", now))
        by = Party.SYSTEM if event.code in (0, *BUSY) else Party.NETWORK
        reason = f"{event.code} {event.reason}" if event.code else event.reason or "BYE"
        self.close_line(by, reason.strip())
        self.over.set()

    def _let_go(self) -> None:
        self.detach()
        port, self._port = self._port, None
        if port is not None:
            port.listen(None)
            port.close()


class SipCallers:
    """The user agent of all scripted callers of a run, who call `target` (a sip URI).

    `async with SipCallers(...) as callers: await callers.place(player, ...)`.
    """

    def __init__(
        self,
        target: str,
        engine: Engine | None = None,
        *,
        host: str = "",
        credentials: Credentials | None = None,
        timeout: float = ANSWER_WITHIN,
        events: bool = True,
    ) -> None:
        self.uri: URI = _dialled(target)
        uri = self.uri
        self.target, self.timeout = target, timeout
        self.engine = engine or wall_engine()
        self._credentials = credentials
        self._host = host or ("::" if ":" in uri.host else "0.0.0.0")
        self.endpoint = SipEndpoint(
            self.engine.clock,
            self._handle,
            settings=Settings(user="caller", calls=0, events=events),
        )
        self._phones: dict[Session, tuple[SipTelephone, asyncio.Event]] = {}
        self._ports: RtpPorts | None = None

    async def __aenter__(self) -> SipCallers:
        await self.endpoint.listen(self._host, 0)
        # RTP binds where the INVITE leaves from, so that the offer names a real address
        host, _ = self.endpoint.local_to(self.uri)
        self._ports = RtpPorts(self.engine, host)
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.endpoint.close()
        if self._ports is not None:
            self._ports.close()

    async def place(
        self,
        caller: Caller,
        pack: Pack,
        table: PromptTable,
        *,
        canon: Canon | None = None,
        ear: MakeEar | None = None,
        telephone: Callable[[Desk], SipTelephone] = SipTelephone,
    ) -> None:
        """Let any caller (a player, a persona) use the telephone until it is over."""
        await use(
            caller,
            pack,
            table,
            self.engine,
            canon=canon,
            telephone=telephone,
            carry=self._carry,
            ear=ear,
        )

    async def _carry(self, phone: SipTelephone) -> None:
        """One call, from INVITE to the end."""
        if phone.left:
            return
        assert self._ports is not None
        port = self._ports.open(hurry=True)
        session = self.endpoint.agent.call(
            self.uri,
            port.address,
            self.engine.clock.now(),
            from_user=quote(phone.caller.number, safe="+*#") or "anonymous",
            credentials=self._credentials,
        )
        answering = asyncio.Event()
        self._phones[session] = phone, answering
        phone.begin(self, session, port)
        self.endpoint.flush()
        try:
            await self._signs_of_life(phone, answering)
            await phone.over.wait()
        finally:
            phone.leave()
            self._phones.pop(session, None)

    async def _signs_of_life(self, phone: SipTelephone, answering: asyncio.Event) -> None:
        """Something must be heard of the other side in time: ringing, an answer, a refusal."""
        try:
            async with asyncio.timeout(self.timeout):
                await answering.wait()
        except TimeoutError:
            if not phone.left:
                raise UnreachableError(
                    self.target, f"no answer to INVITE within {self.timeout:g} s"
                ) from None
        if phone.unheard:
            raise UnreachableError(self.target, "nothing takes an INVITE there")
        if phone.asked:
            given = self._credentials is not None
            raise UnknownCallerError(self.target, phone.asked, SIP_USER, given=given)

    def _handle(self, event: Output) -> None:
        session = getattr(event, "session", None)
        found = self._phones.get(session) if session is not None else None
        if found is None:
            return
        phone, answering = found
        answering.set()
        match event:
            case MediaAgreed():
                phone.agreed(event)
            case Answered():
                phone.answer_heard()
            case Ended(unheard=True):
                phone.unheard = True
            case Ended(code=401 | 407 as code) if not phone.answered:
                phone.asked = code
            case Ended():
                phone.ended(event)
            case Rang():
                pass


def _dialled(target: str) -> URI:
    """The address to call. Raises UnreachableError for what is none, or not spoken here."""
    uri = parse_uri(target)
    if uri is None or uri.scheme not in ("sip", "sips"):
        why = "that is not a SIP address such as sip:95598@127.0.0.1:5060"
        raise UnreachableError(target, why)
    if (other := unspoken(uri)) is not None:
        raise UnspokenError(target, other)
    return uri
