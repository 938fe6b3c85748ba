"""`hotline simulate PLAN`: the plan's queues call by call, with 95 % intervals on every figure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from hotline.cli.problems import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotline.simulation.compare import Compared
    from hotline.simulation.experiment import Experiment
    from hotline.simulation.sample import Sample


@click.command()
@click.argument("plan", type=click.Path())
@click.option("--calls", type=click.IntRange(1), help="Calls of one replication, about.")
@click.option("--days", type=click.IntRange(1), help="Days of one replication.")
@click.option("--replications", type=click.IntRange(1), default=10, show_default=True,
              help="Runs with other seeds.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Threads.")
@click.option("--cluster", help="A Dask scheduler to run on, e.g. tcp://10.0.0.5:8786.")
@click.option("--precision", type=click.FloatRange(0, min_open=True),
              help="Go on until the service level is known to +- so much, e.g. 0.005.")  # fmt: skip
@click.option("--agents", "by_agent", is_flag=True, help="Also figures of each agent.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write one self-contained page.")
@click.option("--csv", "table", type=click.Path(dir_okay=False),
              help="Write all figures, one a row; FILE.parquet for Parquet.")  # fmt: skip
@click.pass_obj
def simulate(
    lang: str,
    plan: str,
    calls: int | None,
    days: int | None,
    replications: int,
    seed: int,
    workers: int,
    cluster: str | None,
    precision: float | None,
    by_agent: bool,
    as_json: bool,
    html: str | None,
    table: str | None,
) -> int:
    """Simulate PLAN: waits, service level, abandonment, occupancy. 排队仿真

    A plan without times of day runs for about --calls calls (100,000) after a warm-up; a plan with
    times of day runs for its days, from midnight. The same seed meets the same callers.
    """
    from hotline.cli.plans import opened
    from hotline.cli.workers import shared
    from hotline.simulation.compare import compared
    from hotline.simulation.experiment import Wish

    if calls and days:
        raise click.UsageError("--calls and --days exclude each other")
    read = opened(plan, lang)
    wish = Wish(calls, days, replications, seed, by_agent, precision)
    total = None if precision else replications * (1 + len(read.variants))
    with shared(workers, cluster) as spread, progress_bar(total) as progress:
        found, others = compared(read, wish, spread, progress)
    show(found, lang, others, as_json=as_json, html=html, table=table, by_agent=by_agent)
    if found.interrupted:
        done = len(found.samples)
        en, zh = f"interrupted: these are the {done} runs done", f"已中断，以上为完成的 {done} 次"
        click.echo(zh if lang == "zh" else en, err=True)
        return EXIT_INTERRUPTED
    return 0


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[Sample], None]]:
    """A bar with calls per second on standard error, in a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    text = TextColumn("{task.fields[rate]}")
    bar = Progress(TextColumn("runs"), BarColumn(), MofNCompleteColumn(), text, console=console,
                   transient=True, disable=not console.is_terminal)  # fmt: skip
    done = [0, 0.0]
    with bar:
        task = bar.add_task("", total=total, rate="")

        def seen(sample: Sample) -> None:
            done[0] += sample.calls
            done[1] += sample.seconds
            rate = done[0] / done[1] if done[1] else 0.0
            bar.update(task, advance=1, rate=f"{done[0]:,} calls, {rate:,.0f} calls/s")

        yield seen


def show(
    found: Experiment,
    lang: str,
    others: Sequence[Compared] = (),
    *,
    as_json: bool = False,
    html: str | None = None,
    table: str | None = None,
    by_agent: bool = False,
) -> None:
    """Print or write an experiment, and its variants against it."""
    from hotline.simulation.outcome import to_json

    if as_json:
        data = to_json(found, lang, agents=by_agent)
        if found.plan.front:
            from hotline.simulation.front_report import front_json

            data["ivr"] = front_json(found.plan, found.plan.front)
        if others:
            data["variants"] = _variants(others, lang)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        from hotline.simulation.tables import print_experiment

        if found.plan.front:
            from hotline.simulation.front_report import print_front

            print_front(found.plan.front, lang)
        print_experiment(found, lang, agents=by_agent)
        if others:
            from hotline.simulation.compare_report import print_compared

            print_compared(others, lang)
    if html:
        _write_html(found, lang, others, html)
        click.echo(f"HTML: {html}", err=as_json)
    if table:
        _write_table(found, table)
        click.echo(f"{'表格' if lang == 'zh' else 'table'}: {table}", err=as_json)


def _variants(others: Sequence[Compared], lang: str) -> dict[str, Any]:
    """Each variant: its own figures, and `difference` to the plan as [value, low, high]."""
    from hotline.simulation.compare import differences_json
    from hotline.simulation.outcome import to_json

    differences = differences_json(others)
    return {
        one.name: {**to_json(one.found, lang), "difference": differences[one.name]}
        for one in others
    }


def _write_html(found: Experiment, lang: str, others: Sequence[Compared], path: str) -> None:
    from pathlib import Path

    from hotline.simulation import compare_report, front_report
    from hotline.simulation.report import to_html

    parts = [compare_report.part(others, lang)] if others else []
    if found.plan.front:
        parts.append(front_report.part(found.plan.front, lang))
    Path(path).write_text(to_html(found, lang, parts), encoding="utf-8")


def _write_table(found: Any, path: str) -> None:
    from hotline.simulation.outcome import write_table

    try:
        write_table(found, path)
    except ModuleNotFoundError as error:
        raise click.UsageError(
            "Parquet needs pyarrow: pip install 'hotline95598[tables]', or give FILE.csv"
        ) from error
