"""`hotline erlang PLAN`: exact results where theory has them, with the reason where it has not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hotline.simulation.exact import Theory
    from hotline.simulation.plan import Plan

COLUMNS = (
    # figure, Chinese, English, shown as
    ("offered", "来电/时", "calls/h", "{:,.1f}"),
    ("answered_within_of_offered", "{within:g}秒内/来电", "<={within:g} s of offered", "{:.2%}"),
    ("answered_within_of_answered", "{within:g}秒内/应答", "<={within:g} s of answered", "{:.2%}"),
    ("service_level", "服务水平", "service level", "{:.2%}"),
    ("waited_fraction", "需等待", "waited", "{:.2%}"),
    ("abandoned_fraction", "放弃率", "abandoned", "{:.2%}"),
    ("blocked_fraction", "呼损率", "blocked", "{:.2%}"),
    ("mean_wait", "均等待秒", "mean wait s", "{:.2f}"),
    ("mean_wait_answered", "应答均等待秒", "ASA s", "{:.2f}"),
    ("mean_queue", "均排队人数", "mean queue", "{:.2f}"),
)


@click.command()
@click.argument("plan", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def erlang(lang: str, plan: str, as_json: bool) -> int:
    """Exact theory of PLAN: Erlang B, C, A, general patience, priorities. 精确排队理论

    Figures without a closed form are empty (null) and the reason is given: simulate those.
    """
    from hotline.cli.plans import opened
    from hotline.simulation.exact import theory_of
    from hotline.simulation.theory_json import theory_json

    read = opened(plan, lang)
    theories = theory_of(read)
    if as_json:
        click.echo(json.dumps(theory_json(read, theories, lang), ensure_ascii=False, indent=2))
    else:
        _print(read, theories, lang)
    return 0


def _print(plan: Plan, theories: list[Theory], lang: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from hotline.simulation.theory_json import theory_json

    data = theory_json(plan, theories, lang)
    zh = lang == "zh"
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("指标" if zh else "figure")
    for theory in theories:
        table.add_column(theory.queue.name, justify="right")
    for name, chinese, english, form in COLUMNS:
        head = (chinese if zh else english).format(within=plan.limits.answer_within)
        cells = [_cell(data["queues"][theory.queue.name][name], form) for theory in theories]
        table.add_row(head, *cells)
    console = Console(soft_wrap=True)
    console.print(table)
    for theory in theories:
        said = theory.model or theory.reason.of(lang)
        console.print(f"{theory.queue.name}: {said}", style=None if theory.model else "yellow")
    for name, group in data["groups"].items():
        shown = _cell(group["occupancy"], "{:.2%}")
        console.print(f"{name}: {'占用率' if zh else 'occupancy'} {shown}")


def _cell(value: Any, form: str) -> str:
    return "-" if value is None else form.format(value)
