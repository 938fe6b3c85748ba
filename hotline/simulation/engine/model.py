"""What the engine takes: one hotline, one horizon, in numbers. Built by the plan, read by nobody.

Times are float seconds from instant 0, durations float seconds. The engine rounds each of them
once, half up, to steps of 2^-20 s (`STEP`) and then only adds whole numbers; sums of steps are
exact in a double for 272 years, so the Python ACD fed with the rounded seconds has the same
instants to the last bit.

    I intervals   Q queues   G groups   C centres   K changes of duty   N calls of a list
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hotline.simulation.engine.errors import ModelError
from hotline.simulation.engine.laws import Law, deterministic, never

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP = 2.0**-20
"""Seconds of one step of the engine's clock."""

OFF, WORK, BREAK = 0, 1, 2
"""What a change of duty says (see `agents.shifts.Duty`)."""

Routing = Literal["groups", "longest_idle"]
"""How calls find agents and agents calls (`agents.policies`). `groups`: a call looks through the
groups in their order, longest idle first within one; an agent serves in the order of his group's
skills, at equal worth. `longest_idle`: a call looks for who has been idle longest in any group that
serves it; an agent serves first come first served, at equal worth, whatever the skill."""

MOST_CENTRES = 100
"""The engine has eight bits for a centre."""


def rounded(seconds: float) -> float:
    """`seconds` on the engine's clock: the nearest step, halves up; infinity stays."""
    return math.floor(seconds / STEP + 0.5) * STEP if math.isfinite(seconds) else seconds


@dataclass(frozen=True, slots=True, eq=False)
class Duties:
    """Who is on duty when: changes in order of time, then of agent. Shape [K] each.

    Agents are numbered 0.. group by group in the order of the groups. Before the first change of
    an agent he is off duty. At equal times changes come before anything else.

    The rule of a falling schedule is the ACD's: who is told to go while talking finishes the call
    and goes without after-call work; while ringing, the caller keeps the place and is offered to
    the next agent; during after-call work or idle he goes at once. A break waits for the end of
    the call and its after-call work.
    """

    at: Floats
    agent: Ints
    to: Ints
    """`OFF`, `WORK` or `BREAK`"""


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """A given list of calls (a call log, a parity case) instead of drawn ones. Shape [N] each.

    `at` must not fall; at equal times the order of the list holds. `nan` in an optional column,
    or no column, means: draw it from the queue's law. `patience` may be infinite.
    """

    at: Floats
    queue: Ints
    handle: Floats | None = None
    patience: Floats | None = None
    after_call: Floats | None = None
    home: Ints | None = None
    """home centre, -1 = served anywhere"""
    ring: Floats | None = None
    """time until the agent answers, the same for every offer of the call"""


