"""Generated hotlines for the parity test: small, crowded, and full of ties.

A case is the engine's `Model` with an explicit list of calls. Times are mostly whole seconds, so
that many things happen at once; some are odd, so that the rounding is tested too.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from agents.roster import Shift
from hotline.simulation.engine import laws
from hotline.simulation.engine.laws import Law
from hotline.simulation.engine.model import Callback, Calls, Group, Model, Queue, Redial
from hotline.simulation.engine.staffing import from_shifts

HORIZON = 240.0


def case(random: Random) -> tuple[Model, list[list[Shift]]]:
    """A model, and the shifts of its agents from which its duties were made."""
    centres = ("north", "south") if random.random() < 0.4 else ()
    queues = tuple(_queue(random, name, centres) for name in "xyz"[: random.randint(1, 3)])
    groups = _groups(random, len(queues), centres)
    agents = sum(group.agents for group in groups)
    shifts = [_shifts(random) for _ in range(agents)]
    model = Model(
        edges=np.array([0.0, 60.0, 100.0, HORIZON]),
        queues=queues,
        groups=groups,
        calls=_calls(random, len(queues), len(centres), random.randint(1, 60)),
        duties=from_shifts(shifts),
        redirect_after=random.choice([20.0, 6.0, 3.0]),
        back_after=random.choice([10.0, 0.0, 2.5, np.inf]),
        drain=60.0,
        routing=random.choice(["groups", "longest_idle"]),
        ageing=random.choice([0.0, 0.0, 0.125, 0.1]),
        trunks=random.choice([None, None, 3, 6, 12]),
        waiting_room=random.choice([None, None, 0, 2, 5]),
        overflow_after=random.choice([30.0, 5.0, 0.0, 7.25]),
        centres=centres,
        lost=_lost(random) if centres and random.random() < 0.4 else (),
    )
    return model, shifts


def overloaded(random: Random) -> tuple[Model, list[list[Shift]]]:
    """A case with some hundred calls more than the agents can take, most of whom book."""
    model, shifts = case(random)
    queues = tuple(
        replace(queue, callback=_callback(random), patience=laws.exponential(60.0))
        for queue in model.queues
    )
    calls = _calls(random, len(queues), len(model.centres), random.randint(150, 400))
    return replace(model, queues=queues, calls=calls, trunks=None, waiting_room=None), shifts


def _callback(random: Random) -> Callback:
    return Callback(
        random.choice([0.0, 4.0, 10.0]), random.choice([0.5, 1.0]), _short(random),
        random.choice([0.3, 1.0]), random.randint(1, 3), random.choice([0.0, 8.0, 30.0]),
    )  # fmt: skip


def _queue(random: Random, name: str, centres: tuple[str, ...]) -> Queue:
    redial = callback = None
    if random.random() < 0.4:
        delay = random.choice([laws.deterministic(5.0), laws.uniform(0.0, 40.0)])
        redial = Redial(random.choice([0.5, 1.0]), random.choice([0.0, 0.7]), delay, 3)
    if random.random() < 0.4:
        callback = _callback(random)
    return Queue(
        name,
        handle=random.choice([laws.exponential(12.0), laws.lognormal(9.0, 1.0)]),
        patience=random.choice([laws.exponential(15.0), laws.deterministic(6.0), laws.never()]),
        after_call=_short(random),
        priority=random.choice([0, 0, 1, 2]),
        redial=redial,
        callback=callback,
        home=random.choice([(0.5, 0.5), (1.0, 0.0), (0.2, 0.3)]) if centres else (),
        ivr=random.choice([laws.deterministic(0.0), laws.deterministic(0.0), _short(random)]),
        contained=random.choice([0.0, 0.0, 0.3]),
    )


def _short(random: Random) -> Law:
    return random.choice([laws.deterministic(0.0), laws.deterministic(2.0), laws.uniform(0.0, 8.0)])


def _groups(random: Random, queues: int, centres: tuple[str, ...]) -> tuple[Group, ...]:
    count = max(len(centres), random.randint(1, 3))
    skills = [random.sample(range(queues), random.randint(1, queues)) for _ in range(count)]
    for missing in set(range(queues)) - {q for own in skills for q in own}:
        skills[random.randrange(count)].append(missing)
    return tuple(
        Group(
            f"g{g}",
            random.randint(1, 3),
            tuple(own),
            ring=random.choice([laws.deterministic(0.0), laws.deterministic(3.0),
                                laws.uniform(0.0, 9.0)]),
            answers=random.choice([1.0, 1.0, 0.7]),
            hangs_up=random.choice([0.0, 0.2]),
            centre=g % len(centres) if centres else -1,
        )
        for g, own in enumerate(skills)
    )  # fmt: skip


def _shifts(random: Random) -> list[Shift]:
    """The whole time, or one or two shifts with breaks, whose edges are often shared."""
    if random.random() < 0.4:
        return [Shift(0.0, 86_000.0)]
    edges = sorted(random.sample(range(0, 200, 5), 4))
    found = []
    for start, end in ((edges[0], edges[1]), (edges[2], edges[3])):
        breaks = ()
        if end - start > 10 and random.random() < 0.6:
            begin = start + random.choice([0, 5])
            breaks = ((float(begin), float(random.choice([begin + 5, end]))),)
        found.append(Shift(float(start), float(end), breaks))
    if random.random() < 0.5:
        found[1] = Shift(found[1].start, 86_000.0, found[1].breaks)
    return found


def _calls(random: Random, queues: int, centres: int, count: int) -> Calls:
    crowd = random.choice([40, 120, 220])
    at = sorted(
        float(random.randrange(crowd)) if random.random() < 0.8 else random.uniform(0, crowd)
        for _ in range(count)
    )
    return Calls(
        at=np.array(at),
        queue=np.array([random.randrange(queues) for _ in at], np.int64),
        handle=_column(random, count, [0.0, 1.0, 5.0, 10.0, 25.0, 1 / 3]),
        patience=_column(random, count, [0.0, 1.0, 3.0, 10.0, 20.0, np.inf, 40.0]),
        after_call=_column(random, count, [0.0, 0.0, 2.0, 5.0]),
        ring=_column(random, count, [0.0, 1.0, 3.0, 6.0, 20.0, 25.0]),
        home=np.array([random.randrange(-1, centres) for _ in at], np.int64) if centres else None,
    )


def _column(random: Random, count: int, values: list[float]) -> np.ndarray | None:
    """Values of a few whole seconds, odd ones, and some to be drawn; or no column."""
    if random.random() < 0.3:
        return None
    choices = [*values, random.uniform(0, 12), np.nan]
    return np.array([random.choice(choices) for _ in range(count)])


def _lost(random: Random) -> tuple[tuple[int, float, float], ...]:
    begin = float(random.randrange(0, 80, 5))
    return ((random.randrange(2), begin, begin + random.choice([5.0, 40.0, 400.0])),)
