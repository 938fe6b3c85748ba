"""An experiment in a terminal: figures with their intervals, bilingual heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hotline.simulation.estimates import Estimate
from hotline.simulation.experiment import Experiment
from hotline.simulation.outcome import interval_note, percentiles, warm_up
from hotline.simulation.weekdays import short
from menus.wording import Both

if TYPE_CHECKING:
    from rich.console import Console

NAMES: Mapping[str, tuple[Both, str]] = {
    "offered": (Both("转人工请求", "offered"), "count"),
    "answered": (Both("应答", "answered"), "count"),
    "abandoned": (Both("放弃", "abandoned"), "count"),
    "blocked": (Both("呼损", "blocked"), "count"),
    "callback": (Both("预约回拨", "call-backs"), "count"),
    "service_level": (Both("服务水平", "service level"), "share"),
    "answered_within_of_offered": (Both("时限内/请求", "in time / offered"), "share"),
    "answered_within_of_answered": (Both("时限内/应答", "in time / answered"), "share"),
    "answered_within_less_quick": (Both("时限内/(应答+超时放弃)", "in time / less quick"), "share"),
    "handled_within": (Both("(时限内应答+放弃)/全部", "handled in time"), "share"),
    "ring_within": (Both("振铃时限内应答", "ring in time"), "share"),
    "waited_fraction": (Both("需等待", "waited"), "share"),
    "abandoned_fraction": (Both("放弃率", "abandoned share"), "share"),
    "blocked_fraction": (Both("呼损率", "blocked share"), "share"),
    "mean_wait": (Both("平均等待(秒)", "mean wait, s"), "seconds"),
    "mean_wait_answered": (Both("应答者平均等待(秒)", "ASA, s"), "seconds"),
    "mean_queue": (Both("平均排队人数", "mean line"), "number"),
    "hung_up_first": (Both("坐席先挂机", "hung up first"), "share"),
    "occupancy": (Both("占用率", "occupancy"), "share"),
    "utilisation": (Both("利用率", "utilisation"), "share"),
    "adherence": (Both("排班遵守率", "adherence"), "share"),
    "offers": (Both("振铃次数", "offers"), "count"),
    "answered_within": (Both("12秒内接听", "in time"), "count"),
    "unanswered": (Both("未接", "unanswered"), "count"),
    "mean_handle": (Both("均处理(秒)", "mean handle, s"), "seconds"),
}
"""Figure -> its name, and how it is shown. Formulas are in docs/definitions.md."""
QUEUE_ROWS = (
    "offered", "answered", "abandoned", "blocked", "callback", "service_level",
    "answered_within_of_offered", "answered_within_of_answered", "answered_within_less_quick",
    "handled_within", "ring_within", "waited_fraction", "abandoned_fraction", "blocked_fraction",
    "mean_wait", "mean_wait_answered", "mean_queue",
)  # fmt: skip
WAITS = ("p50", "p90", "p99")
"""Percentiles of waits that are shown; JSON has more."""
WIDE = 400
"""Columns where no terminal sets a limit."""
AGENT_COLUMNS = ("offers", "answered_within", "unanswered", "hung_up_first", "mean_handle",
                 "occupancy", "adherence")  # fmt: skip


def shown(value: float | None, kind: str) -> str:
    """A value as a person reads it."""
    if value is None:
        return "-"
    match kind:
        case "share":
            return f"{value:.2%}"
        case "count":
            return f"{value:,.0f}"
    return f"{value:.2f}"


def waits_told(found: Experiment, number: int) -> dict[str, str]:
    """Percentiles of the waits of a queue's answered (s), as a person reads them. They are known
    to the second above: who did not wait at all is in the first second, "<1"."""
    told = {name: wait for name, wait in percentiles(found, number).items() if name in WAITS}
    counts, _ = found.waits(number)
    if not counts.any():
        return dict.fromkeys(told, "-")
    beyond = f">{len(counts) - 1}"
    return {
        name: beyond if wait is None else "<1" if wait == 1 else f"{wait:g}"
        for name, wait in told.items()
    }


def plus_minus(estimate: Estimate, kind: str, per: int = 1) -> str:
    """A value and half its interval, short enough for a terminal; both ends of an interval that
    is cut off at 0 or 1, where half of it would say too little."""
    value, low, high = _per(estimate, per)
    if value is None or low is None or high is None:
        return shown(value, kind)
    half = (high - low) / 2
    cut = abs((high - value) - (value - low)) > 0.02 * half and half > _SMALL.get(kind, 0.5)
    if cut:
        return f"{shown(value, kind)} [{shown(low, kind)}, {shown(high, kind)}]"
    return f"{shown(value, kind)} ±{shown(half, kind)}"


_SMALL = {"share": 0.005, "seconds": 0.05, "number": 0.05}
"""An interval no wider than this on either side is small, whatever its form."""


def _per(estimate: Estimate, per: int) -> tuple[float | None, float | None, float | None]:
    parts = (estimate.value, estimate.low, estimate.high)
    value, low, high = (None if part is None else part / per for part in parts)
    return value, low, high


def print_experiment(found: Experiment, lang: str, *, agents: bool = False) -> None:
    """Print the figures of queues and groups, and how they were found."""
    from rich.console import Console

    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDE
    plan, zh = found.plan, lang == "zh"
    if plan.title:
        console.print(plan.title, style="bold")
    _print_queues(found, console, lang)
    if found.days > 1:
        _print_days(found, console, lang)
    for number, one in enumerate(plan.groups):
        said = plus_minus(found.occupancy(number), "share")
        console.print(f"{one.name}: {'占用率' if zh else 'occupancy'} {said}", markup=False)
    if agents:
        _print_agents(found.agents(), console, lang)
    for note in notes(found):
        console.print(note.of(lang), style="dim", markup=False)


def notes(found: Experiment) -> Sequence[Both]:
    """How the figures were found: formula, intervals, warm-up, speed."""
    limits = found.plan.limits
    runs = len(found.samples)
    return (
        Both(
            f"服务水平 = {limits.answer_within:g} 秒内应答（排队加振铃）÷（请求 − "
            f"{limits.short_abandon:g} 秒内放弃）",
            f"service level = answered within {limits.answer_within:g} s of queue + ring / "
            f"(offered - abandoned before {limits.short_abandon:g} s)",
        ),
        interval_note(found),
        warm_up(found),
        Both(
            f"{runs} 次运行（种子 {found.seed}），共 {found.calls:,} 通，"
            f"引擎每核每秒 {found.calls_per_second:,.0f} 通；计数为每次运行的均值",
            f"{runs} runs (seed {found.seed}), {found.calls:,} calls, "
            f"{found.calls_per_second:,.0f} calls per second and core in the engine; counts are "
            "means of a run",
        ),
    )


def _print_queues(found: Experiment, console: Console, lang: str) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("指标" if lang == "zh" else "figure")
    queues = [found.queue(number) for number in range(len(found.plan.queues))]
    for item in found.plan.queues:
        table.add_column(item.name, justify="right")
    if len(queues) > 1:
        table.add_column("合计" if lang == "zh" else "all", justify="right")
        queues.append(found.everything())
    runs = len(found.samples)
    for name in QUEUE_ROWS:
        said, kind = NAMES[name]
        estimates = [figures.get(name, Estimate(None)) for figures in queues]
        if name in ("blocked", "blocked_fraction", "callback") and not any(
            e.value for e in estimates
        ):
            continue
        per = runs if kind == "count" else 1
        table.add_row(said.of(lang), *(plus_minus(e, kind, per) for e in estimates))
    waits = [waits_told(found, number) for number in range(len(found.plan.queues))]
    cells = ["  ".join(f"{name} {wait}" for name, wait in told.items()) for told in waits]
    table.add_row("等待分位(秒)" if lang == "zh" else "wait percentiles, s", *cells)
    console.print(table)


IN_DAYS = ("offered", "service_level", "abandoned_fraction", "mean_wait", "mean_wait_answered")
"""Figures of a day, where days are told apart."""


def day_cells(found: Experiment, day: int, lang: str) -> list[str]:
    """The row of one day, all queues together."""
    figures, runs = found.of_day(day), len(found.samples)
    kinds = [NAMES[name][1] for name in IN_DAYS]
    return [short(found.plan.weekday, day).of(lang), *(
        plus_minus(figures[name], kind, runs if kind == "count" else 1)
        for name, kind in zip(IN_DAYS, kinds, strict=True)
    )]  # fmt: skip


def _print_days(found: Experiment, console: Console, lang: str) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("日" if lang == "zh" else "day")
    for name in IN_DAYS:
        table.add_column(NAMES[name][0].of(lang), justify="right")
    for day in range(found.days):
        table.add_row(*day_cells(found, day, lang))
    console.print(table)


def _print_agents(
    agents: Mapping[str, Mapping[str, Estimate]], console: Console, lang: str
) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("坐席" if lang == "zh" else "agent")
    for name in AGENT_COLUMNS:
        table.add_column(NAMES[name][0].of(lang), justify="right")
    for agent, figures in agents.items():
        cells = [shown(figures[name].value, NAMES[name][1]) for name in AGENT_COLUMNS]
        table.add_row(agent, *cells)
    console.print(table)
