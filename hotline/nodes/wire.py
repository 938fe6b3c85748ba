"""What is said over a connection: lines of JSON, each an address and an event of the journal.

["acd",{"$":"AgentRequested","at":4.2,"call":"sip-1f...","request":1,...}]
[]                                                                         a beat: still here

to        node -> ACD                            ACD -> node
acd       what its calls tell the ACD            what an agent told the ACD about this call
call                                             what the ACD tells the call
agent     AgentBridged
journal                                          facts; `Did`: carry this action out
again     CallArrived of a call that was here
          before the connection
closing                                          no more calls, please: the ACD will stop
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from hotline.store.codec import EVENTS
from hotline.store.errors import CodecError
from hotline.switch.events import Event

PROTOCOL = 1
"""Both ends must speak the same one."""
AGAIN = "again"
CLOSING = "closing"
BEAT = b"[]\n"
LONGEST = 65_536
"""Octets of the longest line."""


class WireError(Exception):
    """The other end says what no end of ours says: the connection is given up."""


class Lines:
    """Octets as they come -> whole lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> Iterator[bytes]:
        """The lines that `octets` complete. Raises WireError for one that is too long."""
        *lines, self._rest = (self._rest + octets).split(b"\n")
        yield from lines
        if len(self._rest) > LONGEST:
            raise WireError(f"a line of more than {LONGEST} octets")


def encode(to: str, event: Event) -> bytes:
    """One line."""
    return EVENTS.dumps([to, event]).encode() + b"\n"


def decode(line: bytes) -> tuple[str, Event] | None:
    """Address and event of a line, None for a beat. Raises WireError."""
    plain = read(line)
    match plain:
        case []:
            return None
        case [str(to), dict(event)]:
            try:
                return to, EVENTS.build(event, Event)
            except CodecError as error:
                raise WireError(str(error)) from None
    raise WireError("a line that is neither an event nor a beat")


def read(line: bytes) -> object:
    """The JSON of a line. Raises WireError."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise WireError("a line that is not JSON") from None
