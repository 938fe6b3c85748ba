"""One call: what both sides of it do once there is a dialog (RFC 3261 12-15).

    within the dialog     by the peer                     by us
    BYE (15)              200, Ended                      hang_up
    re-INVITE (14)        answered at once, MediaAgreed   renegotiate (hold, resume), refresh
    UPDATE (RFC 3311)     answered at once, MediaAgreed   refresh, where the peer allows it
    INFO                  KeyCame                         press
    REFER (RFC 3515)      TransferAsked                   refer
    NOTIFY (RFC 3515)     TransferWent                    transfer_answer, transfer_went

How a call comes to be is the business of `inbound` and `outbound`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip import keys, refresh
from hotline.telephony.sip.body import ACCEPT, UnknownBodyError, described, description
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core, Pending
from hotline.telephony.sip.dialog import Dialog
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    KeyCame,
    MediaAgreed,
    TransferAsked,
    TransferWent,
)
from hotline.telephony.sip.message import Header, Hop, Message, parse_name, respond
from hotline.telephony.sip.offer import Negotiation, NotAcceptableError
from hotline.telephony.sip.refresh import Refresh
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


class Session:
    """The call as its dialog sees it. `label` is free for whoever uses the session."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.label = ""
        self.dialog: Dialog | None = None
        self.negotiation: Negotiation | None = None
        self.credentials: Credentials | None = None
        self.over = False
        """whether `Ended` has been told"""
        self._confirmed = False
        self._proof: list[Header] = []
        """the credentials of our latest INVITE, which its ACK repeats (22.1)"""
        self._repeated: Repeated | None = None
        self._bye_when_acked = False
        self._asking: Pending | None = None
        self._timer: TimerHandle | None = None
        self._peer_allows: frozenset[str] = frozenset()
        self._transfer: int | None = None
        self._referring = False
        """whether a REFER of ours still has NOTIFYs to come"""

    # --- what the user may do ----------------------------------------------------------------

    def hang_up(self) -> None:
        """End the call (15). Before the ACK of our 2xx has come, a BYE must wait for it."""
        if self.over:
            return
        if self._repeated is not None and not self._confirmed:
            self._bye_when_acked = True
        else:
            self._bye()
        self._finish(by_peer=False)

    def press(self, key: str, duration: float = 0.16) -> None:
        """Say a DTMF key by INFO, for peers that did not agree on telephone-event."""
        kind, body = keys.relay(key, duration)
        self._within("INFO", [("Content-Type", kind)], body)

    def renegotiate(self, direction: str) -> None:
        """Offer the stream anew with `direction` (RFC 3264 8.4): `sendonly` or `inactive` holds the
        peer, `sendrecv` resumes. Nothing while another offer is on its way (14.1)."""
        negotiation = self.negotiation
        if self._settled and negotiation is not None and self._asking is None:
            negotiation.direction = direction
            self._reinvite()

    def refer(self, target: str) -> None:
        """Ask the peer to call `target` instead of us (RFC 3515); see `TransferWent`."""

        def heard(response: Message) -> None:
            if response.code >= 300:
                self._referring = False
                self.core.tell(TransferWent(self, response.code))

        self._referring = True
        self._within("REFER", [("Refer-To", f"<{target}>")], heard=heard)

    def transfer_answer(self, accepted: bool) -> None:
        """Answer `TransferAsked`; progress is then told with `transfer_went`."""
        waiting, self._refer = self._refer, None
        if waiting is None:
            return
        transaction, request = waiting
        self._answer(transaction, request, 202 if accepted else 603)
        if accepted:
            self._transfer = request.sequence
            self.transfer_went(100)

    def transfer_went(self, code: int) -> None:
        """Tell the peer how the call that it asked for goes (RFC 3515 2.4.5); final from 200 on."""
        if self._transfer is None:
            return
        state = "active;expires=60" if code < 200 else "terminated;reason=noresource"
        headers = [
            ("Event", f"refer;id={self._transfer}"),
            ("Subscription-State", state),
            ("Content-Type", "message/sipfrag;version=2.0"),
        ]
        self._within("NOTIFY", headers, f"SIP/2.0 {code} {_sipfrag(code)}\r\n".encode())
        if code >= 200:
            self._transfer = None

    # --- requests within the dialog ----------------------------------------------------------

    _refer: tuple[Transaction, Message] | None = None

    def requested(self, request: Message, transaction: Transaction) -> None:
        """A request of this dialog came, its method one of `ALLOW`; answer it."""
        assert self.dialog is not None
        if not self.dialog.is_new(request):
            self._answer(transaction, request, 500)  # 12.2.2
        elif self.over and request.method != "BYE":
            self._answer(transaction, request, 481)
        else:
            match request.method:
                case "BYE":
                    self._said_bye(request, transaction)
                case "INVITE":
                    self._reinvited(request, transaction)
                case "UPDATE":
                    self._updated(request, transaction)
                case "INFO":
                    self._informed(request, transaction)
                case "REFER":
                    self._referred(request, transaction)
                case "NOTIFY":
                    self._notified(request, transaction)
                case "PRACK":
                    self.prack(request, transaction)
                case "OPTIONS":
                    self._answer(transaction, request, 200)
                case _:
                    self._answer(transaction, request, 405)

    def prack(self, request: Message, transaction: Transaction) -> None:
        """RFC 3262 3: no reliable provisional response of ours waits for this."""
        self._answer(transaction, request, 481)

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
            self.core.tell(Answered(self))

    def _answered_late(self, body: bytes) -> None:
        assert self.negotiation is not None
        try:
            self.core.tell(MediaAgreed(self, self.negotiation.agreed(body)))
        except (NotAcceptableError, SdpError):
            self._bye()
            self._finish(by_peer=False, code=488, reason="no common codec")

    def _said_bye(self, request: Message, transaction: Transaction) -> None:
        self._answer(transaction, request, 200)
        self._stop_repeating()
        assert self.dialog is not None
        self.core.leave(self.dialog)
        self._finish(by_peer=True)

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

    @property
    def _settled(self) -> bool:
        return self._confirmed and not self.over

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
            self.core.tell(MediaAgreed(self, stream))

    def _negotiated(self, request: Message) -> bytes:
        """The body of our answer: an answer to an offer, or to none in an INVITE our own offer."""
        if self.negotiation is None:
            return b""
        if theirs := described(request):
            return self.negotiation.answer(theirs)
        return self.negotiation.offer() if request.method == "INVITE" else b""

    def _answer_update(self, transaction: Transaction, request: Message, body: bytes) -> None:
        self._answer(transaction, request, 200, self._session_expires(request), body)

    def _informed(self, request: Message, transaction: Transaction) -> None:
        kind = request.header("Content-Type")
        key = keys.key_of(kind, request.body)
        if key is None and request.body:
            accept = [("Accept", "application/dtmf-relay, application/dtmf")]
            self._answer(transaction, request, 415, accept)
            return
        self._answer(transaction, request, 200)
        if key is not None:
            self.core.tell(KeyCame(self, key))

    def _referred(self, request: Message, transaction: Transaction) -> None:
        targets = request.headers("Refer-To")
        name = parse_name(targets[0]) if len(targets) == 1 else None
        if name is None:
            self._answer(transaction, request, 400, phrase="Refer-To missing or malformed")
        elif self._transfer is not None or self._refer is not None:
            self._answer(transaction, request, 491)
        else:
            self._refer = transaction, request
            self.core.tell(TransferAsked(self, name.uri))

    def _notified(self, request: Message, transaction: Transaction) -> None:
        if request.header("Event").split(";")[0].strip().lower() != "refer":
            self._answer(transaction, request, 489, [("Allow-Events", "refer")])
            return
        if not self._referring:
            self._answer(transaction, request, 481)
            return
        self._answer(transaction, request, 200)
        found = re.match(rb"SIP/2\.0 (\d{3})", request.body)
        state = request.header("Subscription-State").split(";")[0].strip().lower()
        self._referring = state != "terminated"
        if found:
            self.core.tell(TransferWent(self, int(found[1])))

    # --- our own requests within the dialog --------------------------------------------------

    def _within(
        self,
        method: str,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        heard: Callable[[Message], None] | None = None,
        silent: Callable[[], None] | None = None,
    ) -> Pending | None:
        dialog = self.dialog
        if dialog is None or self.over:
            return None
        hop = dialog.next_hop()

        def build(via: str, more: list[Header]) -> bytes:
            return dialog.request(method, via, headers=[*headers, *more], body=body)

        return self.core.request(
            method, hop, build, heard or self._heard, silent or self._lost, self.credentials
        )

    def _heard(self, response: Message) -> None:
        """12.2.1.2: 481 and 408 mean that there is no call any more."""
        if response.code in (408, 481) and not self.over:
            self._drop(response.code)

    def _lost(self) -> None:
        if not self.over:
            self._drop(408)

    def _drop(self, code: int) -> None:
        """The peer no longer knows the call: nothing to say to it but a BYE."""
        self._bye()
        self._finish(by_peer=True, code=code, reason="the other side does not answer")

    def _bye(self, to: Hop | None = None) -> None:
        dialog = self.dialog
        if dialog is None:
            return

        def build(via: str, more: list[Header]) -> bytes:
            return dialog.request("BYE", via, headers=more)

        def heard(response: Message) -> None:
            if response.code >= 200:
                gone()

        def gone() -> None:
            self.core.leave(dialog)

        self.core.request("BYE", to or dialog.next_hop(), build, heard, gone, self.credentials)

    def _reinvite(self) -> None:
        """Send a re-INVITE with our offer (14.1)."""
        dialog, negotiation = self.dialog, self.negotiation
        assert dialog is not None
        assert negotiation is not None
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
        if self._settled and self._asking is None:
            self._reinvite()

    _caller = False
    """whether we made the call, and so chose its Call-ID"""

    # --- session timers (RFC 4028) -----------------------------------------------------------

    def _note(self, message: Message) -> None:
        """What the peer allows and when it wants to hear of us next."""
        if message.header("Allow"):
            self._peer_allows = message.tokens("Allow")
        if not message.code:
            self._agree_interval(refresh.agree(message)[0])

    def _session_expires(self, request: Message) -> list[Header]:
        require = [("Require", "timer")] * ("timer" in request.tokens("Supported"))
        return [*require, ("Session-Expires", refresh.agree(request)[1])]

    def _our_interval(self) -> list[Header]:
        return [("Session-Expires", str(refresh.INTERVAL)), ("Min-SE", str(refresh.SHORTEST))]

    def _agree_interval(self, agreed: Refresh | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if agreed is not None:
            due = self._refresh if agreed.ours else self._expired
            self._timer = self._later(agreed.due, due)

    def _refresh(self) -> None:
        """10: an UPDATE without an offer where the peer knows it, else a re-INVITE."""
        if not self._settled:
            return
        if "update" in self._peer_allows:
            assert self.dialog is not None
            headers = [("Contact", self.core.contact(self.dialog.next_hop()))]
            headers += [("Supported", SUPPORTED), *self._our_interval()]
            self._within("UPDATE", headers, heard=self._refreshed)
        elif self.negotiation is not None and self._asking is None:
            self._reinvite()

    def _refreshed(self, response: Message) -> None:
        self._heard(response)
        if 200 <= response.code < 300:
            self._agree_interval(refresh.agreed(response))

    def _expired(self) -> None:
        if self._settled:
            self._bye()
            self._finish(by_peer=True, code=408, reason="the session was not refreshed")

    # --- inside ------------------------------------------------------------------------------

    def _later(self, seconds: float, do: Callable[[], object]) -> TimerHandle:
        return self.core.clock.call_at(self.core.clock.now() + seconds, lambda: (do(), None)[1])

    def _answer(
        self,
        transaction: Transaction,
        request: Message,
        code: int,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        phrase: str = "",
    ) -> None:
        """Answer a request of the dialog with a final response."""
        hop = request.source
        head: list[Header] = [("Contact", self.core.contact(hop))] * (code < 300)
        head += [("Allow", ALLOW), ("Supported", SUPPORTED), *headers]
        if body:
            head.append(("Content-Type", SDP))
        data = respond(request, code, phrase=phrase, headers=head, body=body)
        transaction.say(code, data)

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

    def _finish(
        self,
        *,
        by_peer: bool,
        code: int = 0,
        reason: str = "",
        retry_after: int | None = None,
        unheard: bool = False,
    ) -> None:
        """Tell the end, once."""
        if self.over:
            return
        self.over = True
        self._agree_interval(None)
        self.core.tell(Ended(self, by_peer, code, reason, retry_after, unheard))


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


def _sipfrag(code: int) -> str:
    return "Trying" if code < 200 else ("OK" if code < 300 else "Failed")
