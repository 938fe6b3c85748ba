"""An estimated opinion of a call's audio: the E-model (ITU-T G.107) for G.711, simplified.

    R        = 93.2 - Id - Ie,eff                          G.107 with its default parameters
    Id       = 0.024 d + 0.11 (d - 177.3) [if d > 177.3]   d: one-way delay in ms; Cole and
                                                           Rosenbluth, "Voice over IP performance
                                                           monitoring", CCR 31(2), 2001
    Ie,eff   = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl)   G.107 clause 7.5, Ppl in per cent
    MOS      = 1 + 0.035 R + R (R - 60) (100 - R) 7e-6     G.107 Annex B, 1 to 4.5

For G.711 without loss concealment G.113 Appendix I gives Ie = 0 and Bpl = 4.3: a hole in our
jitter buffer is heard as silence. BurstR is the mean length of the bursts of loss, over what it
would be if losses were independent, at least 1.

It is an estimate from what the network did, not a measurement of what somebody heard: echo, noise
and level are taken to be at their defaults.
"""

from __future__ import annotations

BASE = 93.2
"""R of a perfect narrow-band call: Ro - Is at the default parameters."""
IMPAIRMENT = 0.0
"""Ie of G.711."""
ROBUSTNESS = 4.3
"""Bpl of G.711 without packet-loss concealment."""


def rating(loss: float, delay: float, burst_ratio: float = 1.0) -> float:
    """R. `loss`: share of packets that were not heard, 0 to 1; `delay`: one way, seconds."""
    d, percent = delay * 1000, loss * 100
    delayed = 0.024 * d + (0.11 * (d - 177.3) if d > 177.3 else 0.0)
    lossy = IMPAIRMENT + (95 - IMPAIRMENT) * percent / (percent / burst_ratio + ROBUSTNESS)
    return BASE - delayed - lossy


def opinion(r: float) -> float:
    """The mean opinion score for a rating R, 1 to 4.5."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def burst_ratio(lost: int, bursts: int, expected: int) -> float:
    """BurstR of `lost` packets in `bursts` bursts out of `expected`."""
    if not bursts or lost >= expected:
        return 1.0
    return max(1.0, lost / bursts * (1 - lost / expected))


def mos(loss: float, delay: float, burst_ratio: float = 1.0) -> float:
    """The estimated opinion; see `rating`."""
    return opinion(rating(loss, delay, burst_ratio))
