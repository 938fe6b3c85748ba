"""The calls of a load: a window of the plan's day, scaled to what one machine can drive.

    plan's rates   ...__/~~~~\\___...     by interval, weekday and surge
                         |  |             `length` seconds from `at` on
    of the load        /~~~~|             times `scale`, rising from 0 in the first `ramp` seconds

The instants are those that the queue engine draws for the same plan and seed: a load and a
simulation of it meet the same arrivals. They are drawn before the first call is made (open
arrivals): nothing that the hotline does can put one off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agents.settings import DAY
from hotline.load.calls import Planned
from hotline.simulation.arrivals import Floats
from hotline.simulation.building import given_calls, rates_of
from hotline.simulation.engine.model import Group, Model, Queue
from hotline.simulation.engine.run import simulate
from hotline.simulation.load_rules import LoadCaller
from hotline.simulation.plan import Plan
from hotline.switch.chance import Chance

STEPS = 10
"""Steps in which the rate rises."""


def schedule(plan: Plan, seed: int, kinds: Sequence[LoadCaller]) -> tuple[Planned, ...]:
    """The calls, in order of their instants. `kinds`: who calls, at least one for each queue."""
    chance = Chance(seed)
    found = []
    for number, (at, queue) in enumerate(_arrivals(plan, seed)):
        mine = [n for n, kind in enumerate(kinds) if kind.queue == queue]
        luck = chance.uniform("load.kind", str(number)) * sum(kinds[n].weight for n in mine)
        for kind in mine:
            luck -= kinds[kind].weight
            if luck < 0:
                break
        found.append(Planned(number, at, queue, kind))
    return tuple(found)


def expected(plan: Plan) -> float:
    """Calls to be expected, for the plan's rates and the load's scale."""
    if plan.given_calls:
        return float(len(_listed(plan, 0)))
    edges, rates = _window(plan)
    return float((rates.sum(axis=0) * np.diff(edges)).sum())


def scaled_groups(plan: Plan) -> tuple[Group, ...]:
    """The groups as they are on duty at the load's time of day, scaled: rounded, at least one
    agent where there is any."""
    rules = plan.load

    def scaled(on_duty: int) -> int:
        return max(1, math.floor(on_duty * rules.scale + 0.5)) if on_duty else 0

    return tuple(replace(one.group, agents=scaled(one.on_duty(rules.at))) for one in plan.groups)


def bare_queues(plan: Plan) -> tuple[Queue, ...]:
    """The queues without what the callers of a load do not do: redial, book a call-back."""
    return tuple(
        replace(item.queue, redial=None, callback=None, contained=0.0) for item in plan.queues
    )


def _arrivals(plan: Plan, seed: int) -> list[tuple[float, int]]:
    if plan.given_calls:
        return _listed(plan, seed)
    edges, rates = _window(plan)
    model = Model(
        edges=np.array([0.0, plan.load.length]),
        queues=bare_queues(plan),
        groups=scaled_groups(plan),
        rates=rates,
        rate_edges=edges,
        centres=plan.centres,
    )
    rows = simulate(model, seed, rows=True).rows
    assert rows is not None
    return list(zip(rows.arrived.tolist(), rows.queue.tolist(), strict=True))


def _window(plan: Plan) -> tuple[Floats, Floats]:
    """Borders from 0 to the load's length, and calls per second of each queue between them."""
    rules = plan.load
    begin, end = rules.at, rules.at + rules.length
    edges, rates = rates_of(plan, max(plan.days, math.ceil(end / DAY)) * DAY)
    rise = np.linspace(0.0, min(rules.ramp, rules.length), STEPS + 1)
    inside = edges[(edges > begin) & (edges < end)] - begin
    borders = np.unique(np.concatenate(([0.0, rules.length], inside, rise)))
    middle = (borders[:-1] + borders[1:]) / 2
    now = rates[:, np.searchsorted(edges, middle + begin, side="right") - 1]
    rising = np.minimum(1.0, middle / rules.ramp) if rules.ramp else 1.0
    return borders, np.asarray(now * rules.scale * rising)


def _listed(plan: Plan, seed: int) -> list[tuple[float, int]]:
    """Listed calls in the window, of which `scale` are kept."""
    rules, chance, calls = plan.load, Chance(seed), given_calls(plan)
    pairs = zip(calls.at.tolist(), calls.queue.tolist(), strict=True)
    return [
        (at - rules.at, queue)
        for number, (at, queue) in enumerate(pairs)
        if rules.at <= at < rules.at + rules.length
        and chance.uniform("load.thinned", str(number)) < rules.scale
    ]
