"""The timers of RFC 3261 (table 4, appendix A) and RFC 6026, seconds."""

from __future__ import annotations

from enum import Enum

T1 = 0.5
"""Round-trip estimate."""
T2 = 4.0
"""Longest interval between repetitions of a non-INVITE request or an INVITE response."""
T4 = 5.0
"""How long a message may stay in the network."""
LIFE = 64 * T1
"""Timers B, F, H, J, L, M: a transaction that nobody answers ends after 32 s."""


class Timer(Enum):
    """Timers of the transactions by their letters; what each is for stands in `transaction`."""

    A = "A"
    B = "B"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741
    J = "J"
    K = "K"
    L = "L"
    M = "M"


REPEATING = frozenset({Timer.A, Timer.E, Timer.G})
"""They repeat a message at growing intervals, and run on UDP only."""
_SECONDS = {Timer.D: LIFE, Timer.I: T4, Timer.K: T4}
_NONE_IF_RELIABLE = frozenset({Timer.D, Timer.I, Timer.J, Timer.K})


def seconds(timer: Timer, reliable: bool) -> float:
    """How long `timer` runs at first."""
    if timer in REPEATING:
        return T1
    if reliable and timer in _NONE_IF_RELIABLE:
        return 0.0
    return _SECONDS.get(timer, LIFE)


def longer(timer: Timer, interval: float) -> float:
    """The next interval of a repeating timer: doubled, and but for timer A at most T2."""
    return 2 * interval if timer is Timer.A else min(2 * interval, T2)
