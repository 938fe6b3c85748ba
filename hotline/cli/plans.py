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

    plan = measured(read_plan(path))
    refuse(plan)
    for problem in warnings(plan):
        click.echo(f"hotline: {problem.line(lang)}", err=True)
    return plan


def measured(plan: Plan) -> Plan:
    """The plan with its menus measured, if it has any in front. Raises `PlanError`."""
    if not any(one.ivr for one in (plan, *(variant for _, variant in plan.variants))):
        return plan
    from hotline.cli.menu_calls import run_calls
    from hotline.simulation.front import UnmappedError, with_menus
    from hotline.simulation.parts import PlanError
    from menus.wording import Both, Problem

    try:
        return with_menus(plan, run_calls)
    except UnmappedError as error:
        named = error.skill or "(none)"
        what = Both(
            f"ivr.queues：{error.calls} 通转人工的技能是 {named}，没有对应的队列",
            f"ivr.queues: {error.calls} calls ask for skill {named!r}, no queue takes it",
        )
        hint = Both('写出对应的队列，或 "*": 队列', 'map it to a queue, or write "*": QUEUE')
        place = plan.ivr.place if plan.ivr else plan.queues[0].place
        raise PlanError([Problem(place, what, hint)]) from None
