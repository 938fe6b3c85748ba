"""One call's audio: what it plays, what it is mixed of, and who hears what comes from it.

    sound (a prompt, music) --+
    voices (an agent speaks) -+--> one frame of 20 ms --> transport --> far end
    inboxes (others' legs) ---+
    far end --> transport --> receive --> listeners (inboxes of others, a recording, an ear)

Prompts are kept in both laws of G.711, so a leg that plays one costs a slice. Audio is decoded only
where several sources sound at once; a single one is passed on untouched, or through a table where
the two ends of a bridge have different laws.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Protocol

import numpy as np

from audio import g711
from hotline.switch.events import MediaQuality
from hotline.telephony.rtp.profile import RATE, transcode
from hotline.telephony.rtp.profile import SILENCE as SILENT
from hotline.telephony.rtp.stream import Codec

TICK = 0.020
"""Seconds of audio in one frame."""
FRAME = round(TICK * RATE)
"""Bytes in one frame: 160, one a sample at 8 kHz."""
QUIET: dict[Codec, bytes] = {codec: octet * FRAME for codec, octet in SILENT.items()}
"""A frame of silence in either law."""
SILENCE = QUIET["PCMU"]
"""A frame of mu-law silence."""
INBOX_FRAMES = 10
"""Frames of a talker's audio kept for the other side; older ones are dropped (200 ms)."""

Listener = Callable[[bytes], None]
"""Takes audio of any length, in the law of the leg that it comes from."""


class Transport(Protocol):
    """Where a leg's frames go. No method may wait or raise; a dead transport ignores them."""

    @property
    def codec(self) -> Codec:
        """The law of frames in both directions. It may change during a call (re-INVITE)."""
        ...

    def send_frame(self, frame: bytes) -> None:
        """Send 160 bytes now; called every 20 ms while the leg is attached."""
        ...

    def listen(self, heard: Listener | None) -> None:
        """Whether anybody needs what comes from the far end; a transport that hands all over
        anyway, by `Leg.receive`, ignores this."""
        ...

    def clear(self) -> None:
        """Drop what the far end has buffered but not yet played."""
        ...

    def mark(self, name: str) -> None:
        """Tell the far end that the audio up to here belongs to `name`."""
        ...

    def quality(self) -> MediaQuality:
        """How the audio went so far."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Hang up. `code` is a WebSocket close code; other transports map it."""
        ...


