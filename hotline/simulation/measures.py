"""Figures of a simulation, with intervals: the engine's sums put into the formulas of `agents`.

Nothing is defined here but what the queue engine alone can see: what was blocked for want of a
line, and the mean line. All other names and formulas are those of `agents.figures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agents.agent_figures import OCCUPANCY, AgentCounts, agent_figures_of
from agents.figures import Figure, Figures, Limits, QueueCounts, count, figures_of, named, ratio
from hotline.simulation import estimates
from hotline.simulation.estimates import LEVEL, Estimate
from hotline.simulation.sample import Array, Sums
from hotline.switch.figures import Share

MEANS = ("mean_wait", "mean_wait_answered", "mean_handle", "mean_queue")
"""Figures that are means, not shares."""
SHOWN = (
    "offered",
    "answered",
    "abandoned",
    "blocked",
    "refused",
    "callback",
    "lost",
    "short_abandon",
    "waited_fraction",
    "answered_fraction",
    "abandoned_fraction",
    "blocked_fraction",
    "mean_wait",
    "mean_wait_answered",
    "service_level",
    "answered_within_of_offered",
    "answered_within_of_answered",
    "answered_within_of_finished",
    "answered_within_less_quick",
    "handled_within",
    "ring_within",
    "hung_up_first",
)
"""Figures of a queue that the engine can count."""
AGENT_SHOWN = (
    "offers",
    "answered",
    "answered_within",
    "ring_within",
    "mean_ring",
    "unanswered",
    "caller_left",
    "hung_up_first",
    "signed_in",
    "mean_handle",
    "occupancy",
    "utilisation",
    "adherence",
)
"""Figures of an agent that the engine can count."""


def queue_counts(sums: Mapping[str, float]) -> QueueCounts:
    """The engine's sums in the words of `agents.figures`."""
    return QueueCounts(
        offered=sums["offered"],
        answered=sums["answered"],
        abandoned=sums["abandoned"],
        short_abandon=sums["abandoned_short"],
        refused=sums["refused"] + sums["blocked"],
        callback=sums["booked"],
        lost=sums["stranded"],
        within=sums["within"],
        gone_within=sums["abandoned_within"],
        waited_requests=sums["waited"],
        level=_share(sums["within"], sums["offered"] - sums["abandoned_short"]),
        waited_answered=sums["wait_answered"],
        waited=sums["wait"],
        ring=_share(sums["ring_within"], sums["offers"] - sums["ring_excused"]),
    )


def queue_measures(sums: Mapping[str, float], limits: Limits) -> Figures:
    """The figures of one queue from the engine's sums."""
    turned_away = sums["blocked"] + sums["refused"]
    own = [
        count("blocked", "no free line, or waiting room full", turned_away),
        count("refused", "of these: waiting room full", sums["refused"]),
        ratio("blocked_fraction", "blocked / offered", turned_away, sums["offered"]),
        ratio("hung_up_first", "5.2.7.3: conversations that the agent ended first / answered",
              sums["hung_up_first"], sums["answered"]),
    ]  # fmt: skip
    figures = {**figures_of(queue_counts(sums), limits), **named(own)}
    return {name: figures[name] for name in SHOWN}


def _share(good: float, total: float) -> Share:
    return Share(int(good), int(total))


def busy(sums: Mapping[str, float]) -> Figure:
    """Occupancy of a group (or an agent) from the engine's seconds."""
    work = sums["talking"] + sums["after_call"]
    return ratio("occupancy", OCCUPANCY, work, work + sums["ready"])


def agent_counts(sums: Mapping[str, float]) -> AgentCounts:
    """The engine's sums of one agent in the words of `agents.agent_figures`.

    `on_break` are seconds of planned breaks that were taken, `break` those that were planned.
    """
    answered = sums["answered"]
    present = ("ready", "ringing", "talking", "after_call", "not_ready", "on_break")
    return AgentCounts(
        offers=sums["offers"],
        answered=answered,
        unanswered=sums["unanswered"],
        caller_left=sums["caller_left"],
        ring=_share(sums["within"], sums["offers"] - sums["caller_left"]),
        rang=sums["rang"],
        hung_up_first=_share(sums["hung_up_first"], answered),
        talks=answered,
        talking=sums["talking"],
        wrap_up=sums["after_call"],
        ready=sums["ready"],
        signed_in=sum(sums[name] for name in present),
        kept=sums["scheduled"] + min(sums["on_break"], sums["break"]),
        planned=sums["scheduled"] + sums["break"],
    )


def agent_measures(sums: Mapping[str, float], limits: Limits) -> Figures:
    """The figures of one agent from the engine's sums."""
    found = agent_figures_of(agent_counts(sums), limits)
    return {name: found[name] for name in AGENT_SHOWN}


# --- with intervals ----------------------------------------------------------------------------


def row(sums: Sums, unit: int, column: int) -> dict[str, float]:
    """The sums of one unit and one queue (or group, or agent)."""
    return {name: float(table[unit, column]) for name, table in sums.items()}


def estimates_of(by_unit: Sequence[Figures], level: float = LEVEL) -> dict[str, Estimate]:
    """Each figure over all units, with its interval. `by_unit`: the figures of each unit."""
    return {name: _estimate([figures[name] for figures in by_unit], level) for name in by_unit[0]}


def _estimate(figures: Sequence[Figure], level: float) -> Estimate:
    above = np.array([figure.numerator for figure in figures])
    if figures[0].denominator is None:
        return estimates.total(above, level=level)
    below = np.array([figure.denominator for figure in figures])
    share = figures[0].name not in MEANS
    return estimates.ratio(above, below, share=share, level=level)


def mean_line(in_line: Array, width: float, level: float = LEVEL) -> Estimate:
    """Mean callers in line from person-seconds of each unit and the seconds of a unit."""
    return estimates.ratio(in_line, np.full(len(in_line), width), level=level)
