"""A call within its dialog: our requests, our answers, BYE, and the end (RFC 3261 12.2, 15).

    Within --> Refreshed --> Accepted --> Renegotiated --+
       |       RFC 4028      13.3.1.4     14; RFC 3311   +--> Session --> Inbound, Outbound
       +-----> Transferred ------------------------------+
               RFC 3515

Each of these knows only those before it, and is in the module of its subject.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core, Pending
from hotline.telephony.sip.dialog import Dialog
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Ended
from hotline.telephony.sip.message import Header, Hop, Message, respond
from hotline.telephony.sip.offer import Negotiation
from hotline.telephony.sip.transaction import Transaction

if TYPE_CHECKING:
    from hotline.telephony.sip.session import Session


class Within(ABC):
    """What every part of a call needs."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.dialog: Dialog | None = None
        self.negotiation: Negotiation | None = None
        self.credentials: Credentials | None = None
        self.over = False
        """whether `Ended` has been told"""
        self._confirmed = False

    @property
    def _call(self) -> Session:
        """All of the call, as its user is told of it."""
        return cast("Session", self)

    @abstractmethod
    def _stop(self) -> None:
        """The call is over: no timer of it may run on."""

    @property
    def _settled(self) -> bool:
        return self._confirmed and not self.over

    def _later(self, seconds: float, do: Callable[[], object]) -> TimerHandle:
        return self.core.clock.call_at(self.core.clock.now() + seconds, lambda: (do(), None)[1])

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
        self._stop()
        self.core.tell(Ended(self._call, by_peer, code, reason, retry_after, unheard))
