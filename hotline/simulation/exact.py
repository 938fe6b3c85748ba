"""Which exact theory a plan has: its figures for each queue, or the reason why there is none.

Queues that share agents, lines or places to wait are looked at together:

    every group serves every queue of the set, handle exponential and the same for all
      one priority, one patience    M/M/s (Erlang C), M/M/s+M (Erlang A), M/M/s+G, M/M/s/K(+M)
      several priorities            M/M/s non-preemptive, patience without end, no limit of places
    no place to wait                M/G/s/s (Erlang B): any handle distributions
    anything else                   no closed form: simulate it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hotline.simulation.durations import memoryless, zero
from hotline.simulation.engine.laws import Law
from hotline.simulation.erlang import Exact, Wanted, erlang_b, markov_queue
from hotline.simulation.patience import general_patience
from hotline.simulation.plan import Plan, PlannedGroup, PlannedQueue
from hotline.simulation.priorities import priority_queue
from menus.wording import NOWHERE, Both


@dataclass(frozen=True, slots=True)
class Theory:
    """What theory says of one queue: `exact` by `model`, or None and the `reason`."""

    queue: PlannedQueue
    model: str
    exact: Exact | None
    reason: Both = NOWHERE


class _NoTheoryError(Exception):
    """There is no closed form; says why."""

    def __init__(self, zh: str, en: str) -> None:
        self.reason = Both(zh, en)
        super().__init__(en)


def theory_of(plan: Plan) -> list[Theory]:
    """Exact figures of each queue, in the plan's order."""
    found: dict[str, Theory] = {}
    for members in components(plan):
        for theory in _of(plan, members):
            found[theory.queue.name] = theory
    return [found[item.name] for item in plan.queues]


def occupancy_of(plan: Plan, group: PlannedGroup, theories: Sequence[Theory]) -> float | None:
    """Exact occupancy of a group: only where its queues have no other group."""
    served = [theories[n] for n in group.group.skills]
    others = [one for one in plan.groups if set(one.group.skills) & set(group.group.skills)]
    if len(others) > 1 or any(theory.exact is None for theory in served):
        return None
    exact = served[0].exact
    return exact.occupancy if exact else None


def components(plan: Plan) -> list[list[int]]:
    """Numbers of the queues that are bound to each other by common agents, lines or places."""
    sets = [{n} for n in range(len(plan.queues))]
    ties: list[Iterable[int]] = [one.group.skills for one in plan.groups]
    if plan.trunks is not None or plan.waiting_room is not None:
        ties.append(range(len(plan.queues)))
    for tie in ties:
        wanted = set(tie)
        joined = set().union(*(s for s in sets if s & wanted)) if wanted else set()
        sets = [s for s in sets if not s & wanted] + ([joined] if joined else [])
    return [sorted(s) for s in sets]


def _of(plan: Plan, members: Sequence[int]) -> list[Theory]:
    items = [plan.queues[n] for n in members]
    try:
        _plain(plan, items)
        groups = [one for one in plan.groups if set(one.group.skills) & set(members)]
        if any(set(members) - set(one.group.skills) for one in groups):
            raise _NoTheoryError(
                "各组技能不同，只能仿真", "groups with different skills have no closed form"
            )
        agents = sum(one.group.agents for one in groups)
        return _solved(plan, items, agents)
    except _NoTheoryError as error:
        return [Theory(item, "", None, error.reason) for item in items]


def _plain(plan: Plan, items: Sequence[PlannedQueue]) -> None:
    """Raise for rules that no closed form knows."""
    if not plan.stationary:
        raise _NoTheoryError(
            "来电或坐席随时间变化，没有稳态公式",
            "calls or agents change with the time of day: formulas are for a steady state",
        )
    if plan.ivr and (plan.trunks is not None or not plan.front):
        raise _NoTheoryError(
            "来电先过语音菜单并占用中继线", "callers in the menus hold lines: no closed form"
        )
    if any(item.queue.redial or item.queue.callback for item in items):
        raise _NoTheoryError("有重拨或回拨", "redials and call-backs have no closed form")
    if any(not zero(one.group.ring) or one.group.answers < 1 for one in plan.groups):
        raise _NoTheoryError(
            "有振铃时间或不应答", "ring time and unanswered offers have no closed form"
        )
    if any(item.queue.home for item in items):
        raise _NoTheoryError("有两中心溢出", "overflow between centres has no closed form")


def _solved(plan: Plan, items: Sequence[PlannedQueue], agents: int) -> list[Theory]:
    room = _room(plan, agents)
    wanted = Wanted(plan.limits.answer_within, plan.limits.short_abandon)
    if room is not None and room <= 0:
        return _lossy(items, agents, agents + room)
    handle = _handle(items)
    rates = [item.profile.rates[0] for item in items]
    if len({item.queue.priority for item in items}) > 1:
        return _ranked(plan, items, rates, handle, agents, wanted)
    patience = items[0].queue.patience
    if any(item.queue.patience != patience for item in items):
        raise _NoTheoryError("各队列耐心不同", "queues of different patience have no closed form")
    exact, model = _one_line(sum(rates), handle, agents, patience, room, wanted)
    return [Theory(item, model, _share_of(exact, rate, sum(rates)))
            for item, rate in zip(items, rates, strict=True)]  # fmt: skip


