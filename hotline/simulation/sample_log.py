"""A call log of a plan: its calls run through the engine and written as a real hotline would.

The truth behind such a log is known, so that what is fitted to it can be held against it; and a
newcomer has a log to begin with. The same seed gives the same log.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from agents.settings import DAY
from hotline.simulation.building import day_run
from hotline.simulation.engine.results import Fate, Rows
from hotline.simulation.engine.run import simulate
from hotline.simulation.plan import Plan
from hotline.simulation.sample import with_busy_days

START = datetime(2026, 11, 23)
"""Midnight at which the log begins: a Monday."""
HEAD = ("call", "arrived", "queue", "queued_at", "answered_at", "abandoned_at", "ended_at",
        "after_call", "agent", "outcome")  # fmt: skip
FIRST_AGENT = 1001
_OUTCOMES = {
    Fate.ANSWERED: "answered", Fate.ABANDONED: "abandoned", Fate.BLOCKED: "blocked",
    Fate.REFUSED: "blocked", Fate.BOOKED: "callback", Fate.CONTAINED: "self_service",
}  # fmt: skip


def sample_log(plan: Plan, days: int, seed: int, start: datetime = START) -> Iterator[list[str]]:
    """The heading and the rows of `days` days of `plan`'s calls, times to the second."""
    run = day_run(plan, days)
    rows = simulate(with_busy_days(run.model, seed, 0), seed, rows=True).rows
    assert rows is not None
    yield list(HEAD)
    for number in np.flatnonzero(rows.arrived < days * DAY).tolist():
        yield _line(plan, rows, number, start)


def _line(plan: Plan, rows: Rows, number: int, start: datetime) -> list[str]:
    fate = Fate(int(rows.fate[number]))

    def clock(seconds: float) -> str:
        if np.isnan(seconds):
            return ""
        return f"{start + timedelta(seconds=round(seconds)):%Y-%m-%d %H:%M:%S}"

    answered = fate is Fate.ANSWERED
    queue = int(rows.queue[number])
    asked_for = "" if queue >= len(plan.queues) else plan.queues[queue].name  # else: in the menus
    ended = float(rows.ended[number])
    after = round(float(rows.ready[number]) - ended) if answered else None
    return [
        f"{number + 1}",
        clock(rows.arrived[number]),
        asked_for,
        clock(rows.asked[number]),
        clock(rows.answered[number]) if answered else "",
        clock(ended) if fate is Fate.ABANDONED else "",
        clock(ended) if answered or fate is Fate.CONTAINED else "",
        "" if after is None else f"{after}",
        f"{FIRST_AGENT + int(rows.agent[number])}" if answered else "",
        _OUTCOMES.get(fate, "lost"),
    ]


def write_sample(plan: Plan, days: int, seed: int, path: str | Path) -> int:
    """Write the log to the CSV file `path`; how many calls it has."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        lines = list(sample_log(plan, days, seed))
        writer.writerows(lines)
    return len(lines) - 1
