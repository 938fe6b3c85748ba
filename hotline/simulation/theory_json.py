"""What `hotline erlang --json` prints: the contract's keys, with `null` and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotline.simulation.exact import Theory, fraction, occupancy_of
from hotline.simulation.plan import Plan

FRACTIONS = (
    "waited_fraction",
    "abandoned_fraction",
    "blocked_fraction",
    "mean_wait",
    "mean_wait_answered",
    "answered_within_of_offered",
    "answered_within_of_answered",
    "service_level",
    "mean_queue",
)


def theory_json(plan: Plan, theories: Sequence[Theory], lang: str = "en") -> dict[str, Any]:
    """The figures of all queues and groups. Counts are expected numbers in one hour."""
    return {
        "per": "hour",
        "answer_within": plan.limits.answer_within,
        "short_abandon": plan.limits.short_abandon,
        "queues": {theory.queue.name: _queue(theory, lang) for theory in theories},
        "groups": {
            one.name: {"occupancy": occupancy_of(plan, one, theories)} for one in plan.groups
        },
        "calls_per_second": None,
        "seed": None,
    }


def _queue(theory: Theory, lang: str) -> dict[str, Any]:
    offered = theory.queue.profile.per_day / 24
    found: dict[str, Any] = {"offered": offered, **_counts(theory, offered)}
    found |= {name: fraction(theory, name) for name in FRACTIONS}
    # Where theory applies agents answer at once, so every offer is answered in time.
    found["ring_within"] = 1.0 if theory.exact else None
    found["confidence"] = {
        name: None if value is None else [value, value] for name, value in found.items()
    }
    return {**found, "model": theory.model or None, "reason": theory.reason.of(lang) or None}


def _counts(theory: Theory, offered: float) -> dict[str, float | None]:
    abandoned, blocked = (
        fraction(theory, "abandoned_fraction"),
        fraction(theory, "blocked_fraction"),
    )
    if abandoned is None or blocked is None:
        return dict.fromkeys(("answered", "abandoned", "blocked"))
    return {
        "answered": offered * (1 - abandoned - blocked),
        "abandoned": offered * abandoned,
        "blocked": offered * blocked,
    }
