"""The transaction layer of a user agent: whose a message is, and requests that are sent until they
are answered (RFC 3261 12.2.2, 17.1.3, 17.2.3; digest as the client, 22.2, 22.3).

    request(...) ---> transaction ---Send---> ...      its responses come to who asked,
                 <-- 401, 407: again with the credentials; silence is told
    a request    ---> transaction by branch, sent-by and method: repetitions are absorbed
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline.switch.clock import VirtualClock
from hotline.telephony.sip import dialog as dialogs
from hotline.telephony.sip.core import Build, Pending
from hotline.telephony.sip.dialog import Dialog
from hotline.telephony.sip.digest import Credentials, authorize
from hotline.telephony.sip.events import Output, Send
from hotline.telephony.sip.message import MAGIC, Header, Hop, Message, response_hop
from hotline.telephony.sip.settings import Settings
from hotline.telephony.sip.transaction import Do, Kind, On, Transaction
from hotline.telephony.sip.writing import ack_of, method_line

if TYPE_CHECKING:
    from hotline.telephony.sip.inbound import Inbound
    from hotline.telephony.sip.session import Session

TRIES = 4
"""Challenges that are met for one request: two sides, and each nonce may be stale once."""


class Layer:
    """Transactions and dialogs by what their messages say."""

    def __init__(
        self,
        local: Callable[[Hop], tuple[str, int]],
        entropy: Callable[[int], bytes],
        settings: Settings,
        now: float,
    ) -> None:
        self.settings = settings
        self.clock = VirtualClock(now)
        self.counted: Counter[str] = Counter()
        self._local, self._entropy = local, entropy
        self._out: list[Output] = []
        self._servers: dict[tuple[str, ...], tuple[Transaction, Message]] = {}
        self._clients: dict[tuple[str, str], tuple[Transaction, _User]] = {}
        self._inbound: dict[tuple[str, ...], Inbound] = {}
        self._merged: dict[tuple[str, str, int, str], tuple[str, ...]] = {}
        self._open: Counter[str] = Counter()
        """transactions by Call-ID"""
        self._dialogs: dict[dialogs.Key, tuple[Dialog, Session]] = {}

    # --- the core that sessions use (`core.Core`) ------------------------------------------------

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
            f"SIP/2.0/{hop.transport} {bracketed(host)}:{port};branch={MAGIC}{self.token()};rport"
        )

    def contact(self, hop: Hop) -> str:
        """Our Contact for a peer at `hop`."""
        host, port = self._local(hop)
        transport = "" if hop.transport == "UDP" else f";transport={hop.transport.lower()}"
        return f"<sip:{self.settings.user}@{bracketed(host)}:{port}{transport}>"

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

    # --- transactions ----------------------------------------------------------------------------

    def failed(self, hop: Hop, now: float) -> None:
        """Nothing can be sent to `hop`: what waits for an answer from there need not wait."""
        self._advance(now)
        for transaction, _ in list(self._clients.values()):
            if transaction.hop == hop:
                transaction.handle(On.TRANSPORT_FAILED)

    def _advance(self, now: float) -> None:
        """Let the timers fire that are due, each at its instant."""
        self.clock.run(max(now, self.clock.now()))

    def _response(self, response: Message) -> None:
        """17.1.3: by the branch of the topmost Via and the method of CSeq; with a second Via it is
        somebody else's (8.1.3.3)."""
        found = self._clients.get((response.branch, response.method))
        if found is None or len(response.headers("Via")) > 1:
            self.counted["stray"] += 1
        else:
            found[0].came(response)

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
            if self._merged.get(mark_of(request)) == key:
                del self._merged[mark_of(request)]
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


def key_of(request: Message) -> tuple[str, ...]:
    """17.2.3: branch, sent-by and method; what RFC 2543 gives instead, if there is no branch."""
    method = "INVITE" if request.method == "ACK" else request.method
    host, port = request.sent_by
    if request.branch.startswith(MAGIC) and request.branch != MAGIC:
        return request.branch, host, str(port), method
    parts = (str(request.uri), request.from_.tag, request.call_id, str(request.sequence))
    return (*parts, str(request.via), method)


def mark_of(request: Message) -> tuple[str, str, int, str]:
    """8.2.2.2: what makes a request the same, by whichever way it comes."""
    return request.from_.tag, request.call_id, request.sequence, request.method


def bracketed(host: str) -> str:
    """A host as a URI writes it."""
    return f"[{host}]" if ":" in host else host
