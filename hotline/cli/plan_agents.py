"""`hotline serve --plan`: the agents of a queue plan as simulated agents of a live hotline.

    group of the plan                      agents of the hotline
    skills (queues)         -->            skills of the book, in the same order of preference
    ring, answers           -->            when they answer, and whether
    after_call              -->            wrap-up
    handle                  -->            nothing: the caller talks so long (`hotline load`)

The agent stays until the caller hangs up, as clause 5.2.7.3 wants it. So a load decides itself how
long it talks, and what it measures can be held against a simulation of the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agents.behaviours import Behaviour
from agents.callbacks import CallbackRule
from agents.roster import AgentProfile, Roster
from agents.settings import AcdSettings
from hotline.cli.compose import Parts
from hotline.cli.load_callers import skill_of
from hotline.cli.plans import plan_to_load
from hotline.load.schedule import scaled_groups
from hotline.simulation.durations import drawn_by
from hotline.simulation.engine.laws import deterministic
from hotline.simulation.parts import PlanError
from hotline.simulation.plan import Plan
from hotline.switch.distributions import deterministic as always
from menus.model import Book
from menus.wording import Both, Problem

FIRST_NUMBER = 1001
STAYS = 4 * 3600.0
"""Seconds after which an agent would end a conversation: longer than any."""


def serving(
    parts: Parts, path: str, lang: str, *, scale: float | None = None, trunks: int | None = None
) -> Parts:
    """The hotline `parts` with the agents and rules of the plan in `path`. Raises `PlanError`."""
    plan = plan_to_load(path, lang, scale=scale)
    roster, behaviours = plan_agents(plan, parts.book)
    if not roster:
        what = Both("此时没有坐席在岗", "nobody is on duty at this time of day")
        hint = Both("改 load: at", "give another time in `load: at`")
        raise PlanError([Problem(plan.groups[0].place, what, hint)])
    acd = replace(acd_settings(plan), callback_of=callback_rules(plan, parts.book))
    if trunks is not None:
        acd = replace(acd, trunks=trunks)
    return replace(parts, roster=roster, behaviours=behaviours, acd=acd, policy=plan.routing)


def plan_agents(plan: Plan, book: Book) -> tuple[Roster, Mapping[str, Behaviour]]:
    """The agents on duty at the load's time of day, scaled as its calls are, and how they work."""
    people: list[AgentProfile] = []
    behaviours: dict[str, Behaviour] = {}
    languages = tuple(dict.fromkeys((book.language, *book.agent_languages)))
    skills = [skill_of(plan, queue, book) for queue in range(len(plan.queues))]
    for place, group in enumerate(scaled_groups(plan)):
        after = {plan.queues[queue].queue.after_call for queue in group.skills}
        behaviour = Behaviour(
            ring=drawn_by(group.ring),
            talk=always(STAYS),
            wrap_up=drawn_by(after.pop() if len(after) == 1 else deterministic(0.0)),
            endings=(("wait", 1.0),),
            answers=group.answers,
            back_after=plan.back_after,
        )
        for number in range(group.agents):
            profile = AgentProfile(
                f"{group.name}-{number + 1:03d}",
                str(FIRST_NUMBER + len(people)),
                skills=tuple(dict.fromkeys(skills[queue] for queue in group.skills)),
                languages=languages,
                group=place,
            )
            people.append(profile)
            behaviours[profile.id] = behaviour
    return Roster(tuple(people)), behaviours


def callback_rules(plan: Plan, book: Book) -> dict[str, CallbackRule]:
    """How call-backs of the plan's queues are tried again, by skill of the book."""
    found = {}
    for number, item in enumerate(plan.queues):
        rule = item.queue.callback
        if rule is not None:
            found[skill_of(plan, number, book)] = CallbackRule(rule.tries, rule.retry_after)
    return found


def acd_settings(plan: Plan) -> AcdSettings:
    """The ACD's rules as the plan has them; lines are scaled as agents are."""
    usual = AcdSettings()
    trunks = plan.trunks
    return replace(
        usual,
        trunks=None if trunks is None else max(1, round(trunks * plan.load.scale)),
        waiting_room=plan.waiting_room,
        answer_within=plan.limits.answer_within,
        redirect_after=plan.redirect_after,
        wrap_up=None,
        ageing=plan.ageing,
    )
