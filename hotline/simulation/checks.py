"""Plans that cannot be, told before any run: refusals, and warnings for what may be meant.

Refused: a queue that nobody ever serves, offers that nobody ever answers, and more work than agents
where the same goes on for ever and nobody gives up (the result would only say how long the run
was). In a day that has an end the last is a warning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np

from agents.settings import DAY
from hotline.simulation.building import expected
from hotline.simulation.durations import limited_mean, survival
from hotline.simulation.parts import PlanError
from hotline.simulation.plan import Plan, PlannedGroup, PlannedQueue
from menus.wording import Both, Problem

MANY = 10
"""With more queues than this, not every set of queues is looked at."""
SLOT = 900.0
"""Seconds between two looks at a day."""


def refuse(plan: Plan) -> None:
    """Raise `PlanError` with every reason why `plan` cannot be."""
    problems = [*_unserved(plan), *_unanswered(plan), *_unstable(plan)]
    if problems:
        raise PlanError(problems)


def warnings(plan: Plan) -> list[Problem]:
    """What is possible but hardly meant."""
    return [*_few_lines(plan), *_nobody_there(plan), *_overloaded(plan), *doubts(plan)]


def doubts(plan: Plan) -> list[Problem]:
    """The same of calls, times and limits alone, whatever the numbers of agents."""
    return [*_no_calls(plan), *_other_units(plan), *_never_in_time(plan), *_never_felt(plan)]


# --- refusals ----------------------------------------------------------------------------------


def _unserved(plan: Plan) -> Iterator[Problem]:
    for number, item in enumerate(plan.queues):
        able = [one for one in plan.groups if number in one.group.skills]
        if not able:
            yield Problem(
                item.place,
                Both(f"队列 {item.name} 没有坐席", f"queue {item.name!r} has no agents"),
                Both("把它写进某个组的 skills", "name it in the skills of a group"),
            )
        elif not sum(one.group.agents for one in able):
            names = ", ".join(one.name for one in able)
            yield Problem(
                able[0].place,
                Both(f"队列 {item.name} 的坐席组 {names} 没有一个人",
                     f"queue {item.name!r} has no agents: its groups ({names}) are empty"),
                Both("agents 至少写 1", "give at least one agent"),
            )  # fmt: skip


def _unanswered(plan: Plan) -> Iterator[Problem]:
    for one in plan.groups:
        ring = one.group.ring
        always_late = ring.name == "deterministic" and ring.a >= plan.redirect_after
        if one.group.answers == 0 or always_late:
            yield Problem(
                one.place,
                Both(f"坐席组 {one.name} 从不应答", f"group {one.name!r} never answers an offer"),
                Both("answers 大于 0，ring 小于 redirect_after",
                     "answers must be above 0, and ring below redirect_after"),
            )  # fmt: skip


def _unstable(plan: Plan) -> Iterator[Problem]:
    if not plan.stationary or _bounded(plan):
        return
    for members in _sets(plan):
        load = sum(_load(plan, n, 0.0) for n in members)
        agents = sum(one.on_duty(0.0) for one in _serving(plan, members))
        if load >= agents:
            yield _too_much(plan, members, load, agents)
            return


def _too_much(plan: Plan, members: Iterable[int], load: float, agents: int) -> Problem:
    items = [plan.queues[n] for n in members]
    names = ", ".join(item.name for item in items)
    need = math.floor(load) + 1
    return Problem(
        items[0].place,
        Both(
            f"{names} 的话务量 {load:.1f} 爱尔兰不小于 {agents} 个坐席，且无人放弃：排队会无限增长",
            f"{names}: {load:.1f} erlangs for {agents} agents and nobody gives up: "
            "the queue would grow for ever",
        ),
        Both(
            f"加 patience、waiting_room 或 trunks，或至少 {need} 个坐席",
            f"add patience, waiting_room or trunks, or give at least {need} agents",
        ),
    )


def _bounded(plan: Plan) -> bool:
    """Whether the rules keep the queue from growing."""
    return plan.trunks is not None or plan.waiting_room is not None


def _sets(plan: Plan) -> Iterator[tuple[int, ...]]:
    """Sets of queues whose callers never give up: their work must fit those who can do it."""
    patient = [n for n, item in enumerate(plan.queues) if item.queue.patience.name == "never"]
    sizes = range(1, len(patient) + 1) if len(patient) <= MANY else (1, len(patient))
    for size in sizes:
        if size:
            yield from combinations(patient, size)


def _serving(plan: Plan, members: Iterable[int]) -> list[PlannedGroup]:
    wanted = set(members)
    return [one for one in plan.groups if wanted & set(one.group.skills)]


def _load(plan: Plan, number: int, clock: float) -> float:
    """Erlangs of a queue at `clock`: calls per second times the agent's whole occupation."""
    item = plan.queues[number]
    rings = [one.group.ring for one in plan.groups if number in one.group.skills]
    ring = min(
        (float(limited_mean(r, np.array([plan.redirect_after]))[0]) for r in rings), default=0.0
    )
    held = item.queue.handle.mean + item.queue.after_call.mean + ring
    return float(item.profile.at(np.array([clock]))[0]) * held


# --- warnings ----------------------------------------------------------------------------------


def _few_lines(plan: Plan) -> Iterator[Problem]:
    agents = sum(one.group.agents for one in plan.groups)
    if plan.trunks is not None and plan.trunks < agents:
        yield Problem(
            plan.groups[0].place,
            Both(f"中继线 {plan.trunks} 条少于坐席 {agents} 人", f"{plan.trunks} trunks are fewer "
                 f"than {agents} agents: some can never be busy"),
        )  # fmt: skip


