"""G.711: A-law and mu-law companding of 8 kHz speech (ITU-T G.711, tables 1a-2b).

One octet of either law is  sign | segment (3 bits) | step (4 bits):

    A-law   value = (step * 2 + 1 [+ 32 if segment]) << max(segment - 1, 0), of 4096; bits ^ 0x55
    mu-law  value = ((step * 2 + 33) << segment) - 33, of 8159; all bits inverted

Samples are 16-bit here: a 13-bit A-law value is shifted by 3, a 14-bit mu-law value by 2. A sample
is encoded as the octet whose value is nearest (ties to the smaller magnitude); the standard lists
decision values halfway between quantized values, which is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ALAW_SILENCE",
    "ALAW_TO_ULAW",
    "ULAW_SILENCE",
    "ULAW_TO_ALAW",
    "alaw_decode",
    "alaw_encode",
    "alaw_sample",
    "ulaw_decode",
    "ulaw_encode",
    "ulaw_sample",
]

ALAW_SILENCE = 0xD5
"""The octet of the smallest positive A-law value."""
ULAW_SILENCE = 0xFF
"""The octet of mu-law zero."""


def alaw_sample(octet: int) -> int:
    """The 16-bit value of one A-law octet."""
    bits = octet ^ 0x55
    segment, step = bits >> 4 & 7, bits & 15
    magnitude = (step * 2 + 1 + (32 if segment else 0)) << max(segment - 1, 0)
    return (magnitude if bits & 0x80 else -magnitude) * 8


def ulaw_sample(octet: int) -> int:
    """The 16-bit value of one mu-law octet."""
    bits = ~octet & 0xFF
    segment, step = bits >> 4 & 7, bits & 15
    magnitude = ((step * 2 + 33) << segment) - 33
    return (-magnitude if bits & 0x80 else magnitude) * 4


def _transcoding(values: list[int], others: list[int]) -> bytes:
    """For each octet of one law the octet of the other whose value is nearest.

    Sign first: the two zeros of mu-law must not swap sign, or silence would buzz. A-law has no
    zero; its smallest value counts as zero, so that silence stays silence. In both laws bit 7 is
    set for positive values.
    """
    ladder = sorted((abs(others[octet]), octet) for octet in range(128))

    def nearest(magnitude: int) -> int:
        above = min(max(bisect_left(ladder, (magnitude, 0)), 1), 127)
        (low, lower), (high, upper) = ladder[above - 1], ladder[above]
        return lower if magnitude - low <= high - magnitude else upper

    return bytes(
        nearest(0 if abs(values[octet]) <= 8 else abs(values[octet])) | octet & 0x80
        for octet in range(256)
    )


_ALAW_VALUES = [alaw_sample(octet) for octet in range(256)]
_ULAW_VALUES = [ulaw_sample(octet) for octet in range(256)]

ALAW_TO_ULAW: bytes = _transcoding(_ALAW_VALUES, _ULAW_VALUES)
"""Table for ``bytes.translate``."""
ULAW_TO_ALAW: bytes = _transcoding(_ULAW_VALUES, _ALAW_VALUES)
"""Table for ``bytes.translate``."""


@lru_cache(maxsize=2)
def _decoding(law: str) -> NDArray[np.int16]:
    import numpy as np

    return np.array(_ALAW_VALUES if law == "alaw" else _ULAW_VALUES, dtype=np.int16)


@lru_cache(maxsize=2)
def _encoding(law: str) -> NDArray[np.uint8]:
    """The octet for each 16-bit sample, indexed by the sample's unsigned bits."""
    import numpy as np

    values = _ALAW_VALUES if law == "alaw" else _ULAW_VALUES
    octets = sorted(range(256), key=lambda octet: (values[octet], octet))
    # mu-law has two zeros, +0 (0xFF) and -0 (0x7F): sample 0 becomes +0
    octets = [octet for octet in octets if not (law == "ulaw" and octet == 0x7F)]
    levels = np.array([values[octet] for octet in octets], dtype=np.int64)
    samples = np.arange(-32768, 32768, dtype=np.int64)
    upper = np.clip(np.searchsorted(levels, samples), 1, len(levels) - 1)
    low, high = levels[upper - 1], levels[upper]
    to_low, to_high = np.abs(samples - low), np.abs(high - samples)
    down = (to_low < to_high) | ((to_low == to_high) & (np.abs(low) < np.abs(high)))
    # exactly between the two smallest A-law values lies 0, which counts as positive
    index = np.where(down, upper - 1, upper)
    table = np.array(octets, dtype=np.uint8)[index]
    return np.roll(table, -32768)  # sample & 0xFFFF is the index


def alaw_decode(octets: bytes) -> NDArray[np.int16]:
    """16-bit samples of A-law octets."""
    import numpy as np

    return _decoding("alaw")[np.frombuffer(octets, dtype=np.uint8)]


def ulaw_decode(octets: bytes) -> NDArray[np.int16]:
    """16-bit samples of mu-law octets."""
    import numpy as np

    return _decoding("ulaw")[np.frombuffer(octets, dtype=np.uint8)]


def alaw_encode(pcm: NDArray[np.int16]) -> bytes:
    """A-law octets of 16-bit samples."""
    import numpy as np

    return _encoding("alaw")[np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)].tobytes()


def ulaw_encode(pcm: NDArray[np.int16]) -> bytes:
    """Mu-law octets of 16-bit samples."""
    import numpy as np

    return _encoding("ulaw")[np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)].tobytes()
