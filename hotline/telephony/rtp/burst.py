"""Many datagrams to many addresses with one call to the kernel: `sendmmsg` (Linux), by ctypes.

    headers   [name -> names[0], iov -> pieces[0]] [name -> names[1], iov -> pieces[1]] ...
    names     [sockaddr_in 0] [sockaddr_in 1] ...        16 bytes each
    pieces    [base -> bytes[0]] [base -> bytes[1]] ...
    bytes     [datagram 0   ] [datagram 1   ] ...        all of one length

Everything points into memory that is laid out once; a burst copies names and datagrams into their
places (two copies for all) and makes one call. Where the system has no `sendmmsg`, or the address
family is another, each datagram is sent by itself.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys
from functools import lru_cache
from typing import Any

MOST = 1024
"""Datagrams of one call; the kernel takes no more (UIO_MAXIOV)."""
LENGTHS = 8
"""Different lengths for which memory is laid out; others are sent one by one."""
NAME = 16
"""Bytes of a sockaddr_in."""


class Piece(ctypes.Structure):
    """struct iovec"""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class Message(ctypes.Structure):
    """struct msghdr"""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("pieces", ctypes.c_void_p),
        ("piece_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class Header(ctypes.Structure):
    """struct mmsghdr"""

    _fields_ = (("message", Message), ("sent", ctypes.c_uint))


@lru_cache
def system_call(name: str) -> Any:
    """The library's function for many messages at once, or None."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), name, None)


@lru_cache(maxsize=65536)
def _name(host: str, port: int) -> bytes:
    """struct sockaddr_in; raises OSError for what is no IPv4 address."""
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(host))


class _Memory:
    """Headers, names, pieces and bytes for datagrams of one length."""

    def __init__(self, length: int) -> None:
        self._names = ctypes.create_string_buffer(NAME * MOST)
        self._bytes = ctypes.create_string_buffer(length * MOST)
        self._pieces = (Piece * MOST)()
        self.headers = (Header * MOST)()
        names, octets = ctypes.addressof(self._names), ctypes.addressof(self._bytes)
        pieces = ctypes.addressof(self._pieces)
        for at in range(MOST):
            self._pieces[at] = Piece(octets + at * length, length)
            piece = pieces + at * ctypes.sizeof(Piece)
            self.headers[at] = Header(Message(names + at * NAME, NAME, piece, 1))

    def fill(self, datagrams: list[bytes], names: list[bytes]) -> None:
        octets, addresses = b"".join(datagrams), b"".join(names)
        ctypes.memmove(self._bytes, octets, len(octets))
        ctypes.memmove(self._names, addresses, len(addresses))


class Burst:
    """Gathers datagrams for `sock` (UDP, non-blocking) until `flush`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._many: Any = system_call("sendmmsg") if sock.family == socket.AF_INET else None
        self._memory: dict[int, _Memory] = {}
        self._waiting: dict[int, tuple[list[bytes], list[tuple[str, int]]]] = {}

    def add(self, datagram: bytes, target: tuple[str, int]) -> None:
        """Send `datagram` to `target` with the next `flush`."""
        waiting = self._waiting.get(len(datagram))
        if waiting is None:
            waiting = self._waiting[len(datagram)] = ([], [])
        waiting[0].append(datagram)
        waiting[1].append(target)

    def flush(self) -> int:
        """Send what was gathered; how many datagrams the kernel did not take."""
        lost = 0
        for length, (datagrams, targets) in self._waiting.items():
            if datagrams:
                lost += self._send(length, datagrams, targets)
                datagrams.clear()
                targets.clear()
        if len(self._waiting) > LENGTHS:
            self._waiting.clear()
        return lost

    def _send(self, length: int, datagrams: list[bytes], targets: list[tuple[str, int]]) -> int:
        memory = self._memory_for(length)
        try:
            names = [_name(*target) for target in targets] if memory is not None else []
        except OSError:  # a name among them: the kernel's own way resolves it, or does not
            memory = None
        if memory is None:
            return sum(map(self._one_by_one, datagrams, targets))
        lost = 0
        for begin in range(0, len(names), MOST):
            end = begin + MOST
            memory.fill(datagrams[begin:end], names[begin:end])
            lost += self._all(memory, len(names[begin:end]))
        return lost

    def _memory_for(self, length: int) -> _Memory | None:
        memory = self._memory.get(length)
        if memory is None and self._many is not None and len(self._memory) < LENGTHS:
            memory = self._memory[length] = _Memory(length)
        return memory

    def _all(self, memory: _Memory, count: int) -> int:
        """Hand over `count` datagrams. One that cannot be sent is passed over; when the kernel's
        buffer is full the rest are lost, as a packet that comes too late is worth nothing."""
        number, done, lost = self._sock.fileno(), 0, 0
        while done < count:
            at = ctypes.byref(memory.headers, done * ctypes.sizeof(Header))
            sent = self._many(number, at, count - done, socket.MSG_DONTWAIT)
            if sent > 0:
                done += sent
                continue
            if ctypes.get_errno() in (errno.EAGAIN, errno.ENOBUFS):
                return lost + count - done
            done, lost = done + 1, lost + 1
        return lost

    def _one_by_one(self, datagram: bytes, target: tuple[str, int]) -> int:
        try:
            self._sock.sendto(datagram, target)
        except OSError:
            return 1
        return 0