def _nobody_there(plan: Plan) -> Iterator[Problem]:
    for number, item in enumerate(plan.queues):
        serving = _serving(plan, [number])
        empty = [
            slot * SLOT
            for slot in range(int(DAY / SLOT))
            if _calls(item, slot * SLOT) and not sum(g.on_duty(slot * SLOT) for g in serving)
        ]
        if empty and serving:
            yield Problem(
                item.place,
                Both(f"队列 {item.name} 自 {_time(empty[0])} 起有来电而无人值班（5.2.7.1）",
                     f"queue {item.name!r} has calls and nobody on duty, first at "
                     f"{_time(empty[0])} (5.2.7.1: reachable 24 h)"),
            )  # fmt: skip


def _calls(item: PlannedQueue, clock: float) -> float:
    return float(item.profile.at(np.array([clock]))[0])


def _no_calls(plan: Plan) -> Iterator[Problem]:
    if not expected(plan, max(plan.days, 7) * DAY):
        yield Problem(
            plan.queues[0].place,
            Both("没有一通来电：所有速率（或 week）都是 0",
                 "nobody calls: all rates (or the week's factors) are 0"),
        )  # fmt: skip


SHORTEST, LONGEST = 10.0, 7200.0
"""A mean handle time (s) outside these is possible, but hardly meant."""


def _other_units(plan: Plan) -> Iterator[Problem]:
    for item in plan.queues:
        held = item.queue.handle.mean + item.queue.after_call.mean
        if not SHORTEST <= held <= LONGEST:
            yield Problem(
                item.place,
                Both(f"队列 {item.name} 的平均处理时间是 {held:g} 秒",
                     f"queue {item.name!r} is handled in {held:g} s in the mean"),
                Both("时间以秒计；确认不是分钟或毫秒", "times are seconds: are these minutes?"),
            )  # fmt: skip
    limits = plan.limits
    if limits.short_abandon > limits.answer_within:
        yield Problem(
            plan.queues[0].place,
            Both(f"short_abandon {limits.short_abandon:g} 秒大于 answer_within "
                 f"{limits.answer_within:g} 秒：等过时限才放弃的也不计入",
                 f"short_abandon {limits.short_abandon:g} s is above answer_within "
                 f"{limits.answer_within:g} s: who gave up after the limit is left out too"),
        )  # fmt: skip


def _never_in_time(plan: Plan) -> Iterator[Problem]:
    """Telephones that ring longer than the limit."""
    within = np.array([plan.limits.answer_within])
    for one in plan.groups:
        if one.group.agents and float(survival(one.group.ring, within)[0]) > 0.999:
            yield Problem(
                one.place,
                Both(f"坐席组 {one.name} 的振铃总超过 {within[0]:g} 秒，都不能及时应答（5.2.7.3）",
                     f"group {one.name!r} always rings longer than {within[0]:g} s: no call of its "
                     "is answered in time (5.2.7.3)"),
                Both("缩短 ring", "shorten ring"),
            )  # fmt: skip


def _never_felt(plan: Plan) -> Iterator[Problem]:
    """Surges after the end of the run."""
    for name in dict.fromkeys(s.name for s in plan.surges if s.start >= plan.days * DAY):
        yield Problem(
            plan.queues[0].place,
            Both(f"高峰 {name} 在第 {plan.days} 天之后，运行时不会发生",
                 f"surge {name!r} comes after day {plan.days}, the last of a run"),
            Both("增大 days，或改 day", "raise days, or change its day"),
        )  # fmt: skip


CROWD = 3.0
"""So many times the work of all agents is possible, but hardly meant all the time."""


def _crowded(plan: Plan) -> Iterator[Problem]:
    """A steady state in which most callers must give up."""
    load = sum(_load(plan, number, 0.0) for number in range(len(plan.queues)))
    agents = sum(one.on_duty(0.0) for one in plan.groups)
    if load > CROWD * agents:
        yield Problem(
            plan.queues[0].place,
            Both(f"话务量 {load:,.0f} 爱尔兰，只有 {agents:,} 个坐席：大多数来电会放弃",
                 f"{load:,.0f} erlangs for {agents:,} agents: most callers give up"),
            Both("确认来电是每小时、时间是秒", "are calls per hour and times in seconds?"),
        )  # fmt: skip


def _overloaded(plan: Plan) -> Iterator[Problem]:
    """Times of the day in which calls without an end of patience pile up."""
    if plan.stationary:
        yield from _crowded(plan)
    if plan.stationary or _bounded(plan):
        return
    for members in _sets(plan):
        serving = _serving(plan, members)
        over = [
            clock
            for clock in np.arange(0.0, DAY, SLOT).tolist()
            if sum(_load(plan, n, clock) for n in members)
            > sum(one.on_duty(clock) for one in serving) > 0
        ]  # fmt: skip
        if over:
            names = ", ".join(plan.queues[n].name for n in members)
            yield Problem(
                plan.queues[members[0]].place,
                Both(f"{names} 自 {_time(over[0])} 起话务量超过坐席，且无人放弃：排队会增长",
                     f"{names}: from {_time(over[0])} on more work than agents, and nobody gives "
                     "up: the queue grows"),
                Both("加 patience 或坐席", "add patience or agents"),
            )  # fmt: skip
            return


def _time(clock: float) -> str:
    return f"{int(clock // 3600):02d}:{int(clock % 3600 // 60):02d}"
