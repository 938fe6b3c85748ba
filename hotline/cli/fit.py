"""`hotline fit LOG`: a plan from a call log; `hotline sample-log PLAN LOG`: a log to try it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.simulation.call_log import CallLog

FILE = click.Path(dir_okay=False)


@click.command()
@click.argument("log", type=click.Path())
@click.option("--out", type=FILE, help="Write the plan here.")
@click.option("--html", type=FILE, help="Write a page with the fit drawn.")
@click.option("--every", type=click.Choice(["5", "15", "30", "60"]), default="30",
              show_default=True, help="Minutes of an interval.")  # fmt: skip
@click.option("--queues", help="The names that may occur, with commas; others are wrong rows.")
@click.option("--bad-rows", type=click.Choice(["stop", "skip"]), default="stop",
              show_default=True, help="What to do about rows that are wrong.")  # fmt: skip
@click.option("--bad-rows-file", type=FILE, help="List the wrong rows in this CSV file.")
@click.option("--title", default="", help="Title of the plan.")
@click.pass_obj
def fit(
    lang: str,
    log: str,
    out: str | None,
    html: str | None,
    every: str,
    queues: str | None,
    bad_rows: str,
    bad_rows_file: str | None,
    title: str,
) -> int:
    """A plan from the call LOG (CSV or Excel): arrivals, patience, handle times. 由通话日志生成计划

    Who was answered shows only that he would have waited so long (censoring): the curve is Kaplan
    and Meier's. Columns of LOG: docs/call-log.md.
    """
    from pathlib import Path

    from hotline.simulation import fit as fitting
    from hotline.simulation.call_log import read_log, write_bad
    from hotline.simulation.fit_report import summary, to_html
    from hotline.simulation.writing import plan_text

    names = [name.strip() for name in queues.split(",")] if queues else []
    if bad_rows_file:
        whole = read_log(log, queues=names, bad_rows="skip")
        write_bad(whole.bad, bad_rows_file, lang)
    read = read_log(log, queues=names, bad_rows=bad_rows)
    _warn(read, lang)
    found = fitting.fit(read, float(every) * 60)
    if not found.queues:
        raise click.ClickException(f"{log}: no queue has an answered call that has ended")
    for doubt in fitting.doubts(found):
        click.echo(f"hotline: {log}: {doubt.of(lang)}", err=True)
    for line in summary(found):
        click.echo(line.of(lang))
    if out:
        text = plan_text(fitting.plan_data(found, title), fitting.remarks(found))
        Path(out).write_text(text, encoding="utf-8")
        click.echo(f"plan: {out}")
    if html:
        Path(html).write_text(to_html(found, lang), encoding="utf-8")
        click.echo(f"HTML: {html}")
    return 0


def _warn(log: CallLog, lang: str) -> None:
    from hotline.simulation.call_log import SHOWN

    for bad in log.bad[:SHOWN]:
        place = f"{log.file}:{bad.line}"
        click.echo(f"hotline: {place}: {bad.column}: {bad.what.of(lang)}", err=True)
    if len(log.bad) > SHOWN:
        click.echo(f"hotline: {log.file}: {len(log.bad)} rows left out", err=True)


@click.command()
@click.argument("plan", type=click.Path())
@click.argument("log", type=FILE)
@click.option("--days", type=click.IntRange(1), default=7, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.pass_obj
def sample_log(lang: str, plan: str, log: str, days: int, seed: int) -> int:
    """Write a LOG of the calls of PLAN, as a real hotline would. 生成示例通话日志"""
    from hotline.cli.plans import opened
    from hotline.simulation.sample_log import write_sample

    calls = write_sample(opened(plan, lang), days, seed, log)
    click.echo(f"{log}: {calls} {'通' if lang == 'zh' else 'calls'}")
    return 0