def _share_of(exact: Exact, rate: float, total: float) -> Exact:
    """A queue's figures in a common line: the same shares and means, its part of the line."""
    return replace(exact, mean_queue=exact.mean_queue * rate / total) if total else exact


def _room(plan: Plan, agents: int) -> int | None:
    """Places to wait; negative: that many fewer lines than agents. None: no limit."""
    limits = [] if plan.waiting_room is None else [plan.waiting_room]
    if plan.trunks is not None:
        limits.append(plan.trunks - agents)
    return min(limits) if limits else None


def _lossy(items: Sequence[PlannedQueue], agents: int, servers: int) -> list[Theory]:
    """Erlang B for all queues together; fewer lines than agents leave some agents idle."""
    load = sum(item.profile.rates[0] * _occupied(item) for item in items)
    blocked = erlang_b(servers, load)
    answered = 1 - blocked
    busy = load * answered / agents
    exact = Exact(0.0, 0.0, blocked, 0.0, 0.0, answered, 1.0, answered, busy, 0.0)
    return [Theory(item, "M/G/s/s (Erlang B)", exact) for item in items]


def _occupied(item: PlannedQueue) -> float:
    return item.queue.handle.mean + item.queue.after_call.mean


def _handle(items: Sequence[PlannedQueue]) -> float:
    """The mean of the one exponential time that all queues keep their agents busy."""
    means = set()
    for item in items:
        laws = [law for law in (item.queue.handle, item.queue.after_call) if not zero(law)]
        if len(laws) > 1:
            raise _NoTheoryError(
                "通话加话后整理之和不是指数分布", "talk plus after-call work is not exponential"
            )
        if not memoryless(laws[0]):
            raise _NoTheoryError(
                f"处理时间为 {laws[0].name}：M/G/s 没有精确公式",
                f"handle is {laws[0].name}: M/G/s has no closed form",
            )
        means.add(laws[0].mean)
    if len(means) > 1:
        raise _NoTheoryError("各队列处理时间不同", "queues of different handle have no closed form")
    return means.pop()


def _one_line(
    rate: float,
    handle: float,
    agents: int,
    patience: Law,
    room: int | None,
    wanted: Wanted,
) -> tuple[Exact, str]:
    places = "" if room is None else "/K"
    if patience.name == "never":
        name = "M/M/s/K" if places else "M/M/s (Erlang C)"
        return markov_queue(rate, handle, agents, room=room, wanted=wanted), name
    if memoryless(patience):
        name = "M/M/s/K+M" if places else "M/M/s+M (Erlang A)"
        mean = patience.mean
        return markov_queue(rate, handle, agents, patience=mean, room=room, wanted=wanted), name
    if places:
        raise _NoTheoryError(
            "有限等待位且耐心非指数", "a limit of places with such a patience has no closed form"
        )
    if zero(patience) or rate == 0:
        raise _NoTheoryError("耐心或来电为 0", "no patience or no calls")
    return general_patience(rate, handle, agents, patience, wanted), "M/M/s+G"


def _ranked(
    plan: Plan,
    items: Sequence[PlannedQueue],
    rates: Sequence[float],
    handle: float,
    agents: int,
    wanted: Wanted,
) -> list[Theory]:
    """Priorities: those of equal priority form one class."""
    if any(item.queue.patience.name != "never" for item in items):
        raise _NoTheoryError("优先级加放弃", "priorities with abandonment have no closed form")
    if _room(plan, agents) is not None:
        raise _NoTheoryError("优先级加有限等待位", "priorities with few places: no closed form")
    if plan.ageing:
        raise _NoTheoryError("有老化", "ageing priorities have no closed form")
    levels = sorted({item.queue.priority for item in items}, reverse=True)
    together = [
        sum(r for r, item in zip(rates, items, strict=True) if item.queue.priority == level)
        for level in levels
    ]
    classes = dict(
        zip(levels, priority_queue(together, handle, agents, wanted), strict=True)
    )  # fmt: skip
    size = dict(zip(levels, together, strict=True))
    name = "M/M/s, non-preemptive priorities"
    return [Theory(item, name, _share_of(classes[item.queue.priority], rate,
                                         size[item.queue.priority]))
            for item, rate in zip(items, rates, strict=True)]  # fmt: skip


def fraction(theory: Theory, name: str) -> float | None:
    """A figure of the theory by the contract's name, None where there is none."""
    value = getattr(theory.exact, name, None)
    return None if value is None else float(value)
