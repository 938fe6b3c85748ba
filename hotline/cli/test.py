"""`hotline test PATHS...`: run scripted callers, in memory or over the network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from hotline.callers.scenario import Scenario
    from hotline.callers.verdict import Verdict
    from hotline.switch.record import Entry

    Run = Iterable[tuple[Verdict, Mapping[str, Sequence[Entry]]]]


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--book", type=click.Path(), help="Menu book; the built-in one if left out.")
@click.option("--media", type=click.Choice(["memory", "ws"]), default="memory", show_default=True)
@click.option("--target", help="URL of the hotline to call, with --media ws.")
@click.option("--junit", type=click.Path(dir_okay=False), help="Write JUnit XML to this file.")
@click.option("--coverage", is_flag=True, help="Show what of the book was not reached.")
@click.option("--transcript", is_flag=True, help="Show what was heard, also of what passes.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-k", "pattern", default="", help="Only scenarios whose name contains this.")
@click.option("--mutate", is_flag=True, help="Tell which changes of the book no scenario notices.")
@click.option("--workers", type=click.IntRange(1), default=1, help="Processes, with --mutate.")
@click.option(
    "--kill-at-least", type=click.FloatRange(0, 100), default=0.0, metavar="PERCENT",
    help="With --mutate: exit code 1 when fewer mutants are killed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="With --mutate: print JSON.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with one of these tags.")
@click.pass_obj
def test(
    lang: str,
    paths: tuple[str, ...],
    book: str | None,
    media: str,
    target: str | None,
    junit: str | None,
    coverage: bool,
    transcript: bool,
    seed: int,
    pattern: str,
    mutate: bool,
    workers: int,
    kill_at_least: float,
    as_json: bool,
    tags: tuple[str, ...],
) -> int:
    """Run the scenarios in PATHS: files, folders, or FILE:LINE. 运行拨测场景

    Without PATHS the scenarios that ship with the project. Exit code 0 when all pass, 1 when one
    fails, 2 when nothing can be run.
    """
    if mutate:
        from hotline.cli.mutate import Plan
        from hotline.cli.mutate import mutate as run_mutants

        plan = Plan(paths or (str(shipped()),), book, seed)
        return run_mutants(
            plan, lang, workers=workers, kill_at_least=kill_at_least, as_json=as_json
        )
    from hotline.callers import console
    from hotline.callers.coverage import Coverage
    from menus.loader import load

    if media == "ws" and not target:
        raise click.UsageError("--media ws needs --target ws://HOST:PORT/media")
    scenarios = [
        scenario
        for scenario in _scenarios(paths)
        if pattern in scenario.name and (not tags or scenario.tags & set(tags))
    ]
    if not scenarios:
        raise click.UsageError("no scenarios to run: give files or folders with *.yaml")
    menu_book = load(book)
    reached = Coverage(menu_book)
    verdicts: list[Verdict] = []
    began = time.perf_counter()
    options = f"--book {book}" if book else ""
    if media == "ws":
        options += f" --media ws --target {target}"
    for verdict, journal in _run(scenarios, book, media, target, seed):
        verdicts.append(verdict)
        click.echo(console.line(verdict))
        if not verdict.passed:
            click.echo(console.block(verdict, lang, options.strip()))
        elif transcript:
            click.echo(verdict.transcript.text("    "))
        for entries in journal.values():
            reached.add(entries)
    click.echo(console.summary(verdicts, time.perf_counter() - began, lang))
    if coverage and media == "memory":
        click.echo(reached.text(lang))
    if junit:
        Path(junit).write_text(console.junit(verdicts), encoding="utf-8")
    return EXIT_FINDINGS if any(not verdict.passed for verdict in verdicts) else 0


def _scenarios(paths: tuple[str, ...]) -> Iterator[Scenario]:
    from hotline.callers.reading import load

    for path in paths or (str(shipped()),):
        yield from load(path)


def shipped() -> Path:
    """The folder of the scenarios that ship with the project."""
    from hotline import callers

    return Path(callers.__file__).with_name("scenarios")


def _run(
    scenarios: Sequence[Scenario], book: str | None, media: str, target: str | None, seed: int
) -> Run:
    if media == "ws":
        from hotline.cli.network import run_over_websocket

        assert target is not None
        return run_over_websocket(scenarios, target, book, seed)
    from hotline.callers.runner import run_all
    from hotline.cli.virtual import scenario_hotlines
    from menus.loader import load

    return run_all(scenarios, scenario_hotlines(load(book)), seed)


__all__ = ["shipped", "test"]
