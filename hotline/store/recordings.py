"""Recordings on disk, sealed with the database's key. One file a call:

    HOTLINE-REC-1\n
    [length (4 bytes, big-endian)][sealed header: {"call", "codec"} as JSON]
    [length][sealed audio]     two G.711 octets a sample: caller, hotline
    [length][sealed audio]     ... a piece every 10 s, so that a crash loses no more than that

A thread of its own seals and writes, so no call waits for the disk. Without the key a recording is
noise; it is deleted with `hotline purge` like the digits that were typed.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.parse import quote

from hotline.store.errors import StoreError
from hotline.store.vault import Vault

MAGIC = b"HOTLINE-REC-1\n"
SUFFIX = ".rec"
RATE = 8000
_LENGTH = struct.Struct(">I")
_WAVE_TAGS = {"PCMA": 6, "PCMU": 7}
"""Format tags of A-law and mu-law in RIFF WAVE files."""

log = logging.getLogger(__name__)


class Recordings:
    """The recordings in `folder`, which is made if need be. Raises StoreError if it cannot be."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"recordings cannot be kept in {folder}: {error.strerror}") from None
        self._folder, self._vault = folder, vault
        self._queue: Queue[tuple[Path, bytes] | None] = Queue()
        self._writer = Thread(target=self._write_all, name="recordings", daemon=True)
        self._writer.start()

    def begin(self, call: str, codec: str) -> Callable[[bytes], None]:
        """Keep a recording of `call`; see `hotline.telephony.recording.Shelf`."""
        path = path_of(self._folder, call)
        self._queue.put((path, json.dumps({"call": call, "codec": codec}).encode()))

        def write(octets: bytes) -> None:
            if octets:
                self._queue.put((path, octets))

        return write

    def close(self) -> None:
        """Write what is left."""
        self._queue.put(None)
        self._writer.join()

    def _write_all(self) -> None:
        while (piece := self._queue.get()) is not None:
            path, octets = piece
            try:
                self._append(path, self._vault.seal_bytes(octets))
            except OSError as error:  # the disk is full: the call goes on
                log.error("a recording could not be written: %s", error.strerror)

    def _append(self, path: Path, sealed: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            if not file.tell():
                file.write(MAGIC)
            file.write(_LENGTH.pack(len(sealed)) + sealed)


def path_of(folder: Path, call: str) -> Path:
    """The file of a call's recording."""
    return folder / (quote(call, safe="") + SUFFIX)


def read_recording(folder: Path, call: str, vault: Vault) -> tuple[str, bytes]:
    """(codec, octets of caller and hotline in turn) of a call's recording.

    What was cut off by a crash is left out. Raises StoreError when there is none, or another key.
    """
    path = path_of(folder, call)
    try:
        content = path.read_bytes()
    except OSError:
        raise StoreError(f"there is no recording of {call} in {folder}") from None
    if not content.startswith(MAGIC):
        raise StoreError(f"{path} is not a recording of this program")
    header, *pieces = (vault.open_bytes(piece) for piece in _pieces(content[len(MAGIC) :]))
    return str(json.loads(header)["codec"]), b"".join(pieces)


def _pieces(content: bytes) -> Iterator[bytes]:
    at = 0
    while at + _LENGTH.size <= len(content):
        [length] = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size
        if at + length > len(content):
            return
        yield content[at : at + length]
        at += length


def wave(codec: str, octets: bytes) -> bytes:
    """A WAV file with two channels: the caller left, the hotline right."""
    form = struct.pack("<HHIIHHH", _WAVE_TAGS[codec], 2, RATE, 2 * RATE, 2, 8, 0)
    fact = struct.pack("<I", len(octets) // 2)
    chunks = b"".join(
        name + struct.pack("<I", len(body)) + body
        for name, body in ((b"fmt ", form), (b"fact", fact), (b"data", octets))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def purge_recordings(folder: Path, days: float) -> int:
    """Delete the recordings that were last written more than `days` days ago; how many."""
    limit, gone = time.time() - days * 86_400, 0
    for path in folder.glob(f"*{SUFFIX}"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
