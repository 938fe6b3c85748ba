"""Exact results for priorities, M/M/s: one handle distribution (exponential), patience endless.

A call in progress is never broken off (non-preemptive). All classes wait with the same probability,
Erlang C of the whole load; given that one waits, the wait of class k is the time in which agents
clear the calls of classes 1..k that were before it (exponential with rate s/h - a(1..k)) and those
of classes 1..k-1 that keep coming meanwhile: a busy period begun by that work.

Means: Cobham 1954, E[W_k] = C (h/s) / ((1 - r(1..k-1)) (1 - r(1..k))). Distribution: Kella and
Yechiali 1985, as a Laplace transform, turned back with the Euler method of Abate and Whitt 1995.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence

from hotline.simulation.erlang import Exact, Wanted, erlang_c


def priority_queue(
    rates: Sequence[float],
    handle: float,
    agents: int,
    wanted: Wanted = Wanted(),  # noqa: B008 - immutable
) -> list[Exact]:
    """Figures of each class, highest priority first: `rates` calls/s, mean `handle` (s).

    Raises `UnstableError` when all together are too much. `occupancy` is that of all classes.
    """
    total = sum(rates)
    waits = erlang_c(agents, total * handle)
    drain = agents / handle
    found: list[Exact] = []
    above = 0.0
    for rate in rates:
        upto = above + rate
        mean = waits * drain / ((drain - above) * (drain - upto))
        late = waits * _waits_longer(wanted.within, drain, above, upto)
        level = 1.0 - late
        found.append(
            Exact(waits, 0.0, 0.0, mean, mean, level, level, level, total * handle / agents,
                  rate * mean)
        )  # fmt: skip
        above = upto
    return found


def _waits_longer(t: float, drain: float, above: float, upto: float) -> float:
    """P(W > t) of one who waits, with `above` calls/s before him and `upto` incl. his own class."""
    if above == 0.0 or t == 0.0:
        return math.exp(-(drain - upto) * t)

    def tail(s: complex) -> complex:
        # Transform of an M/M/1 busy period of the classes above, and of the work met on arrival.
        b = above + drain + s
        busy = (b - cmath.sqrt(b * b - 4 * above * drain)) / (2 * above)
        delay = s + above * (1 - busy)
        return (1 - (drain - upto) / (drain - upto + delay)) / s

    return min(1.0, max(0.0, _inverse(tail, t)))


def _inverse(transform: Callable[[complex], complex], t: float) -> float:
    """The function of time at `t` whose Laplace transform is given (Euler summation, 12 terms).

    The discretisation error is about e^-18.4, one part in 10^8.
    """
    a, first, more = 18.4, 30, 12
    sums: list[float] = []
    total = 0.5 * transform(complex(a / (2 * t), 0)).real
    for k in range(1, first + more + 1):
        total += (-1) ** k * transform(complex(a / (2 * t), k * math.pi / t)).real
        sums.append(total)
    tail = [math.comb(more, k) * sums[first - 1 + k] for k in range(more + 1)]
    return math.exp(a / 2) / t * sum(tail) / 2.0**more
