"""`hotline test PATHS...`: run scripted callers, in memory or over the network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.cli.choosing import shipped
from hotline.cli.hearing_options import hearing_options
from hotline.cli.problems import EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_USAGE, explain

if TYPE_CHECKING:
    from hotline.callers.coverage import Coverage
    from hotline.callers.scenario import Scenario
    from hotline.callers.verdict import Verdict
    from hotline.cli.runs import Comparison, Run
    from hotline.cli.suite import Suite
    from hotline.switch.record import Entry

    Journal = Mapping[str, Sequence[Entry]]

_SCHEMES = {"ws": ("ws://", "wss://"), "sip": ("sip:",)}
_EXAMPLES = {"ws": "HOST:PORT/media", "sip": "HOST:PORT"}
_FILE = click.Path(dir_okay=False)
_OUT = click.Path(dir_okay=False, allow_dash=True)


@dataclass
class Asked:
    """What the options of one command ask for."""

    lang: str
    paths: tuple[str, ...]
    book: str | None
    media: str
    target: str | None
    junit: str | None
    coverage: bool
    coverage_xml: str | None
    fail_under: float | None
    html: str | None
    json: str | None
    compare: str | None
    transcript: bool
    seed: int
    pattern: str
    tags: tuple[str, ...]
    last_failed: bool
    mutate: bool
    workers: int
    kill_at_least: float
    generate: str | None
    pack: str | None
    hear: str
    connect_timeout: float

    @property
    def covers(self) -> bool:
        """Whether anything asks for coverage; a page or a data file of a run always has it."""
        wanted = self.coverage or self.coverage_xml or self.fail_under is not None
        return self.media == "memory" and bool(wanted or self.html or self.json)

    def say(self, text: str) -> None:
        """Tell the user; beside standard output when the data of the run go there."""
        click.echo(text, err=self.json == "-")

    @property
    def again(self) -> str:
        """The options that a replay needs."""
        if self.media == "memory":
            return f"--book {self.book}" if self.book else ""
        from hotline.cli.sound import options

        heard = options(self.book, self.pack, self.hear)
        return f"{heard} --media {self.media} --target {self.target}".strip()


@dataclass
class Results:
    """What has been run so far."""

    verdicts: list[Verdict] = field(default_factory=list)
    journals: dict[int, Journal] = field(default_factory=dict)
    """index of a verdict that failed -> its journal"""
    seconds: float = 0.0
    interrupted: bool = False
    stopped: str = ""
    """why nothing more could be run: the target went away"""


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--book", type=click.Path(), help="Menu book; the built-in one if left out.")
@click.option(
    "--media", type=click.Choice(["memory", "ws", "sip"]), default="memory", show_default=True
)
@click.option("--target", help="URL of the hotline to call, with --media ws or sip.")
@click.option("--junit", type=_FILE, help="Write JUnit XML to this file.")
@click.option("--html", type=_FILE, help="Write a page with the timeline of each failed call.")
@click.option(
    "--json",
    is_flag=False,
    flag_value="-",
    type=_OUT,
    metavar="[FILE]",
    help="Write the run as data, to be compared with later; without FILE to standard output.",
)
@click.option("--compare", type=_FILE, help="Say what differs from the run in this --json file.")
@click.option("--coverage", is_flag=True, help="Show what of the book was not reached.")
@click.option("--coverage-xml", type=_FILE, help="Write the coverage as Cobertura XML.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit code 1 if less of the book was reached.",
)
@click.option("--transcript", is_flag=True, help="Show what was heard, also of what passes.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("-k", "pattern", default="", help="Only names or tags that match: 'a and not (b)'.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with one of these tags.")
@click.option("--last-failed", "--lf", is_flag=True, help="Only what failed last; all if nothing.")
@click.option("--mutate", is_flag=True, help="Tell which changes of the book no scenario notices.")
@click.option("--workers", type=click.IntRange(1), default=1, help="Processes, with --mutate.")
@click.option(
    "--kill-at-least",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="With --mutate: exit code 1 when fewer mutants are killed.",
)
@click.option(
    "--generate",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Write the scenarios that the menus of the book enumerate.",
)
@hearing_options
@click.pass_obj
def test(lang: str, /, **options: object) -> int:
    """Run the scenarios in PATHS: files, folders, or FILE:LINE. 运行拨测场景

    Without PATHS the scenarios that ship with the project. Exit code 0 when all pass, 1 when one
    fails or too little was reached, 2 when nothing can be run, 130 when interrupted: what had
    finished by then is reported and written all the same.
    """
    from hotline.cli.choosing import chosen, remember, scenarios_of

    asked = Asked(lang=lang, **options)  # type: ignore[arg-type]
    if asked.generate is not None:
        from hotline.cli.generate import write_suite

        return write_suite(Path(asked.generate), asked.book, asked.lang)
    if asked.mutate:
        return _mutate(asked)
    if asked.media != "memory" and not (asked.target or "").startswith(_SCHEMES[asked.media]):
        shown = f"{_SCHEMES[asked.media][0]}{_EXAMPLES[asked.media]}"
        raise click.UsageError(f"--media {asked.media} needs --target {shown}")
    _refuse(asked)
    earlier = _earlier(asked.compare)
    scenarios = chosen(
        scenarios_of(asked.paths), asked.pattern, asked.tags, last_failed=asked.last_failed
    )
    if not scenarios:
        raise click.UsageError("no scenarios to run: give files or folders with *.yaml")
    suite, played = _start(asked, scenarios)
    results = _watch(asked, played, len(scenarios))
    remember(results.verdicts)
    return _tell(asked, scenarios, results, suite, earlier)


def _mutate(asked: Asked) -> int:
    """Play the scenarios against changed books instead."""
    from contextlib import ExitStack, redirect_stdout

    from hotline.cli.mutate import Plan, mutate

    with ExitStack() as stack:
        if asked.json not in (None, "-"):
            file = stack.enter_context(Path(str(asked.json)).open("w", encoding="utf-8"))
            stack.enter_context(redirect_stdout(file))
        return mutate(
            Plan(
                asked.paths or (str(shipped()),),
                asked.book,
                asked.seed,
                asked.pattern,
                asked.tags,
            ),
            asked.lang,
            workers=asked.workers,
            kill_at_least=asked.kill_at_least,
            as_json=asked.json is not None,
        )


def _refuse(asked: Asked) -> None:
    """Tell before the calls are made, not after, what cannot be done with them."""
    if asked.media == "memory" and (asked.pack or asked.hear != "pack"):
        raise click.UsageError(
            "--pack and --hear are for a hotline that is called over a network: "
            "add --media ws --target ws://HOST:PORT/media"
        )
    if asked.media != "memory":
        if asked.coverage_xml or asked.fail_under is not None:
            raise click.UsageError(
                "--coverage-xml and --fail-under need --media memory: "
                "a hotline that is called over the network does not show its journal"
            )
        if asked.coverage:
            click.echo("hotline: --coverage is told of --media memory only", err=True)
    for path in (asked.junit, asked.html, asked.json, asked.coverage_xml):
        if path not in (None, "-") and not Path(str(path)).absolute().parent.is_dir():
            raise click.ClickException(f"{path}: its folder does not exist (make it first)")


def _earlier(path: str | None) -> Run | None:
    """The run to compare with; read first, because it may be the file that is written."""
    if path is None:
        return None
    from hotline.cli.runs import Run, RunError

    try:
        return Run.read(path)
    except RunError as error:
        raise click.ClickException(str(error)) from None


def _start(
    asked: Asked, scenarios: Sequence[Scenario]
) -> tuple[Suite | None, Iterable[tuple[Verdict, Journal]]]:
    """The calls, once it is known that the scenarios ask for nothing that cannot be."""
    if asked.media != "memory":
        from hotline.cli import sound
        from hotline.cli.network import not_given, run_over_network

        assert asked.target is not None
        heard = sound.chosen(asked.book, asked.pack, asked.hear)
        heard.check(scenarios)
        if told := not_given(scenarios, asked.lang):
            click.echo(told, err=True)
        return None, run_over_network(
            scenarios, asked.target, heard, asked.seed, timeout=asked.connect_timeout
        )
    from hotline.cli.suite import Suite
    from hotline.cli.vocabulary import check_names

    suite = Suite(asked.book, asked.seed, covers=asked.covers)
    check_names(scenarios, suite.book)
    return suite, (suite.play(scenario) for scenario in scenarios)


# --- while it runs -----------------------------------------------------------------------------


def _watch(asked: Asked, played: Iterable[tuple[Verdict, Journal]], total: int) -> Results:
    """Run, with a line for each scenario; Ctrl-C ends it with what there is."""
    from hotline.cli.progress import progress

    results, began = Results(), time.perf_counter()
    with progress(total, err=asked.json == "-") as show:
        try:
            for verdict, journal in played:
                show(verdict, asked.transcript and verdict.passed)
                if not verdict.passed:
                    results.journals[len(results.verdicts)] = journal
                results.verdicts.append(verdict)
        except KeyboardInterrupt:
            results.interrupted = True
        except Exception as error:
            results.stopped = explain(error, asked.lang) or ""
            if not results.verdicts or not results.stopped:
                raise
    results.seconds = time.perf_counter() - began
    return results


# --- afterwards --------------------------------------------------------------------------------


def _tell(
    asked: Asked,
    scenarios: Sequence[Scenario],
    results: Results,
    suite: Suite | None,
    earlier: Run | None,
) -> int:
    """Print and write all that was asked for; the exit code."""
    from hotline.callers import console

    coverage = suite.coverage if suite else None
    for verdict in results.verdicts:
        if not verdict.passed:
            asked.say(console.details(verdict, asked.lang, asked.again))
    if asked.coverage and coverage is not None:
        asked.say(coverage.text(asked.lang))
    found = _write(asked, scenarios, results, suite, earlier)
    if found is not None:
        from hotline.cli import runs

        asked.say(runs.text(found, asked.lang))
    asked.say(console.summary(results.verdicts, results.seconds, asked.lang))
    short = _too_little(asked, coverage)
    if short:
        asked.say(short)
    if results.stopped:
        click.echo(results.stopped, err=True)
        return EXIT_USAGE
    if results.interrupted:
        left = len(scenarios) - len(results.verdicts)
        click.echo(console.interrupted(left, asked.lang), err=True)
        return EXIT_INTERRUPTED
    failed = any(not verdict.passed for verdict in results.verdicts)
    return EXIT_FINDINGS if failed or short else 0


def _too_little(asked: Asked, coverage: Coverage | None) -> str:
    """What to say when less was reached than `--fail-under` asks."""
    if asked.fail_under is None or coverage is None or coverage.fraction * 100 >= asked.fail_under:
        return ""
    reached = coverage.fraction * 100
    if asked.lang.startswith("zh"):
        return f"覆盖率 {reached:.1f}% 低于 --fail-under {asked.fail_under:g}%"
    return f"coverage {reached:.1f} % is below --fail-under {asked.fail_under:g} %"


def _write(
    asked: Asked,
    scenarios: Sequence[Scenario],
    results: Results,
    suite: Suite | None,
    earlier: Run | None,
) -> Comparison | None:
    """Write the files that were asked for; what differs from the earlier run."""
    coverage = suite.coverage if suite else None
    if asked.junit:
        from hotline.callers.console import junit

        _save(asked.junit, junit(results.verdicts))
    if asked.coverage_xml and coverage is not None:
        from hotline.callers.cobertura import cobertura

        _save(asked.coverage_xml, cobertura(coverage, int(time.time() * 1000)))
    if not (asked.html or asked.json or earlier):
        return None
    from hotline.cli.runs import compare

    run = _run(asked, scenarios, results, coverage)
    found = compare(earlier, run) if earlier else None
    if asked.json == "-":
        click.echo(run.text(), nl=False)
    elif asked.json:
        _save(asked.json, run.text())
    if asked.html:
        from hotline.cli.run_page import Drawing, to_html
        from menus.targets import playable

        drawing = Drawing(suite.book if suite else playable(asked.book))
        drawings = {
            index: tuple(drawing.calls(journal, run.cases[index].failures))
            for index, journal in results.journals.items()
        }
        page = to_html(run, drawings, coverage=coverage, comparison=found, options=asked.again)
        _save(asked.html, page)
    return found


def _run(
    asked: Asked, scenarios: Sequence[Scenario], results: Results, coverage: Coverage | None
) -> Run:
    from hotline.cli.runs import Case, Run

    return Run(
        cases=tuple(
            Case.of(verdict, scenario.tags)
            for scenario, verdict in zip(scenarios, results.verdicts, strict=False)
        ),
        seconds=results.seconds,
        book=asked.book or "",
        seed=asked.seed,
        media=asked.media,
        coverage=coverage.to_json() if coverage else None,
    )


def _save(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


__all__ = ["shipped", "test"]
