"""Exact results for general patience, M/M/s+G: exponential handle, patience of any distribution.

V is the offered wait, the wait of one who never gives up; G the distribution of patience, G' = 1-G:

    density of V    v(x) = k exp(a H(x) - (s/h) x)     H(x) = integral of G' from 0 to x
    nobody waits    P(V = 0) = k E                     E = 1 / B(s - 1, a h), B of Erlang
    normalisation   k = 1 / (E + a J)  (times a)       J = integral of exp(a H(x) - (s/h) x)

Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005, "Call centers with impatient customers:
many-server asymptotics of the M/M/n+G queue", section on M/M/n+G. The exponent is concave, so the
integrals run over the stretch around its peak that matters, and everything is scaled by the peak:
overloads and 10,000 agents are no trouble.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from hotline.simulation.durations import bends, limited_mean, survival
from hotline.simulation.engine.laws import Law
from hotline.simulation.erlang import Exact, UnstableError, Vector, Wanted, erlang_b

_PANELS, _NODES = 128, 16
_REACH = 45.0
"""e^-45 below the peak the density is nothing in double precision."""


def general_patience(
    rate: float,
    handle: float,
    agents: int,
    patience: Law,
    wanted: Wanted = Wanted(),  # noqa: B008 - immutable
) -> Exact:
    """Figures of M/M/s+G: `rate` calls/s, mean `handle` (s), any `patience`, no limit of room."""
    drain = agents / handle
    if not survival(patience, np.array([1e15]))[0] * rate < drain:
        raise UnstableError("patience without end and too much work")

    def exponent(x: Vector) -> Vector:
        return np.asarray(rate * limited_mean(patience, x) - drain * x)

    waits = _Waits(exponent, patience, wanted)
    free = 1.0 / erlang_b(agents - 1, rate * handle) if agents > 1 else 1.0
    # P(V = 0) against the integral of the density, both divided by e^peak
    empty = math.exp(math.log(free) - waits.peak) if math.isfinite(free) else math.inf
    total = empty + rate * waits.integral(waits.one)
    scale = 0.0 if math.isinf(total) else rate / total
    at_once = 1.0 if math.isinf(total) else empty / total
    return _exact(rate, handle, agents, at_once, scale, waits)


def _exact(
    rate: float, handle: float, agents: int, at_once: float, scale: float, waits: _Waits
) -> Exact:
    wanted, x = waits.wanted, waits.nodes
    stays = survival(waits.patience, x)
    answered = at_once + scale * waits.integral(stays)
    in_time = at_once + scale * waits.integral(np.where(x <= wanted.within, stays, 0.0))
    mean = scale * waits.integral(limited_mean(waits.patience, x))
    gone = survival(waits.patience, np.minimum(x, wanted.short))
    return Exact(
        waited_fraction=1.0 - at_once,
        abandoned_fraction=1.0 - answered,
        blocked_fraction=0.0,
        mean_wait=mean,
        mean_wait_answered=scale * waits.integral(x * stays) / answered,
        answered_within_of_offered=in_time,
        answered_within_of_answered=in_time / answered,
        service_level=in_time / (1.0 - scale * waits.integral(1.0 - gone)),
        occupancy=answered * rate * handle / agents,
        mean_queue=rate * mean,
    )


class _Waits:
    """Integrals against the density of the offered wait, divided by e^`peak`."""

    def __init__(self, exponent: Callable[[Vector], Vector], patience: Law, wanted: Wanted) -> None:
        self.patience, self.wanted = patience, wanted
        top, self.peak = _peak(exponent)
        low = _foot(exponent, self.peak, top, 0.0)
        high = _foot(exponent, self.peak, top, _far(exponent, self.peak, top))
        cuts = (wanted.within, wanted.short, *bends(patience))
        inside = [cut for cut in cuts if low < cut < high]
        edges = np.unique(np.concatenate((np.linspace(low, high, _PANELS + 1), inside)))
        points, weights = np.polynomial.legendre.leggauss(_NODES)
        half = np.diff(edges)[:, None] / 2
        self.nodes = (edges[:-1, None] + half * (points + 1)).ravel()
        self.weights = (half * weights).ravel() * np.exp(exponent(self.nodes) - self.peak)

    @property
    def one(self) -> Vector:
        """1 at every node."""
        return np.ones_like(self.nodes)

    def integral(self, values: Vector) -> float:
        """Integral of `values` (at the nodes) times the scaled density."""
        return float(self.weights @ values)


def _peak(exponent: Callable[[Vector], Vector]) -> tuple[float, float]:
    """Where the concave exponent is largest, x >= 0, and its value there."""
    high = 1.0
    while _at(exponent, high) > _at(exponent, high / 2):
        high *= 2
    low = 0.0
    for _ in range(200):
        third = (high - low) / 3
        if _at(exponent, low + third) < _at(exponent, high - third):
            low += third
        else:
            high -= third
    top = (low + high) / 2
    return (top, _at(exponent, top)) if _at(exponent, top) > 0.0 else (0.0, 0.0)


def _far(exponent: Callable[[Vector], Vector], peak: float, top: float) -> float:
    step = 1e-3
    while _at(exponent, top + step) > peak - _REACH:
        step *= 2
    return top + step


def _foot(exponent: Callable[[Vector], Vector], peak: float, near: float, far: float) -> float:
    """Between `near` (the peak) and `far`: where the exponent has fallen by `_REACH`."""
    if _at(exponent, far) > peak - _REACH:
        return far
    for _ in range(80):
        middle = (near + far) / 2
        if _at(exponent, middle) > peak - _REACH:
            near = middle
        else:
            far = middle
    return far


def _at(exponent: Callable[[Vector], Vector], x: float) -> float:
    return float(exponent(np.array([x]))[0])
