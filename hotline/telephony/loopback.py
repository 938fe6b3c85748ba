"""The audio path without a network: scripted callers at a gateway in the same process.

    Handset --text--> Connection --> exchange --> EngineMedia --> Engine --> Connection --> Handset

Everything is as over WebSocket, frames and recognition included, but any clock will do: in virtual
time a call is heard about fifty times faster than it lasts. So all scenarios can be heard, not only
played, in a test run.
"""

from __future__ import annotations

from hotline.telephony.connection import Client
from hotline.telephony.gateway import Gateway
from hotline.telephony.handset import Desk, Handset
from hotline.telephony.twilio import TwilioProtocol


class Loop:
    """One call's line: the gateway's `Wire` and the handset's `Line` in one."""

    def __init__(self, handset: Handset, desk: Desk) -> None:
        self._handset, self._desk = handset, desk
        self._protocol = TwilioProtocol()
        self.connection: Client | None = None

    # --- the handset's side

    def send(self, message: str) -> None:
        """To the gateway."""
        if self.connection is not None:
            self.connection.message(message)

    def hang_up(self) -> None:
        """The caller closes."""
        if self.connection is not None:
            self.connection.gone(1000, clean=True)

    # --- the gateway's side

    def start(self, protocol: TwilioProtocol) -> None:
        """Frames will be written by this protocol."""
        self._protocol = protocol

    def write_frame(self, frame: bytes) -> None:
        """Audio for the caller."""
        self._handset.message(self._protocol.media(frame))

    def write_text(self, message: str) -> None:
        """A mark or clear."""
        self._handset.message(message)

    def pending(self) -> int:
        """Nothing ever waits."""
        return 0

    def close(self, code: int, reason: str) -> None:
        """The hotline closes; the caller learns it when the hotline has finished its step."""
        clock = self._desk.clock
        clock.call_at(clock.now(), lambda: self._handset.ended(code, reason))

    def abort(self) -> None:
        """The hotline drops the line."""
        self.close(1006, "")


def connect(gateway: Gateway, desk: Desk, handset: Handset) -> None:
    """Connect a handset, as the `dial` of a `Desk` does."""
    loop = Loop(handset, desk)
    loop.connection = gateway.open(loop)
    handset.begin(loop)
