"""Keys by their tones in the audio (ITU-T Q.23, Q.24), where no telephone-event was agreed on.

              1209  1336  1477  1633 Hz        every 12.75 ms (102 samples), by Goertzel's filter:
      697 Hz    1     2     3     A            the power at the 8 frequencies, and of the whole
      770       4     5     6     B
      852       7     8     9     C            block is a key when all hold:
      941       *     0     #     D              both strongest tones above LEVEL
                                                 neither much stronger than the other (twist)
    blocks    . . 5 5 5 5 . . . 5 5 5            clearly above the rest of their group
    reported      ^             ^                nearly all of the block's power is in the two

A key is reported when `HITS` blocks in a row agree on it and once more only after `REST` blocks
without it. The last condition keeps speech and music from being taken for keys (talk-off): a voice
has harmonics, a key has two tones and nothing else.

Goertzel, "An algorithm for the evaluation of finite trigonometric series", 1958. For the 8 fixed
frequencies and one block its recursion is a product with 8 cosines and 8 sines, which numpy does
for all blocks at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.tones import DTMF
from hotline.telephony.leg import LAWS
from hotline.telephony.rtp.profile import RATE
from hotline.telephony.rtp.stream import Codec

BLOCK = 102
"""Samples of a block: 78 Hz of resolution, and three whole blocks in the 40 ms of Q.24."""
HITS = 2
"""Blocks in a row that make a key: 25.5 ms; Q.24 wants nothing below 20 ms to be one, and all
from 40 ms on."""
REST = 3
"""Blocks without it before the same key may be pressed again: 38 ms."""
LEVEL = 10 ** (-33 / 20) * 32768
"""Least rms amplitude of each tone: -33 dBFS, that is -30 dBm0 (our choice: a little below what
administrations ask for in Q.24)."""
TWIST = 10 ** (8 / 10)
"""Largest ratio of the two tones' powers, either way: 8 dB."""
REST_OF_GROUP = 10 ** (6 / 10)
"""Least ratio to any other tone of the same group: 6 dB."""
PURE = 0.82
"""Least share of the block's power that lies in the two tones."""

_LOW = sorted({low for low, _ in DTMF.values()})
_HIGH = sorted({high for _, high in DTMF.values()})
_KEYS = {(_LOW.index(low), _HIGH.index(high)): key for key, (low, high) in DTMF.items()}
_TIMES = np.arange(BLOCK) / RATE
_PHASES = 2 * np.pi * np.outer(_TIMES, _LOW + _HIGH)
_FILTERS = (np.hstack((np.cos(_PHASES), np.sin(_PHASES))) * np.sqrt(2) / BLOCK).astype(np.float32)

Powers = NDArray[np.float32]


class Detector:
    """Listens to one direction of one call. The result does not depend on how audio is divided."""

    __slots__ = ("_hits", "_key", "_present", "_rest", "_samples")

    def __init__(self) -> None:
        self._samples = np.zeros(0, dtype=np.int16)
        self._key = ""
        self._hits = 0
        self._present = ""
        self._rest = 0

    def feed(self, octets: bytes, codec: Codec) -> str:
        """The keys that are recognised with this audio: "" or one, rarely more."""
        decode, _ = LAWS[codec]
        samples = np.concatenate((self._samples, decode(octets)))
        blocks = len(samples) // BLOCK
        self._samples = samples[blocks * BLOCK :]
        keys = ""
        for key in keys_of(samples[: blocks * BLOCK].reshape(-1, BLOCK)) if blocks else ():
            keys += self._take(key)
        return keys

    def _take(self, key: str) -> str:
        """One block more, with `key` or none in it: the key that is now certain."""
        self._hits = self._hits + 1 if key == self._key else 1
        self._key = key
        if self._present and key != self._present:
            self._rest += 1
            if self._rest >= REST or key:
                self._present = ""
        else:
            self._rest = 0
        if key and self._hits >= HITS and key != self._present:
            self._present, self._rest = key, 0
            return key
        return ""


def keys_of(blocks: NDArray[np.int16]) -> list[str]:
    """The key in each block of samples (a row each), or "" where there is none."""
    samples = blocks.astype(np.float32)
    parts = np.square(samples @ _FILTERS)
    powers: Powers = parts[:, :8] + parts[:, 8:]  # mean square of each tone
    low, high = powers[:, :4], powers[:, 4:]
    lows, highs = low.max(axis=1), high.max(axis=1)
    loud = np.minimum(lows, highs) > LEVEL**2
    keys = [""] * len(blocks)
    if not loud.any():
        return keys
    found = (
        loud
        & (lows < TWIST * highs)
        & (highs < TWIST * lows)
        & (_second(low) * REST_OF_GROUP < lows)
        & (_second(high) * REST_OF_GROUP < highs)
        & (lows + highs > PURE * np.square(samples).mean(axis=1))
    )
    for block in np.flatnonzero(found):
        keys[block] = _KEYS[int(low[block].argmax()), int(high[block].argmax())]
    return keys


def _second(group: Powers) -> Powers:
    """The second strongest tone of each block."""
    return np.sort(group, axis=1)[:, -2]
