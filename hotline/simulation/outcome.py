"""An experiment as data: the contract's JSON, and flat rows for CSV and Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.figures import figures_of
from agents.settings import DAY
from hotline.simulation.estimates import Estimate
from hotline.simulation.experiment import Experiment
from hotline.simulation.measures import busy, queue_counts, queue_measures, row
from hotline.simulation.weekdays import clock_text, weekday
from menus.wording import NOWHERE, Both

COUNTS = frozenset({"offered", "answered", "abandoned", "blocked", "refused", "callback", "lost",
                    "short_abandon", "offers", "answered_within", "unanswered",
                    "caller_left"})  # fmt: skip
"""Figures that are whole numbers."""
FEW = 5
"""Fewer replications than this have intervals that say little (Student's t: 12.7 for two)."""
PERCENTILES = (50, 80, 90, 95, 99)
IN_SLOTS = ("offered", "answered", "abandoned", "blocked", "service_level", "abandoned_fraction",
            "mean_wait", "mean_wait_answered", "ring_within")  # fmt: skip


def to_json(found: Experiment, lang: str = "en", *, agents: bool = False) -> dict[str, Any]:
    """What `hotline simulate --json` prints: counts over all replications, figures, intervals."""
    plan = found.plan
    data: dict[str, Any] = {
        "queues": {
            item.name: {
                **_block(found.queue(number)),
                "wait_percentiles": percentiles(found, number),
            }
            for number, item in enumerate(plan.queues)
        },
        "groups": {
            one.name: _block({"occupancy": found.occupancy(number)})
            for number, one in enumerate(plan.groups)
        },
        "calls_per_second": found.calls_per_second,
        "seed": found.seed,
        "replications": len(found.samples),
        "calls": found.calls,
        "horizon": found.run.model.horizon,
        "answer_within": plan.limits.answer_within,
        "short_abandon": plan.limits.short_abandon,
        "warm_up": {"seconds": found.run.warm_up, "treatment": warm_up(found).of(lang)},
        "confidence_over": found.method,
        "formulas": formulas(found),
    }
    if len(plan.queues) > 1:
        data["all"] = _block(found.everything())
    if found.run.slots > 1:
        data["intervals"] = intervals(found)
    if found.days > 1:
        data["days"] = by_day(found)
    if agents:
        data["agents"] = {name: _block(figures) for name, figures in found.agents().items()}
    return data


def _block(figures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {name: _value(name, e.value) for name, e in figures.items()}
    return {**values, "confidence": {name: [e.low, e.high] for name, e in figures.items()}}


def _value(name: str, value: float | None) -> float | int | None:
    return int(value) if name in COUNTS and value is not None else value


def formulas(found: Experiment) -> dict[str, str]:
    """The formula of each figure of a queue, in words."""
    sums = row(found.slots, 0, 0)
    return {
        name: figure.formula for name, figure in queue_measures(sums, found.plan.limits).items()
    }


def warm_up(found: Experiment) -> Both:
    """How the beginning of a run is treated."""
    seconds = found.run.warm_up
    if seconds:
        return Both(
            f"每次运行从空系统开始；最前面 {seconds:,.0f} 秒（计入来电的十分之一）作为预热，"
            "不计入任何指标、分位数和分布图",
            f"each run starts empty; its first {seconds:,.0f} s (a tenth of what is counted) warm "
            "up and are not counted, in no figure, percentile or histogram",
        )
    return Both(
        "每次运行从零点的空系统开始，与一天相同；全部计入",
        "each run starts empty at midnight as the day does; everything is counted",
    )


_MORE = Both("；重复次数少，区间很宽，可用 --replications 10",
             "; so few make them wide: use --replications 10")  # fmt: skip


def interval_note(found: Experiment) -> Both:
    """What the confidence intervals are taken over."""
    number, units = len(found.samples), found.run.units
    zh, en = {
        "replications": (f"{number} 次重复", f"{number} replications"),
        "batches": (f"一次运行的 {units} 个批次", f"{units} batches of one run"),
        "days": (f"一次运行的 {units} 天", f"{units} days of one run"),
    }.get(found.method, ("", ""))
    if zh:
        few = found.method == "replications" and number < FEW
        more = _MORE if few else NOWHERE
        return Both(f"95 % 区间：{zh}，t 分布{more.zh}",
                    f"95 % intervals: Student's t over {en}{more.en}")  # fmt: skip
    return Both(
        "只有一次一天的运行，没有置信区间：用 --replications 2 或更多",
        "one run of a day has no interval: use --replications 2 or more",
    )


def percentiles(found: Experiment, number: int) -> dict[str, float | None]:
    """Waits of the answered (s, to the second above) that so many percent do not exceed."""
    answered, _ = found.waits(number)
    total = answered.sum()
    if not total:
        return {f"p{p}": None for p in PERCENTILES}
    cumulative = np.cumsum(answered) / total
    found_at = {p: int(np.searchsorted(cumulative, p / 100 - 1e-12)) for p in PERCENTILES}
    last = len(answered) - 1
    return {f"p{p}": None if at == last else float(at + 1) for p, at in found_at.items()}


# --- over the day ------------------------------------------------------------------------------


def intervals(found: Experiment) -> list[dict[str, Any]]:
    """Each interval of the day (or of the days, where they are told apart): figures of each queue
    (counts are means of a run), occupancies."""
    return [
        {
            **_day(found, slot),
            "start": clock_text(slot * found.slot_seconds),
            "queues": {
                item.name: slot_figures(found, slot, number)
                for number, item in enumerate(found.plan.queues)
            },
            "groups": {
                one.name: slot_group(found, slot, number)
                for number, one in enumerate(found.plan.groups)
            },
        }
        for slot in range(found.run.slots)
    ]


def _day(found: Experiment, slot: int) -> dict[str, str]:
    """Which day an interval is of, where days are told apart."""
    if found.days == 1:
        return {}
    return {"day": weekday(found.plan.weekday, int(slot * found.slot_seconds // DAY))}


def by_day(found: Experiment) -> list[dict[str, Any]]:
    """Figures of each day, all queues together, where days are told apart."""
    return [
        {"day": weekday(found.plan.weekday, day), **_block(found.of_day(day))}
        for day in range(found.days)
    ]


def slot_figures(found: Experiment, slot: int, number: int) -> dict[str, float | None]:
    """Figures of one queue in one interval of the day."""
    sums = row(found.slots, slot, number)
    figures = queue_measures(sums, found.plan.limits)
    visits = found.slot_visits
    values = {
        name: figures[name].value if figures[name].denominator is not None
        else figures[name].numerator / visits
        for name in IN_SLOTS
    }  # fmt: skip
    return {**values, "mean_queue": sums["in_line"] / visits / found.slot_seconds}


def slot_group(found: Experiment, slot: int, number: int) -> dict[str, float | None]:
    """Occupancy and mean number of agents of one group in one interval."""
    sums = row(found.group_slots, slot, number)
    present = sum(sums[n] for n in ("ready", "ringing", "talking", "after_call"))
    return {
        "occupancy": busy(sums).value,
        "agents": present / found.slot_visits / found.slot_seconds,
    }


def slot_levels(found: Experiment) -> list[float | None]:
    """Service level of all queues together in each interval."""
    levels = []
    for slot in range(found.run.slots):
        sums = {name: float(table[slot].sum()) for name, table in found.slots.items()}
        levels.append(figures_of(queue_counts(sums), found.plan.limits)["service_level"].value)
    return levels


# --- flat --------------------------------------------------------------------------------------


def rows(found: Experiment) -> list[dict[str, Any]]:
    """One row a figure: scope, name, interval, figure, value, low, high. For CSV and Parquet."""
    flat = []
    for number, item in enumerate(found.plan.queues):
        flat += _rows("queue", item.name, "", found.queue(number))
    for number, one in enumerate(found.plan.groups):
        flat += _rows("group", one.name, "", {"occupancy": found.occupancy(number)})
    for part in intervals(found) if found.run.slots > 1 else ():
        for scope in ("queues", "groups"):
            for name, figures in part[scope].items():
                plain = {key: Estimate(value) for key, value in figures.items()}
                when = f"{part.get('day', '')} {part['start']}".strip()
                flat += _rows(scope[:-1], name, when, plain)
    for name, figures in found.agents().items():
        flat += _rows("agent", name, "", figures)
    return flat


def _rows(
    scope: str, name: str, start: str, figures: Mapping[str, Estimate]
) -> list[dict[str, Any]]:
    return [
        {"scope": scope, "name": name, "interval": start, "figure": figure,
         "value": e.value, "low": e.low, "high": e.high}
        for figure, e in figures.items()
    ]  # fmt: skip


def write_table(found: Experiment, path: str) -> None:
    """Write the flat rows to `path`: Parquet by its ending, else CSV.

    Raises `ModuleNotFoundError` for Parquet without the extra `tables`.
    """
    flat = rows(found)
    if path.endswith(".parquet"):
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(flat), path)
        return
    import csv

    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(flat[0]))
        writer.writeheader()
        writer.writerows(flat)
