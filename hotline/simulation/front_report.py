"""What was measured in the menus, for people and programs."""

from __future__ import annotations

from typing import Any

from hotline.simulation.front import Front, by_wish
from hotline.simulation.page import Part
from hotline.simulation.plan import Plan
from menus.wording import Both

HEADS = (Both("想要（按键或目标）", "wanted: keys, or a goal"), Both("通话", "calls"),
         Both("转人工", "asked for an agent"),
         Both("菜单内(秒)", "in the menus, s"), Both("按键", "keys"))  # fmt: skip


def summary(front: Front) -> Both:
    """One line."""
    calls, dwell = len(front.calls), front.dwell
    return Both(
        f"语音菜单（{calls} 通实测）：{front.contained:.1%} 未转人工，其中办成 {front.solved:.1%}；"
        f"平均 {dwell:.1f} 秒",
        f"menus, measured with {calls} calls: {front.contained:.1%} never ask for an agent "
        f"({front.solved:.1%} with their task done); {dwell:.1f} s in the mean",
    )


def rows(front: Front) -> list[list[str]]:
    """One row a wish."""
    return [
        [wants, f"{calls}", f"{asked:.1%}", f"{dwell:.1f}", f"{keys:.1f}"]
        for wants, calls, asked, dwell, keys in by_wish(front.calls)
    ]


def part(front: Front, language: str) -> Part:
    """A part of a page."""
    title = Both("语音菜单", "The menus in front").of(language)
    heads = [head.of(language) for head in HEADS]
    return Part(title, heads=heads, rows=rows(front), notes=[summary(front).of(language)])


def front_json(plan: Plan, front: Front) -> dict[str, Any]:
    """As data: shares, dwell, calls an hour to each queue, and by wish."""
    names = ("wants", "calls", "asked", "dwell", "keys")
    return {
        "calls": len(front.calls),
        "contained": front.contained,
        "solved": front.solved,
        "dwell": front.dwell,
        "to_queues": {item.name: item.profile.per_day for item in plan.queues},
        "by_wish": [dict(zip(names, row, strict=True)) for row in by_wish(front.calls)],
    }


def print_front(front: Front, language: str) -> None:
    """Print the measured menus."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(HEADS):
        table.add_column(head.of(language), justify="right" if number else "left")
    for row in rows(front):
        table.add_row(*row)
    console.print(table)
    console.print(summary(front).of(language), style="dim", markup=False)
