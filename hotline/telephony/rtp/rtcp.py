"""RTCP packets (RFC 3550 section 6): sender and receiver reports, descriptions, goodbyes.

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |V=2|P|  count  |      type     |     32-bit words that follow  |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    | SR 200  sender, NTP (64), RTP timestamp, packets, octets, then `count` report blocks
    | RR 201  sender, then `count` report blocks
    | SDES 202  `count` chunks: source, items (type, length, text), 0, up to a word's end
    | BYE 203   `count` sources, perhaps length and text of the reason

    report block: source, fraction lost (8) and lost (24, signed), extended highest sequence
    number, jitter, LSR (middle 32 bits of the NTP time of the last SR), DLSR (1/65536 s since it)

A datagram holds several, a report first (section 6.1). Other types are passed over by their length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct

from hotline.telephony.rtp.errors import FieldError, TooShortError
from hotline.telephony.rtp.packet import PADDING, VERSION

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, GOODBYE = 200, 201, 202, 203
CNAME = 1
COUNT = 0x1F
_HEAD = Struct("!BBH")
_SENDER = Struct("!IQIII")
_BLOCK = Struct("!IIIIII")
_SOURCE = Struct("!I")
_LOST = 1 << 24


@dataclass(frozen=True, slots=True)
class Block:
    """What the sender of a report received from `source`."""

    source: int
    fraction: int
    """lost since the last report, in 1/256"""
    lost: int
    """in all; negative when packets came twice"""
    highest: int
    jitter: int
    """timestamp units"""
    last_report: int = 0
    """LSR: middle 32 bits of the NTP time in the last SR from `source`; 0: none came"""
    delay: int = 0
    """DLSR: 1/65536 s since that came"""


@dataclass(frozen=True, slots=True)
class Report:
    """A receiver report; a sender report if `ntp` is there."""

    sender: int
    blocks: tuple[Block, ...] = ()
    ntp: int | None = None
    """64 bits, 2^-32 s"""
    timestamp: int = 0
    packets: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Description:
    """The CNAMEs of sources (section 6.5.1); other items are passed over."""

    names: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Sources that leave."""

    sources: tuple[int, ...]
    reason: str = ""


Control = Report | Description | Goodbye


def parse(data: bytes) -> tuple[Control, ...]:
    """The packets of a datagram, checked as a whole (RFC 3550 A.2). Raises `RtpError`s."""
    if len(data) < _HEAD.size:
        raise TooShortError("RTCP header", len(data), _HEAD.size)
    if data[1] not in (SENDER_REPORT, RECEIVER_REPORT):
        raise FieldError("first RTCP packet", data[1], "a report (200 or 201)")
    return tuple(one for kind, count, body in _split(data) if (one := _read(kind, count, body)))


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            raise TooShortError("RTCP header", len(data) - at, _HEAD.size)
        first, kind, words = _HEAD.unpack_from(data, at)
        if first >> 6 != VERSION:
            raise FieldError("version", first >> 6, str(VERSION))
        end = at + 4 + 4 * words
        if end > len(data):
            raise TooShortError("RTCP packet", len(data) - at, end - at)
        stop = end
        if first & PADDING:
            stop -= data[end - 1]
            if stop < at + 4 or stop == end:
                raise FieldError("RTCP padding", data[end - 1], f"1 to {end - at - 4}")
        yield kind, first & COUNT, data[at + 4 : stop]
        at = end


def _read(kind: int, count: int, body: bytes) -> Control | None:
    if kind == SENDER_REPORT:
        _need("sender report", body, _SENDER.size + count * _BLOCK.size)
        sender, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
        blocks = _blocks(body, _SENDER.size, count)
        return Report(sender, blocks, ntp, timestamp, packets, octets)
    if kind == RECEIVER_REPORT:
        _need("receiver report", body, _SOURCE.size + count * _BLOCK.size)
        return Report(_SOURCE.unpack_from(body)[0], _blocks(body, _SOURCE.size, count))
    if kind == DESCRIPTION:
        return Description(tuple(_chunks(body, count)))
    return _goodbye(body, count) if kind == GOODBYE else None


def _need(what: str, body: bytes, size: int) -> None:
    if len(body) < size:
        raise TooShortError(what, len(body), size)


def _blocks(body: bytes, at: int, count: int) -> tuple[Block, ...]:
    blocks = []
    for number in range(count):
        source, loss, *rest = _BLOCK.unpack_from(body, at + number * _BLOCK.size)
        lost = loss % _LOST
        lost -= _LOST if lost >= _LOST // 2 else 0
        blocks.append(Block(source, loss >> 24, lost, *rest))
    return tuple(blocks)


def _chunks(body: bytes, count: int) -> Iterator[tuple[int, str]]:
    at = 0
    for _ in range(count):
        _need("SDES chunk", body, at + 5)
        [source] = _SOURCE.unpack_from(body, at)
        at += 4
        while at < len(body) and body[at]:
            _need("SDES item", body, at + 2)
            text = body[at + 2 : at + 2 + body[at + 1]]
            _need("SDES item", body, at + 2 + body[at + 1])
            if body[at] == CNAME:
                yield source, text.decode("utf-8", "replace")
            at += 2 + body[at + 1]
        at += 4 - at % 4  # at least one zero, up to the next word


def _goodbye(body: bytes, count: int) -> Goodbye:
    _need("BYE", body, 4 * count)
    sources = tuple(_SOURCE.unpack_from(body, 4 * n)[0] for n in range(count))
    rest = body[4 * count :]
    reason = rest[1 : 1 + rest[0]].decode("utf-8", "replace") if rest else ""
    return Goodbye(sources, reason)


def build(*packets: Control) -> bytes:
    """One datagram of these packets; the first should be a report."""
    return b"".join(map(_write, packets))


def _write(packet: Control) -> bytes:
    match packet:
        case Report(sender=sender, blocks=blocks, ntp=None):
            return _whole(RECEIVER_REPORT, len(blocks), _SOURCE.pack(sender) + _packed(blocks))
        case Report(sender, blocks, ntp, timestamp, packets, octets):
            assert ntp is not None
            head = _SENDER.pack(sender, ntp, timestamp, packets % 2**32, octets % 2**32)
            return _whole(SENDER_REPORT, len(blocks), head + _packed(blocks))
        case Description(names):
            return _whole(DESCRIPTION, len(names), b"".join(_chunk(*name) for name in names))
        case Goodbye(sources, reason):
            text = reason.encode()[:255]
            body = b"".join(map(_SOURCE.pack, sources))
            body += bytes([len(text)]) + text if text else b""
            return _whole(GOODBYE, len(sources), body)


def _whole(kind: int, count: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return _HEAD.pack(VERSION << 6 | count, kind, len(body) // 4) + body


def _packed(blocks: Sequence[Block]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.source,
            block.fraction << 24 | max(-_LOST // 2, min(_LOST // 2 - 1, block.lost)) % _LOST,
            block.highest,
            block.jitter,
            block.last_report,
            block.delay,
        )
        for block in blocks
    )


def _chunk(source: int, name: str) -> bytes:
    text = name.encode()[:255]
    chunk = _SOURCE.pack(source) + bytes([CNAME, len(text)]) + text
    return chunk + bytes(4 - len(chunk) % 4)
