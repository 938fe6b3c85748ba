"""`hotline load PLAN --target URL`: real calls on a running hotline, as a queue plan has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hotline.cli.hearing_options import hearing_options
from hotline.cli.problems import EXIT_FINDINGS, EXIT_INTERRUPTED

if TYPE_CHECKING:
    from hotline.load.outcome import Load
    from hotline.load.run import Live
    from hotline.simulation.plan import Plan


@click.command()
@click.argument("plan", type=click.Path())
@click.option("--target", required=True, help="ws://HOST:PORT/media or sip:HOST:PORT.")
@click.option("--book", type=click.Path(), help="The book it speaks; the built-in one if left out.")
@click.option("--recordings", type=click.Path(), multiple=True, help="Folder of own recordings.")
@click.option("--length", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
              help="In which calls begin, instead of the plan's.")  # fmt: skip
@click.option("--scale", type=click.FloatRange(0, 1, min_open=True),
              help="Share of the plan's calls and agents, instead of the plan's.")  # fmt: skip
@click.option("--concurrent", type=click.IntRange(1), help="Calls at once, instead of the plan's.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True,
              help="Processes that share the calls.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write one self-contained page.")
@click.option("--allow-remote", is_flag=True,
              help="Also call a target that is not in a private network.")  # fmt: skip
@hearing_options
@click.pass_obj
def load(
    lang: str,
    plan: str,
    target: str,
    book: str | None,
    recordings: tuple[str, ...],
    length: float | None,
    scale: float | None,
    concurrent: int | None,
    seed: int,
    workers: int,
    as_json: bool,
    html: str | None,
    allow_remote: bool,
    pack: str | None,
    hear: str,
    connect_timeout: float,
) -> int:
    """Call a running hotline as PLAN says, in real time. 真实通话压测

    Exit code 0 when every threshold of the plan's `load: fail_on` is kept, 1 when one is missed, 2
    when nobody answers at the target, 130 when interrupted: what was measured is still shown.
    """
    from hotline.cli.load_run import Task, run_here, run_shared
    from hotline.cli.network import not_given
    from hotline.cli.plans import plan_to_load
    from hotline.cli.remote import allow, shown
    from hotline.load.outcome import Load
    from hotline.load.schedule import schedule

    if hear != "pack":
        raise click.UsageError(
            f"--hear {hear} takes a core for each call: give --pack, or `agent_is: answer`"
        )
    read = plan_to_load(plan, lang, length=length, scale=scale, concurrent=concurrent)
    task = Task(read, target, seed, connect_timeout, book, recordings, pack, hear)
    crew = task.crew()
    calls = schedule(read, seed, crew.kinds)
    if not calls:
        raise click.UsageError(
            f"{plan} has no call in these {read.load.length:g} s: raise scale or length"
        )
    allow(target, allow_remote)
    if told := not_given([each for kind in crew.scenarios for each in kind], lang):
        click.echo(told, err=True)
    click.echo(_what(read, len(calls), shown(target), lang), err=True)
    task = replace(task, calls=calls)
    with _progress(len(calls), lang) as watch:
        done = run_here(task, crew, watch) if workers == 1 else run_shared(task, workers, watch)
    found = Load(read, shown(target), seed, done.calls, done.driver, done.interrupted)
    return show(found, lang, as_json=as_json, html=html)


def _what(plan: Plan, calls: int, target: str, lang: str) -> str:
    rules = plan.load
    if lang == "zh":
        return (
            f"{rules.length:g} 秒内拨出 {calls} 通真实电话，同时至多 {rules.concurrent} 通 -> "
            f"{target}"
        )
    return (
        f"{calls} real call{'s' * (calls != 1)} in {rules.length:g} s, "
        f"at most {rules.concurrent} at once, to {target}"
    )


def show(found: Load, lang: str, *, as_json: bool, html: str | None) -> int:
    """Print and write what was found; the exit code."""
    from pathlib import Path

    from hotline.load.outcome import to_json

    if as_json:
        click.echo(json.dumps(to_json(found, lang), ensure_ascii=False, indent=2))
    else:
        from hotline.load.tables import print_load

        print_load(found, lang)
    if html:
        from hotline.load.report import to_html

        Path(html).write_text(to_html(found, lang), encoding="utf-8")
        click.echo(f"HTML: {html}", err=as_json)
    if found.interrupted:
        return EXIT_INTERRUPTED
    return EXIT_FINDINGS if any(missed for _, missed in found.thresholds) else 0


@contextmanager
def _progress(total: int, lang: str) -> Iterator[Callable[[Live], None]]:
    """A bar with the figures so far on standard error, in a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    bar = Progress(BarColumn(bar_width=8), MofNCompleteColumn(), TextColumn("{task.fields[said]}"),
                   console=console, transient=True, disable=not console.is_terminal)  # fmt: skip
    with bar:
        task = bar.add_task("", total=total, said="")
        yield lambda live: bar.update(task, completed=live.due, said=live.text(lang))
