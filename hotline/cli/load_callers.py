"""Who calls in a load: walkers, personas and scenarios as the plan's section `load` names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from hotline.callers.hearing import Caller
from hotline.callers.personas import (
    Asks,
    Persona,
    PersonaCaller,
    UnknownPersonaError,
    persona,
)
from hotline.callers.player import Player
from hotline.callers.reading import load as load_scenarios
from hotline.callers.scenario import Scenario
from hotline.callers.walker import Walk, Walker
from hotline.cli.menu_calls import keys_to_agent
from hotline.cli.sound import Sound
from hotline.cli.vocabulary import skills_of
from hotline.load.calls import Planned
from hotline.load.observed import ANSWER, Observed
from hotline.simulation.durations import drawn_by
from hotline.simulation.load_rules import LoadCaller
from hotline.simulation.parts import PlanError
from hotline.simulation.plan import Plan
from hotline.switch.chance import Chance
from hotline.switch.distributions import Distribution, deterministic
from menus.model import Book, Place
from menus.wording import Both, Problem

FOR_EVER = 1e6
"""Seconds that stand for patience without end on a clock of the real world."""


def kinds_of(plan: Plan) -> tuple[LoadCaller, ...]:
    """Who calls: those that the plan names, and walkers for the queues that it names none for."""
    named = {kind.queue for kind in plan.load.callers}
    others = (
        LoadCaller(queue, place=item.place)
        for queue, item in enumerate(plan.queues)
        if queue not in named
    )
    return (*plan.load.callers, *others)


def skill_of(plan: Plan, queue: int, book: Book) -> str:
    """The skill of `book` that the callers of a queue ask for; "": any agent."""
    name = plan.queues[queue].name
    return plan.load.skills.get(name, name if name in set(skills_of(book)) else "")


class Crew:
    """Makes the callers of a load. Raises `PlanError` or `ScenarioError` for callers that cannot
    be. `book` is None for a hotline that is not ours."""

    def __init__(self, plan: Plan, sound: Sound, book: Book | None, seed: int) -> None:
        self.plan, self.sound, self._chance = plan, sound, Chance(seed)
        self._asks = None if book is None else Asks.of_book(book, sound.canon)
        self.kinds = kinds_of(plan)
        self._walks = [self._walk(kind, book) for kind in self.kinds]
        self._personas = [_persona(kind) for kind in self.kinds]
        self.scenarios = [self._scenarios(kind) for kind in self.kinds]
        self._patience = [drawn_by(item.queue.patience) for item in plan.queues]
        self._talk = [drawn_by(item.queue.handle) for item in plan.queues]

    def __call__(self, planned: Planned) -> Observed:
        """The caller of a call."""
        agent_is = self.plan.load.agent_is
        return Observed(self._caller(planned), planned, self.sound.canon, agent_is=agent_is)

    def _caller(self, planned: Planned) -> Caller:
        scenarios = self.scenarios[planned.kind]
        if scenarios:
            scenario = scenarios[planned.number % len(scenarios)]
            chance = Chance(self._chance.seed, planned.number)
            return Player(scenario, chance, self.sound.canon, self.sound.late)
        walk, who = self._walks[planned.kind], self._personas[planned.kind]
        if who is not None and walk.asks is not None:
            patience = self._patience[planned.queue]
            if patience.mean == float("inf"):
                patience = deterministic(FOR_EVER)
            who = replace(who, patience=patience, talk=self._talk[planned.queue])
            return PersonaCaller(
                walk.keys, who, walk.asks, self._chance, f"load-{planned.number}",
                number=number_of(planned),
            )  # fmt: skip
        return Walker(
            walk,
            self._drawn(self._patience, "patience", planned),
            self._drawn(self._talk, "talk", planned),
            number=number_of(planned),
        )

    def _drawn(self, laws: Sequence[Distribution], purpose: str, planned: Planned) -> float:
        luck = self._chance.uniform(f"load.{purpose}", str(planned.number))
        return laws[planned.queue].quantile(luck)

    # --- kinds -----------------------------------------------------------------------------------

    def _walk(self, kind: LoadCaller, book: Book | None) -> Walk:
        rules = self.plan.load
        direct = rules.agent_is == ANSWER
        keys = kind.keys
        if keys is None and not direct and not kind.scenario:
            keys = self._way(kind, book)
        return Walk(keys or (), self._asks, rules.reaction, self._after(kind), direct)

    def _after(self, kind: LoadCaller) -> float | None:
        if kind.after is None and kind.keys and self._asks is None:
            _refuse(
                kind.place,
                Both(
                    "不知道这条热线的菜单何时要求按键", "nothing is known of this hotline's menus"
                ),
                Both("加 after: 秒数", "say when to press: after: SECONDS"),
            )
        return kind.after

    def _way(self, kind: LoadCaller, book: Book | None) -> tuple[str, ...]:
        queue = self.plan.queues[kind.queue].name
        if book is None:
            return ()
        skill = skill_of(self.plan, kind.queue, book)
        keys = keys_to_agent(book, skill)
        if keys is None:
            _refuse(
                kind.place,
                Both(f"队列 {queue}：这份菜单走不到技能 {skill or '（任意）'} 的专员",
                     f"queue {queue!r}: no way of this book leads to agents of {skill or 'any'!r}"),
                Both("在 load.skills 或 load.callers 的 keys 中写明",
                     "say the way in load.callers (keys) or the skill in load.skills"),
            )  # fmt: skip
        return keys

    def _scenarios(self, kind: LoadCaller) -> Sequence[Scenario]:
        if not kind.scenario:
            return ()
        found = load_scenarios(str(Path(self.plan.file).parent / kind.scenario))
        self.sound.check(found)
        return found


def number_of(planned: Planned) -> str:
    """The caller's number: made up, and of a range that no telephone has."""
    return f"1000{planned.number:07d}"


def _persona(kind: LoadCaller) -> Persona | None:
    try:
        return persona(kind.persona) if kind.persona else None
    except UnknownPersonaError as error:
        _refuse(kind.place, Both(str(error), str(error)), Both("改 persona", "correct `persona`"))


def _refuse(place: Place, what: Both, hint: Both) -> NoReturn:
    raise PlanError([Problem(place, what, hint)])
