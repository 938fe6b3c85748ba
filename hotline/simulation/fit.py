"""A call log -> what a plan needs: arrivals by interval, patience, handle and after-call times.

Fitted over whole days. The profile is the mean day; seven weekdays or more give factors of the
week, and what the days differ by beyond Poisson is the busyness of a day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.settings import DAY
from hotline.simulation.call_log import CallLog, LogRow
from hotline.simulation.censored import Fitted, Survival, Vector, kaplan_meier, patience_of
from hotline.simulation.engine.laws import Law
from hotline.simulation.estimates import Estimate
from hotline.simulation.fitting import durations_of
from menus.wording import Both

WEEK = 7
FEW_DAYS = 5
"""With fewer days nothing is said of their busyness."""
FEW_CALLS, FEW_GONE = 30, 10
"""Fewer answered calls (callers who gave up) than this say little of a queue."""
HELPS_OUT = 0.05
"""Share of an agent's calls from which on a queue is one that he serves."""


@dataclass(frozen=True, slots=True, eq=False)
class QueueFit:
    """What the log says of one queue."""

    name: str
    asked: Vector
    """[n] instants of asking for an agent (s from the first midnight)"""
    per_interval: Vector
    """[I] mean calls of a day in each interval"""
    waits: Vector
    gave_up: np.typing.NDArray[np.bool_]
    survival: Survival
    patience: tuple[Fitted, ...]
    talks: Vector
    handle: tuple[Fitted, ...]
    after: Vector
    after_call: tuple[Fitted, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LogFit:
    """What the log says."""

    log: CallLog
    every: float
    queues: tuple[QueueFit, ...]
    groups: tuple[tuple[tuple[str, ...], int], ...]
    """(queues served, agents seen at once)"""
    ring: tuple[Fitted, ...]
    week: tuple[float, ...]
    """factors from Monday; () if the log has not every weekday"""
    busyness: float
    """coefficient of variation of a day's factor"""
    contained: int
    """calls that never asked for an agent"""
    blocked: int


def fit(log: CallLog, every: float = 1800.0) -> LogFit:
    """Fit everything; intervals of `every` s."""
    asked = [row for row in log.rows if row.queued is not None]
    names = [name for name in log.queues if any(
        row.queue == name and row.answered is not None and row.ended is not None for row in asked
    )]  # fmt: skip
    rang = np.array([row.answered - row.rang for row in asked
                     if row.answered is not None and row.rang is not None])  # fmt: skip
    week = _week(log, asked)
    return LogFit(
        log,
        every,
        tuple(_queue(log, name, [r for r in asked if r.queue == name], every) for name in names),
        _groups(asked, names, every),
        durations_of(rang),
        week,
        _busyness(log, asked, week),
        sum(row.outcome == "self_service" for row in log.rows),
        sum(row.outcome == "blocked" for row in log.rows),
    )


def doubts(found: LogFit) -> Iterator[Both]:
    """Why the figures may say little."""
    empty, days = found.log.days_without, found.log.days
    if empty:
        yield Both(
            f"{days} 天中有 {empty} 天没有一通来电，日均因此偏低："
            "日志缺了这些天，还是某行日期写错？",
            f"{empty} of {days} days have no call, and lower the mean day: are they missing from "
            "the log, or is a date wrong?",
        )
    for one in found.queues:
        if len(one.talks) < FEW_CALLS:
            yield Both(f"队列 {one.name} 只有 {len(one.talks)} 通已应答来电，拟合不可靠",
                       f"queue {one.name!r} has only {len(one.talks)} answered calls: what is "
                       "fitted to them is a guess")  # fmt: skip
        elif 0 < one.gave_up.sum() < FEW_GONE:
            gone = int(one.gave_up.sum())
            yield Both(f"队列 {one.name} 只有 {gone} 人放弃，耐心的估计不可靠",
                       f"in queue {one.name!r} only {gone} callers gave up: their patience is a "
                       "guess")  # fmt: skip


def _queue(log: CallLog, name: str, rows: Sequence[LogRow], every: float) -> QueueFit:
    asked = np.array([row.queued for row in rows], np.float64)
    slots = ((asked % DAY) // every).astype(np.int64)
    counts = np.bincount(slots, minlength=int(DAY / every)) / log.days
    waited = [row for row in rows if row.wait is not None]
    waits = np.array([row.wait for row in waited], np.float64)
    gave_up = np.array([row.abandoned is not None for row in waited], bool)
    talks = np.array([row.ended - row.answered for row in rows
                      if row.answered is not None and row.ended is not None])  # fmt: skip
    after = np.array([row.after_call for row in rows
                      if row.answered is not None and row.after_call is not None])  # fmt: skip
    return QueueFit(
        name, asked, counts, waits, gave_up, kaplan_meier(waits, gave_up),
        patience_of(waits, gave_up), talks, durations_of(talks), after, durations_of(after),
    )  # fmt: skip


def _daily(log: CallLog, rows: Sequence[LogRow]) -> Vector:
    days = np.array([row.queued for row in rows], np.float64) // DAY
    return np.bincount(days.astype(np.int64), minlength=log.days).astype(np.float64)


def _week(log: CallLog, rows: Sequence[LogRow]) -> tuple[float, ...]:
    if log.days < WEEK or not rows:
        return ()
    daily = _daily(log, rows)
    weekdays = (np.arange(log.days) + log.first.weekday()) % WEEK
    means = np.array([daily[weekdays == day].mean() for day in range(WEEK)])
    return tuple(float(factor) for factor in means / means.mean()) if means.all() else ()


def _busyness(log: CallLog, rows: Sequence[LogRow], week: Sequence[float]) -> float:
    """Moments of a gamma-Poisson mixture: var = m + (cv m)^2, weekdays taken out first."""
    if log.days < max(FEW_DAYS, 2 * WEEK if week else 0) or not rows:
        return 0.0
    daily = _daily(log, rows)
    factors = np.array(week or [1.0] * WEEK)
    expected = factors[(np.arange(log.days) + log.first.weekday()) % WEEK] * daily.mean()
    lost = WEEK if week else 1
    excess = float(((daily - expected) ** 2).sum()) / (log.days - lost) - daily.mean()
    return math.sqrt(max(0.0, excess)) / float(daily.mean())


def _groups(
    rows: Sequence[LogRow], names: Sequence[str], every: float
) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Agents with the same queues are a group; its size is the most that worked at once."""
    calls: dict[str, dict[str, int]] = {}
    for row in rows:
        if row.agent and row.answered is not None and row.queue in names:
            own = calls.setdefault(row.agent, {})
            own[row.queue] = own.get(row.queue, 0) + 1
    served = {
        agent: tuple(n for n in names if own.get(n, 0) >= HELPS_OUT * sum(own.values()))
        for agent, own in calls.items()
    }
    found = []
    for skills in sorted(set(served.values()), key=lambda s: (-len(s), s)):
        there: dict[int, set[str]] = {}
        for row in rows:
            if row.answered is not None and served.get(row.agent) == skills:
                there.setdefault(int(row.answered // every), set()).add(row.agent)
        found.append((skills, max(len(agents) for agents in there.values())))
    covered = {name for skills, _ in found for name in skills}
    missing = tuple(name for name in names if name not in covered)
    return (*found, (missing, 1)) if missing else tuple(found)


# --- as a plan ---------------------------------------------------------------------------------


def plan_data(found: LogFit, title: str = "") -> dict[str, Any]:
    """The plan in the form of its YAML file."""
    data: dict[str, Any] = {"plan": title} if title else {}
    data |= {"answer_within": 12, "short_abandon": 5}
    data["queues"] = [_queue_data(found, one) for one in found.queues]
    if found.ring:
        data["ring"] = law_data(found.ring[0])
    if found.week and max(found.week) - min(found.week) > 0:
        data["week"] = [_short(factor) for factor in found.week]
    if found.busyness:
        data["busyness"] = {"cv": _short(found.busyness)}
    many = len(found.groups) > 1
    data["groups"] = [
        {"name": f"group{number}" if many else "agents", "agents": agents, "skills": list(skills)}
        for number, (skills, agents) in enumerate(found.groups, 1)
    ]
    return data


def _queue_data(found: LogFit, one: QueueFit) -> dict[str, Any]:
    minutes = int(found.every / 60)
    calls = [_short(count) for count in one.per_interval]
    data: dict[str, Any] = {"name": one.name, "profile": {"every": minutes, "calls": calls},
                            "handle": law_data(one.handle[0])}  # fmt: skip
    if one.after_call:
        data["after_call"] = law_data(one.after_call[0])
    if one.patience:
        data["patience"] = law_data(one.patience[0])
    return data


def law_data(fitted: Fitted) -> dict[str, Any]:
    """A law in the plan's words."""
    law: Law = fitted.law
    values = {name: e.value or 0.0 for name, e in fitted.estimates}
    whole = {name: int(v) if law.name == "erlang" and name == "shape" else _short(v)
             for name, v in values.items()}  # fmt: skip
    return {"distribution": law.name, **whole}


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def remarks(found: LogFit) -> str:
    """What the numbers rest on, as lines for the head of the plan."""
    log = found.log
    lines = [f"Fitted to {log.file}: {len(log.rows)} calls of {log.days} days from "
             f"{log.first:%Y-%m-%d}; {len(log.bad)} rows left out."]  # fmt: skip
    for one in found.queues:
        gone = int(one.gave_up.sum())
        lines.append(f"{one.name}: {len(one.waits)} waits, {gone} given up; "
                     f"patience {said(one.patience)}; handle {said(one.handle)}")  # fmt: skip
    return "\n".join(lines)


def said(laws: Sequence[Fitted]) -> str:
    """The best law with its parameters' 95 % intervals."""
    if not laws:
        return "none (without end)"
    best = laws[0]
    return f"{best.law.name} " + ", ".join(
        f"{name} {_interval(e)}" for name, e in best.estimates
    )  # fmt: skip


def _interval(e: Estimate) -> str:
    if e.low is None or e.high is None:
        return f"{e.value:.4g}"
    return f"{e.value:.4g} [{e.low:.4g}, {e.high:.4g}]"
