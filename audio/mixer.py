"""Several legs heard as one: a saturating sum of 16-bit samples, without any voice detection.

A two-party bridge needs no mixing (each hears the other's octets). Three and more, and a
supervisor who listens in or whispers, do: in a conference every leg hears the sum of the *others*.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from audio import g711

__all__ = ["conference", "conference_ulaw", "mix"]

Pcm = NDArray[np.int16]
Leg = TypeVar("Leg", bound=Hashable)


def mix(*legs: Pcm) -> Pcm:
    """The sum of the legs, clipped to 16 bits; shorter legs are silent at their end."""
    if not legs:
        return np.zeros(0, dtype=np.int16)
    return _saturated(_sum(legs, max(len(leg) for leg in legs)))


def conference(legs: Mapping[Leg, Pcm]) -> dict[Leg, Pcm]:
    """What each leg hears: all the others. One sum, less one's own voice, whatever their number."""
    length = max((len(leg) for leg in legs.values()), default=0)
    total = _sum(tuple(legs.values()), length)
    heard: dict[Leg, Pcm] = {}
    for name, own in legs.items():
        others = total.copy()
        others[: len(own)] -= own
        heard[name] = _saturated(others)
    return heard


def conference_ulaw(legs: Mapping[Leg, bytes]) -> dict[Leg, bytes]:
    """`conference` for mu-law octets, as packets carry them."""
    decoded = {name: g711.ulaw_decode(octets) for name, octets in legs.items()}
    return {name: g711.ulaw_encode(pcm) for name, pcm in conference(decoded).items()}


def _sum(legs: tuple[Pcm, ...], length: int) -> NDArray[np.int32]:
    total = np.zeros(length, dtype=np.int32)  # 32 bits hold 65,536 legs at full scale
    for leg in legs:
        total[: len(leg)] += leg
    return total


def _saturated(total: NDArray[np.int32]) -> Pcm:
    return np.clip(total, -32768, 32767).astype(np.int16)
