"""Signals of the Chinese telephone network (GB/T 3380 as commonly engineered), keys and beeps.

    ring-back   450 Hz   1.00 s on   4.00 s off          busy   450 Hz   0.35 s on   0.35 s off
    DTMF        one of four low and one of four high tones (ITU-T Q.23), 0.10 s on, 0.10 s off

Levels: ring-back and busy at -10 dBm0 nominal would drown speech of -20 dBFS, so every tone here is
`LEVEL` dBFS rms. Written with the standard library, because the live path plays these without
numpy. Edges rise and fall over 5 ms, so that nothing clicks.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from audio import g711
from audio.wav import RATE

__all__ = [
    "BUSY",
    "DTMF",
    "LEVEL",
    "RINGBACK",
    "STAND_IN_NOTES",
    "TONES",
    "Cadence",
    "dtmf",
    "stand_in",
    "tone",
    "tone_samples",
]

LEVEL = -20.0
"""Of every tone while it sounds, dBFS rms."""

Cadence = tuple[tuple[tuple[float, ...], float], ...]
"""One period: (frequencies in Hz, seconds); no frequencies is silence."""

RINGBACK: Cadence = (((450.0,), 1.0), ((), 4.0))
BUSY: Cadence = (((450.0,), 0.35), ((), 0.35))
_BEEP: Cadence = (((880.0, 1320.0), 0.15), ((), 0.05))
_ERROR: Cadence = (((620.0,), 0.12), ((), 0.06), ((466.0,), 0.18), ((), 0.05))

_LOW, _HIGH = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0, 1633.0)
DTMF: dict[str, tuple[float, float]] = {
    key: (low, high)
    for low, row in zip(_LOW, ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip(_HIGH, row, strict=True)
}
"""The two frequencies of each key, Hz."""

TONES: dict[str, Cadence] = {"ringback": RINGBACK, "busy": BUSY, "beep": _BEEP, "error": _ERROR}
"""One period of each named tone; ring-back and busy repeat without a seam."""


def dtmf(key: str) -> Cadence:
    """One key: 0.1 s on and 0.1 s off, within Q.24's minimum of 40 ms each."""
    if key not in DTMF:
        raise ValueError(f"{key!r} is not a key; keys are {''.join(DTMF)}")
    return ((DTMF[key], 0.1), ((), 0.1))


def tone_samples(cadence: Cadence) -> int:
    """Length of one period in samples."""
    return sum(round(seconds * RATE) for _, seconds in cadence)


@lru_cache(maxsize=128)
def tone(cadence: Cadence) -> bytes:
    """One period as A-law octets."""
    return b"".join(_steady(frequencies, seconds) for frequencies, seconds in cadence)


def _steady(frequencies: tuple[float, ...], seconds: float, level: float = LEVEL) -> bytes:
    samples = round(seconds * RATE)
    if not frequencies:
        return bytes([g711.ALAW_SILENCE]) * samples
    # rms of n equal sines of amplitude a is a * sqrt(n / 2)
    amplitude = 32768 * 10 ** (level / 20) * math.sqrt(2 / len(frequencies))
    edge = round(0.005 * RATE)
    return bytes(
        _octet(
            amplitude
            * min(1.0, (at + 1) / edge, (samples - at) / edge)
            * sum(math.sin(2 * math.pi * hertz * at / RATE) for hertz in frequencies)
        )
        for at in range(samples)
    )


_LEVELS: Sequence[tuple[int, int]] = sorted(
    (g711.alaw_sample(octet), octet) for octet in range(256)
)
_VALUES = [value for value, _ in _LEVELS]


def _octet(sample: float) -> int:
    above = min(max(bisect_left(_VALUES, sample), 1), len(_VALUES) - 1)
    nearer_below = sample - _VALUES[above - 1] < _VALUES[above] - sample
    return _LEVELS[above - nearer_below][1]


STAND_IN_NOTES = tuple(500.0 + 50.0 * step for step in range(20))
"""Hz; the chord of three of them in each of the two beeps names the text that has no recording."""
_STAND_IN_BEEP, _STAND_IN_GAP = 0.12, 0.06


@lru_cache(maxsize=1024)
def stand_in(text: str, samples: int) -> bytes:
    """A-law of a prompt without recording: a soft double beep, then silence up to `samples`.

    Each beep is a chord chosen by a digest of the text (1140 chords each, 1.3 million pairs), so
    that a caller that only hears the line can still tell two unrecorded prompts apart.
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    chords = []
    for _ in range(2):
        notes = list(STAND_IN_NOTES)
        chord = []
        for _ in range(3):
            number, choice = divmod(number, len(notes))
            chord.append(notes.pop(choice))
        chords.append(tuple(sorted(chord)))
    gap = _steady((), _STAND_IN_GAP)
    octets = gap.join(_steady(chord, _STAND_IN_BEEP, LEVEL - 3) for chord in chords)
    return octets[:samples].ljust(samples, bytes([g711.ALAW_SILENCE]))
