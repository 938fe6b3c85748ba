"""A load as ONE self-contained HTML page in the look of the simulation's."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.load.expect import CURVE, heard_by
from hotline.load.outcome import TOO_SLOW, Load, notes
from hotline.load.tables import ROWS, live_text, rows, simulated_text
from hotline.simulation.page import Page, Part, Plot, course, render
from hotline.simulation.report import SECONDS_SHOWN
from hotline.simulation.tables import shown
from hotline.standard import plots as draw
from menus.wording import Both

_COURSES = (
    (("up", "calls"), Both("同时在线与新来电", "Calls up, and calls due"),
     Both("每段末在线；每段应拨", "at the end of each part; in each part"), False, None),
    (("heard_agent_within",), Both("时限内听到专员", "Heard an agent in time"),
     Both("按应拨时刻", "by intended start"), True, 1.0),
    (("wait_p95", "setup_p95"), Both("等到专员与建立 p95", "Asked to agent and set-up, p95"),
     Both("秒", "s"), False, None),
    (("failed", "late", "gaps"), Both("失败、迟拨、音频中断", "Failed, late, audio gaps"),
     Both("占通话", "share of calls"), True, None),
)  # fmt: skip
_NAMES = {"up": Both("在线", "up"), "calls": Both("应拨", "due"),
          "setup_p95": Both("建立 p95", "set-up p95")}  # fmt: skip
_MARKS = 6
"""Times written below a chart, about."""


def to_html(load: Load, language: str = "zh") -> str:
    """The page in `language` (zh or en)."""
    title = load.plan.title or Both("真实通话压测", "Load of real calls").of(language)
    rules = load.plan.load
    said = Both(
        f"{load.target} · {rules.length:g} 秒 · 规模 {rules.scale:g} · 种子 {load.seed}",
        f"{load.target} · {rules.length:g} s · scale {rules.scale:g} · seed {load.seed}",
    )
    return render(Page(title, said.of(language), _tiles(load, language), _parts(load, language)),
                  language)  # fmt: skip


def _tiles(load: Load, language: str) -> list[tuple[str, str]]:
    tiles = [
        (live_text(load, name).partition(" ")[0], ROWS[name][0].of(language))
        for name in ("heard_agent_within", "calls", "connected", "failed", "late")
    ]
    if said := simulated_text(load, "heard_agent_within"):
        name = Both("同上，仿真", "the same, simulated")
        tiles.insert(1, (said.partition(" ")[0], name.of(language)))
    return tiles


def _parts(load: Load, language: str) -> list[Part]:
    both = Both("指标", "figure"), Both("真实通话", "live"), Both("仿真", "simulated")
    figures = Part(
        Both("真实通话与仿真", "Live and simulated").of(language),
        heads=[each.of(language) for each in both],
        rows=rows(load, language),
    )
    plots = [*_courses(load, language), _waits(load, language), _heard(load, language)]
    charts = Part(Both("经过", "Course").of(language), plots)
    parts = []
    if load.driver.strained:
        doubt = Both("结果存疑", "Doubtful")
        parts.append(Part(doubt.of(language), notes=[TOO_SLOW.of(language)]))
    parts += [_limits(load, language)] if load.thresholds else []
    parts += [figures, charts]
    if load.all.codes:
        heads = (Both("拒绝与失败", "Refused and failed"), Both("次数", "calls"))
        parts.append(Part(heads[0].of(language), heads=[each.of(language) for each in heads],
                          rows=[(why, str(n)) for why, n in load.all.codes.items()]))  # fmt: skip
    if len(load.queues) > 1:
        parts.append(_queues(load, language))
    said = [note.of(language) for note in notes(load)]
    return [*parts, Part(Both("口径", "Definitions").of(language), notes=said)]


def _limits(load: Load, language: str) -> Part:
    heads = (Both("门限", "threshold"), Both("实为", "value"), Both("结论", "verdict"))
    kept, broken = Both("达到", "kept").of(language), Both("未达到", "MISSED").of(language)
    found = [
        (target.text(), shown(load.all.value(target.figure), "number"), broken if bad else kept)
        for target, bad in load.thresholds
    ]
    return Part(Both("门限", "Thresholds").of(language), heads=[h.of(language) for h in heads],
                rows=found)  # fmt: skip


def _queues(load: Load, language: str) -> Part:
    names = ("calls", "offered", "answered", "heard_agent_within", "abandoned_fraction", "wait_p95")
    table = []
    for name in names:
        said, kind = ROWS[name]
        table.append((said.of(language), *(shown(one.value(name), kind) for one in load.queues)))
    heads = ["", *(item.name for item in load.plan.queues)]
    return Part(Both("队列", "Queues").of(language), heads=heads, rows=table)


# --- charts ------------------------------------------------------------------------------------


def _courses(load: Load, language: str) -> list[Plot]:
    times = [clock(float(part["from"] or 0.0)) for part in load.course]
    ticks = [(n, times[n]) for n in range(0, len(times), max(1, round(len(times) / _MARKS)))]
    return [
        course(
            title.of(language),
            note.of(language),
            [(_name(name, language), [part[name] for part in load.course]) for name in names],
            times,
            percent=percent,
            top=top,
            ticks=ticks,
        )
        for names, title, note, percent, top in _COURSES
    ]


def _name(figure: str, language: str) -> str:
    said = _NAMES.get(figure) or ROWS[figure][0]
    return said.of(language)


def clock(seconds: float) -> str:
    """Minutes and seconds from the start of the run."""
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _waits(load: Load, language: str) -> Plot:
    """How long callers waited for an agent whom they heard, a bar a second."""
    unit = Both("秒", "s").of(language)
    name = Both("从要求人工到听到专员", "From asking to hearing an agent").of(language)
    waits = [call.wait for call in load.calls if call.agent is not None and call.wait is not None]
    svg = draw.histogram(_bars(waits), load.plan.limits.answer_within, name, unit)
    return Plot(name, unit, svg)


def _heard(load: Load, language: str) -> Plot:
    """Who had heard an agent after so many seconds, live and simulated."""
    name = Both("已听到专员", "Had heard an agent").of(language)
    note = Both("占要求人工者，按等待秒数", "of who asked, by seconds of waiting").of(language)
    curves = [(Both("真实通话", "live").of(language), heard_by(load.calls))]
    if load.expected is not None:
        curves.append((Both("仿真", "simulated").of(language), load.expected.heard))
    series = [(said, list(map(float, range(len(ys)))), ys) for said, ys in curves]
    svg = draw.curves(series, name, Both("秒", "s").of(language), float(CURVE))
    return Plot(name, note, svg, [said for said, _ in curves])


def _bars(waits: Sequence[float]) -> list[int]:
    bars = [0] * (SECONDS_SHOWN + 1)
    for wait in waits:
        bars[min(int(wait), SECONDS_SHOWN)] += 1
    return bars