@dataclass(frozen=True, slots=True)
class Redial:
    """Callers who come back. An abandoned call redials with `abandoned`, a blocked or refused one
    with `blocked`, after `delay`; a redial is a new call of the same queue and may redial again,
    at most `limit` times. None comes after the horizon.
    """

    abandoned: float = 0.0
    blocked: float = 0.0
    delay: Law = field(default_factory=lambda: deterministic(300.0))
    limit: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Callback:
    """A call-back offered to who has waited `after` seconds in line; `accept` of them take it.

    The booking keeps the place. When its turn comes the agent is reserved while the customer is
    dialled (`dial`); `reached` of the attempts are answered, otherwise the agent is free again
    after `dial` and the booking rests for `retry_after`, at most `tries` attempts.
    """

    after: float
    accept: float = 1.0
    dial: Law = field(default_factory=lambda: deterministic(15.0))
    reached: float = 1.0
    tries: int = 3
    retry_after: float = 600.0


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue (skill). Higher `priority` is served first."""

    name: str
    handle: Law
    """conversation; with no `after_call` the whole occupation of the agent"""
    patience: Law = field(default_factory=never)
    """from asking for an agent, queue and ring together"""
    after_call: Law = field(default_factory=lambda: deterministic(0.0))
    priority: float = 0.0
    redial: Redial | None = None
    callback: Callback | None = None
    home: tuple[float, ...] = ()
    """share of the calls whose home is each centre (sums to at most 1; the rest: served anywhere).
    () = all served anywhere. Shape [C]"""
    ivr: Law = field(default_factory=lambda: deterministic(0.0))
    """time in the menus before asking for an agent; holds a trunk"""
    contained: float = 0.0
    """share of the arrivals that end in the menus, after `ivr`, without asking"""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of agents. `skills`: queues by number, in order of preference at equal priority."""

    name: str
    agents: int
    """how many there ever are; who is on duty when is in `Duties`"""
    skills: tuple[int, ...]
    ring: Law = field(default_factory=lambda: deterministic(0.0))
    """until the agent answers an offer"""
    answers: float = 1.0
    """share of the offers that the agent answers at all"""
    hangs_up: float = 0.0
    """share of the conversations in which the agent hangs up first (counted, 5.2.7.3)"""
    centre: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One hotline over one horizon. Raises `ModelError` naming the field that cannot be."""

    edges: Floats
    """[I + 1] borders of the intervals by which results are counted, rising from 0; the last is
    the horizon: no call arrives from then on, those that are there are served to the end"""
    queues: tuple[Queue, ...]
    groups: tuple[Group, ...]
    rates: Floats | None = None
    """[Q, R] arrivals per second by interval of `rate_edges`, Poisson within; None: see `calls`"""
    rate_edges: Floats | None = None
    """[R + 1] borders of the rates' intervals, from 0 to the horizon; None: `edges`"""
    busyness: float = 0.0
    """coefficient of variation of the day's gamma factor (mean 1) on all rates"""
    calls: Calls | None = None
    """given calls, instead of `rates`"""
    duties: Duties | None = None
    """None: all agents on duty all the time"""
    answer_within: float = 12.0
    """seconds, of queue + ring and of ring alone (5.2.7.3); counts only, steers nothing"""
    short_abandon: float = 5.0
    """seconds; abandons before it are counted apart"""
    redirect_after: float = 20.0
    """ringing so long without an answer: the offer goes on to the next agent, this one is not
    ready"""
    back_after: float = 10.0
    """ready again so long after an offer was not answered; infinite: not before the next shift"""
    drain: float = 14_400.0
    """from so long after the horizon on, who did not answer an offer stays not ready: a caller of
    endless patience whom nobody ever answers ends as stranded instead of ringing for ever"""
    routing: Routing = "groups"
    ageing: float = 0.0
    """points of priority that a waiting call gains per second"""
    trunks: int | None = None
    """lines; an arriving call beyond them is blocked. Call-backs use lines of their own"""
    waiting_room: int | None = None
    """callers in line at once; one more is refused"""
    overflow_after: float = 30.0
    """with centres: having waited so long at home, a call may be served anywhere"""
    centres: tuple[str, ...] = ()
    lost: tuple[tuple[int, float, float], ...] = ()
    """(centre, from, until): a centre is down, see `agents.presence`: no new offers there, ringing
    calls go back to their place, conversations go on"""
    wait_bins: int = 600
    """bins of one second in the histograms of waits; longer waits fall into one more"""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def horizon(self) -> float:
        """Seconds until arrivals stop."""
        return float(self.edges[-1])

    @property
    def agents(self) -> int:
        """How many agents there ever are, over all groups."""
        return sum(group.agents for group in self.groups)

    @property
    def group_of(self) -> Ints:
        """[agents] group of each agent."""
        return np.repeat(np.arange(len(self.groups)), [group.agents for group in self.groups])


def _check(model: Model) -> None:
    _check_edges("edges", model.edges)
    _check_queues(model)
    _check_groups(model)
    _check_arrivals(model)
    _check_duties(model)
    for name in ("answer_within", "short_abandon", "ageing", "overflow_after", "busyness", "drain"):
        _number(name, getattr(model, name))
    for name in ("redirect_after", "back_after"):
        if not getattr(model, name) >= 0:
            raise ModelError(name, f"{getattr(model, name)}; give seconds of 0 or more")
    if model.routing not in get_args(Routing):
        raise ModelError("routing", f"{model.routing}; give {' or '.join(get_args(Routing))}")
    for name in ("trunks", "waiting_room"):
        value = getattr(model, name)
        if value is not None and value < 0:
            raise ModelError(name, f"{value}; give 0 or more, or leave it out")
    if model.wait_bins < 1:
        raise ModelError("wait_bins", f"{model.wait_bins}; give at least 1")


def _check_edges(name: str, edges: Floats, end: float | None = None) -> None:
    if len(edges) < 2 or edges[0] != 0 or not np.all(np.isfinite(edges)):
        raise ModelError(name, "give at least two finite borders, the first 0")
    if not np.all(np.diff(edges) > 0):
        raise ModelError(name, "the borders must rise")
    if end is not None and edges[-1] != end:
        raise ModelError(name, f"end at {edges[-1]} s; the horizon is {end} s")


def _check_queues(model: Model) -> None:
    if not model.queues:
        raise ModelError("queues", "none; give at least one")
    for queue in model.queues:
        where = f"queues[{queue.name}]"
        if not math.isfinite(queue.handle.mean):
            raise ModelError(f"{where}.handle", "not finite; the agent would never be free again")
        _share(f"{where}.contained", queue.contained)
        if queue.home and len(queue.home) != len(model.centres):
            raise ModelError(f"{where}.home", f"{len(queue.home)} shares; give one per centre")
        if any(share < 0 for share in queue.home) or sum(queue.home) > 1 + 1e-9:
            raise ModelError(f"{where}.home", "shares must be 0 or more and sum to at most 1")
        if queue.redial is not None:
            _share(f"{where}.redial.abandoned", queue.redial.abandoned)
            _share(f"{where}.redial.blocked", queue.redial.blocked)
        if queue.callback is not None:
            _check_callback(f"{where}.callback", queue.callback)


