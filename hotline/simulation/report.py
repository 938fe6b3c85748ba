"""An experiment as ONE self-contained HTML file: our template, inline CSS and SVG, no scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hotline.simulation.estimates import Estimate
from hotline.simulation.experiment import Experiment
from hotline.simulation.outcome import slot_figures, slot_group
from hotline.simulation.page import Part, style, template
from hotline.simulation.plan import PlannedGroup
from hotline.simulation.tables import (
    IN_DAYS,
    NAMES,
    QUEUE_ROWS,
    WAITS,
    day_cells,
    notes,
    plus_minus,
    shown,
    waits_told,
)
from hotline.simulation.weekdays import named
from hotline.standard import plots
from menus.wording import Both

SECONDS_SHOWN = 60
"""Waits beyond so many seconds share the last bar."""
MOST_LINES = 6
"""Queues (or groups) that get a line of their own in a chart, busiest first."""

_WORDS = {
    "title": Both("排队仿真", "Queue simulation"),
    "calls": Both("通话", "calls"),
    "runs": Both("次运行", "runs"),
    "speed": Both("通/秒·核", "calls/s and core"),
    "queues": Both("队列", "Queues"),
    "figure": Both("指标", "figure"),
    "all": Both("合计", "all"),
    "plots": Both("图", "Plots"),
    "groups": Both("坐席组", "Groups of agents"),
    "agents": Both("在岗人数", "agents on duty"),
    "group": Both("坐席组", "group"),
    "listed": Both("最多同时在岗", "most on duty at once"),
    "occupancy": NAMES["occupancy"][0],
    "formulas": Both("口径", "Definitions"),
    "intervals": Both("各时段", "Intervals"),
    "time": Both("时段", "from"),
    "day": Both("日", "day"),
    "days": Both("各日", "By day"),
    "seconds": Both("秒", "s"),
    "none": Both("没有数据", "no data"),
}
_IN_SLOTS = ("offered", "service_level", "mean_wait", "abandoned_fraction")
"""Columns of each queue in the table of intervals."""
_COURSES = (
    ("service_level", Both("服务水平", "Service level"), Both("各时段", "by interval"), True),
    ("offered", Both("转人工请求", "Requests"), Both("每时段", "in each interval"), False),
    ("mean_queue", Both("排队人数", "Callers in line"), Both("平均", "mean"), False),
    ("abandoned_fraction", Both("放弃率", "Abandonment"), Both("放弃/请求", "of offered"), True),
)  # fmt: skip


def to_html(found: Experiment, language: str = "zh", parts: Sequence[Part] = ()) -> str:
    """The page in `language` (zh or en), with more `parts` after the queues."""
    view = _view(found, language) | {"parts": [*_days(found, language), *parts]}
    return str(template("report.html.j2").render(view))


def _days(found: Experiment, language: str) -> list[Part]:
    """A row a day, where days are told apart."""
    if found.days == 1:
        return []
    heads = [_WORDS["day"], *(NAMES[name][0] for name in IN_DAYS)]
    rows = [day_cells(found, day, language) for day in range(found.days)]
    title = _WORDS["days"].of(language)
    return [Part(title, heads=[head.of(language) for head in heads], rows=rows)]


def _view(found: Experiment, language: str) -> dict[str, Any]:
    level = found.everything()["service_level"]
    return {
        "lang": "zh-CN" if language.startswith("zh") else "en",
        "css": style(),
        "words": {name: text.of(language) for name, text in _WORDS.items()},
        "plan": found.plan,
        "tiles": [
            (plus_minus(level, "share"), NAMES["service_level"][0].of(language)),
            (f"{found.calls:,}", _WORDS["calls"].of(language)),
            (f"{len(found.samples)}", _WORDS["runs"].of(language)),
            (f"{found.calls_per_second:,.0f}", _WORDS["speed"].of(language)),
        ],
        "heads": [item.name for item in found.plan.queues],
        "rows": _rows(found, language),
        "groups": [
            (one.name, _most(one, found.run.period), plus_minus(found.occupancy(number), "share"))
            for number, one in enumerate(found.plan.groups)
        ],
        "plots": [*_courses(found, language), *_waits(found, language)],
        "columns": [NAMES[name][0].of(language) for name in _IN_SLOTS],
        "slots": _slots(found, language) if found.run.slots > 1 else [],
        "notes": [note.of(language) for note in notes(found)],
    }


def _most(one: PlannedGroup, until: float) -> int:
    """Agents on duty at once at most, looked at every quarter of an hour."""
    return max(one.on_duty(float(clock)) for clock in np.arange(450.0, until, 900.0))


def _rows(found: Experiment, language: str) -> list[tuple[str, list[str]]]:
    queues = [found.queue(number) for number in range(len(found.plan.queues))]
    if len(queues) > 1:
        queues.append(found.everything())
    rows = []
    for name in QUEUE_ROWS:
        said, kind = NAMES[name]
        per = len(found.samples) if kind == "count" else 1
        cells = [plus_minus(q.get(name, Estimate(None)), kind, per) for q in queues]
        rows.append((said.of(language), cells))
    waits = [waits_told(found, number) for number in range(len(found.plan.queues))]
    for at in WAITS:
        name = Both(f"应答者等待 {at}(秒)", f"wait {at} of the answered, s").of(language)
        cells = [told[at] for told in waits]
        rows.append((name, cells + [""] * (len(queues) - len(cells))))
    return rows


# --- plots -------------------------------------------------------------------------------------


def _busiest(found: Experiment) -> list[int]:
    """The queues with most calls, in the plan's order."""
    offered = found.slots["offered"].sum(axis=0)[: len(found.plan.queues)]
    return sorted(np.argsort(-offered, kind="stable")[:MOST_LINES].tolist())


