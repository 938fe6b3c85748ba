"""One call's RTP without I/O: datagrams in and out, and to whom they may go.

    datagrams ---receive---> [ who? ] -> [ count ] -> keys, and audio into the jitter buffer
    datagrams <---send------ [ audio and keys, 20 ms ] <--- the media engine's tick

To whom we send. `peer` is the host that signals; `remote` is where SDP wants the media.

    remote's host is the peer's     we send there at once
    it is another host              we send nothing until valid RTP has come from there, unless the
                                    peer is `trusted`: nobody can point our audio at a third party
    RTP comes from either host,     that is the real address (a NAT has changed it): we latch on to
    from another port               it once, send there, and hear nobody else
    RTP comes from anywhere else    ignored and counted as `stranger`

A latch holds until signalling names another `remote`, or until the latched address has been silent
for `RELATCH` seconds and one of the two hosts sends from another port (our choice: a NAT that has
forgotten its mapping must not end the call, a blind attacker must not take it over).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from struct import Struct

from audio import tones
from hotline.telephony.rtp import event
from hotline.telephony.rtp.errors import RtpError
from hotline.telephony.rtp.inband import Detector
from hotline.telephony.rtp.jitter import JitterBuffer
from hotline.telephony.rtp.packet import (
    HEADER,
    MARKER,
    PAYLOAD_TYPE,
    PLAIN,
    SEQUENCES,
    TIMESTAMPS,
    parse,
)
from hotline.telephony.rtp.profile import PTIME, RATE, SILENCE, transcode
from hotline.telephony.rtp.reception import Reception
from hotline.telephony.rtp.stream import Codec, Stream

Address = tuple[str, int]

START = Struct("!HHII")
"""`HEADER` with its first two bytes as one number"""
PENDING = Struct("!HId")
"""sequence number, timestamp and instant of arrival of a packet that is still to be counted"""
SETTLE = 64 * PENDING.size
"""Bytes of them that are put aside at most: 1.3 s of a call."""

RELATCH = 2.0
"""Seconds of silence after which a latched address may be left for another port of its host."""


class Session:
    """RTP of one call. `chance` gives SSRC, first sequence number and timestamp (RFC 3550 5.1:
    unpredictable); `counted` collects what was wrong, by name, over all sessions that share it.
    """

    __slots__ = (
        "_buffered",
        "_chance",
        "_detector",
        "_expected",
        "_kind",
        "_listener",
        "_marker",
        "_peer",
        "_pending",
        "_plain",
        "_reception",
        "_sender",
        "_size",
        "_tones",
        "_trusted",
        "alive_at",
        "counted",
        "detects",
        "heard_at",
        "hurry",
        "jitter",
        "keys",
        "latched",
        "late",
        "octets",
        "sent",
        "sequence",
        "source",
        "ssrc",
        "stream",
        "target",
        "timestamp",
    )

    def __init__(self, chance: Random, counted: Counter[str], *, hurry: bool = False) -> None:
        self._chance, self.counted, self.hurry = chance, counted, hurry
        self.ssrc = chance.getrandbits(32)
        self.sequence, self.timestamp = chance.getrandbits(16), chance.getrandbits(32)
        self.stream: Stream | None = None
        self.target: Address | None = None
        """where we send; None: nowhere yet"""
        self.latched: Address | None = None
        """whom we listen to once he has sent something"""
        self.source: int | None = None
        """SSRC of the peer"""
        self.heard_at: float | None = None
        """instant of the last RTP from the latched address"""
        self.alive_at = 0.0
        """instant of the last RTP or RTCP"""
        self.keys = event.Sender()
        self._reception = Reception()
        self.jitter: JitterBuffer | None = None
        """only while somebody listens"""
        self.detects = False
        """whether keys are looked for in the audio, where no events were agreed on"""
        self._detector: Detector | None = None
        self.late = 0
        """packets that came when their time was over"""
        self.sent = self.octets = 0
        """packets and bytes of payload sent"""
        self._listener = event.Listener()
        self._peer, self._trusted = "", False
        self._buffered, self._size = b"", int(PTIME * RATE)
        self._marker = True
        self._tones = b""
        self._plain, self._kind = False, 0
        """whether a frame is a packet and nothing else is to be minded: nearly always"""
        self._expected = -1
        """first two bytes of audio that is only to be counted; -1: what comes is to be minded"""
        self._pending = bytearray()

    @property
    def codec(self) -> Codec:
        """The law of both directions; mu-law before anything was agreed on."""
        return self.stream.codec if self.stream is not None else "PCMU"

    # --- what signalling says ----------------------------------------------------------------

    def connect(self, stream: Stream, peer: str = "", *, trusted: bool = False) -> None:
        """What was agreed on, again for every re-INVITE. `peer`: the host that signals, `""` if
        it is the media's; `trusted`: send where it says without waiting to hear from there."""
        before, self.stream = self.stream, stream
        self._plain = False
        self._peer, self._trusted = peer or stream.remote[0], trusted
        self._size = max(1, round(stream.ptime * RATE))
        if before is None or before.remote != stream.remote:
            self.latched = None
            known = trusted or stream.remote[0] == self._peer
            self.target = stream.remote if known else None
        if before is None or before.codec != stream.codec:
            self._buffered = self._tones = b""
            if self.jitter is not None:
                self._new_jitter()
        if before is None or not before.send:
            self._marker = True
        if not self.detects or stream.event_payload is not None:
            self._detector = None
        elif self._detector is None:
            self._detector = Detector()
        self._expect()

    def listen(self, on: bool = True) -> None:
        """From now on keep what comes in a jitter buffer, or (not `on`) no longer."""
        if not on:
            self.jitter = None
        elif self.jitter is None:
            self._new_jitter()
        self._expect()

    def _new_jitter(self) -> None:
        self.jitter = JitterBuffer(SILENCE[self.codec], hurry=self.hurry)

    # --- datagrams in ------------------------------------------------------------------------

    def receive(self, data: bytes, address: Address, now: float) -> str:
        """A datagram came from `address` at instant `now`: the keys that were pressed with it, or
        "". Audio goes to the jitter buffer. Never raises; what is wrong is counted."""
        stream = self.stream
        if stream is None:
            self.counted["early"] += 1
            return ""
        if address != self.latched and not self._may_latch(address, now):
            self.counted["stranger"] += 1
            return ""
        try:
            kind, sequence, timestamp, ssrc, payload = _fields(data)
            if kind != stream.payload and kind != stream.event_payload:
                self.counted["other_payload"] += 1
                if ssrc == self.source and address == self.latched:
                    # comfort noise and the like: nothing to hear, but alive and not lost
                    self.reception.take(sequence)
                    self.heard_at = self.alive_at = now
                return ""
            self._believe(ssrc, address, now)
            if not self.reception.take(sequence) or not stream.receive:
                return ""
            if kind == stream.event_payload:
                return self._listener.take(timestamp, payload)
        except RtpError as error:
            self.counted[error.name] += 1
            return ""
        return self._hear(timestamp, payload, now)

    def follow(
        self, start: int, sequence: int, timestamp: int, ssrc: int, address: Address, now: float
    ) -> bool:
        """`receive` for a datagram that begins like this (`START`) where it is plain audio from
        whom we know and nobody listens, as with nearly all; False, and nothing has happened, for
        all else.

        Such a packet is only counted, and that is done for many at a time: what is needed for it
        lies close together then, where one packet of one call would find all of it out of reach.
        """
        if start != self._expected or ssrc != self.source or address != self.latched:
            return False
        self._pending += PENDING.pack(sequence, timestamp, now)
        self.heard_at = self.alive_at = now
        if len(self._pending) >= SETTLE:
            self._settle()
        return True

    def _settle(self) -> None:
        """Count what `follow` has put aside."""
        reception = self._reception
        for sequence, timestamp, arrival in PENDING.iter_unpack(self._pending):
            if reception.take(sequence):
                reception.measure(timestamp, arrival)
        self._pending.clear()

    @property
    def reception(self) -> Reception:
        """What has come so far, counted."""
        if self._pending:
            self._settle()
        return self._reception

    def _expect(self) -> None:
        """Whether what comes is only to be counted, and what it then is."""
        stream = self.stream
        minded = self.jitter is not None or self._detector is not None
        counts = stream is not None and stream.receive and not minded
        self._expected = PLAIN << 8 | stream.payload if stream is not None and counts else -1

    def _believe(self, ssrc: int, address: Address, now: float) -> None:
        """A valid packet: its address is the peer's, its source the one we listen to."""
        if ssrc != self.source:
            self._new_source(ssrc)
        if address != self.latched:
            self.latched = self.target = address
        self.heard_at = self.alive_at = now

    def _hear(self, timestamp: int, octets: bytes, now: float) -> str:
        """Audio came: for the jitter buffer, and for who looks for keys in it."""
        self.reception.measure(timestamp, now)
        if self.jitter is not None and not self.jitter.put(timestamp, octets):
            self.late += 1
        return "" if self._detector is None else self._detector.feed(octets, self.codec)

    def _may_latch(self, address: Address, now: float) -> bool:
        assert self.stream is not None
        if address[0] not in (self._peer, self.stream.remote[0]):
            return False
        if self.latched is None:
            return True
        return now - (self.heard_at or 0.0) > RELATCH and address[0] == self.latched[0]

    def _new_source(self, ssrc: int) -> None:
        """The peer's SSRC is new: what was known about the old one does not hold (8.2)."""
        if self.source is not None:
            self.counted["new_source"] += 1
            self.reception.begin_source()
            self._listener = event.Listener()
            if self.jitter is not None:
                self._new_jitter()
        if ssrc == self.ssrc:  # a collision: it is ours that must change
            self.ssrc = self._chance.getrandbits(32)
        self.source = ssrc

    def take(self) -> bytes:
        """20 ms of what came, from the jitter buffer; nothing if nobody listens."""
        return b"" if self.jitter is None else self.jitter.take()

    # --- datagrams out -----------------------------------------------------------------------

    def press(self, key: str, *, in_band: bool = False) -> None:
        """Send a key: as an event, or as its tones where that is wished or was not agreed on.
        Raises ValueError for what is no key."""
        self._plain = False
        if in_band or self.stream is None or self.stream.event_payload is None:
            self._tones += transcode(tones.tone(tones.dtmf(key)), "PCMA", self.codec)
        else:
            self.keys.press(key)

    def packet(self, frame: bytes) -> bytes:
        """The one datagram of a frame where it fills a packet and nothing else is to be minded, as
        nearly always; empty, and no time has passed, where it takes `send` to tell."""
        if not self._plain:
            return b""
        sequence, timestamp, size = self.sequence, self.timestamp, len(frame)
        self.sequence = (sequence + 1) & 0xFFFF
        self.timestamp = (timestamp + size) & 0xFFFFFFFF
        self.sent += 1
        self.octets += size
        return HEADER.pack(PLAIN, self._kind, sequence, timestamp, self.ssrc) + frame

    def send(self, frame: bytes) -> Sequence[bytes]:
        """20 ms pass in which `frame` is what we say: the datagrams that are due to `target`.

        Packets have the agreed length, so one tick may fill none, one or two. Nothing is due on
        hold or while it is not known where to send; time goes on all the same.
        """
        if self._plain:
            return (self.packet(frame),)
        stream = self.stream
        if stream is None or self.target is None or not stream.send:
            self._pass(len(frame))
            return ()
        if self.keys.busy and stream.event_payload is not None:
            self._drop()
            due = self.keys.next(self.timestamp)
            if due is not None:
                marker, start, payload = due
                self._pass(len(frame))
                return (self._packet(stream.event_payload, marker, start, payload),)
        if self._tones:
            frame, self._tones = self._tones[: len(frame)], self._tones[len(frame) :]
        self._buffered += frame
        due_now = []
        while len(self._buffered) >= self._size:
            piece, self._buffered = self._buffered[: self._size], self._buffered[self._size :]
            at = self._advance(self._size)
            due_now.append(self._packet(stream.payload, self._marker, at, piece))
            self._marker = False
        self._kind = stream.payload
        self._plain = not (self._buffered or self._tones or self.keys.busy or self._marker) and (
            self._size == len(frame)
        )
        return due_now

    def _advance(self, samples: int) -> int:
        """The timestamp of these samples; the next ones follow them."""
        at = self.timestamp
        self.timestamp = (at + samples) % TIMESTAMPS
        return at

    def _pass(self, samples: int) -> None:
        """Time goes on without audio; what follows begins anew (RFC 3551 4.1: marker)."""
        self._drop()
        self._marker = True
        self._advance(samples)

    def _drop(self) -> None:
        """What does not fill a packet is not sent, but its time has passed."""
        self._advance(len(self._buffered))
        self._buffered = b""

    def _packet(self, kind: int, marker: bool, timestamp: int, payload: bytes) -> bytes:
        sequence = self.sequence
        self.sequence = (sequence + 1) % SEQUENCES
        self.sent += 1
        self.octets += len(payload)
        second = kind | MARKER if marker else kind
        return HEADER.pack(PLAIN, second, sequence, timestamp, self.ssrc) + payload


def _fields(data: bytes) -> tuple[int, int, int, int, bytes]:
    """(payload type, sequence, timestamp, SSRC, payload) of a datagram. Raises RtpError."""
    if len(data) >= HEADER.size and data[0] == PLAIN:  # nearly always
        _, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        return second & PAYLOAD_TYPE, sequence, timestamp, ssrc, data[HEADER.size :]
    packet = parse(data)
    return packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, packet.payload
