"""A call that we make: the calling side of INVITE (RFC 3261 13.2, 9.1), with RFC 3262 and 4028.

INVITE --18x--> Rang, early media --2xx--> ACK, Answered
   |                                  `--a second 2xx from another telephone--> ACK, BYE
   |--401, 407--> again with digest
   |--422-------> again with the longer interval
   |--300-699---> Ended
   `--silence---> Ended(408)

hang_up: CANCEL as soon as a provisional response has come (9.1); a 2xx that crosses it is
acknowledged and ended with BYE
"""

from __future__ import annotations

from collections.abc import Sequence

from sipmessage import URI

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip import refresh
from hotline.telephony.sip.body import described
from hotline.telephony.sip.core import ALLOW, SDP, SUPPORTED, Core, Pending
from hotline.telephony.sip.dialog import Dialog, calling, hop_of
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Answered, MediaAgreed, Rang
from hotline.telephony.sip.message import MAX_FORWARDS, PHRASES, Header, Hop, Message, write
from hotline.telephony.sip.offer import Negotiation, NotAcceptableError
from hotline.telephony.sip.sdp import SdpError
from hotline.telephony.sip.session import Session
from hotline.telephony.sip.timing import LIFE
from hotline.telephony.sip.transaction import On

RINGS_FOR = 180.0
"""Seconds until a call that nobody answers is taken back (our choice; 13.3.1.1 has 3 minutes)."""
FORKS = 10
"""Telephones that may answer one INVITE of ours; what more of them say is not answered (our choice:
each asks us to write to a Contact of its own)."""


