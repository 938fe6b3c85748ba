"""One case through both: the rows that differ, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isnan

from agents.roster import Shift
from hotline.simulation.engine.model import Model
from hotline.simulation.engine.results import Fate
from hotline.simulation.engine.run import simulate
from tests.parity.world import World

COLUMNS = (
    "queue", "arrived", "asked", "fate", "ended", "answered", "agent", "offers", "ready",
    "attempt", "first", "called_back",
)  # fmt: skip


def differences(
    model: Model,
    shifts: Sequence[Sequence[Shift]],
    seed: int,
    fates: Counter[Fate] | None = None,
) -> list[str]:
    """Every cell that the Python ACD and the engine do not agree on to the last bit.

    `fates` counts how the calls ended.
    """
    result = simulate(model, seed, rows=True)
    rows = World(model, shifts, seed).run()
    engine = result.rows
    assert engine is not None
    if len(rows) != len(engine.queue):
        return [f"{len(rows)} calls in the ACD, {len(engine.queue)} in the engine"]
    found = []
    for n, row in enumerate(rows):
        fate = Fate(row.fate or Fate.STRANDED)
        if fates is not None:
            fates[fate] += 1
        for name in COLUMNS:
            ours = float(fate) if name == "fate" else float(getattr(row, name))
            theirs = float(getattr(engine, name)[n])
            if ours != theirs and not (isnan(ours) and isnan(theirs)):
                found.append(f"call {n}: {name}: ACD {ours!r}, engine {theirs!r}")
    return found
