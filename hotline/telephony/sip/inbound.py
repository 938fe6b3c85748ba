"""A call that comes in: the called side of INVITE (RFC 3261 13.3), with RFC 3262.

    INVITE ---> Invited
                  |-- ring() -------> 180
                  |-- progress() ---> 183 with our SDP: early media
                  |-- accept() -----> 200, repeated until ACK ---> Answered
                  |-- reject() -----> 3xx-6xx
    CANCEL, BYE ->`-> 487, Ended

Where the caller requires 100rel, 18x are sent reliably: repeated until their PRACK comes; and so is
early media where he supports it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip import offer
from hotline.telephony.sip.body import described
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core
from hotline.telephony.sip.dialog import called
from hotline.telephony.sip.events import MediaAgreed, Reached
from hotline.telephony.sip.message import Header, Message, respond
from hotline.telephony.sip.offer import Negotiation, NotAcceptableError
from hotline.telephony.sip.renegotiation import not_acceptable, refuse
from hotline.telephony.sip.sdp import SdpError, parse
from hotline.telephony.sip.session import Session
from hotline.telephony.sip.timing import LIFE, T1
from hotline.telephony.sip.transaction import State, Transaction

TRYING_AFTER = 0.2
"""17.2.1: seconds after which the caller is told 100 Trying, if nothing better."""


class Inbound(Session):
    """An INVITE that came, until it is answered, refused or taken back; then its `Session`."""

    def __init__(self, core: Core, request: Message, transaction: Transaction) -> None:
        super().__init__(core)
        self.request, self.transaction = request, transaction
        contact = request.contact()
        assert contact is not None, "checked by the user agent"
        self.dialog = called(request, core.token(), contact)
        core.enter(self.dialog, self)
        self._sequence = core.whole(2**30) + 1
        """RSeq of our latest reliable response (RFC 3262 3)"""
        self._unacknowledged: TimerHandle | None = None
        self._waiting: tuple[str, int] | None = None
        self._told_media = self._described = False
        self._note(request)
        self._later(TRYING_AFTER, self._trying)

    @property
    def can_progress(self) -> bool:
        """Whether there can be early media: to an INVITE without an offer, our own goes in a
        reliable response only (RFC 3261 13.2.1)."""
        return bool(described(self.request)) or self.acknowledges

    @property
    def acknowledges(self) -> bool:
        """Whether the caller knows PRACK (RFC 3262 4)."""
        tokens = self.request.tokens("Require") | self.request.tokens("Supported")
        return "100rel" in tokens

    @property
    def open(self) -> bool:
        """Whether the INVITE still waits for its final response."""
        return self.transaction.state is State.PROCEEDING and not self.over

    # --- what the user may do ----------------------------------------------------------------

    def ring(self) -> None:
        """180 Ringing."""
        if self.open and not self._unacknowledged:
            self._provisional(180)

    def progress(self, address: tuple[str, int]) -> None:
        """183 with SDP: what we play at `address` is heard before the call is answered. Nothing
        unless it `can_progress`."""
        if self.open and self.negotiation is None and self.can_progress:
            self._described = self.acknowledges
            self._provisional(183, self._describe(address))
            self._tell_media()

    def accept(self, address: tuple[str, int]) -> None:
        """200: our media is at `address`. RFC 3262 5: it waits for the PRACK of an SDP before."""
        if not self.open:
            return
        if self._unacknowledged is not None:
            self._waiting = address
            return
        body = self._describe(address) if self.negotiation is None else self.negotiation.local
        if self._described:
            body = b""  # it has been given and acknowledged (RFC 3262 5)
        assert self.dialog is not None
        self._accept(self.transaction, self.request, body)
        self._tell_media()

    def reject(
        self,
        code: int,
        headers: Sequence[Header] = (),
        reason: str = "",
        *,
        by_peer: bool = False,
    ) -> None:
        """A final refusal, 300 to 699."""
        if not self.open:
            return
        self._quiet()
        assert self.dialog is not None
        head = [("Allow", ALLOW), ("Supported", SUPPORTED), *headers]
        tag = self.dialog.local_tag
        self.transaction.say(code, respond(self.request, code, tag=tag, headers=head))
        self.core.leave(self.dialog)
        self._finish(by_peer=by_peer, code=code, reason=reason)

    def hang_up(self) -> None:
        """End the call; before it was answered, refuse it."""
        if self.open:
            self.reject(480)
        else:
            super().hang_up()

    # --- from the user agent -----------------------------------------------------------------

    def cancelled(self) -> None:
        """CANCEL came (9.2): 487 if there is no final response yet."""
        self.reject(487, reason="cancelled", by_peer=True)

    def disconnected(self, flow: int) -> None:
        """18.2.2: a response whose connection is gone goes to the Via's port, at the same host."""
        if self.transaction.hop.flow == flow:
            port = self.request.via.port or 5060
            self.transaction.hop = self.transaction.hop._replace(port=port, flow=0)

    def _said_bye(self, request: Message, transaction: Transaction) -> None:
        """15.1.2: a BYE in an early dialog ends the INVITE with 487."""
        if self.open:
            self._answer(transaction, request, 200)
            self.cancelled()
        else:
            super()._said_bye(request, transaction)

    def prack(self, request: Message, transaction: Transaction) -> None:
        """RFC 3262 3: RAck names RSeq, CSeq number and method of what it acknowledges."""
        expected = f"{self._sequence} {self.request.sequence} INVITE"
        if self._unacknowledged is None or request.header("RAck").split() != expected.split():
            self._answer(transaction, request, 481)
            return
        body = b""
        try:
            if self.negotiation is not None and (theirs := described(request)):
                if self.negotiation.pending:
                    self.negotiation.agreed(theirs)
                else:
                    body = self.negotiation.answer(theirs)
        except (NotAcceptableError, SdpError) as error:
            self._answer(transaction, request, *not_acceptable(error))
            return
        self._quiet()
        self._answer(transaction, request, 200, (), body)
        self.core.tell(Reached(self))
        self._tell_media()
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.accept(waiting)

    # --- inside ------------------------------------------------------------------------------

    def _trying(self) -> None:
        if self.open and not self.transaction.data:
            stamp = [("Timestamp", self.request.header("Timestamp"))]  # 8.2.6.1
            self.transaction.say(100, respond(self.request, 100, headers=stamp))

    def _describe(self, address: tuple[str, int]) -> bytes:
        """Our answer to the offer of the INVITE, or our own offer if it had none."""
        self.negotiation = Negotiation(address, self.core.whole(2**31))
        return self._negotiated(self.request)

    def _tell_media(self) -> None:
        negotiation = self.negotiation
        if negotiation is not None and negotiation.stream is not None and not self._told_media:
            self._told_media = True
            self.core.tell(MediaAgreed(self, negotiation.stream))

    def _provisional(self, code: int, body: bytes = b"") -> None:
        request = self.request
        head: list[Header] = [("Record-Route", r) for r in request.headers("Record-Route")]
        head += [("Contact", self.core.contact(request.source)), ("Allow", ALLOW)]
        reliable = "100rel" in request.tokens("Require") or (bool(body) and self.acknowledges)
        if reliable:
            self._sequence += 1
            head += [("Require", "100rel"), ("RSeq", str(self._sequence))]
        if body:
            head.append(("Content-Type", SDP))
        assert self.dialog is not None
        tag = self.dialog.local_tag
        data = respond(request, code, tag=tag, headers=head, body=body)
        self.transaction.say(code, data)
        if reliable:
            self._unacknowledged = self._later(T1, lambda: self._repeat_reliable(code, data, T1))

    def _repeat_reliable(self, code: int, data: bytes, interval: float) -> None:
        """RFC 3262 3: at doubling intervals, and a refusal when 64 * T1 have passed."""
        self._unacknowledged = None
        if not self.open:
            return
        if 2 * interval >= LIFE:
            self.reject(504, reason="no PRACK", by_peer=True)
            return
        self.transaction.say(code, data)
        longer = 2 * interval
        self._unacknowledged = self._later(
            longer, lambda: self._repeat_reliable(code, data, longer)
        )

    def _quiet(self) -> None:
        if self._unacknowledged is not None:
            self._unacknowledged.cancel()
            self._unacknowledged = None


def unacceptable(request: Message) -> tuple[int, list[Header]] | None:
    """Why an INVITE cannot be taken, before anybody is told of the call; None if it can."""
    if refused := refuse(request):
        return refused
    if theirs := described(request):
        try:
            offer.choose(parse(theirs))
        except (NotAcceptableError, SdpError) as error:
            return not_acceptable(error)
    return None