class Outbound(Session):
    """A call from us to `uri`; our media is at `address`."""

    _caller = True

    def __init__(
        self,
        core: Core,
        uri: URI,
        address: tuple[str, int],
        *,
        from_uri: str,
        display: str = "",
        credentials: Credentials | None = None,
        hop: Hop | None = None,
        headers: Sequence[Header] = (),
        rings_for: float = RINGS_FOR,
        events: bool = True,
    ) -> None:
        super().__init__(core)
        self.uri, self.credentials = uri, credentials
        self._hop = hop or hop_of(uri)
        self._tag, self._call_id = core.token(), core.token()
        shown = display.replace("\\", "").replace('"', "")
        self._from = (f'"{shown}" ' if shown else "") + f"<{from_uri}>;tag={self._tag}"
        self._headers = list(headers)
        self._sequence = core.whole(2**16)
        self._rings_for = rings_for
        self._ringing: TimerHandle | None = None
        self._interval, self._retried = refresh.INTERVAL, False
        self._provisioned = self._taking_back = self._cancelled = False
        self._reliable: dict[str, int] = {}
        self._acks: dict[str, tuple[bytes, Hop]] = {}
        self.negotiation = Negotiation(address, core.whole(2**31), events=events)
        self._offer = self.negotiation.offer()
        self._pending: Pending | None = None

    def begin(self) -> None:
        """Send the INVITE."""
        self._pending = self.core.request(
            "INVITE", self._hop, self._invite, self._response, self._silent, self.credentials
        )
        self._ringing = self._later(self._rings_for, self._not_answered)

    def _invite(self, via: str, more: list[Header]) -> bytes:
        self._sequence += 1
        self._proof = more
        head = self._heading(via, "INVITE")
        head += [("Contact", self.core.contact(self._hop)), ("Allow", ALLOW)]
        head += [("Supported", SUPPORTED), ("Session-Expires", str(self._interval))]
        head += [("Min-SE", str(self._interval))] * self._retried
        head += [*self._headers, *more, ("Content-Type", SDP)]
        return write(f"INVITE {self.uri} SIP/2.0", head, self._offer)

    def _heading(self, via: str, method: str) -> list[Header]:
        return [
            ("Via", via),
            ("Max-Forwards", str(MAX_FORWARDS)),
            ("From", self._from),
            ("To", f"<{self.uri}>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._sequence} {method}"),
        ]

    # --- what the user may do ----------------------------------------------------------------

    def hang_up(self) -> None:
        """Take the call back, or end it."""
        if self._confirmed:
            super().hang_up()
        elif not self.over:
            self._take_back()
            self._finish(by_peer=False, code=487, reason="taken back")

    def _take_back(self) -> None:
        """9.1: no CANCEL before a provisional response has come, and only one."""
        self._taking_back = True
        if self._provisioned and not self._cancelled:
            self._cancelled = True
            self._cancel()

    def _cancel(self) -> None:
        """9.1: the INVITE's own Via, Request-URI, To, From, Call-ID and CSeq number."""
        assert self._pending is not None
        via = self._pending.via

        def build(_: str, more: list[Header]) -> bytes:
            return write(f"CANCEL {self.uri} SIP/2.0", [*self._heading(via, "CANCEL"), *more])

        self.core.request("CANCEL", self._hop, build, lambda _: None, lambda: None)
        self._later(LIFE, self._give_up)

    def _give_up(self) -> None:
        """9.1: who got the CANCEL owes a 487; without one the INVITE is forgotten."""
        assert self._pending is not None
        assert self._pending.transaction is not None
        self._pending.transaction.handle(On.GIVEN_UP)

    def _not_answered(self) -> None:
        if not self._confirmed and not self.over:
            self._take_back()
            self._finish(by_peer=True, code=408, reason="nobody answers")

    # --- responses to the INVITE -------------------------------------------------------------

    def _response(self, response: Message) -> None:
        if response.code < 200:
            self._provisional(response)
        elif response.code < 300:
            self._success(response)
        else:
            self._failure(response)

    def _provisional(self, response: Message) -> None:
        self._provisioned = True
        if self._taking_back:
            self._take_back()
        if self.over or response.code == 100:
            return
        if "100rel" in response.tokens("Require") and not self._acknowledge(response):
            return
        self.core.tell(Rang(self, response.code))
        if theirs := described(response):
            self._early_media(theirs)

    def _acknowledge(self, response: Message) -> bool:
        """RFC 3262 4: PRACK what is next in order; False for what is old or out of order."""
        number, tag = response.number("RSeq"), response.to.tag
        if number is None or not tag or self._reliable.get(tag, number - 1) != number - 1:
            return False
        if tag not in self._reliable and len(self._reliable) >= FORKS:
            return False
        self._reliable[tag] = number
        dialog = self.dialog
        if dialog is None or dialog.remote_tag != tag:
            if dialog is not None:
                self.core.leave(dialog)
            dialog = self.dialog = calling(response, self._sequence)
            self.core.enter(dialog, self)
        rack = [("RAck", f"{number} {response.sequence} INVITE")]
        self._within("PRACK", rack, heard=lambda _: None, silent=lambda: None)
        return True

    def _early_media(self, body: bytes) -> None:
        assert self.negotiation is not None
        try:
            stream = self.negotiation.foreseen(body)
        except (NotAcceptableError, SdpError):
            return
        self.core.tell(MediaAgreed(self, stream))

    def _success(self, response: Message) -> None:
        tag = response.to.tag
        if tag in self._acks:  # 13.2.2.4: our ACK was lost
            self.core.send(*self._acks[tag])
            return
        if len(self._acks) >= FORKS:
            return
        dialog = self._dialog_of(response)
        hop = dialog.next_hop()
        via, proof = self.core.via(hop), self._proof
        ack = dialog.request("ACK", via, sequence=response.sequence, headers=proof)
        self._acks[tag] = ack, hop
        self.core.send(ack, hop)
        if self._confirmed or self.over:
            self._bye_to(dialog)
        else:
            self._connected(response, dialog)

    def _dialog_of(self, response: Message) -> Dialog:
        """The early dialog, its target and routes now final (13.2.2.4), or a new one."""
        dialog = calling(response, self._sequence)
        early = self.dialog
        if early is not None and early.remote_tag == dialog.remote_tag:
            dialog.sequence, dialog.heard = early.sequence, early.heard
        return dialog

    def _connected(self, response: Message, dialog: Dialog) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        if self.dialog is not None:
            self.core.leave(self.dialog)
        self.dialog, self._confirmed = dialog, True
        self.core.enter(dialog, self)
        self._note(response)
        self._agree_interval(refresh.agreed(response))
        assert self.negotiation is not None
        theirs = described(response)
        if theirs or self.negotiation.stream is None:
            self._answered_late(theirs)
        else:
            self.negotiation.settle()
        if not self.over:
            self.core.tell(Answered(self))

    def _bye_to(self, dialog: Dialog) -> None:
        """End a dialog that came too late or from another telephone (13.2.2.4)."""

        def build(via: str, more: list[Header]) -> bytes:
            return dialog.request("BYE", via, headers=more)

        self.core.request("BYE", dialog.next_hop(), build, lambda _: None, lambda: None)

    def _failure(self, response: Message) -> None:
        if self._ringing is not None and response.code != 422:
            self._ringing.cancel()
        longer = response.number("Min-SE")
        if response.code == 422 and longer and not self._retried and not self.over:
            # RFC 4028 7.3
            self._interval, self._retried = max(longer, refresh.SHORTEST), True
            self._pending = self.core.request(
                "INVITE", self._hop, self._invite, self._response, self._silent, self.credentials
            )
            return
        self._gone()
        phrase = PHRASES.get(response.code, "refused")
        retry = response.number("Retry-After")
        self._finish(by_peer=True, code=response.code, reason=phrase, retry_after=retry)

    def _silent(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        self._gone()
        self._finish(by_peer=True, code=408, reason="no answer at all", unheard=True)

    def _gone(self) -> None:
        if self.dialog is not None and not self._confirmed:
            self.core.leave(self.dialog)
