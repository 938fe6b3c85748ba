"""What strangers ask for: requests outside any dialog (RFC 3261 8.2, 9.2, 10.3, 11, 22.1).

INVITE      Invited, or refused: 401, 415, 488, 503 ...      CANCEL     the INVITE is refused
REGISTER    the registrar, for users with a password         OPTIONS    what an INVITE would get
others      405, 420, 481, 482, 501
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from hotline.telephony.sip.body import ACCEPT
from hotline.telephony.sip.core import ALLOW, EXTENSIONS, SUPPORTED
from hotline.telephony.sip.digest import Challenger, Verdict
from hotline.telephony.sip.events import Ended, Invited, Output, Unwanted
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.identity import number_of
from hotline.telephony.sip.inbound import Inbound, unacceptable
from hotline.telephony.sip.layer import Layer, mark_of
from hotline.telephony.sip.message import Header, Hop, Message, respond, response_hop
from hotline.telephony.sip.presence import Presence
from hotline.telephony.sip.registrar import Registrar
from hotline.telephony.sip.session import Session
from hotline.telephony.sip.settings import Settings
from hotline.telephony.sip.transaction import Transaction
from hotline.telephony.sip.writing import unsupported

WITHIN_DIALOG = frozenset({"BYE", "INFO", "UPDATE", "PRACK", "REFER", "NOTIFY"})
"""Methods that mean nothing without a dialog: 481."""
KNOWN = WITHIN_DIALOG | {"INVITE", "ACK", "CANCEL", "OPTIONS", "REGISTER"}
OTHERS = frozenset({"SUBSCRIBE", "PUBLISH", "MESSAGE"})
"""Methods that we recognise but do not have: 405; unknown ones are 501 (8.2.1, 21.5.2)."""
RETRY_AFTER = (2, 8)
"""Seconds that a refused caller is asked to wait: at least, and so many more by chance, so that
they do not all come back at once."""


class Serving(Layer):
    """The called side of a user agent."""

    def __init__(
        self,
        local: Callable[[Hop], tuple[str, int]],
        entropy: Callable[[int], bytes],
        settings: Settings,
        guard: Guard,
        now: float,
    ) -> None:
        super().__init__(local, entropy, settings, now)
        self.guard = guard
        self.registrar = Registrar()
        self._presence = Presence(self.registrar, self.clock, self.tell)
        self.sessions: set[Session] = set()
        self._unwanted: set[Session] = set()
        self.draining = False
        self._secret = entropy(32)
        self._challenger = Challenger(
            settings.realm, settings.users, self._secret, settings.algorithms
        )

    @property
    def calls(self) -> int:
        """Calls in progress, in either direction."""
        return len(self.sessions)

    def drain(self) -> None:
        """Refuse new calls with 503; those in progress go on."""
        self.draining = True

    def tell(self, output: Output) -> None:
        """Give the user an event."""
        self._out.append(output)
        if isinstance(output, Ended):
            self.sessions.discard(output.session)
            self._unwanted.discard(output.session)

    # --- requests --------------------------------------------------------------------------------

    def _admitted(self, message: Message) -> bool:
        if self.guard.admits(message.source.host, self.clock.now()):
            return True
        self.counted["too_fast"] += 1
        return False

    def _outside(self, request: Message, transaction: Transaction, key: tuple[str, ...]) -> None:
        """A request outside any dialog that we know (8.2)."""
        method = request.method
        if not request.to.tag and self._merged.setdefault(mark_of(request), key) != key:
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

    # --- answers ---------------------------------------------------------------------------------

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
