"""When calls come: profiles of the day and week, surges, and the table of rates they add up to.

    rate(queue, t) = profile of the queue (t) x factor of the weekday x factors of the surges at t

The random busyness of a day (gamma with mean 1) multiplies all of it: `busy_days`.
All instants are seconds from the start of the run, which is midnight of its first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.settings import DAY
from hotline.switch.chance import Chance

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """Calls per second in intervals of `every` seconds, over whole days; then it begins again."""

    every: float
    rates: tuple[float, ...]

    @property
    def period(self) -> float:
        """Seconds until it begins again."""
        return self.every * len(self.rates)

    @property
    def constant(self) -> bool:
        """Whether it is the same all the time."""
        return len(set(self.rates)) == 1

    @property
    def per_day(self) -> float:
        """Mean calls in a day."""
        return sum(self.rates) / len(self.rates) * DAY

    def scaled(self, per_day: float) -> Profile:
        """The same shape with `per_day` calls a day in the mean."""
        factor = per_day / self.per_day
        return Profile(self.every, tuple(rate * factor for rate in self.rates))

    def at(self, t: Floats) -> Floats:
        """Calls per second at the instants `t`."""
        slots = np.floor(t / self.every).astype(np.int64) % len(self.rates)
        return np.asarray(self.rates)[slots]

    def borders(self, horizon: float) -> Floats:
        """Where the rate may change, from 0 to below `horizon`."""
        return np.asarray([0.0]) if self.constant else np.arange(0.0, horizon, self.every)


def steady(per_hour: float) -> Profile:
    """The same rate all day."""
    return Profile(DAY, (per_hour / 3600,))


@dataclass(frozen=True, slots=True)
class Surge:
    """From `start` to `end` (s) `factor` times as many calls, in `queues` (numbers; () all)."""

    name: str
    start: float
    end: float
    factor: float = 1.0
    queues: tuple[int, ...] = ()
    centre: str = ""
    """the centre that is lost in this time; "" none"""


def rate_table(
    profiles: Sequence[Profile],
    horizon: float,
    *,
    surges: Iterable[Surge] = (),
    week: Sequence[float] = (),
    weekday: int = 0,
    daily: bool = False,
) -> tuple[Floats, Floats]:
    """Borders [R + 1] from 0 to `horizon` (s), and calls per second [queues, R] between them.

    `week`: seven factors from Monday, `weekday`: the first day, 0 = Monday. `daily`: a border at
    each midnight, whether the rates change there or not.
    """
    felt = [surge for surge in surges if surge.factor != 1.0]
    marks = [profile.borders(horizon) for profile in profiles]
    marks += [np.array([surge.start, surge.end]) for surge in felt]
    if week or daily:
        marks.append(np.arange(0.0, horizon, DAY))
    inside = np.unique(np.concatenate(marks))
    edges = np.append(inside[(inside >= 0) & (inside < horizon)], horizon)
    middle = (edges[:-1] + edges[1:]) / 2
    rates = np.array([profile.at(middle) for profile in profiles])
    if week:
        rates *= np.asarray(week)[(np.floor(middle / DAY).astype(np.int64) + weekday) % 7]
    for surge in felt:
        hit = (middle >= surge.start) & (middle < surge.end)
        for row in surge.queues or range(len(profiles)):
            rates[row, hit] *= surge.factor
    return edges, rates


def busy_days(edges: Floats, rates: Floats, cv: float, seed: int, replication: int) -> Floats:
    """The rates with each day's own factor: gamma with mean 1 and coefficient of variation `cv`.

    `edges` must have a border at each midnight. Gamma-Poisson days: see docs/simulation.md.
    """
    from scipy.special import gammaincinv

    chance, shape = Chance(seed, replication), 1 / cv**2
    day = np.floor((edges[:-1] + edges[1:]) / 2 / DAY).astype(np.int64)
    draws = [chance.uniform("busyness", str(number)) for number in range(int(day[-1]) + 1)]
    factors = np.asarray(gammaincinv(shape, draws)) / shape
    return np.asarray(rates * factors[day])


def expected_calls(edges: Floats, rates: Floats) -> float:
    """Calls expected over the whole table."""
    return float((rates.sum(axis=0) * np.diff(edges)).sum())


# --- surges by name ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A surge that plans may name: `pieces` of (hours from its start, until, factor)."""

    start: float
    """usual hour of the day"""
    pieces: tuple[tuple[float, float, float], ...]
    source: str
    """where the factors come from"""
    loses_centre: bool = False


KINDS: dict[str, Kind] = {
    "bill_day": Kind(
        9.0,
        ((0, 3, 1.6), (3, 5, 1.3), (5, 9, 1.5)),
        "our choice: bills go out before nine, people ask during office hours",
    ),
    "heat": Kind(
        18.0,
        ((-6, 0, 1.3), (0, 4, 1.8)),
        "hot days x1.5-2 with the peak from 18 to 22 h; the afternoon's 1.3 is our choice",
    ),
    "typhoon": Kind(
        14.0,
        ((-2, 0, 2.0), (0, 1 / 12, 12.0), (1 / 12, 1, 6.0), (1, 10, 3.0)),
        "Shandong, 25 July 2013: 180 calls in five minutes where 15 are usual, x12; a region's day "
        "x2-3; how it rises and falls around that is our choice",
    ),
    "prepaid_reconnection": Kind(
        8.0,
        ((0, 0.5, 4.0), (0.5, 2, 2.5)),
        "our choice: accounts that ran out at night are cut off in the morning and pay at once",
    ),
    "centre_lost": Kind(
        10.0,
        ((0, 2, 1.0),),
        "our choice: two hours; the centres are each other's reserve (south and north, 2015)",
        loses_centre=True,
    ),
}
"""The surges that plans may name. Sources are the public figures in docs/simulation.md."""


def surge_pieces(
    name: str,
    *,
    start: float | None = None,
    end: float | None = None,
    factor: float | None = None,
    queues: tuple[int, ...] = (),
    centre: str = "",
) -> list[Surge]:
    """The pieces of a known surge. `start` moves it (s from the start of the run); `end` replaces
    its last end; `factor` is its highest, the others follow in proportion to their excess over 1.
    """
    kind = KINDS[name]
    begin = kind.start * 3600 if start is None else start
    top = max(piece[2] for piece in kind.pieces)
    stretch = 1.0 if factor is None or top == 1.0 else (factor - 1) / (top - 1)
    found = []
    for number, (since, until, times) in enumerate(kind.pieces):
        last = number == len(kind.pieces) - 1
        over = end if end is not None and last else begin + until * 3600
        grown = max(0.0, 1 + (times - 1) * stretch)
        found.append(Surge(name, max(0.0, begin + since * 3600), over, grown, queues, centre))
    return [surge for surge in found if surge.end > surge.start]
