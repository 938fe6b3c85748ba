"""Closing in on the fewest agents of each step: what failed, what did, and what to try next.

C pools, I steps. `slack` says by how much the targets are reached, in standard scores; below 0:
missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotline.simulation.arrivals import Floats
from hotline.simulation.engine.model import Ints


@dataclass(slots=True, eq=False)
class Known:
    """What is known of each step: most agents that fail, fewest that do, and the last look."""

    low: Ints
    high: Ints
    """-1: none yet"""
    before: tuple[Ints, Floats] | None = None
    """numbers and slack of the round before"""

    def narrowed(self, now: Ints, slack: Floats) -> bool:
        """Note what failed and what did; whether some step is still open."""
        fails, used = slack < 0, now > 0
        self.low[fails] = np.maximum(self.low[fails], now[fails])
        does = ~fails & ((self.high < 0) | (now < self.high))
        self.high[does] = now[does]
        stale = (self.high >= 0) & (self.high <= self.low)  # a neighbour has changed since
        self.high[stale] = -1
        return bool((used & (fails | (self.high - self.low > near(self.high)))).any())

    def next_numbers(self, now: Ints, slack: Floats, busyness: float) -> Ints:
        """The next numbers to try: by the slack, inside what is known."""
        low, high = self.low, self.high
        move = self.move(now, slack, busyness)
        up = np.maximum(1, np.ceil(-move)).astype(np.int64)
        down = np.maximum(1, np.floor(move)).astype(np.int64)
        wanted = np.where(slack < 0, now + up, now - down)
        top = np.where(high >= 0, high - (high - low > 1), np.maximum(now, low) + up)
        aimed = np.clip(wanted, np.minimum(low + 1, top), top)
        closed = (high >= 0) & (high - low <= near(high))
        self.before = (now, slack)
        return np.where(now == 0, 0, np.where(closed, high, aimed))

    def move(self, now: Ints, slack: Floats, busyness: float) -> Floats:
        """Agents by which the slack could be given up: by the slope since the round before, else
        by the standard deviation of the work (Poisson, and the day's busyness)."""
        unit = 0.6 * np.sqrt(np.maximum(now, 1) + (busyness * now) ** 2)
        move = unit * np.clip(slack, -3, 3)
        if self.before is None:
            return np.asarray(move)
        agents, gained = now - self.before[0], slack - self.before[1]
        rises = (agents != 0) & (gained * agents > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            secant = slack * agents / gained
        reach = 3 * np.maximum(unit, np.abs(move))
        return np.where(rises, np.clip(secant, -reach, reach), move)


def near(numbers: Ints) -> Ints:
    """Near enough between a number that fails and one that does: an eighth of the square root
    (one agent up to 225), which no simulation of a day can tell apart."""
    return np.maximum(1, np.sqrt(np.maximum(numbers, 0)) / 7.5).astype(np.int64)
