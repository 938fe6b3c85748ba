"""The called side's 2xx to an INVITE or re-INVITE, until its ACK comes (RFC 3261 13.3.1.4).

200 --T1--> 200 --2 T1--> 200 ... at most every T2, on every transport
 |---- 64 T1 without an ACK ----> BYE
 `---- ACK ----> Answered, the first time; perhaps the answer to our offer is in it
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip.body import described
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core
from hotline.telephony.sip.events import Answered, MediaAgreed
from hotline.telephony.sip.message import Header, Message, respond
from hotline.telephony.sip.offer import NotAcceptableError
from hotline.telephony.sip.refresh import Refreshed
from hotline.telephony.sip.sdp import SdpError
from hotline.telephony.sip.timing import LIFE, T1, T2
from hotline.telephony.sip.transaction import Transaction


@dataclass(slots=True)
class Repeated:
    """A 2xx of ours that is repeated until its ACK comes (13.3.1.4)."""

    transaction: Transaction
    data: bytes
    sequence: int
    since: float
    interval: float = T1
    timer: TimerHandle | None = None


class Accepted(Refreshed):
    """A call with a 2xx of ours that may still be on its way."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._repeated: Repeated | None = None
        self._bye_when_acked = False

    def acked(self, ack: Message) -> None:
        """The ACK of a 2xx came (13.3.1.4), perhaps with the answer to our offer."""
        repeated = self._repeated
        if repeated is None or repeated.sequence != ack.sequence:
            return
        self._stop_repeating()
        first, self._confirmed = not self._confirmed, True
        if self._bye_when_acked:
            self._bye_when_acked = False
            self._bye()
            return
        if self.negotiation is not None and self.negotiation.pending:
            self._answered_late(described(ack))
        if first and not self.over:
            self.core.tell(Answered(self._call))

    def _answered_late(self, body: bytes) -> None:
        assert self.negotiation is not None
        try:
            self.core.tell(MediaAgreed(self._call, self.negotiation.agreed(body)))
        except (NotAcceptableError, SdpError):
            self._bye()
            self._finish(by_peer=False, code=488, reason="no common codec")

    def _accept(self, transaction: Transaction, request: Message, body: bytes) -> None:
        """A 2xx to an INVITE: repeated until the ACK comes, on every transport (13.3.1.4)."""
        self._stop_repeating()
        assert self.dialog is not None
        head: list[Header] = [("Record-Route", r) for r in request.headers("Record-Route")]
        head += [("Contact", self.core.contact(request.source)), ("Allow", ALLOW)]
        head += [("Supported", SUPPORTED), *self._session_expires(request)]
        if body:
            head.append(("Content-Type", SDP))
        data = respond(request, 200, tag=self.dialog.local_tag, headers=head, body=body)
        self._repeated = Repeated(transaction, data, request.sequence, self.core.clock.now())
        transaction.say(200, data)
        self._repeat_later(self._repeated)

    def _repeat_later(self, repeated: Repeated) -> None:
        repeated.timer = self._later(repeated.interval, lambda: self._repeat(repeated))
        repeated.interval = min(2 * repeated.interval, T2)

    def _repeat(self, repeated: Repeated) -> None:
        if repeated is not self._repeated:
            return
        if self.core.clock.now() - repeated.since < LIFE - 0.001:
            repeated.transaction.say(200, repeated.data)
            self._repeat_later(repeated)
            return
        # 13.3.1.4: no ACK. Nobody has proved to be at the Contact, so the BYE goes where the
        # request came from: a forged INVITE cannot make us write to a third party.
        self._stop_repeating()
        assert self.dialog is not None
        self._bye(None if self._confirmed else self.dialog.peer)
        self._finish(by_peer=True, code=408, reason="no ACK")

    def _stop_repeating(self) -> None:
        if self._repeated is not None and self._repeated.timer is not None:
            self._repeated.timer.cancel()
        self._repeated = None
