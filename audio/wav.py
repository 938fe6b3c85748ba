"""Our own reader and writer of 8 kHz mono RIFF WAVE files; nothing is decoded to play A-law.

    RIFF size WAVE | fmt  size  format channels rate bytes/s block bits [extra] | ... | data size ..

Formats (RFC 2361): 1 PCM (16 bit), 6 A-law, 7 mu-law. The prompt pack is all A-law; the other two
are accepted for a user's own recordings.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from audio import g711

__all__ = ["RATE", "Header", "WavError", "read_alaw", "read_header", "write_alaw"]

RATE = 8000
"""Samples a second of everything in this package."""

_PCM, _ALAW, _ULAW = 1, 6, 7
_BYTES = {_PCM: 2, _ALAW: 1, _ULAW: 1}


class WavError(ValueError):
    """A file that is not an 8 kHz mono WAV of a format we read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the samples of a file lie."""

    format: int
    samples: int
    offset: int
    """Bytes from the start of the file to the first sample."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / RATE


def read_header(path: Path) -> Header:
    """Parse the chunks up to ``data``; raises `WavError` for what we cannot play."""
    with path.open("rb") as file:
        riff = file.read(12)
        if len(riff) < 12 or riff[:4] != b"RIFF" or riff[8:] != b"WAVE":
            raise WavError(f"{path} is not a RIFF WAVE file")
        format_code = 0
        while True:
            chunk = file.read(8)
            if len(chunk) < 8:
                raise WavError(f"{path} has no data chunk")
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                break
            body = file.read(size + size % 2)  # chunks are padded to an even length
            if name == b"fmt ":
                format_code = _playable_format(path, body)
        if format_code == 0:
            raise WavError(f"{path} has no fmt chunk before its data")
        present = os.fstat(file.fileno()).st_size - file.tell()
        # a recorder that was interrupted leaves 0 or 0xFFFFFFFF here: trust the file's size
        length = min(size, present) if 0 < size < 0xFFFFFFFF else present
        return Header(format_code, length // _BYTES[format_code], file.tell())


def _playable_format(path: Path, body: bytes) -> int:
    code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if code == 0xFFFE and len(body) >= 26:  # WAVE_FORMAT_EXTENSIBLE: the code is inside
        code = struct.unpack("<H", body[24:26])[0]
    remedy = "convert it to 8000 Hz, mono, A-law (for example: sox in.wav -r 8000 -c 1 -e a-law)"
    if code not in _BYTES or bits != 8 * _BYTES[code]:
        raise WavError(f"{path} has format {code} with {bits} bits; {remedy}")
    if channels != 1 or rate != RATE:
        raise WavError(f"{path} has {channels} channels at {rate} Hz; {remedy}")
    return int(code)


def read_alaw(path: Path) -> bytes:
    """The samples of a file as A-law octets; an A-law file is returned as it lies on the disk."""
    header = read_header(path)
    with path.open("rb") as file:
        file.seek(header.offset)
        data = file.read(header.samples * _BYTES[header.format])
    if header.format == _ALAW:
        return data
    if header.format == _ULAW:
        return data.translate(g711.ULAW_TO_ALAW)
    import numpy as np

    return g711.alaw_encode(np.frombuffer(data, dtype="<i2").astype(np.int16))


def write_alaw(path: Path, octets: bytes) -> None:
    """Write A-law octets as a WAV file: to a temporary name first, so readers see all or nothing.

    Compressed formats carry an 18-byte ``fmt`` and a ``fact`` chunk with the number of samples.
    """
    fmt = struct.pack("<HHIIHHH", _ALAW, 1, RATE, RATE, 1, 8, 0)
    chunks = b"".join(
        (
            _chunk(b"fmt ", fmt),
            _chunk(b"fact", struct.pack("<I", len(octets))),
            _chunk(b"data", octets),
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    temporary.replace(path)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
