"""A staffing of several days: figures by day, shifts by day, and each person's week."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hotline.simulation.rosters import Person, Turn
from hotline.simulation.staff import Staffing
from hotline.simulation.weekdays import clock_text, weekday

Row = dict[str, Any]


def day_rows(found: Staffing) -> list[Row]:
    """One row a day: calls, agents, shifts, and the figures of the roster simulated."""
    steps = found.steps
    a_day = steps.groups.shape[1] // found.days
    rows = []
    for day in range(found.days):
        part = slice(day * a_day, (day + 1) * a_day)
        needed = steps.groups[:, part].sum(axis=0)
        figures = found.proof.of_day(day)
        rows.append({
            "day": weekday(found.plan.weekday, day),
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
            **{weekday(found.plan.weekday, day): _on(person, day) for day in days},
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
