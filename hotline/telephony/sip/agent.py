"""The user agent: everything of SIP but sockets (RFC 3261 sections 8, 10, 11, 17.1.3, 17.2.3).

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
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from sipmessage import URI

from hotline.switch.clock import VirtualClock
from hotline.telephony.engine import log_error
from hotline.telephony.sip import dialog as dialogs
from hotline.telephony.sip.body import ACCEPT
from hotline.telephony.sip.core import ALLOW, EXTENSIONS, SUPPORTED, Build, Pending
from hotline.telephony.sip.dialog import Dialog
from hotline.telephony.sip.digest import Challenger, Credentials, Verdict, authorize
from hotline.telephony.sip.events import CloseFlow, Ended, Invited, Output, Send, Unwanted
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.identity import number_of
from hotline.telephony.sip.inbound import Inbound, unacceptable
from hotline.telephony.sip.message import (
    MAGIC,
    Flawed,
    Header,
    Hop,
    Message,
    UnreadableError,
    read,
    respond,
    response_hop,
)
from hotline.telephony.sip.outbound import Outbound
from hotline.telephony.sip.presence import Presence
from hotline.telephony.sip.registrar import Registrar
from hotline.telephony.sip.registration import Registration
from hotline.telephony.sip.session import Session
from hotline.telephony.sip.stream import Stream
from hotline.telephony.sip.transaction import Do, Kind, On, Transaction
from hotline.telephony.sip.writing import ack_of, method_line, unsupported

TRANSACTIONS = 50_000
"""Transactions at once; a request beyond them and outside calls is dropped. It will be repeated."""
OF_A_CALL = 200
"""Transactions at once with one Call-ID; a request within the call beyond them is dropped. They are
kept for 32 s on UDP, so this is six requests a second (our choice)."""
WITHIN_DIALOG = frozenset({"BYE", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY"})
"""Methods that mean nothing without a dialog: 481."""
KNOWN = WITHIN_DIALOG | {"INVITE", "ACK", "CANCEL", "OPTIONS", "REGISTER"}
OTHERS = frozenset({"SUBSCRIBE", "PUBLISH", "MESSAGE"})
"""Methods that we recognise but do not have: 405; unknown ones are 501 (8.2.1, 21.5.2)."""
TRIES = 4
"""Challenges that are met for one request: two sides, and each nonce may be stale once."""
RETRY_AFTER = (2, 8)
"""Seconds that a refused caller is asked to wait: at least, and so many more by chance, so that
they do not all come back at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this user agent behaves.

    `users` name -> password: they may register, and if `calls_need_user` only they and trusted
    peers may call. `calls` caps the calls at once.
    """

    realm: str = "95598"
    user: str = "95598"
    """the user part of our own Contact"""
    users: Mapping[str, str] = field(default_factory=dict)
    calls_need_user: bool = False
    algorithms: tuple[str, ...] = ("SHA-256", "MD5")
    """of digest; peers that read the first challenge only may need MD5 alone"""
    calls: int = 1000
    announced: int = 0
    """calls beyond the cap, or while draining, that are told why in words at once (`Unwanted`)"""
    events: bool = True
    """whether our own offers name telephone-event (RFC 4733); without it keys go by INFO"""
    product: str = "hotline95598"


class UserAgent:
    """Both sides of SIP for any number of calls."""

    def __init__(
        self,
        local: Callable[[Hop], tuple[str, int]],
        entropy: Callable[[int], bytes],
        settings: Settings | None = None,
        guard: Guard | None = None,
        now: float = 0.0,
    ) -> None:
        self.settings = settings or Settings()
        self.guard = guard or Guard()
        self.clock = VirtualClock(now)
        self.registrar = Registrar()
        self._presence = Presence(self.registrar, self.clock, self.tell)
        self.counted: Counter[str] = Counter()
        self.sessions: set[Session] = set()
        self._unwanted: set[Session] = set()
        self.draining = False
        self._local, self._entropy = local, entropy
        self._secret = entropy(32)
        self._challenger = Challenger(
            self.settings.realm, self.settings.users, self._secret, self.settings.algorithms
        )
        self._out: list[Output] = []
        self._servers: dict[tuple[str, ...], tuple[Transaction, Message]] = {}
        self._clients: dict[tuple[str, str], tuple[Transaction, _User]] = {}
        self._inbound: dict[tuple[str, ...], Inbound] = {}
        self._merged: dict[tuple[str, str, int, str], tuple[str, ...]] = {}
        self._open: Counter[str] = Counter()
        self._dialogs: dict[dialogs.Key, tuple[Dialog, Session]] = {}
        self._streams: dict[int, Stream] = {}

    # --- for the driver ----------------------------------------------------------------------

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

    def failed(self, hop: Hop, now: float) -> None:
        """Nothing can be sent to `hop`: what waits for an answer from there need not wait."""
        self._advance(now)
        for transaction, _ in list(self._clients.values()):
            if transaction.hop == hop:
                transaction.handle(On.TRANSPORT_FAILED)

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

    # --- for the user ------------------------------------------------------------------------

    @property
    def calls(self) -> int:
        """Calls in progress, in either direction."""
        return len(self.sessions)

    def drain(self) -> None:
        """Refuse new calls with 503; those in progress go on."""
        self.draining = True

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
        from_uri = str(URI("sip", _bracketed(host), user=user))
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

    # --- the core that sessions use (`session.Core`) -----------------------------------------

    def tell(self, output: Output) -> None:
        """Give the user an event."""
        self._out.append(output)
        if isinstance(output, Ended):
            self.sessions.discard(output.session)
            self._unwanted.discard(output.session)

    def send(self, data: bytes, hop: Hop) -> None:
        """Send bytes."""
        self._out.append(Send(data, hop))

    def request(
        self,
        method: str,
        hop: Hop,
        build: Build,
        heard: Callable[[Message], None],
        silent: Callable[[], None],
        credentials: Credentials | None = None,
    ) -> Pending:
        """Send a request in a client transaction; a challenge is answered once (8.1.3.5)."""
        user = _User(method, hop, build, heard, silent, credentials)
        self._start(user, [])
        return user.pending

    def via(self, hop: Hop) -> str:
        """A Via with a new branch and, for address translators, `rport` (RFC 3581 3)."""
        host, port = self._local(hop)
        return (
            f"SIP/2.0/{hop.transport} {_bracketed(host)}:{port};branch={MAGIC}{self.token()};rport"
        )

    def contact(self, hop: Hop) -> str:
        """Our Contact for a peer at `hop`."""
        host, port = self._local(hop)
        transport = "" if hop.transport == "UDP" else f";transport={hop.transport.lower()}"
        return f"<sip:{self.settings.user}@{_bracketed(host)}:{port}{transport}>"

    def token(self) -> str:
        """64 random bits: more than 19.3 asks of a tag."""
        return self._entropy(8).hex()

    def whole(self, limit: int) -> int:
        """A random number from 0 to `limit` - 1."""
        return int.from_bytes(self._entropy(8), "big") % limit

    def enter(self, dialog: Dialog, session: Session) -> None:
        """Requests of this dialog are the session's from now on."""
        self._dialogs[dialog.key] = dialog, session

    def leave(self, dialog: Dialog) -> None:
        """They no longer are."""
        self._dialogs.pop(dialog.key, None)

    # --- messages ----------------------------------------------------------------------------

    def _advance(self, now: float) -> None:
        """Let the timers fire that are due, each at its instant."""
        self.clock.run(max(now, self.clock.now()))

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

    def _admitted(self, message: Message) -> bool:
        if self.guard.admits(message.source.host, self.clock.now()):
            return True
        self.counted["too_fast"] += 1
        return False

    def _response(self, response: Message) -> None:
        """17.1.3: by the branch of the topmost Via and the method of CSeq; with a second Via it is
        somebody else's (8.1.3.3)."""
        found = self._clients.get((response.branch, response.method))
        if found is None or len(response.headers("Via")) > 1:
            self.counted["stray"] += 1
        else:
            found[0].came(response)

    def _request(self, request: Message) -> None:
        key = _key(request)
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

    def _outside(self, request: Message, transaction: Transaction, key: tuple[str, ...]) -> None:
        """A request outside any dialog that we know (8.2)."""
        method = request.method
        if not request.to.tag and self._merged.setdefault(_mark(request), key) != key:
            self._say(transaction, request, 482)  # 8.2.2.2: the same request by two ways
        elif method not in KNOWN:
            self._say(transaction, request, 405 if method in OTHERS else 501)
        elif request.to.tag or method in WITHIN_DIALOG or method == "CANCEL":
            self._say(transaction, request, 481)  # 12.2.2
        elif self._unsupported(request, transaction):
            return
        elif method == "OPTIONS":
            self._options(request, transaction)
        elif method == "REGISTER":
            self._register(request, transaction)
        else:
            self._invite(request, transaction, key)

    def _unsupported(self, request: Message, transaction: Transaction) -> bool:
        """8.2.2.3: 420 names what we do not have."""
        missing = unsupported(request, EXTENSIONS)
        if missing:
            self._say(transaction, request, 420, [("Unsupported", ", ".join(missing))])
        return bool(missing)

    def _options(self, request: Message, transaction: Transaction) -> None:
        """11.2: what an INVITE would be told now. A probing proxy learns that we are draining."""
        refused = self._full()
        if refused is not None:
            self._say(transaction, request, *refused)
        else:
            self._say(
                transaction, request, 200, [("Accept", ACCEPT), ("Accept-Language", "zh, en")]
            )

    def _register(self, request: Message, transaction: Transaction) -> None:
        """10.3. Whose telephone it is says To; only its own user may move it (step 4)."""
        if not self.settings.users:
            self._say(transaction, request, 405)
            return
        user = self._user_of(request, transaction)
        if user is None:
            return
        if request.to.user != user:
            self._say(transaction, request, 403)
            return
        code, headers = self.registrar.register(request, user, self.clock.now())
        self._say(transaction, request, code, headers)
        self._presence.look(user)

    def _user_of(self, request: Message, transaction: Transaction) -> str | None:
        """The authenticated user; None if a challenge has been sent instead (22.1)."""
        now, answers = self.clock.now(), request.lines("Authorization")
        verdict, user = self._challenger.check(answers, request.method, now)
        if verdict is Verdict.GOOD:
            return user
        self.counted["unauthorized"] += bool(answers) and verdict is Verdict.WRONG
        stale = verdict is Verdict.STALE
        challenge = self._challenger.challenge(now, self.token(), stale=stale)
        self._say(transaction, request, 401, challenge)
        return None

    def _full(self) -> tuple[int, list[Header]] | None:
        """How a new call is refused that is not taken: draining or the cap (21.5.4)."""
        if not self.draining and self.calls < self.settings.calls:
            return None
        least, more = RETRY_AFTER
        return 503, [("Retry-After", str(least + self.whole(more + 1)))]

    def _invite(self, request: Message, transaction: Transaction, key: tuple[str, ...]) -> None:
        trusted = self.guard.trusts(request.source.host)
        contact = request.contact()
        user: str | None = ""
        if contact is None or contact.scheme != "sip":
            self._say(transaction, request, 400, phrase="Contact missing or not a sip URI")
            return
        if self.settings.calls_need_user and not trusted:
            user = self._user_of(request, transaction)
            if user is None:
                return
        full, bad = self._full(), unacceptable(request)
        told = full is not None and bad is None and len(self._unwanted) < self.settings.announced
        if refused := full or bad:
            self.counted["refused"] += 1
            if not told:
                self._say(transaction, request, *refused)
                return
        session = Inbound(self, request, transaction)
        self._inbound[key] = session
        if full is not None:
            self._unwanted.add(session)
            reason = "draining" if self.draining else "trunks"
            self.tell(Unwanted(session, reason, full[0], tuple(full[1])))
            return
        self.counted["calls"] += 1
        self.sessions.add(session)
        number = user or number_of(request, trusted)
        self.tell(Invited(session, number, request.uri.user or "", user or ""))

    def _cancel(self, request: Message, key: tuple[str, ...]) -> None:
        """9.2: the INVITE of the same branch is refused, if it is still open."""
        invite = (*key[:-1], "INVITE")
        transaction = self._server(key, request)
        session = self._inbound.get(invite)
        if session is None:
            self._say(transaction, request, 481)
        else:
            assert session.dialog is not None
            self._say(transaction, request, 200, tag=session.dialog.local_tag)
            session.cancelled()

    def _say(
        self,
        transaction: Transaction,
        request: Message,
        code: int,
        headers: Sequence[Header] = (),
        phrase: str = "",
        tag: str = "",
    ) -> None:
        """Answer a request outside a dialog."""
        head = [("Allow", ALLOW), ("Supported", SUPPORTED), *headers]
        head.append(("Server", self.settings.product))
        data = respond(request, code, tag=tag or self.token(), phrase=phrase, headers=head)
        transaction.say(code, data)

    def _stateless(self, request: Message, code: int, phrase: str = "") -> None:
        """Answer without a transaction: a repeated request gets it again (8.2.7)."""
        head = [("Allow", ALLOW), ("Server", self.settings.product)]
        mark = f"{request.call_id} {request.branch}".encode()
        tag = blake2b(mark, digest_size=8, key=self._secret).hexdigest()
        data = respond(request, code, tag=tag, phrase=phrase, headers=head)
        self.send(data, response_hop(request))

    # --- transactions ------------------------------------------------------------------------

    def _server(self, key: tuple[str, ...], request: Message) -> Transaction:
        kind = Kind.INVITE_SERVER if request.method == "INVITE" else Kind.SERVER

        def perform(transaction: Transaction, do: Do, message: Message | None) -> None:
            if do is Do.SEND:
                self.send(transaction.data, transaction.hop)
            elif do is Do.TELL and message is not None:
                # an ACK with the branch of its INVITE, as before RFC 3261
                found = self._dialogs.get((message.call_id, message.to.tag, message.from_.tag))
                if found is not None:
                    found[1].acked(message)

        def over(_: Transaction) -> None:
            self._servers.pop(key, None)
            self._inbound.pop(key, None)
            if self._merged.get(_mark(request)) == key:
                del self._merged[_mark(request)]
            self._open[request.call_id] -= 1
            if not self._open[request.call_id]:
                del self._open[request.call_id]

        transaction = Transaction(kind, response_hop(request), self.clock, perform, over)
        self._servers[key] = transaction, request
        self._open[request.call_id] += 1
        transaction.begin()
        return transaction

    def _start(self, user: _User, more: list[Header]) -> None:
        via = self.via(user.hop)
        data = user.build(via, more)
        found = re.search(rb"^Via: (.*;branch=([^;\r]+).*)\r$", data, re.MULTILINE)
        assert found is not None
        branch = found[2].decode()
        kind = Kind.INVITE_CLIENT if user.method == "INVITE" else Kind.CLIENT
        key = (branch, user.method)

        def perform(transaction: Transaction, do: Do, message: Message | None) -> None:
            match do:
                case Do.SEND:
                    self.send(transaction.data, transaction.hop)
                case Do.ACK if message is not None:
                    self.send(ack_of(transaction.data, message), transaction.hop)
                case Do.TIMEOUT:
                    user.silent()
                case _ if message is not None:
                    self._heard(user, transaction, message)

        transaction = Transaction(
            kind, user.hop, self.clock, perform, lambda _: self._clients.pop(key, None), data
        )
        user.pending.transaction, user.pending.via = transaction, found[1].decode()
        self._clients[key] = transaction, user
        transaction.begin()

    def _heard(self, user: _User, transaction: Transaction, response: Message) -> None:
        """Hand a response on; a challenge is first met with the credentials, once. A proxy and
        who is behind it may ask one after the other: then both are answered (22.3)."""
        header = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}.get(response.code, "")
        if header and user.credentials is not None and user.tries < TRIES:
            challenges = response.lines(header)
            again = response.code in user.asked and "stale=true" not in str(challenges).lower()
            user.asked[response.code] = challenges, 0
            answers = self._answers(user, user.credentials, *method_line(transaction.data))
            if answers and not again:
                user.tries += 1
                self._start(user, answers)
                return
        user.heard(response)

    def _answers(
        self, user: _User, credentials: Credentials, method: str, uri: str
    ) -> list[Header]:
        """The answers to all who have asked so far; none if one of them cannot be answered."""
        answers: list[Header] = []
        for code, (challenges, before) in user.asked.items():
            user.asked[code] = challenges, before + 1
            name = "Authorization" if code == 401 else "Proxy-Authorization"
            answer = authorize(challenges, credentials, method, uri, self.token(), before + 1)
            if answer is None:
                return []
            answers.append((name, answer))
        return answers


@dataclass(slots=True)
class _User:
    """Who sent a request, and how to send it again."""

    method: str
    hop: Hop
    build: Build
    heard: Callable[[Message], None]
    silent: Callable[[], None]
    credentials: Credentials | None
    tries: int = 0
    asked: dict[int, tuple[Sequence[str], int]] = field(default_factory=dict)
    """401 or 407 -> the challenges, and how often they were answered"""
    pending: Pending = field(default_factory=Pending)


def _key(request: Message) -> tuple[str, ...]:
    """17.2.3: branch, sent-by and method; what RFC 2543 gives instead, if there is no branch."""
    method = "INVITE" if request.method == "ACK" else request.method
    host, port = request.sent_by
    if request.branch.startswith(MAGIC):
        return request.branch, host, str(port), method
    parts = (str(request.uri), request.from_.tag, request.call_id, str(request.sequence))
    return (*parts, str(request.via), method)


def _mark(request: Message) -> tuple[str, str, int, str]:
    """8.2.2.2: what makes a request the same, by whichever way it comes."""
    return request.from_.tag, request.call_id, request.sequence, request.method


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
