"""One call: what both sides of it do once there is a dialog (RFC 3261 12-15).

    within the dialog     by the peer                     by us
    BYE (15)              200, Ended                      hang_up
    re-INVITE (14)        answered at once, MediaAgreed   renegotiate (hold, resume), refresh
    UPDATE (RFC 3311)     answered at once, MediaAgreed   refresh, where the peer allows it
    INFO                  KeyCame                         press
    REFER (RFC 3515)      TransferAsked                   refer
    NOTIFY (RFC 3515)     TransferWent                    transfer_answer, transfer_went

Here are BYE and INFO, and which request is whose; the rest is in `within` and what it names. How a
call comes to be is the business of `inbound` and `outbound`.
"""

from __future__ import annotations

from hotline.telephony.sip import keys
from hotline.telephony.sip.core import Core
from hotline.telephony.sip.events import KeyCame
from hotline.telephony.sip.message import Message
from hotline.telephony.sip.renegotiation import Renegotiated
from hotline.telephony.sip.transaction import Transaction
from hotline.telephony.sip.transfer import Transferred


class Session(Renegotiated, Transferred):
    """The call as its dialog sees it. `label` is free for whoever uses the session."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.label = ""

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

    def _said_bye(self, request: Message, transaction: Transaction) -> None:
        self._answer(transaction, request, 200)
        self._stop_repeating()
        assert self.dialog is not None
        self.core.leave(self.dialog)
        self._finish(by_peer=True)

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
