"""What a user agent wants done and tells (the words between `agent` and its endpoint).

Send, CloseFlow                        the endpoint's duty: bytes to a hop, a connection to end
Invited, Ended                         every incoming call has both, exactly once and in order
Unwanted, Ended                        so has one that is refused with words
Rang, Answered                         outgoing calls
Reached, Answered                      incoming calls: an acknowledgement has come
MediaAgreed                            at first, and whenever hold, resume or a move changes it
KeyCame, TransferAsked, TransferWent   within a call
Registered, Unregistered               our own registration with somebody else's registrar
UserThere, UserGone                    our users' registrations with us
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.telephony.rtp.stream import Stream
from hotline.telephony.sip.message import Hop

if TYPE_CHECKING:
    from hotline.telephony.sip.session import Session


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes to that hop."""

    data: bytes
    to: Hop


@dataclass(frozen=True, slots=True)
class CloseFlow:
    """Close a TCP connection: what comes on it cannot be understood."""

    flow: int


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody calls; answer with `ring`, `progress`, `accept` or `reject` of the session.

    `number` is the caller's: as the network asserts it where the peer is trusted, else what the
    caller says. `user` is the authenticated user, `""` for none.
    """

    session: Session
    number: str
    dialled: str
    user: str


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Somebody calls who cannot be taken, for `reason` (`trunks`, `draining`): tell him in early
    media, then `reject` the session with `code` and `headers`. Only where `Settings.announced`."""

    session: Session
    reason: str
    code: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rang:
    """The called side said 18x: `code`."""

    session: Session
    code: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A provisional response of ours has been acknowledged (PRACK): the caller is where we send."""

    session: Session


@dataclass(frozen=True, slots=True)
class Answered:
    """The call is connected: we heard a 2xx, or the ACK of ours."""

    session: Session


@dataclass(frozen=True, slots=True)
class MediaAgreed:
    """Both sides agree on this stream from now on (early media included)."""

    session: Session
    stream: Stream


@dataclass(frozen=True, slots=True)
class KeyCame:
    """A DTMF key by INFO. Never log `key`."""

    session: Session
    key: str


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """The peer asks us to call `target` in its place (REFER); answer with `transfer_answer`."""

    session: Session
    target: str


@dataclass(frozen=True, slots=True)
class TransferWent:
    """How the transfer that we asked for goes: the status `code` of the other call."""

    session: Session
    code: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over. `code` is the SIP status that ended it, 0 for a BYE; `by_peer` says whose
    doing it was; `unheard`: nothing at all has come from the side that we called."""

    session: Session
    by_peer: bool
    code: int = 0
    reason: str = ""
    retry_after: int | None = None
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar keeps `address` for `seconds`."""

    address: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Unregistered:
    """It does not (any more): the status `code`, 408 for no answer."""

    address: str
    code: int


@dataclass(frozen=True, slots=True)
class UserThere:
    """The first telephone of `user` has registered with us."""

    user: str


@dataclass(frozen=True, slots=True)
class UserGone:
    """The last one has gone: unregistered, expired, or its connection is lost."""

    user: str


Output = (
    Send
    | CloseFlow
    | Invited
    | Unwanted
    | Rang
    | Reached
    | Answered
    | MediaAgreed
    | KeyCame
    | TransferAsked
    | TransferWent
    | Ended
    | Registered
    | Unregistered
    | UserThere
    | UserGone
)
