"""Recording of calls: both directions, in step, from the end of the notice on.

    call      greeting | notice "this call is recorded" | menus, agents ...          | end
    left                                                |== what the caller says =====|
    right                                               |== what the caller hears ====|

Nobody is recorded who has not been told: a call is recorded from the moment on at which the notice
(prompt `NOTICE`, one of the book's `notices`) has been played to its end on it. A book without
that notice records nothing, whatever the settings. The two sides are the two channels of one
G.711 recording, as they were on the line: no decoding, no mixing, and what each said can be told
apart afterwards. Where it is kept, and under which key, is the store's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hotline.telephony.leg import FRAME, QUIET, Inbox, Leg
from hotline.telephony.rtp.profile import transcode
from hotline.telephony.rtp.stream import Codec

NOTICE = "notice.recording"
"""Id of the prompt that announces the recording."""
CHUNK = 500
"""Frames handed on at once: 10 s."""


class Shelf(Protocol):
    """Where recordings are kept."""

    def begin(self, call: str, codec: Codec) -> Callable[[bytes], None]:
        """A recording of `call` begins: take octets of caller and hotline in turn, two a sample.
        Nothing at all (`b""`) ends it. Must not wait."""
        ...


class Tape:
    """The recording of one leg. Its clock is what is sent: each frame out is 20 ms of both."""

    def __init__(self, leg: Leg, write: Callable[[bytes], None]) -> None:
        self._leg, self._write = leg, write
        self._codec: Codec = leg.transport.codec
        self._said = Inbox(ahead=1)
        self._both = bytearray()
        leg.listen(self._say)
        leg.monitors.append(self._hear)

    def _say(self, octets: bytes) -> None:
        self._said.put(octets, self._leg.transport.codec)

    def _hear(self, frame: bytes) -> None:
        both = bytearray(2 * FRAME)
        both[::2] = self._said.frame(self._codec) or QUIET[self._codec]
        both[1::2] = transcode(frame, self._leg.transport.codec, self._codec)
        self._both += both
        if len(self._both) >= CHUNK * 2 * FRAME:
            self._flush()

    def _flush(self) -> None:
        if self._both:
            self._write(bytes(self._both))
            self._both.clear()

    def stop(self) -> None:
        """The recording is complete."""
        self._leg.ignore(self._say)
        self._leg.monitors.remove(self._hear)
        self._flush()
        self._write(b"")