def _courses(found: Experiment, language: str) -> list[dict[str, Any]]:
    """What happens over the day."""
    if found.run.slots == 1:
        return []
    times, ticks = _times(found, language)
    queues = _busiest(found)
    data = {n: [slot_figures(found, slot, n) for slot in range(found.run.slots)] for n in queues}
    charts = []
    for figure, title, note, percent in _COURSES:
        series = [(found.plan.queues[n].name, [at[figure] for at in data[n]]) for n in queues]
        top = 1.0 if figure == "service_level" else None
        charts.append(_chart(series, title, note, times, language, percent=percent, top=top,
                             ticks=ticks))  # fmt: skip
    return [*charts, *_group_charts(found, times, ticks, language)]


Ticks = Sequence[tuple[int, str]]
"""Where something is written below a chart."""


def _times(found: Experiment, language: str) -> tuple[list[str], list[tuple[int, str]]]:
    """The names of the intervals, and of several days what is written below a chart."""
    instants = [slot * found.slot_seconds for slot in range(found.run.slots)]
    return named(instants, found.days, found.plan.weekday, language)


def _group_charts(
    found: Experiment, times: list[str], ticks: Ticks, language: str
) -> list[dict[str, Any]]:
    groups = list(enumerate(found.plan.groups))[:MOST_LINES]
    data = {n: [slot_group(found, s, n) for s in range(found.run.slots)] for n, _ in groups}
    busy = [(one.name, [at["occupancy"] for at in data[n]]) for n, one in groups]
    there = [(one.name, [at["agents"] for at in data[n]]) for n, one in groups]
    occupancy, on_duty = NAMES["occupancy"][0], _WORDS["agents"]
    work = Both("忙 /（忙+空闲）", "busy / (busy + ready)")
    mean = Both("平均", "mean")
    return [
        _chart(busy, occupancy, work, times, language, percent=True, top=1.0, ticks=ticks),
        _chart(
            there, on_duty, mean, times, language, percent=False, top=None, stairs=True, ticks=ticks
        ),
    ]


def _chart(
    series: list[tuple[str, list[float | None]]],
    title: Both,
    note: Both,
    times: list[str],
    language: str,
    *,
    percent: bool,
    top: float | None,
    stairs: bool = False,
    ticks: Ticks = (),
) -> dict[str, Any]:
    name = title.of(language)
    svg = plots.course(series, name, times, top=top, percent=percent, stairs=stairs, ticks=ticks)
    legend = [key for key, _ in series] if len(series) > 1 else []
    return {"name": name, "note": note.of(language), "svg": svg, "legend": legend}


def _waits(found: Experiment, language: str) -> list[dict[str, Any]]:
    """How long the answered waited, one bar a second, with the 12 s line."""
    unit, runs = _WORDS["seconds"].of(language), len(found.samples)
    limit = found.plan.limits.answer_within
    of = Both(f"秒；{runs} 次运行的通数", f"s; calls of {runs} runs").of(language)
    charts = []
    for number in _busiest(found):
        answered, _ = found.waits(number)
        bars = np.append(answered[:SECONDS_SHOWN], answered[SECONDS_SHOWN:].sum())
        name = Both("应答者的等待", "Waits of the answered").of(language)
        note = f"{found.plan.queues[number].name}, {of}"
        svg = plots.histogram([int(bar) for bar in bars], limit, name, unit)
        charts.append({"name": name, "note": note, "svg": svg, "legend": []})
    return charts


def _slots(found: Experiment, language: str) -> list[tuple[str, list[list[str]]]]:
    """The numbers behind the charts, of each queue."""
    rows = []
    times, _ = _times(found, language)
    for slot in range(found.run.slots):
        cells = []
        for number in range(len(found.plan.queues)):
            at = slot_figures(found, slot, number)
            cells.append([shown(at[name], NAMES[name][1]) for name in _IN_SLOTS])
        rows.append((times[slot], cells))
    return rows
