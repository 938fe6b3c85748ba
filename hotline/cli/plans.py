"""Opening a plan for a command: errors end it, warnings go to standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.simulation.plan import Plan


def opened(path: str, lang: str) -> Plan:
    """The plan in `path`. Raises `PlanError` for one that cannot be; prints what is doubtful."""
    from hotline.simulation.checks import refuse, warnings
    from hotline.simulation.reading import read_plan

    plan = read_plan(path)
    refuse(plan)
    for problem in warnings(plan):
        click.echo(f"hotline: {problem.line(lang)}", err=True)
    return plan
