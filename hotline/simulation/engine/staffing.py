"""Who is on duty when: `Duties` from agents by interval, or from shifts with breaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.roster import Shift
from hotline.simulation.engine.errors import ModelError
from hotline.simulation.engine.model import BREAK, OFF, WORK, Duties, Floats, Ints

Change = tuple[float, int, int]
"""Instant (s), agent, duty from then on."""


def always(agents: int) -> Duties:
    """Every agent on duty from instant 0."""
    return _sorted([(0.0, agent, WORK) for agent in range(agents)])


def from_levels(edges: Floats, levels: Ints, at_end: bool = True) -> Duties:
    """Agents by interval. `levels` [G, I]: how many of each group are on duty.

    A group has as many agents as its highest level. When the level falls, those with the highest
    numbers go (see `Duties` for what becomes of their calls). `at_end`: whether the last level
    stays after the last border, until the calls that are left are served.
    """
    if levels.ndim != 2 or levels.shape[1] != len(edges) - 1 or levels.min(initial=0) < 0:
        raise ModelError("levels", f"shape {levels.shape}; give [groups, intervals], 0 or more")
    changes: list[Change] = []
    first = 0
    for row in levels:
        steps = [0, *row.tolist()] if at_end else [0, *row.tolist(), 0]
        for at, before, now in zip(edges.tolist(), steps, steps[1:], strict=False):
            low, high = sorted((before, now))
            to = WORK if now > before else OFF
            changes += [(at, first + agent, to) for agent in range(low, high)]
        first += int(row.max(initial=0))
    return _sorted(changes)


def from_shifts(shifts: Sequence[Sequence[Shift]]) -> Duties:
    """Each agent's shifts (agents in the engine's order), seconds from instant 0, not repeated.

    The end of a shift or break belongs to what follows: 12:00-12:30 is over at 12:30.
    """
    changes: list[Change] = []
    for agent, own in enumerate(shifts):
        duty = OFF
        borders = {t for shift in own for t in _borders(shift)}
        for at in sorted(borders):
            now = _duty(own, at)
            if now != duty:
                changes.append((at, agent, now))
                duty = now
    return _sorted(changes)


def _borders(shift: Shift) -> list[float]:
    return [shift.start, shift.end, *(t for pause in shift.breaks for t in pause)]


def _duty(shifts: Sequence[Shift], at: float) -> int:
    for shift in shifts:
        if shift.start <= at < shift.end:
            resting = any(begin <= at < end for begin, end in shift.breaks)
            return BREAK if resting else WORK
    return OFF


def _sorted(changes: list[Change]) -> Duties:
    changes.sort(key=lambda change: change[:2])
    return Duties(
        np.array([c[0] for c in changes], np.float64),
        np.array([c[1] for c in changes], np.int64),
        np.array([c[2] for c in changes], np.int64),
    )
