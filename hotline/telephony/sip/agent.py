"""The user agent: everything of SIP but sockets. What a message is goes to `layer` (transactions),
to a session (its dialog) or to `serving` (all else).

    receive(data, source, now) --+
    timer(now) ------------------+--> take() --> Send, CloseFlow, and events (`events`)
    call, register, a session's  |
    own methods -----------------+

The driver's duty: before a method of a session, tell the time (`timer(now)`); after every call of a
method here or of a session, `take()` what is to be done and do it in order; call `timer` at
`next_timer()` at the latest. Chance (`entropy`) and the local
addresses (`local`) are injected, so the same input always gives the same output.

Whatever is received, nothing is raised: what cannot be read is counted in `counted` and answered
as the RFC says, or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sipmessage import URI

from hotline.telephony.engine import log_error
from hotline.telephony.sip import dialog as dialogs
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import CloseFlow, Output
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.layer import bracketed, key_of
from hotline.telephony.sip.message import (
    Flawed,
    Header,
    Hop,
    Message,
    UnreadableError,
    read,
)
from hotline.telephony.sip.outbound import Outbound
from hotline.telephony.sip.registration import Registration
from hotline.telephony.sip.serving import WITHIN_DIALOG, Serving
from hotline.telephony.sip.session import Session
from hotline.telephony.sip.settings import Settings
from hotline.telephony.sip.stream import Stream

__all__ = ["OF_A_CALL", "TRANSACTIONS", "Settings", "UserAgent"]

TRANSACTIONS = 50_000
"""Transactions at once; a request beyond them and outside calls is dropped. It will be repeated."""
OF_A_CALL = 200
"""Transactions at once with one Call-ID; a request within the call beyond them is dropped. They are
kept for 32 s on UDP, so this is six requests a second (our choice)."""

log = logging.getLogger(__name__)


class UserAgent(Serving):
    """Both sides of SIP for any number of calls."""

    def __init__(
        self,
        local: Callable[[Hop], tuple[str, int]],
        entropy: Callable[[int], bytes],
        settings: Settings | None = None,
        guard: Guard | None = None,
        now: float = 0.0,
    ) -> None:
        super().__init__(local, entropy, settings or Settings(), guard or Guard(), now)
        self._streams: dict[int, Stream] = {}

    # --- for the driver --------------------------------------------------------------------------

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """A datagram, or bytes of a TCP connection (`source.flow`), came."""
        self._advance(now)
        if not source.reliable:
            if data.strip(b"\r\n\0"):  # else a keep-alive
                self._message(data, source)
            return
        try:
            for message in self._streams.setdefault(source.flow, Stream()).feed(data):
                if message == Stream.PING:
                    self.send(Stream.PONG, source)
                else:
                    self._message(message, source)
        except UnreadableError:
            self.counted["unreadable"] += 1
            self._streams.pop(source.flow, None)
            self.tell(CloseFlow(source.flow))

    def closed(self, flow: int, now: float) -> None:
        """A TCP connection is gone; what follows in its calls needs a new one."""
        self._advance(now)
        self._streams.pop(flow, None)
        self.registrar.lost(flow)
        self._presence.look_at_all()
        for session in self._inbound.values():
            session.disconnected(flow)
        for dialog, _ in self._dialogs.values():
            if dialog.peer.flow == flow:
                dialog.peer = dialog.peer._replace(flow=0)

    def whole_messages(self, flow: int) -> tuple[int, bool]:
        """How many messages have come on a TCP connection, and whether one has begun that is not
        whole: to tell a slow peer from one who only keeps us busy."""
        stream = self._streams.get(flow)
        return (stream.complete, stream.partial) if stream is not None else (0, False)

    def timer(self, now: float) -> None:
        """Time has passed."""
        self._advance(now)

    def next_timer(self) -> float | None:
        """The instant of the next timer, None if none runs."""
        return self.clock.next_instant()

    def take(self) -> list[Output]:
        """What is to be done now, in order."""
        out, self._out = self._out, []
        return out

    # --- for the user ----------------------------------------------------------------------------

    def call(
        self,
        uri: URI,
        address: tuple[str, int],
        now: float,
        *,
        hop: Hop | None = None,
        from_user: str = "",
        credentials: Credentials | None = None,
        headers: Sequence[Header] = (),
    ) -> Outbound:
        """Call `uri` with our media at `address`; `hop` where it is not where the URI says."""
        self._advance(now)
        host, _ = self._local(hop or dialogs.hop_of(uri))
        user = from_user or (credentials.user if credentials else self.settings.user)
        from_uri = str(URI("sip", bracketed(host), user=user))
        session = Outbound(
            self,
            uri,
            address,
            from_uri=from_uri,
            credentials=credentials,
            hop=hop,
            headers=headers,
            events=self.settings.events,
        )
        self.sessions.add(session)
        session.begin()
        return session

    def register(
        self, registrar: URI, credentials: Credentials, now: float, *, seconds: int = 300
    ) -> Registration:
        """Register with somebody else's registrar, and again before it forgets us."""
        self._advance(now)
        registration = Registration(self, registrar, credentials, seconds)
        registration.begin()
        return registration

    # --- messages --------------------------------------------------------------------------------

    def _message(self, data: bytes, source: Hop) -> None:
        if not self.guard.allows(source.host):
            self.counted["forbidden"] += 1
            return self._refuse_unread(data, source, 403)
        try:
            message = read(data, source)
        except Flawed as flaw:
            self.counted["flawed"] += 1
            if self._admitted(flaw.message):
                self._stateless(flaw.message, flaw.code, phrase=flaw.why)
            return None
        except UnreadableError:
            self.counted["unreadable"] += 1
            return None
        try:
            if message.code:
                self._response(message)
            else:
                self._request(message)
        except Exception as error:
            # a fault of ours must not silence the endpoint of all other calls
            self.counted["faults"] += 1
            log_error(log, "a SIP message could not be handled", error)
        return None

    def _refuse_unread(self, data: bytes, source: Hop, code: int) -> None:
        """Refuse a request without caring what it is; nothing for anything else."""
        try:
            message = read(data, source)
        except UnreadableError:
            return
        if not message.code and message.method != "ACK" and self._admitted(message):
            self._stateless(message, code)

    def _request(self, request: Message) -> None:
        key = key_of(request)
        known = self._servers.get(key)
        if known is not None:  # a repetition, or the ACK of a failure
            known[0].came(request)
            return
        found = self._dialogs.get((request.call_id, request.to.tag, request.from_.tag))
        if request.method == "ACK":
            if found is not None:
                found[1].acked(request)
            return
        if found is not None and request.method in WITHIN_DIALOG | {"INVITE", "OPTIONS"}:
            self._within(found[1], request, key)
        elif request.method == "CANCEL" and (*key[:-1], "INVITE") in self._servers:
            self._cancel(request, key)
        elif len(self._servers) >= TRANSACTIONS:
            self.counted["overload"] += 1
        elif self._admitted(request):
            self._outside(request, self._server(key, request), key)

    def _within(self, session: Session, request: Message, key: tuple[str, ...]) -> None:
        """A request of a call: strangers who flood us do not keep it from ending, nor may the
        caller himself take more than his share."""
        if self._open[request.call_id] >= OF_A_CALL:
            self.counted["overload"] += 1
            return
        transaction = self._server(key, request)
        if not self._unsupported(request, transaction):
            session.requested(request, transaction)
