"""`hotline call SCENARIO --target URL`: one scripted caller, in real time, to a running hotline."""

from __future__ import annotations

import click

from hotline.cli.hearing_options import hearing_options
from hotline.cli.problems import EXIT_FINDINGS


@click.command()
@click.argument("scenario")
@click.option("--target", required=True, help="ws://HOST:PORT/media or sip:HOST:PORT.")
@click.option("--book", type=click.Path(), help="The book it speaks; the built-in one if left out.")
@click.option("--recordings", type=click.Path(), multiple=True, help="Folder of own recordings.")
@click.option("--seed", type=int, default=0, show_default=True)
@hearing_options
@click.pass_obj
def call(
    lang: str,
    scenario: str,
    target: str,
    book: str | None,
    recordings: tuple[str, ...],
    seed: int,
    pack: str | None,
    hear: str,
    connect_timeout: float,
) -> int:
    """Call a running hotline with SCENARIO, a file or FILE:LINE. 向运行中的热线拨一通电话

    Prints what was heard and pressed. Exit code 0 when the scenario passes, 1 when it fails, 2
    when nobody answers at the target.
    """
    from hotline.callers import console
    from hotline.callers.reading import load
    from hotline.cli import sound
    from hotline.cli.network import medium_of, not_given, run_over_network

    found = load(scenario)
    if len(found) != 1:
        places = ", ".join(f"{s.place.file}:{s.place.line}" for s in found)
        raise click.UsageError(f"{scenario} has {len(found)} scenarios: name one of {places}")
    heard = sound.chosen(book, pack, hear, recordings)
    heard.check(found)
    if told := not_given(found, lang):
        click.echo(told, err=True)
    ((verdict, _),) = run_over_network(found, target, heard, seed, timeout=connect_timeout)
    if verdict.passed:
        click.echo(verdict.transcript.text("  "))
    click.echo(console.line(verdict))
    if not verdict.passed:
        again = f"--media {medium_of(target)} --target {target}"
        click.echo(
            console.block(verdict, lang, f"{again} {sound.options(book, pack, hear)}".strip())
        )
    return EXIT_FINDINGS if not verdict.passed else 0