class Speech:
    """The same audio in both laws, each made by `make` when it is first asked for."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[Codec], bytes]) -> None:
        self._make = make
        self._made: dict[Codec, bytes] = {}

    @classmethod
    def ulaw(cls, octets: bytes) -> Speech:
        """Speech that is there in mu-law only."""
        return cls(lambda codec: transcode(octets, "PCMU", codec))

    def of(self, codec: Codec) -> bytes:
        """The octets in this law."""
        octets = self._made.get(codec)
        if octets is None:
            octets = self._made[codec] = self._make(codec)
        return octets


@dataclass(slots=True)
class Sound:
    """Speech with a place in it. `ended` is called once, when all has been heard."""

    speech: Speech
    loop: bool = False
    ended: Callable[[], None] | None = None
    position: int = 0
    _codec: str = ""
    _octets: bytes = b""

    def frame(self, codec: Codec = "PCMU") -> bytes:
        """The next 160 bytes, padded with silence; empty when all has been played."""
        if codec != self._codec:
            self._codec, self._octets = codec, self.speech.of(codec)
        at, octets = self.position, self._octets
        frame = octets[at : at + FRAME]
        self.position = at + FRAME
        if len(frame) == FRAME or not octets:
            return frame
        if self.loop:
            while len(frame) < FRAME:
                self.position = FRAME - len(frame)
                frame += octets[: self.position]
            return frame
        return frame + QUIET[codec][len(frame) :] if frame else b""


class Inbox:
    """Audio of the other side of a bridge, in pieces of any length, out in frames.

    It starts to play when `ahead` frames are there and starts again after running dry.
    """

    __slots__ = ("_ahead", "_bytes", "_codec", "_flowing", "dropped")

    def __init__(self, ahead: int = 2) -> None:
        self._bytes = bytearray()
        self._codec: Codec = "PCMU"
        self._flowing = False
        self._ahead = ahead
        self.dropped = 0

    def put(self, octets: bytes, codec: Codec = "PCMU") -> None:
        """Add audio; the oldest is dropped when more than 200 ms wait."""
        if codec != self._codec:
            self._bytes.clear()
            self._codec = codec
        self._bytes += octets
        surplus = len(self._bytes) - INBOX_FRAMES * FRAME
        if surplus > 0:
            del self._bytes[:surplus]
            self.dropped += surplus

    def frame(self, codec: Codec = "PCMU") -> bytes:
        """The next 160 bytes in this law, or none while too little is there."""
        if len(self._bytes) < (FRAME if self._flowing else self._ahead * FRAME):
            self._flowing = False
            return b""
        self._flowing = True
        frame = bytes(self._bytes[:FRAME])
        del self._bytes[:FRAME]
        return transcode(frame, self._codec, codec)


class Leg:
    """One call's audio. Made by `Engine.attach`."""

    __slots__ = (
        "_voices",
        "attached",
        "failed",
        "heard",
        "inboxes",
        "listeners",
        "monitors",
        "muted",
        "phase",
        "sent",
        "sound",
        "transport",
    )

    def __init__(self, transport: Transport, phase: int) -> None:
        self.transport = transport
        self.phase = phase
        self.sound: Sound | None = None
        self._voices: deque[Sound] = deque()
        self.inboxes: list[Inbox] = []
        self.listeners: list[Listener] = []
        self.monitors: list[Listener] = []
        """who hears what is sent to the far end (a recording)"""
        self.attached = True
        self.failed: Callable[[], None] | None = None
        """told when the leg was dropped because something raised; must not raise itself"""
        self.muted = False
        """whether nobody hears what comes from the far end"""
        self.heard = 0
        """bytes of audio received from the far end"""
        self.sent: float | None = None

    def play(
        self,
        speech: Speech | bytes,
        *,
        loop: bool = False,
        ended: Callable[[], None] | None = None,
    ) -> None:
        """Play `speech` (plain bytes are mu-law) from the next tick on, in place of what plays."""
        self.sound = Sound(_speech(speech), loop, ended)

    def stop(self) -> None:
        """Silence from the next tick on, and nothing left in the far end's buffer."""
        if self.sound is not None:
            self.sound = None
            self.transport.clear()

    def say(self, speech: Speech | bytes, ended: Callable[[], None] | None = None) -> None:
        """A second voice on the line, mixed with the rest; voices queue behind each other."""
        self._voices.append(Sound(_speech(speech), ended=ended))

    def hush(self) -> None:
        """Forget all second voices."""
        self._voices.clear()

    def listen(self, listener: Listener) -> None:
        """Hand everything that comes from the far end to `listener`."""
        self.listeners.append(listener)
        self.transport.listen(self.receive)

    def ignore(self, listener: Listener) -> None:
        """No more for `listener`."""
        self.listeners = [other for other in self.listeners if other != listener]
        if not self.listeners:
            self.transport.listen(None)

    def receive(self, octets: bytes) -> None:
        """Audio of any length came from the far end; it goes to whoever listens."""
        self.heard += len(octets)
        if self.muted:
            return
        for listen in self.listeners:
            listen(octets)

    def frame(self) -> bytes:
        """The next 160 bytes where one sound or nothing is on the line, as nearly always; empty
        where it takes `frames` to tell."""
        if self._voices or self.inboxes:
            return b""
        codec, sound = self.transport.codec, self.sound
        return QUIET[codec] if sound is None else sound.frame(codec)

    def frames(self) -> tuple[list[bytes], Sound | None]:
        """The next 160 bytes of each source, and a sound that has just ended (it gives none)."""
        codec = self.transport.codec
        sound = self.sound
        if not self._voices and not self.inboxes:
            if sound is None:
                return [], None
            frame = sound.frame(codec)
            return ([frame], None) if frame else ([], sound)
        frames = [frame for inbox in self.inboxes if (frame := inbox.frame(codec))]
        over: Sound | None = None
        for source in (sound, self._voices[0] if self._voices else None):
            if source is not None:
                frame = source.frame(codec)
                if frame:
                    frames.append(frame)
                else:
                    over = source
        return frames, over

    def forget(self) -> None:
        """The call is over: let go of what it played, whose `ended` knows the call in its turn.
        Such rings would be left to the collector of garbage, which stops everybody's audio."""
        self.attached = False
        self.sound = None
        self._voices.clear()

    def finish(self, sound: Sound) -> None:
        """`sound` has been heard to its end: forget it and tell whoever asked."""
        if sound is self.sound:
            self.sound = None
        elif self._voices and sound is self._voices[0]:
            self._voices.popleft()
        else:
            return
        if sound.ended is not None:
            sound.ended()


def _speech(octets: Speech | bytes) -> Speech:
    return octets if isinstance(octets, Speech) else Speech.ulaw(octets)


def mix(frames: Sequence[bytes], codec: Codec = "PCMU") -> bytes:
    """Frames of one law heard as one; a single frame is passed on untouched."""
    if len(frames) < 2:
        return frames[0] if frames else QUIET[codec]
    return mix_all([frames], codec)[0]


def mix_all(groups: Sequence[Sequence[bytes]], codec: Codec = "PCMU") -> list[bytes]:
    """One frame for each group of frames (at least one in each), all of one law: decoded, added,
    clipped and encoded at once, for all calls of a phase."""
    if not groups:
        return []
    decode, encode = LAWS[codec]
    pcm = decode(b"".join(chain.from_iterable(groups))).reshape(-1, FRAME)
    begins = list(accumulate(map(len, groups[:-1]), initial=0))
    total = np.add.reduceat(pcm, begins, axis=0, dtype=np.int32)
    octets = encode(np.clip(total, -32768, 32767).astype(np.int16))
    return [octets[at : at + FRAME] for at in range(0, len(octets), FRAME)]


LAWS = {
    "PCMU": (g711.ulaw_decode, g711.ulaw_encode),
    "PCMA": (g711.alaw_decode, g711.alaw_encode),
}


def join(left: Leg, right: Leg) -> Callable[[], None]:
    """Let two legs hear each other; returns what parts them again."""
    parts = (_let_hear(right, left), _let_hear(left, right))

    def part() -> None:
        for undo in parts:
            undo()

    return part


def _let_hear(hearer: Leg, talker: Leg) -> Callable[[], None]:
    inbox = Inbox()

    def put(octets: bytes) -> None:
        inbox.put(octets, talker.transport.codec)

    talker.listen(put)
    hearer.inboxes.append(inbox)

    def undo() -> None:
        talker.ignore(put)
        hearer.inboxes = [other for other in hearer.inboxes if other is not inbox]

    return undo
