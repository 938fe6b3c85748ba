"""The reference rows as plans, and what of each row a simulation is compared with.

Times there are in minutes; plans are in seconds. `docs/validation.md` is made of the same cases.
"""

from dataclasses import dataclass, field

from tests.simulation.plans import exponential, plan
from tests.theory.reference import outputs

MINUTE = 60.0
ROWS = ("B1", "B2", "C1", "C3", "A1", "A3", "A6", "G0", "G1", "G3", "P1", "N1", "R1")
"""Stationary rows that a plan can say. T1 and O1 depend on the time of day: `test_time_of_day`."""

FIGURES = {
    "Pwait": "waited_fraction",
    "Pab": "abandoned_fraction",
    "Pab_per_attempt": "abandoned_fraction",
    "Pblock": "blocked_fraction",
    "EW": "mean_wait",
    "ASA": "mean_wait",
    "ASA_served": "mean_wait_answered",
    "SL": "answered_within_of_offered",
    "SL_offered": "answered_within_of_offered",
    "SL_answered": "answered_within_of_answered",
    "SL_excl_ab_by_T": "service_level",
    "Lq": "mean_queue",
    "occ": "occupancy",
}
"""Output of a reference row with one queue -> our figure."""
TIMES = ("EW", "ASA", "ASA_served", "EW1", "EW2")


@dataclass(frozen=True)
class Case:
    """A plan of one row; `calls` of one replication. `agents`: changes the first group's number."""

    row: str
    make: object = field(repr=False)
    calls: int = 200_000

    def plan(self, more=0):
        return self.make(more)

    def expected(self):
        """(name of the reference, queue or None for a group, figure, value in our units)."""
        found = []
        for name, value in outputs(self.row).items():
            value = value * MINUTE if name in TIMES else value
            place = _place(self.row, name)
            if place is not None and value > 1e-9:
                found.append((name, *place, value))
        return found


def _place(row, name):
    if row == "P1":
        return {
            "Pwait": (0, "waited_fraction"),
            "EW1": (0, "mean_wait"),
            "EW2": (1, "mean_wait"),
        }.get(name)
    if row == "N1":
        if name in ("occA", "occB"):
            return ("group", 0 if name == "occA" else 1)
        figure = {"P": "waited_fraction", "Pab": "abandoned_fraction", "EW": "mean_wait"}
        for number in (0, 1):
            for prefix, ours in figure.items():
                if name == f"{prefix}{number + 1}" + ("wait" if prefix == "P" else ""):
                    return (number, ours)
        return None
    if name == "occ":
        return ("group", 0)
    return (0, FIGURES[name]) if name in FIGURES else None


def single(row, per_minute, handle, agents, within, patience=None, calls=200_000, **rules):
    """One queue, one group."""

    def make(more):
        queue = {"name": "q", "calls_per_hour": per_minute * 60, "handle": exponential(handle)}
        if patience is not None:
            queue["patience"] = patience
        return plan(
            answer_within=within,
            short_abandon=within,
            queues=[queue],
            groups=[{"name": "g", "agents": agents + more, "skills": ["q"]}],
            **rules,
        )

    return Case(row, make, calls)


def priorities(more):
    queues = [
        {"name": "high", "calls_per_hour": 1800, "priority": 1, "handle": exponential(240)},
        {"name": "low", "calls_per_hour": 1020, "handle": exponential(240)},
    ]
    group = {"name": "g", "agents": 200 + more, "skills": ["high", "low"]}
    return plan(queues=queues, groups=[group])


def n_design(more):
    queues = [
        {
            "name": "one",
            "calls_per_hour": 480,
            "handle": exponential(240),
            "patience": exponential(180),
        },
        {
            "name": "two",
            "calls_per_hour": 120,
            "priority": 1,
            "handle": exponential(240),
            "patience": exponential(120),
        },
    ]
    groups = [
        {"name": "a", "agents": 32 + more, "skills": ["one"]},
        {"name": "b", "agents": 9, "skills": ["two", "one"]},
    ]
    return plan(queues=queues, groups=groups)


LOGNORMAL = {"distribution": "lognormal", "mean": 180, "cv": 2}
CASES = {
    case.row: case
    for case in (
        single("B1", 5, 60, 10, 12, calls=50_000, waiting_room=0),
        single("B2", 90, 60, 100, 12, calls=50_000, trunks=100),
        single("C1", 48, 60, 50, 20),
        single("C3", 47.5, 240, 200, 12),
        single("A1", 47.5, 240, 200, 12, exponential(180)),
        single("A3", 102, 60, 100, 6, exponential(60), calls=60_000, waiting_room=200),
        single("A6", 10 / 3, 180, 13, 20, exponential(300)),
        single("G0", 47.5, 240, 200, 12, exponential(180)),
        single("G1", 47.5, 240, 195, 12, 180),
        single("G3", 47.5, 240, 190, 12, LOGNORMAL),
        Case("P1", priorities),
        Case("N1", n_design, 100_000),
        single("R1", 4.5, 240, 18, 12, exponential(180), calls=60_000,
               redial={"probability": 0.6, "delay": exponential(300)}),
    )
}  # fmt: skip


def estimate(found, place, figure, level):
    """The simulated value of a case's figure."""
    if place == "group":
        return found.occupancy(figure, level)
    return found.queue(place, level)[figure]
