"""WAV files of our own and of other programs."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from audio import g711, wav


def test_what_is_written_is_read(tmp_path: Path) -> None:
    octets = bytes(range(256)) + b"\x01"  # odd length: the chunk is padded
    path = tmp_path / "deep" / "clip.wav"
    wav.write_alaw(path, octets)
    header = wav.read_header(path)
    assert (header.samples, header.duration) == (257, 257 / 8000)
    assert wav.read_alaw(path) == octets
    assert list(path.parent.iterdir()) == [path]  # nothing temporary remains


def test_16_bit_and_mulaw_recordings_become_alaw(tmp_path: Path) -> None:
    pcm = (np.sin(np.arange(800) / 5) * 9000).astype(np.int16)
    path = tmp_path / "pcm.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    assert wav.read_alaw(path) == g711.alaw_encode(pcm)

    octets = g711.ulaw_encode(pcm)
    body = b"fmt " + struct.pack("<IHHIIHH", 16, 7, 1, 8000, 8000, 1, 8)
    body += b"LIST" + struct.pack("<I", 3) + b"abc\0"  # a chunk to skip, padded
    body += b"data" + struct.pack("<I", 0xFFFFFFFF) + octets  # as an interrupted recorder left
    path.write_bytes(b"RIFF" + struct.pack("<I", 0) + b"WAVE" + body)
    assert wav.read_alaw(path) == octets.translate(g711.ULAW_TO_ALAW)


@pytest.mark.parametrize(
    ("channels", "width", "rate", "message"),
    [(2, 2, 8000, "2 channels"), (1, 2, 16000, "16000 Hz"), (1, 1, 8000, "8 bits")],
)
def test_unplayable_files_are_refused_with_a_remedy(
    tmp_path: Path, channels: int, width: int, rate: int, message: str
) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(bytes(64))
    path = tmp_path / "x.wav"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(wav.WavError, match=message) as error:
        wav.read_header(path)
    assert "convert it to 8000 Hz" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"RIFF....WAV", b"RIFF\0\0\0\0WAVE", b"ID3" * 20])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(wav.WavError, match=r"x\.wav"):
        wav.read_header(path)
