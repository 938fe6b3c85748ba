"""What an SDP offer and its answer agreed on for one audio stream (RFC 3264, RFC 4566).

SIP: offer + answer --> Stream --> RtpPort.connect, again for every re-INVITE and UPDATE
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["PCMA", "PCMU"]
"""G.711 A-law or mu-law, by the names of RFC 3551 section 6."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One audio stream, seen from our side. A call on hold neither sends nor receives, or only
    one of the two: `a=sendonly` of the peer is `send=False` here."""

    codec: Codec
    payload: int
    """payload type of `codec` in both directions: 8 for PCMA, 0 for PCMU, or a dynamic number"""
    event_payload: int | None
    """payload type of `telephone-event/8000` (RFC 4733), or None where it was not agreed on"""
    ptime: float
    """seconds of audio in each packet that we send: the peer's `a=ptime`, else 0.020"""
    remote: tuple[str, int]
    """address and port of the peer's RTP, from `c=` and `m=`; its RTCP is on the port above"""
    send: bool
    """whether we may send media (`sendrecv` or our `sendonly`)"""
    receive: bool
    """whether what comes is listened to (`sendrecv` or our `recvonly`)"""

    @property
    def held(self) -> bool:
        """Whether the stream is on hold: nothing goes either way."""
        return not (self.send or self.receive)
