"""`hotline report`: clause by clause, from the calls in the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from rich.console import Console

    from agents.figures import Figures
    from hotline.standard.clauses import Edition
    from hotline.standard.report import Report
    from hotline.switch.record import CallRecord


@click.command()
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write one self-contained page.")
@click.option("--fail-on", multiple=True, help="any, unseen, 5.2.7.3, 5.2.7.3<95%, ...")
@click.option("--book", type=click.Path(), help="The book the calls went through.")
@click.option("--roster", type=click.Path(), help="The roster that answered.")
@click.option("--edition", default="sgcc", show_default=True, help="Name, or a YAML file.")
@click.option("--examples", default=5, show_default=True, help="Failures shown for each clause.")
@click.option("--reveal", is_flag=True, help="Show telephone numbers.")
@click.option("--agents", "by_agent", is_flag=True, help="Also figures of each agent.")
@click.option("--every", is_flag=True, help="Also clauses that software cannot see.")
@click.pass_obj
def report(
    lang: str,
    database: str,
    as_json: bool,
    html: str | None,
    fail_on: tuple[str, ...],
    book: str | None,
    roster: str | None,
    edition: str,
    examples: int,
    reveal: bool,
    by_agent: bool,
    every: bool,
) -> int:
    """The standard, clause by clause, over all stored calls. 逐条标准报告

    Exit code 0, or 1 when a condition of --fail-on is met.
    """
    from agents.roster_file import DEMO, load_roster
    from hotline.cli.reporting import agents_of, report_from
    from hotline.store.database import open_database
    from menus.loader import load

    opened = open_database(database, create=False)
    people = load_roster(roster or DEMO)
    try:
        agents = agents_of(opened, people) if by_agent else None
        made = report_from(
            opened,
            book=load(book),
            roster=people,
            edition=chosen_edition(edition),
            examples=examples,
            reveal=reveal,
            progress=with_progress,
        )
    finally:
        opened.close()
    return show(made, lang, as_json=as_json, html=html, fail_on=fail_on, every=every, agents=agents)


def chosen_edition(name: str) -> Edition:
    """An edition by name, or from a file of one's own."""
    from hotline.standard.clauses import edition, editions, load_edition

    return edition(name) if name in editions() or not Path(name).exists() else load_edition(name)


def with_progress(records: Iterable[CallRecord]) -> Iterator[CallRecord]:
    """A progress bar on long work, in a terminal only."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    # even an invisible bar writes a line break where there is no terminal
    hidden = not console.is_terminal
    yield from track(records, "calls", console=console, transient=True, disable=hidden)


def show(
    made: Report,
    lang: str,
    *,
    as_json: bool = False,
    html: str | None = None,
    fail_on: tuple[str, ...] = (),
    every: bool = False,
    agents: Mapping[str, Figures] | None = None,
) -> int:
    """Print or write a report; the exit code says whether `fail_on` is met."""
    from rich.console import Console

    from hotline.standard.fail_on import failing
    from hotline.standard.page import to_html
    from hotline.standard.table import print_report

    if html:
        Path(html).write_text(to_html(made, lang), encoding="utf-8")
    if as_json:
        data = made.to_json(lang)
        if agents is not None:
            data["agents"] = {
                number: {name: figure.value for name, figure in of.items()}
                for number, of in agents.items()
            }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        print_report(made, Console(soft_wrap=False), lang, every=every)
        if agents is not None:
            print_agents(agents, Console(soft_wrap=False), lang)
    if html:
        click.echo(f"HTML: {Path(html).resolve()}", err=as_json)
    missed = failing(made, fail_on)
    for condition in missed:
        click.echo(f"--fail-on {condition.condition}: {condition.what.of(lang)}", err=True)
    return EXIT_FINDINGS if missed else 0


AGENT_COLUMNS = (
    # figure, Chinese, English, shown as
    ("offers", "振铃", "offers", "{:.0f}"),
    ("answered_within", "12秒内接听", "within 12 s", "{:.0f}"),
    ("unanswered", "未接", "unanswered", "{:.0f}"),
    ("hung_up_first", "先挂机", "hung up first", "{:.1%}"),
    ("mean_handle", "均处理秒", "mean handle s", "{:.0f}"),
    ("occupancy", "占用率", "occupancy", "{:.1%}"),
    ("adherence", "排班遵守率", "adherence", "{:.1%}"),
)


def print_agents(agents: Mapping[str, Figures], console: Console, lang: str) -> None:
    """One line an agent; `-` where nothing was seen."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("工号" if lang == "zh" else "agent")
    for _, zh, en, _ in AGENT_COLUMNS:
        table.add_column(zh if lang == "zh" else en, justify="right")
    for number, figures in agents.items():
        cells = []
        for name, _, _, form in AGENT_COLUMNS:
            value = figures[name].value
            cells.append("-" if value is None else form.format(value))
        table.add_row(number, *cells)
    console.print(table)
