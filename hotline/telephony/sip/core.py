"""What the user agent offers to its calls, and what it says of itself in every message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hotline.switch.ports import Clock
from hotline.telephony.sip.dialog import Dialog
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Output
from hotline.telephony.sip.message import Header, Hop, Message
from hotline.telephony.sip.transaction import Transaction

if TYPE_CHECKING:
    from hotline.telephony.sip.session import Session

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER, NOTIFY, REGISTER"
SUPPORTED = "100rel, timer"
EXTENSIONS = frozenset({"100rel", "timer"})
"""Option tags that a peer may require of us."""
SDP = "application/sdp"

Build = Callable[[str, list[Header]], bytes]
"""(Via, further headers) -> a request's bytes."""


@dataclass(slots=True)
class Pending:
    """A request of ours on its way; a challenge changes its transaction and its Via."""

    transaction: Transaction | None = None
    via: str = ""


class Core(Protocol):
    """What a session needs of its user agent."""

    @property
    def clock(self) -> Clock:
        """The clock of its timers."""
        ...

    def tell(self, output: Output) -> None:
        """Give the user an event."""
        ...

    def send(self, data: bytes, hop: Hop) -> None:
        """Send bytes outside any transaction (ACK of a 2xx)."""
        ...

    def request(
        self,
        method: str,
        hop: Hop,
        build: Build,
        heard: Callable[[Message], None],
        silent: Callable[[], None],
        credentials: Credentials | None = None,
    ) -> Pending:
        """Send a request; `heard` gets its responses, `silent` is called when none comes. A
        challenge is answered with the credentials, in between."""
        ...

    def via(self, hop: Hop) -> str:
        """A Via with a new branch, for a request that goes to `hop`."""
        ...

    def contact(self, hop: Hop) -> str:
        """Our own Contact, as a peer at `hop` can reach it."""
        ...

    def token(self) -> str:
        """A new random tag or identifier."""
        ...

    def whole(self, limit: int) -> int:
        """A random number from 0 to `limit` - 1."""
        ...

    def enter(self, dialog: Dialog, session: Session) -> None:
        """Requests of this dialog are the session's from now on."""
        ...

    def leave(self, dialog: Dialog) -> None:
        """They no longer are."""
        ...
