"""Many datagrams from many addresses with one call to the kernel: `recvmmsg` (Linux), by ctypes.

    bytes     [datagram 0 ........] [datagram 1 ........] ...    2048 bytes each
    names     [sockaddr_in 0] [sockaddr_in 1] ...                who sent it
    headers   [..., length 0] [..., length 1] ...                how long it is

Memory is laid out once, as in `burst`. The RTP headers of all that has come are then read column
by column, each in one pass of numpy. Where the system has no `recvmmsg`, or the address family is
another, `Gather.possible` is False: datagrams are to be read one by one.
"""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Iterator
from typing import Any

import numpy as np

from hotline.telephony.rtp.burst import NAME, Header, Message, Piece, system_call

MOST = 256
"""Datagrams of one call."""
ROOM = 2048
"""Bytes kept of each; RTP of speech has less than 700."""

_RTP = np.dtype([("start", ">u2"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4")])
_PEER = np.dtype([("family", "=u2"), ("port", ">u2"), ("host", ">u4"), ("rest", "8V")])

Arrived = tuple[int, int, int, int, int, int, int]
"""number in the catch, length, sender (`place`), and of an RTP header its first two bytes as one
number, sequence number, timestamp and SSRC; whether it is RTP at all is not known yet"""


class Gather:
    """Reads what has come on `sock` (UDP, non-blocking)."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._many: Any = system_call("recvmmsg") if sock.family == socket.AF_INET else None
        self._bytes = bytearray(ROOM * MOST)
        self._names = bytearray(NAME * MOST)
        self._headers = (Header * MOST)()
        self._pieces = (Piece * MOST)()
        self._lay_out()
        self._heads = np.ndarray((MOST,), _RTP, self._bytes, strides=(ROOM,))
        self._peers = np.ndarray((MOST,), _PEER, self._names)
        lengths = np.frombuffer(memoryview(self._headers).cast("B"), np.uint32)
        step = ctypes.sizeof(Header) // 4
        self._lengths = lengths[Header.sent.offset // 4 :: step]

    def _lay_out(self) -> None:
        octets = ctypes.addressof(ctypes.c_char.from_buffer(self._bytes))
        names = ctypes.addressof(ctypes.c_char.from_buffer(self._names))
        pieces = ctypes.addressof(self._pieces)
        for at in range(MOST):
            self._pieces[at] = Piece(octets + at * ROOM, ROOM)
            piece = pieces + at * ctypes.sizeof(Piece)
            self._headers[at] = Header(Message(names + at * NAME, NAME, piece, 1))

    @property
    def possible(self) -> bool:
        """Whether this system can do it for this socket."""
        return self._many is not None

    def look(self) -> Iterator[Arrived]:
        """What has come, at most `MOST` datagrams; what follows overwrites it."""
        count = self._many(
            self._sock.fileno(), ctypes.byref(self._headers), MOST, socket.MSG_DONTWAIT, None
        )
        if count <= 0:
            return iter(())
        heads, peers = self._heads[:count], self._peers[:count]
        places = peers["host"].astype(np.int64) << 16 | peers["port"]
        return zip(
            range(count),
            self._lengths[:count].tolist(),
            places.tolist(),
            heads["start"].tolist(),
            heads["sequence"].tolist(),
            heads["timestamp"].tolist(),
            heads["ssrc"].tolist(),
            strict=True,
        )

    def datagram(self, number: int, length: int) -> bytes:
        """The bytes of one of the last catch."""
        return bytes(self._bytes[number * ROOM : number * ROOM + length])

    def sender(self, place: int) -> tuple[str, int]:
        """Host and port of a `place`."""
        return socket.inet_ntoa((place >> 16).to_bytes(4, "big")), place & 0xFFFF