def _check_callback(where: str, callback: Callback) -> None:
    _share(f"{where}.accept", callback.accept)
    _share(f"{where}.reached", callback.reached)
    _number(f"{where}.after", callback.after)
    _number(f"{where}.retry_after", callback.retry_after)
    if callback.tries < 1:
        raise ModelError(f"{where}.tries", f"{callback.tries}; give at least 1")


def _check_groups(model: Model) -> None:
    if not model.groups:
        raise ModelError("groups", "none; give at least one")
    for group in model.groups:
        where = f"groups[{group.name}]"
        if group.agents < 0:
            raise ModelError(f"{where}.agents", f"{group.agents}; give 0 or more")
        if len(set(group.skills)) != len(group.skills):
            raise ModelError(f"{where}.skills", "a queue is named twice")
        if any(not 0 <= skill < len(model.queues) for skill in group.skills):
            raise ModelError(f"{where}.skills", "a queue that does not exist")
        if not -1 <= group.centre < len(model.centres):
            raise ModelError(f"{where}.centre", "a centre that does not exist")
        if model.centres and group.centre < 0:
            raise ModelError(f"{where}.centre", "with centres every group belongs to one")
        _share(f"{where}.answers", group.answers)
        _share(f"{where}.hangs_up", group.hangs_up)
    if len(model.centres) > MOST_CENTRES:
        raise ModelError("centres", f"{len(model.centres)}; give at most {MOST_CENTRES}")
    for centre, begin, end in model.lost:
        if not 0 <= centre < len(model.centres) or not 0 <= begin < end:
            raise ModelError("lost", f"({centre}, {begin}, {end}); give a centre, from, until")


def _check_arrivals(model: Model) -> None:
    if (model.rates is None) is (model.calls is None):
        raise ModelError("rates", "give either rates or calls")
    if model.rates is not None:
        edges = model.edges if model.rate_edges is None else model.rate_edges
        _check_edges("rate_edges", edges, model.horizon)
        if model.rates.shape != (len(model.queues), len(edges) - 1):
            raise ModelError("rates", f"shape {model.rates.shape}; give [queues, intervals]")
        if not np.all(np.isfinite(model.rates)) or np.any(model.rates < 0):
            raise ModelError("rates", "negative or not finite")
    if model.calls is not None:
        _check_calls(model.calls, model)


def _check_calls(calls: Calls, model: Model) -> None:
    if not np.all(np.isfinite(calls.at)) or np.any(np.diff(calls.at, prepend=0.0) < 0):
        raise ModelError("calls.at", "must be finite, 0 or more, and never fall")
    if len(calls.at) and calls.at[-1] >= model.horizon:
        raise ModelError("calls.at", f"a call at or after the horizon of {model.horizon} s")
    if len(calls.queue) and not 0 <= calls.queue.min() <= calls.queue.max() < len(model.queues):
        raise ModelError("calls.queue", "a queue that does not exist")
    for name in ("queue", "handle", "patience", "after_call", "ring", "home"):
        column = getattr(calls, name)
        if column is None:
            continue
        if len(column) != len(calls.at):
            raise ModelError(f"calls.{name}", f"{len(column)} values for {len(calls.at)} calls")
        if name not in ("home", "queue") and np.any(column < 0):
            raise ModelError(f"calls.{name}", "negative seconds")


def _check_duties(model: Model) -> None:
    duties = model.duties
    if duties is None:
        return
    if not len(duties.at) == len(duties.agent) == len(duties.to):
        raise ModelError("duties", "columns of different lengths")
    if not len(duties.at):
        return
    if not np.all(np.isfinite(duties.at)) or duties.at.min() < 0:
        raise ModelError("duties.at", "must be finite and 0 or more")
    order = np.lexsort((duties.agent, duties.at))
    if np.any(np.diff(order) < 0):
        raise ModelError("duties", "must be in order of time, then of agent")
    if not 0 <= duties.agent.min() <= duties.agent.max() < model.agents:
        raise ModelError("duties.agent", "an agent who does not exist")
    if not set(np.unique(duties.to).tolist()) <= {OFF, WORK, BREAK}:
        raise ModelError("duties.to", "give OFF, WORK or BREAK")


def _number(name: str, value: Any) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise ModelError(name, f"{value}; give a finite number of 0 or more")


def _share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ModelError(name, f"{value}; give a share from 0 to 1")


def minimal(
    handle: Law, patience: Law, agents: int, per_second: float, horizon: float, **rules: Any
) -> Model:
    """The smallest hotline: one queue, one group, all agents present. For examples and tests."""
    queue = Queue("calls", handle, patience)
    return Model(
        edges=np.array([0.0, horizon]),
        queues=(queue,),
        groups=(Group("agents", agents, (0,)),),
        rates=np.array([[per_second]]),
        **rules,
    )


def uniform_edges(horizon: float, width: float) -> Floats:
    """Borders of intervals of `width` seconds from 0 to `horizon`; the last may be shorter."""
    return np.append(np.arange(0.0, horizon, width), horizon)


def column(values: Sequence[float] | None) -> Floats | None:
    """A column of `Calls` from any sequence."""
    return None if values is None else np.asarray(values, dtype=np.float64)
