"""What both loops do with durations: draw them in steps, and add them up by interval."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from hotline.simulation.engine.compiling import built_in, part
from hotline.simulation.engine.draws import DETERMINISTIC, sample
from hotline.simulation.engine.layout import LONGEST, PER_SECOND
from hotline.simulation.engine.model import STEP


@built_in
def steps(seconds: Any) -> Any:
    """The nearest step, halves up (see `model.rounded`); at most LONGEST."""
    if seconds < LONGEST * STEP:
        return floor(seconds * PER_SECOND + 0.5)
    return LONGEST


@part
def drawn_steps(law: Any, tables: Any, key: Any, counter: Any) -> Any:
    """Steps drawn from `law`, whatever it is."""
    return steps(sample(law, tables, key, counter))


@built_in
def duration(law: Any, tables: Any, key: Any, counter: Any) -> Any:
    """The same, smaller and slower than `steps` of a `sample`: for what is seldom drawn."""
    if law.kind == DETERMINISTIC:
        return np.int64(steps(law.a))
    return np.int64(drawn_steps(law, tables, key, counter))


@part
def spread(table: Any, row: Any, what: Any, begin: Any, end: Any, edges: Any, now: Any) -> None:
    """Add the time from `begin` to `end` to the intervals in which it passed.

    `now` is an interval not before that of `begin`. Time after the horizon is not counted.
    """
    while edges[now] > begin:
        now -= 1
    last = len(edges) - 1
    while begin < end and now < last:
        until = min(end, edges[now + 1])
        if until > begin:
            table[now, row, what] += until - begin
            begin = until
        now += 1


@part
def book(
    times: Any, own: Any, a: Any, g: Any, what: Any, begin: Any, end: Any, edges: Any, now: Any
) -> None:
    """Add an agent's time to his group's intervals and to his own sums."""
    spread(times, g, what, begin, end, edges, now)
    horizon = edges[-1]
    if begin < horizon and a < len(own):
        own[a, what] += min(end, horizon) - begin
