"""`hotline staff PLAN`: fewest agents in each step, shifts and rosters, all of it simulated."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.simulation.staff import Staffing
    from hotline.simulation.targets import Target

WORKERS = min(4, os.cpu_count() or 1)
FILE = click.Path(dir_okay=False)


@click.command()
@click.argument("plan", type=click.Path())
@click.option("--target", "wanted", multiple=True, metavar="FIGURE=VALUE",
              help="What must be reached; in place of the plan's.")  # fmt: skip
@click.option("--shrinkage", type=click.FloatRange(0, 1, max_open=True),
              help="Share of the roster that is away.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 7),
              help="Days to staff from the plan's first; 7: a week. Default: a week where calls "
                   "differ by day.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=WORKERS, show_default=True,
              help="Threads.")  # fmt: skip
@click.option("--cluster", help="A Dask scheduler to run on, e.g. tcp://10.0.0.5:8786.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=FILE, help="Write one self-contained page.")
@click.option("--csv", "table", type=FILE, help="Write the steps.")
@click.option("--excel", type=FILE, help="Write a workbook: steps, shifts, figures, people.")
@click.option("--people", type=FILE, help="Write each person's days (of several days).")
@click.option("--out", type=FILE, help="Write the plan with the shifts found.")
@click.pass_obj
def staff(
    lang: str,
    plan: str,
    wanted: tuple[str, ...],
    shrinkage: float | None,
    days: int | None,
    seed: int,
    workers: int,
    cluster: str | None,
    as_json: bool,
    html: str | None,
    table: str | None,
    excel: str | None,
    people: str | None,
    out: str | None,
) -> int:
    """Staff the day or week of PLAN: agents by interval, shifts, proof by simulation. 排班

    The numbers of agents in PLAN say only in which proportion its groups begin to share the work.
    Targets:
    service_level, answered_within_of_offered, answered_within_of_answered,
    answered_within_less_quick, handled_within, ring_within, abandoned_fraction,
    mean_wait_answered (ASA) and others of docs/staffing.md.
    """
    from hotline.cli.plans import measured, tell
    from hotline.cli.simulate import progress_bar
    from hotline.cli.workers import shared
    from hotline.simulation.checks import doubts
    from hotline.simulation.pools import staffed_days
    from hotline.simulation.reading import read_plan
    from hotline.simulation.sharing import watched
    from hotline.simulation.staff import staffed, with_rules_of

    read = with_rules_of(
        measured(read_plan(plan)), targets=_targets(wanted, lang), shrinkage=shrinkage, days=days
    )
    if people and staffed_days(read) == 1:
        raise click.UsageError("--people needs several days: --days 7")
    tell(doubts(read), lang)
    with shared(workers, cluster) as spread, progress_bar(None) as progress:
        found = staffed(read, seed, watched(spread, progress))
    _show(found, lang, as_json)
    _write(
        found,
        lang,
        {"html": html, "csv": table, "excel": excel, "people": people, "plan": out},
        as_json,
    )
    return 0


def _targets(wanted: tuple[str, ...], lang: str) -> list[Target]:
    from hotline.simulation.targets import Target, TargetError

    found = []
    for text in wanted:
        name, _, value = text.partition("=")
        try:
            found.append(Target(name.strip(), float(value)))
        except TargetError as error:
            raise click.UsageError(f"--target {text}: {error.said.of(lang)}") from None
        except ValueError:
            raise click.UsageError(
                f"--target {text}: write FIGURE=VALUE, e.g. service_level=0.95"
            ) from None
    return found


def _show(found: Staffing, lang: str, as_json: bool) -> None:
    if as_json:
        from hotline.simulation.staff_outcome import staff_json

        click.echo(json.dumps(staff_json(found, lang), ensure_ascii=False, indent=2))
        return
    from hotline.simulation.staff_report import print_staffing

    print_staffing(found, lang)


def _write(found: Staffing, lang: str, files: dict[str, str | None], as_json: bool) -> None:
    from pathlib import Path

    from hotline.simulation import staff_outcome, staff_report

    for kind, path in files.items():
        if path is None:
            continue
        match kind:
            case "html":
                Path(path).write_text(staff_report.to_html(found, lang), encoding="utf-8")
            case "csv":
                staff_outcome.write_csv(found, path)
            case "people":
                staff_outcome.write_people(found, path)
            case "excel":
                staff_outcome.write_excel(found, path)
            case _:
                staff_outcome.save_roster(found, path)
        click.echo(f"{kind}: {path}", err=as_json)
