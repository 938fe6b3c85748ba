"""Opening a plan for a command: errors end it, warnings go to standard error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.simulation.plan import Plan
    from menus.wording import Problem


def opened(path: str, lang: str) -> Plan:
    """The plan in `path`. Raises `PlanError` for one that cannot be; prints what is doubtful."""
    from hotline.simulation.checks import refuse, warnings
    from hotline.simulation.reading import read_plan

    plan = measured(read_plan(path))
    refuse(plan)
    tell(warnings(plan), lang)
    return plan


def tell(problems: Iterable[Problem], lang: str) -> None:
    """Say on standard error what is doubtful."""
    for problem in problems:
        click.echo(f"hotline: {problem.line(lang)}", err=True)


def plan_to_load(
    path: str,
    lang: str,
    *,
    length: float | None = None,
    scale: float | None = None,
    concurrent: int | None = None,
) -> Plan:
    """The plan in `path` for real calls, with what the command line says in place of its own.
    Raises `PlanError`."""
    from dataclasses import replace

    from hotline.simulation.parts import PlanError
    from hotline.simulation.reading import read_plan
    from menus.wording import Both, Problem

    plan = read_plan(path)
    if plan.ivr is not None:
        what = Both("真实通话不能用 ivr", "real calls take no `ivr`: they walk through real menus")
        hint = Both("在每个队列写来电", "give each queue its calls")
        raise PlanError([Problem(plan.ivr.place, what, hint)])
    given = {"length": length, "scale": scale, "concurrent": concurrent}
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(plan, load=replace(plan.load, **chosen))  # type: ignore[arg-type]


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
