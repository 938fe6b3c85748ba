"""RTP packets (RFC 3550 section 5.1).

 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|V=2|P|X|  CC   |M|     PT      |        sequence number        |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|                           timestamp                           |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|           synchronization source (SSRC) identifier            |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|   CC contributing source (CSRC) identifiers, 4 bytes each     |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|   if X: profile (16)          |   words that follow (16)      |
|   payload ...                 | if P: padding, its last byte  |
|                               | counts all of the padding     |
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from hotline.telephony.rtp.errors import FieldError, TooShortError

VERSION = 2
HEADER = Struct("!BBHII")
"""first byte, marker and payload type, sequence number, timestamp, SSRC"""
PLAIN = VERSION << 6
"""First byte of a packet without padding, extension or CSRC: nearly all packets are such."""
PADDING, EXTENSION, CSRC_COUNT, MARKER, PAYLOAD_TYPE = 0x20, 0x10, 0x0F, 0x80, 0x7F
SEQUENCES = 1 << 16
"""Sequence numbers wrap around here."""
TIMESTAMPS = 1 << 32
"""Timestamps wrap around here."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet, its padding taken off."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrc: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    """(profile, content) of a header extension; the content is a multiple of 4 bytes"""


def parse(data: bytes) -> Packet:
    """The packet in a datagram. Raises `TooShortError` or `FieldError`."""
    if len(data) < HEADER.size:
        raise TooShortError("header", len(data), HEADER.size)
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first >> 6 != VERSION:
        raise FieldError("version", first >> 6, str(VERSION))
    end = _without_padding(data) if first & PADDING else len(data)
    begin = HEADER.size + 4 * (first & CSRC_COUNT)
    if end < begin:
        raise TooShortError("CSRC list", end, begin)
    csrc = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(HEADER.size, begin, 4))
    extension = None
    if first & EXTENSION:
        extension, begin = _extension(data, begin, end)
    return Packet(
        second & PAYLOAD_TYPE,
        sequence,
        timestamp,
        ssrc,
        data[begin:end],
        bool(second & MARKER),
        csrc,
        extension,
    )


def _without_padding(data: bytes) -> int:
    """Where the payload ends. Padding that reaches into the header is no padding."""
    padding = data[-1]
    if not padding:
        raise FieldError("padding", 0, "at least 1")
    if HEADER.size + padding > len(data):
        raise TooShortError("padding", len(data), HEADER.size + padding)
    return len(data) - padding


def _extension(data: bytes, begin: int, end: int) -> tuple[tuple[int, bytes], int]:
    """The header extension (section 5.3.1) and where the payload begins behind it."""
    if end < begin + 4:
        raise TooShortError("extension header", end, begin + 4)
    profile = int.from_bytes(data[begin : begin + 2], "big")
    after = begin + 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if end < after:
        raise TooShortError("extension", end, after)
    return (profile, data[begin + 4 : after]), after


def build(packet: Packet, padding: int = 0) -> bytes:
    """The datagram of a packet, with `padding` bytes (0 to 255) behind its payload."""
    first = PLAIN | len(packet.csrc)
    if len(packet.csrc) > CSRC_COUNT:
        raise FieldError("CSRC count", len(packet.csrc), f"at most {CSRC_COUNT}")
    if padding:
        first |= PADDING
    body = b"".join(source.to_bytes(4, "big") for source in packet.csrc)
    if packet.extension is not None:
        first |= EXTENSION
        profile, content = packet.extension
        if len(content) % 4:
            raise FieldError("extension size", len(content), "a multiple of 4")
        body += profile.to_bytes(2, "big") + (len(content) // 4).to_bytes(2, "big") + content
    second = packet.payload_type | (MARKER if packet.marker else 0)
    head = HEADER.pack(first, second, packet.sequence, packet.timestamp, packet.ssrc)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return head + body + packet.payload + tail


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on the RTP port is RTCP (RFC 5761 section 4: second byte 192 to 223)."""
    return 192 <= data[1] <= 223 if len(data) > 1 else False
