"""Offers within a call: re-INVITE (RFC 3261 14) and UPDATE (RFC 3311): hold, resume, a move.

by the peer     answered at once, MediaAgreed where the stream has changed
by us           renegotiate; 491 is tried again after a while (14.1)
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.telephony.sip import refresh
from hotline.telephony.sip.accepted import Accepted
from hotline.telephony.sip.body import ACCEPT, UnknownBodyError, described, description
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core, Pending
from hotline.telephony.sip.events import MediaAgreed
from hotline.telephony.sip.message import Header, Message
from hotline.telephony.sip.offer import NotAcceptableError
from hotline.telephony.sip.sdp import SdpError
from hotline.telephony.sip.transaction import Transaction


class Renegotiated(Accepted):
    """A call whose stream may be agreed on anew."""

    _caller = False
    """whether we made the call, and so chose its Call-ID"""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._asking: Pending | None = None
        self._proof: list[Header] = []
        """the credentials of our latest INVITE, which its ACK repeats (22.1)"""

    def renegotiate(self, direction: str) -> None:
        """Offer the stream anew with `direction` (RFC 3264 8.4): `sendonly` or `inactive` holds the
        peer, `sendrecv` resumes. Nothing while another offer is on its way (14.1)."""
        negotiation = self.negotiation
        if self._settled and negotiation is not None and self._asking is None:
            negotiation.direction = direction
            self._reinvite()

    # --- by the peer -----------------------------------------------------------------------------

    def _reinvited(self, request: Message, transaction: Transaction) -> None:
        """14.2. Glare is 491, also while our offer in a 200 waits for its answer (RFC 6337 3.3); a
        second INVITE while the first is open is 500 with Retry-After."""
        if self._asking is not None:
            self._answer(transaction, request, 491)
        elif not self._confirmed:
            self._not_yet(transaction, request)
        elif self._offering:
            self._answer(transaction, request, 491)
        else:
            self._renewed(request, transaction, self._accept)

    def _updated(self, request: Message, transaction: Transaction) -> None:
        """RFC 3311 5.2: the answer goes at once; 491 while an offer of ours is open, 500 while one
        of theirs is."""
        offers = bool(described(request))
        if offers and (self._asking is not None or self._offering):
            self._answer(transaction, request, 491)
        elif offers and self.negotiation is None:
            self._not_yet(transaction, request)
        else:
            self._renewed(request, transaction, self._answer_update)

    def _not_yet(self, transaction: Transaction, request: Message) -> None:
        self._answer(transaction, request, 500, [("Retry-After", str(self.core.whole(11)))])

    @property
    def _offering(self) -> bool:
        return self.negotiation is not None and self.negotiation.pending

    def _renewed(
        self,
        request: Message,
        transaction: Transaction,
        accept: Callable[[Transaction, Message, bytes], None],
    ) -> None:
        """A re-INVITE or UPDATE: a new offer, a new target, a new session interval."""
        assert self.dialog is not None
        if refused := refuse(request):
            self._answer(transaction, request, *refused)
            return
        before = self.negotiation.stream if self.negotiation else None
        try:
            body = self._negotiated(request)
        except (NotAcceptableError, SdpError) as error:
            self._answer(transaction, request, *not_acceptable(error))
            return
        self.dialog.refresh(request)
        self._note(request)
        accept(transaction, request, body)
        stream = self.negotiation.stream if self.negotiation else None
        if stream is not None and stream != before:
            self.core.tell(MediaAgreed(self._call, stream))

    def _negotiated(self, request: Message) -> bytes:
        """The body of our answer: an answer to an offer, or to none in an INVITE our own offer."""
        if self.negotiation is None:
            return b""
        if theirs := described(request):
            return self.negotiation.answer(theirs)
        return self.negotiation.offer() if request.method == "INVITE" else b""

    def _answer_update(self, transaction: Transaction, request: Message, body: bytes) -> None:
        self._answer(transaction, request, 200, self._session_expires(request), body)

    # --- by us -----------------------------------------------------------------------------------

    def _reinvite(self) -> None:
        """Send a re-INVITE with our offer (14.1); one at a time."""
        dialog, negotiation = self.dialog, self.negotiation
        if dialog is None or negotiation is None or self._asking is not None:
            return
        body, hop = negotiation.offer(), dialog.next_hop()
        headers = [("Contact", self.core.contact(hop)), ("Allow", ALLOW)]
        headers += [("Supported", SUPPORTED), *self._our_interval(), ("Content-Type", SDP)]

        def build(via: str, more: list[Header]) -> bytes:
            self._proof = more
            return dialog.request("INVITE", via, headers=[*headers, *more], body=body)

        self._asking = self.core.request(
            "INVITE", hop, build, self._reinvite_heard, self._lost, self.credentials
        )

    def _reinvite_heard(self, response: Message) -> None:
        dialog, negotiation = self.dialog, self.negotiation
        assert dialog is not None
        assert negotiation is not None
        if response.code < 200:
            return
        latest = self._asking is not None and f";branch={response.branch};" in self._asking.via
        if response.code >= 300:
            self._asking = None
            negotiation.withdraw()
            self._reinvite_refused(response)
            return
        if latest:
            dialog.refresh(response)
        hop = dialog.next_hop()
        proof = self._proof if latest else []
        ack = dialog.request("ACK", self.core.via(hop), sequence=response.sequence, headers=proof)
        self.core.send(ack, hop)
        if not latest:  # a repeated 2xx: the ACK was lost
            return
        self._asking = None
        self._agree_interval(refresh.agreed(response))
        self._answered_late(described(response))

    def _reinvite_refused(self, response: Message) -> None:
        """14.1: 491 is tried again after 2.1-4 s (who made the call) or 0-2 s; the rest stays."""
        self._heard(response)
        if response.code == 491 and not self.over:
            wait = 2.1 + self.core.whole(191) / 100 if self._caller else self.core.whole(201) / 100
            self._later(wait, self._reinvite_again)

    def _reinvite_again(self) -> None:
        if self._settled:
            self._reinvite()


def refuse(request: Message) -> tuple[int, list[Header]] | None:
    """8.2.2.3, 8.2.3 and RFC 4028 9 (422 is for who understands it): what makes any INVITE or
    UPDATE unacceptable as it stands."""
    try:
        description(request)
    except UnknownBodyError:
        return 415, [("Accept", ACCEPT), ("Accept-Encoding", "identity")]
    interval, _ = refresh.asked(request)
    if 0 < interval < refresh.SHORTEST and "timer" in request.tokens("Supported"):
        return 422, [("Min-SE", str(refresh.SHORTEST))]
    return None


def not_acceptable(error: NotAcceptableError | SdpError) -> tuple[int, list[Header]]:
    """The refusal of an offer: 488 with a Warning (20.43), 400 for what is no SDP at all."""
    if isinstance(error, SdpError):
        return 400, [("Warning", f'399 hotline "{error}"')]
    return 488, [("Warning", f'{error.warning} hotline "{error.why}"')]
