"""Transfer (RFC 3515): REFER asks the peer to call somebody else, NOTIFY tells how that goes.

by the peer     REFER --> TransferAsked --transfer_answer, transfer_went--> 202, NOTIFY ...
by us           refer --> REFER; NOTIFY ... --> TransferWent
"""

from __future__ import annotations

import re

from hotline.telephony.sip.core import Core
from hotline.telephony.sip.events import TransferAsked, TransferWent
from hotline.telephony.sip.message import Message, parse_name
from hotline.telephony.sip.transaction import Transaction
from hotline.telephony.sip.within import Within


class Transferred(Within):
    """A call that may be handed to somebody else."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._refer: tuple[Transaction, Message] | None = None
        """the peer's REFER that waits for `transfer_answer`"""
        self._transfer: int | None = None
        """the number of the REFER whose progress we tell"""
        self._referring = False
        """whether a REFER of ours still has NOTIFYs to come"""

    def refer(self, target: str) -> None:
        """Ask the peer to call `target` instead of us (RFC 3515); see `TransferWent`."""

        def heard(response: Message) -> None:
            if response.code >= 300:
                self._referring = False
                self.core.tell(TransferWent(self._call, response.code))

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

    def _referred(self, request: Message, transaction: Transaction) -> None:
        targets = request.headers("Refer-To")
        name = parse_name(targets[0]) if len(targets) == 1 else None
        if name is None:
            self._answer(transaction, request, 400, phrase="Refer-To missing or malformed")
        elif self._transfer is not None or self._refer is not None:
            self._answer(transaction, request, 491)
        else:
            self._refer = transaction, request
            self.core.tell(TransferAsked(self._call, name.uri))

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
            self.core.tell(TransferWent(self._call, int(found[1])))


def _sipfrag(code: int) -> str:
    return "Trying" if code < 200 else ("OK" if code < 300 else "Failed")
