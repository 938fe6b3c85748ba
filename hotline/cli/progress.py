"""A line for each scenario as it ends; on a terminal in colour, with a bar below that goes away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from hotline.callers.console import line
from hotline.callers.verdict import Verdict

Show = Callable[[Verdict, bool], None]
"""(verdict, with its transcript)"""


@contextmanager
def progress(total: int, *, err: bool = False) -> Iterator[Show]:
    """What shows a verdict (with `err` on standard error); plain where nobody watches."""
    if not (sys.stderr if err else sys.stdout).isatty():
        yield lambda verdict, whole: click.echo(_text(verdict, whole), err=err)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True, stderr=err)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)

        def show(verdict: Verdict, whole: bool) -> None:
            text = Text(_text(verdict, whole))
            text.stylize("green" if verdict.passed else "bold red", 0, 1)
            console.print(text)
            bar.advance(task)

        yield show


def _text(verdict: Verdict, whole: bool) -> str:
    heard = verdict.transcript.text("    ") if whole else ""
    return f"{line(verdict)}\n{heard}" if heard else line(verdict)
