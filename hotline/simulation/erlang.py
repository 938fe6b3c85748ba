"""Exact results for one stationary queue with Poisson arrivals: Erlang B, C, A and finite rooms.

All from one birth and death chain, n calls in the system, a = calls per second:

    a         a         a            a              a
 0 --> 1 ...  --> s-1  --> s  ... --> s+m  ...  --> s+K        s agents, K places to wait
   <--        <--      <--       <--            <--
    1/h        (s-1)/h   s/h      s/h + m/p                    h mean handle, p mean patience

Erlang B is K = 0 (any handle distribution, the model is insensitive), Erlang C is K and p without
limit, Erlang A ("M/M/s+M", Palm 1957) K without limit, M/M/s/K+M has both. Rates are per second,
times seconds. Sources: Gross and Harris, Fundamentals of Queueing Theory; Garnett, Mandelbaum and
Reiman 2002. Good for 10,000 agents: everything is summed in logarithms or bounded recursions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

LEAST_PATIENCE = 1e-3
"""Seconds; who has no patience at all is given this, so that one chain does for all."""
NEGLIGIBLE = 60.0
"""A state e^60 times less likely than the likeliest one is left out."""


class UnstableError(ValueError):
    """More work arrives than the agents can do, and nobody ever gives up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the figures are asked for, in seconds: `within` (12 s of 5.2.7.3 by default) and
    `short`, the abandons before which are left out of `service_level`."""

    within: float = 12.0
    short: float = 5.0


@dataclass(frozen=True, slots=True)
class Exact:
    """Figures of one queue under exact theory. Shares are of all calls offered, blocked ones
    included, unless the name says otherwise; a blocked call waits 0 s. Definitions are those of
    `agents.figures`; `mean_wait_answered` is what others call ASA. None: not known in closed form.
    """

    waited_fraction: float
    """no agent was free at once, and there was room to wait"""
    abandoned_fraction: float
    blocked_fraction: float
    mean_wait: float
    mean_wait_answered: float | None
    answered_within_of_offered: float | None
    answered_within_of_answered: float | None
    service_level: float | None
    occupancy: float
    """busy agents / agents"""
    mean_queue: float
    """callers waiting, in the mean over time"""


# --- the two classics --------------------------------------------------------------------------


def erlang_b(agents: int, load: float) -> float:
    """Share of calls blocked with `agents` lines and no room to wait; `load` in erlangs.

    B(0) = 1, B(n) = a B(n-1) / (n + a B(n-1)): each term lies in [0, 1], so nothing overflows.
    """
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """Share of calls that wait with `agents` agents and patience without end; `load` in erlangs.

    Raises `UnstableError` for a load of `agents` or more: the queue would grow for ever.
    """
    if load >= agents:
        raise UnstableError(f"{load:g} erlangs are too much for {agents} agents")
    blocked = erlang_b(agents, load)
    return blocked / (1.0 - load / agents * (1.0 - blocked))


# --- the chain ---------------------------------------------------------------------------------


def markov_queue(
    rate: float,
    handle: float,
    agents: int,
    *,
    patience: float | None = None,
    room: int | None = None,
    wanted: Wanted = Wanted(),
) -> Exact:
    """Figures of M/M/s/K+M: `rate` calls/s, mean `handle` (s), mean `patience` (s; None: endless),
    `room` places to wait (None: no limit). Raises `UnstableError`.
    """
    if rate == 0.0:
        return Exact(0, 0, 0, 0, None, None, None, None, 0, 0)
    if room == 0:
        return _no_room(rate * handle, agents)
    if patience is None and room is None:
        return _patient(rate, handle, agents, wanted)
    return _chain(rate, handle, agents, patience, room, wanted)


def _no_room(load: float, agents: int) -> Exact:
    blocked = erlang_b(agents, load)
    busy = load * (1 - blocked) / agents
    return Exact(0.0, 0.0, blocked, 0.0, 0.0, 1 - blocked, 1.0, 1 - blocked, busy, 0.0)


def _patient(rate: float, handle: float, agents: int, wanted: Wanted) -> Exact:
    """Erlang C: given that one waits, the wait is exponential with rate s/h - a."""
    waits = erlang_c(agents, rate * handle)
    drain = agents / handle - rate
    level = 1.0 - waits * math.exp(-drain * wanted.within)
    mean = waits / drain
    return Exact(
        waits, 0.0, 0.0, mean, mean, level, level, level, rate * handle / agents, rate * mean
    )


def _chain(
    rate: float,
    handle: float,
    agents: int,
    patience: float | None,
    room: int | None,
    wanted: Wanted,
) -> Exact:
    leave = 0.0 if patience is None else 1.0 / max(patience, LEAST_PATIENCE)
    chances = _states(rate, 1.0 / handle, leave, agents, room)
    places = np.arange(len(chances) - agents, dtype=np.float64)
    line = chances[agents:]  # line[m]: all agents busy and m wait
    mean_queue = float(line @ places)
    blocked = 0.0
    if room is not None:
        blocked, line, places = float(line[room]), line[:room], places[:room]
    waits = float(line.sum())
    at_once = 1.0 - waits - blocked
    abandoned = mean_queue * leave / rate
    answered = 1.0 - blocked - abandoned
    turn = _Turn(agents / handle, leave, places)
    in_time = at_once + float(line @ turn.served_by(wanted.within))
    short = float(line @ turn.abandoned_by(wanted.short))
    waited = float(line @ turn.wait_if_served())
    busy = answered * rate * handle / agents
    return Exact(
        waited_fraction=waits,
        abandoned_fraction=abandoned,
        blocked_fraction=blocked,
        mean_wait=mean_queue / rate,
        mean_wait_answered=waited / answered,
        answered_within_of_offered=in_time,
        answered_within_of_answered=in_time / answered,
        service_level=in_time / (1.0 - short),
        occupancy=busy,
        mean_queue=mean_queue,
    )


def _states(rate: float, finish: float, leave: float, agents: int, room: int | None) -> Vector:
    """Probability of n calls in the system, n = 0, 1, ..., s + K (or until negligible)."""
    places = room if room is not None else 64
    while True:
        n = np.arange(1, agents + places + 1, dtype=np.float64)
        down = np.minimum(n, agents) * finish + np.maximum(n - agents, 0.0) * leave
        logs = np.concatenate(([0.0], np.cumsum(math.log(rate) - np.log(down))))
        logs -= logs.max()
        # beyond the last state kept, terms fall at least geometrically once the ratio is below 1
        if room is not None or (logs[-1] < -NEGLIGIBLE and down[-1] > rate):
            chances = np.exp(logs)
            return np.asarray(chances / chances.sum())
        places *= 2


@dataclass(frozen=True, slots=True)
class _Turn:
    """The turn of a caller who finds m = `places` others waiting: V, the wait of one who never
    gives up, is the time of m + 1 departures from all-busy, rates s/h + j/p, j = m, ..., 0.

    With c = p s/h, exp(-V/p) is Beta(c, m + 1). Given up: patience X < V.
    """

    drain: float
    leave: float
    places: Vector

    def served_by(self, t: float) -> Vector:
        """P(V <= t and X > V)."""
        from scipy.special import betaincc, gammainc

        m = self.places
        if self.leave == 0.0:
            return np.asarray(gammainc(m + 1, self.drain * t))
        c = self.drain / self.leave
        return np.asarray(c / (c + m + 1) * betaincc(c + 1, m + 1, math.exp(-self.leave * t)))

    def abandoned_by(self, t: float) -> Vector:
        """P(X <= t and X < V)."""
        from scipy.special import betainc

        if self.leave == 0.0:
            return np.zeros_like(self.places)
        still = math.exp(-self.leave * t)
        waits = still * betainc(self.drain / self.leave, self.places + 1, still)
        return np.asarray(1.0 - self.served_by(t) - waits)

    def wait_if_served(self) -> Vector:
        """E[V; X > V] in seconds."""
        m = self.places
        rates = self.drain + self.leave * (m + 1.0)
        if self.leave == 0.0:
            return np.asarray((m + 1) / self.drain)
        c = self.drain / self.leave
        return np.asarray(c / (c + m + 1) * np.cumsum(1.0 / rates))
