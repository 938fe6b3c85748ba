"""The hold music: our own composition, soft, and a loop without a seam.

    bars      1      2      3      4      5      6      7      8      9     10     11     12
    chord     C      Am     F      G      C      Em     F      G      Am     F      G      C
    pad       held chords, slow attack          bass   root on the first beat
    bells     a pentatonic line (C D E G A), quiet, on the first and third beats and passing notes

72 beats a minute, 12 bars of 4: 40 s. The layers are numpy, laid out and mixed with pydub. A tail
that rings beyond the end is heard at the beginning, because two rounds are laid out and the
second one is kept.

No random part and no resampling: 8 kHz from the start, every partial below 3.4 kHz.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio import g711
from audio.wav import RATE

if TYPE_CHECKING:
    from pydub import AudioSegment

__all__ = ["BEAT", "DURATION", "VERSION", "compose"]

VERSION = "1"
"""Of the composition; part of the clip's cache key."""
BEAT = 60 / 72
"""Seconds."""
_BARS = ("C", "Am", "F", "G", "C", "Em", "F", "G", "Am", "F", "G", "C")
DURATION = len(_BARS) * 4 * BEAT
"""Seconds of one round."""
LEVEL = -24.0
"""dBFS rms: 4 dB under speech, so that a comfort message stands out."""

_CHORDS = {  # MIDI notes; voices move as little as they can
    "C": (55, 60, 64),
    "Am": (57, 60, 64),
    "F": (57, 60, 65),
    "G": (55, 59, 62),
    "Em": (55, 59, 64),
}
_ROOTS = {"C": 48, "Am": 45, "F": 41, "G": 43, "Em": 52}
_LINE = (  # per bar: (beat, MIDI note)
    ((0, 76), (2, 79)),
    ((0, 81), (2, 79), (3, 76)),
    ((0, 77), (2, 81)),
    ((0, 79), (3, 74)),
    ((0, 76), (1, 79), (2, 84)),
    ((0, 83), (2, 79)),
    ((0, 81), (2, 77), (3, 81)),
    ((0, 79),),
    ((0, 84), (2, 81)),
    ((0, 81), (1, 79), (2, 77)),
    ((0, 74), (2, 79)),
    ((0, 76), (2, 72)),
)


@dataclass(frozen=True, slots=True)
class _Note:
    """A sound at an instant (seconds in the round) with its peak amplitude, of full scale."""

    at: float
    sound: NDArray[np.float64]


def _hertz(midi: int) -> float:
    return float(440.0 * 2.0 ** ((midi - 69) / 12))


def _partials(midi: int, seconds: float, weights: tuple[float, ...]) -> NDArray[np.float64]:
    """Harmonics of a note with their weights, as far as the telephone carries them."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for number, weight in enumerate(weights, start=1):
        if _hertz(midi) * number < 3400:
            sound += weight * np.sin(2 * np.pi * _hertz(midi) * number * time)
    return sound


def _pad(midi: int) -> NDArray[np.float64]:
    """A bar and a half: swells over a second, leaves under the next chord. Two strings beat."""
    seconds = 6 * BEAT
    time = np.arange(round(seconds * RATE)) / RATE
    swell = np.minimum(1, time / 1.0) * np.minimum(1, (seconds - time) / 1.6)
    tremble = 1 + 0.12 * np.sin(2 * np.pi * 0.6 * time)
    return (
        0.05
        * np.sin(swell * np.pi / 2) ** 2
        * tremble
        * _partials(midi, seconds, (1, 0.45, 0.2, 0.08))
    )


def _bell(midi: int) -> NDArray[np.float64]:
    seconds = 3.0
    time = np.arange(round(seconds * RATE)) / RATE
    edges = np.minimum(1, time / 0.008) * np.minimum(1, (seconds - time) / 0.2)
    return 0.11 * edges * np.exp(-time * 2.2) * _partials(midi, seconds, (1, 0.18, 0.06))


def _bass(midi: int) -> NDArray[np.float64]:
    seconds = 3 * BEAT
    time = np.arange(round(seconds * RATE)) / RATE
    decay = np.minimum(1, time / 0.03) * np.exp(-time * 0.9) * np.minimum(1, (seconds - time) / 0.4)
    # a telephone carries nothing below 300 Hz: the harmonics let the ear add the root
    return 0.07 * decay * _partials(midi, seconds, (1, 0.7, 0.5, 0.25, 0.1))


def _notes() -> Iterator[_Note]:
    for bar, chord in enumerate(_BARS):
        start = bar * 4 * BEAT
        yield from (_Note(start, _pad(midi)) for midi in _CHORDS[chord])
        yield _Note(start, _bass(_ROOTS[chord]))
        yield from (_Note(start + beat * BEAT, _bell(midi)) for beat, midi in _LINE[bar])


def _segment(sound: NDArray[np.float64]) -> AudioSegment:
    from pydub import AudioSegment

    pcm = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2")
    return AudioSegment(data=pcm.tobytes(), sample_width=2, frame_rate=RATE, channels=1)


def compose() -> bytes:
    """One round as A-law octets."""
    samples = round(DURATION * RATE)
    canvas = _segment(np.zeros(2 * samples + 8 * RATE))
    for note in _notes():
        segment = _segment(note.sound)
        for lap in (0.0, DURATION):
            canvas = canvas.overlay(segment, position=round((note.at + lap) * 1000))
    pcm = np.frombuffer(canvas.raw_data, dtype="<i2")[samples : 2 * samples].astype(np.float64)
    level = 20 * np.log10(np.sqrt(np.mean((pcm / 32768) ** 2)))
    return g711.alaw_encode(np.round(pcm * 10 ** ((LEVEL - level) / 20)).astype(np.int16))
