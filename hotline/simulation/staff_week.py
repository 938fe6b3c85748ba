"""A staffing of several days: figures by day, shifts by day, and each person's week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hotline.simulation.estimates import Estimate
from hotline.simulation.measures import estimates_of, queue_measures
from hotline.simulation.outcome import clock_text
from hotline.simulation.parts import WEEKDAYS
from hotline.simulation.plan import Plan
from hotline.simulation.rosters import Person, Turn
from hotline.simulation.staff import Staffing
from menus.wording import Both

Row = dict[str, Any]
SHORT = (
    Both("周一", "Mon"), Both("周二", "Tue"), Both("周三", "Wed"), Both("周四", "Thu"),
    Both("周五", "Fri"), Both("周六", "Sat"), Both("周日", "Sun"),
)  # fmt: skip


def weekday(plan: Plan, day: int) -> str:
    """The weekday of a day of the plan, 0 = its first: monday ... sunday."""
    return WEEKDAYS[(plan.weekday + day) % len(WEEKDAYS)]


def short(plan: Plan, day: int) -> Both:
    """The same for people."""
    return SHORT[(plan.weekday + day) % len(SHORT)]


def of_day(found: Staffing, day: int) -> dict[str, Estimate]:
    """Figures of one day of the roster simulated, all queues together."""
    proof = found.proof
    a_day = proof.run.slots // found.days
    part = slice(day * a_day, (day + 1) * a_day)
    sums = [{name: float(table[part].sum()) for name, table in sample.slots.items()}
            for sample in proof.samples]  # fmt: skip
    return estimates_of([queue_measures(one, proof.plan.limits) for one in sums])


def day_rows(found: Staffing) -> list[Row]:
    """One row a day: calls, agents, shifts, and the figures of the roster simulated."""
    steps = found.steps
    a_day = steps.groups.shape[1] // found.days
    rows = []
    for day in range(found.days):
        part = slice(day * a_day, (day + 1) * a_day)
        needed = steps.groups[:, part].sum(axis=0)
        figures = of_day(found, day)
        rows.append({
            "day": weekday(found.plan, day),
            "calls": float(steps.rates[:, part].sum()) * steps.every,
            "agents": int(needed.max()),
            "agent_hours": float(needed.sum()) * steps.every / 3600,
            "present": sum(cover.on_day(day) for cover in found.covers),
            "rostered": sum(rostered for _, worked, rostered in worked_shifts(found)
                            if worked.day == day),
            "steps_met": sum(steps.met[part]),
            "steps": a_day,
            **{name: figures[name].value for name in FIGURES},
            "confidence": {name: [figures[name].low, figures[name].high] for name in FIGURES},
        })  # fmt: skip
    return rows


FIGURES = ("service_level", "abandoned_fraction", "mean_wait_answered")
"""Figures of a day."""


def worked_shifts(found: Staffing) -> Iterator[tuple[str, Any, int]]:
    """Group, shift worked, and how many of it are on the roster."""
    away = found.plan.staff.shrinkage
    for one, cover in zip(found.plan.groups, found.covers, strict=True):
        for worked, rostered in zip(cover.worked, cover.rostered(away), strict=True):
            yield one.name, worked, rostered


# --- people ------------------------------------------------------------------------------------


def people(found: Staffing) -> Iterator[tuple[str, str, Person]]:
    """Group, name and week of each person on the roster."""
    for one, own in zip(found.plan.groups, found.rosters, strict=True):
        for number, person in enumerate(own.people):
            yield one.name, f"{one.name}-{number + 1:03d}", person


def people_rows(found: Staffing) -> list[Row]:
    """One row a person: group, name, the shift of each day ("" off), shifts and hours of work."""
    days = sorted({w.day for cover in found.covers for w in cover.worked} | set(range(found.days)))
    return [
        {
            "group": group,
            "agent": name,
            **{weekday(found.plan, day): _on(person, day) for day in days},
            "shifts": len(person.turns),
            "hours": round(person.seconds / 3600, 2),
        }
        for group, name, person in people(found)
    ]


def _on(person: Person, day: int) -> str:
    return next((turn_text(turn) for turn in person.turns if turn.day == day), "")


def turn_text(turn: Turn) -> str:
    """A shift with its breaks, as 08:00-16:00 (12:00-12:30)."""
    breaks = ", ".join(f"{clock_text(a)}-{clock_text(b)}" for a, b in turn.shift.breaks)
    text = f"{clock_text(turn.shift.start)}-{clock_text(turn.shift.end)}"
    return f"{text} ({breaks})" if breaks else text
