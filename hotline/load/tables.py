"""A load in a terminal: live beside simulated, then what was refused or failed, then thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotline.load.outcome import Load, notes
from hotline.simulation.estimates import Estimate
from hotline.simulation.tables import NAMES, WIDE, shown
from menus.wording import Both

if TYPE_CHECKING:
    from rich.console import Console

ROWS: dict[str, tuple[Both, str]] = {
    "calls": (Both("应拨", "calls due"), "count"),
    "started": (Both("已拨", "made"), "count"),
    "connected": (Both("接通", "connected"), "share"),
    "refused": (Both("被拒", "refused"), "share"),
    "failed": (Both("失败", "failed"), "share"),
    "late": (Both("迟拨", "late"), "share"),
    "setup_p50": (Both("建立 p50(秒)", "set-up p50, s"), "seconds"),
    "setup_p99": (Both("建立 p99(秒)", "set-up p99, s"), "seconds"),
    "sound_p95": (Both("首个声音 p95(秒)", "first sound p95, s"), "seconds"),
    "in_menus": (Both("未到人工", "never asked"), "count"),
    "no_agent": (Both("被热线挂断", "ended without an agent"), "count"),
    "cut": (Both("结束时仍在等", "still waiting at the end"), "count"),
    "offered": NAMES["offered"],
    "answered": NAMES["answered"],
    "abandoned": NAMES["abandoned"],
    "heard_agent_within": (Both("时限内听到专员", "heard agent in time"), "share"),
    "service_level": NAMES["service_level"],
    "abandoned_fraction": NAMES["abandoned_fraction"],
    "mean_wait_answered": NAMES["mean_wait_answered"],
    "wait_p50": (Both("等到专员 p50(秒)", "asked to agent p50, s"), "seconds"),
    "wait_p95": (Both("等到专员 p95(秒)", "asked to agent p95, s"), "seconds"),
    "wait_p99": (Both("等到专员 p99(秒)", "asked to agent p99, s"), "seconds"),
    "gaps": (Both("音频中断的通话", "calls with audio gaps"), "share"),
    "longest_gap": (Both("最长中断(秒)", "longest gap, s"), "seconds"),
    "mos_p5": (Both("MOS（95 % 不低于）", "MOS, 95 % are better"), "number"),
    "passed": (Both("场景通过", "scenarios passed"), "share"),
}
"""Figure -> its name, and how it is shown."""


def live_text(load: Load, name: str) -> str:
    """A figure of the calls with its interval."""
    return ranged(load.all.estimate(name), ROWS[name][1])


def simulated_text(load: Load, name: str) -> str:
    """The same as simulated, "" where a simulation does not know it."""
    found = None if load.expected is None else load.expected.figures.get(name)
    return "" if found is None else ranged(found, ROWS[name][1])


def ranged(estimate: Estimate, kind: str) -> str:
    """A value, and behind it its interval, or the side of it that is known."""
    said = shown(estimate.value, kind)
    if estimate.low is None and estimate.high is None:
        return said
    return f"{said} [{shown(estimate.low, kind)}, {shown(estimate.high, kind)}]"


def rows(load: Load, lang: str) -> list[tuple[str, str, str]]:
    """Name, live, simulated of each figure that was seen."""
    return [
        (said.of(lang), live_text(load, name), simulated_text(load, name))
        for name, (said, _) in ROWS.items()
        if load.all.value(name) is not None
    ]


def print_load(load: Load, lang: str) -> None:
    """Print all of it."""
    from rich.console import Console

    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDE
    zh = lang == "zh"
    if load.plan.title:
        console.print(load.plan.title, style="bold", markup=False)
    _print_figures(load, console, lang)
    for why, number in load.all.codes.items():
        console.print(f"{number} x {why}", markup=False, highlight=False)
    for target, missed in load.thresholds:
        value = shown(load.all.value(target.figure), "number")
        mark, style = ("✗", "bold red") if missed else ("✓", "green")
        said = f"（实为 {value}）" if zh else f" ({value})"
        console.print(f"{mark} {target.text()}{said}", style=style, markup=False, highlight=False)
    for note in notes(load):
        console.print(note.of(lang), style="dim", markup=False, highlight=False)
    if load.interrupted:
        told = "已中断：以上为到此为止的通话" if zh else "interrupted: these are the calls so far"
        console.print(told, style="bold", markup=False)


def _print_figures(load: Load, console: Console, lang: str) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    heads = ("指标", "真实通话", "仿真") if lang == "zh" else ("figure", "live", "simulated")
    table.add_column(heads[0])
    table.add_column(heads[1], justify="right")
    table.add_column(heads[2], justify="right")
    for row in rows(load, lang):
        table.add_row(*row)
    console.print(table)
