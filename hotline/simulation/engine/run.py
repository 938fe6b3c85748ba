"""One replication: the model into arrays, the kernel, its sums into words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numba import typeof
from numpy.typing import NDArray

from hotline.simulation.engine import layout as at
from hotline.simulation.engine.draws import LAW, key_of
from hotline.simulation.engine.errors import EngineError
from hotline.simulation.engine.kernel import kernel
from hotline.simulation.engine.laws import deterministic, exponential
from hotline.simulation.engine.model import (
    STEP,
    WORK,
    Calls,
    Floats,
    Ints,
    Model,
    minimal,
)
from hotline.simulation.engine.packing import packed
from hotline.simulation.engine.results import AgentTotals, Result, Rows, Times, Totals
from hotline.simulation.engine.single import single
from hotline.simulation.engine.staffing import always

SECONDS = ("wait", "wait_answered", "talk", "after_call", "in_line")
"""Fields of `Totals` that the kernel counts in steps."""


def simulate(
    model: Model, seed: int = 0, replication: int = 0, *, agents: bool = False, rows: bool = False
) -> Result:
    """Run one replication. `agents`, `rows`: also each agent's sums, each call's row.

    The same seed, replication and queue names give the same callers whatever the agents (common
    random numbers). Raises `EngineError` when more than a million calls are open at once.
    """
    rich = agents or rows or _rich(model)
    one = len(model.queues) == 1 and len(model.groups) == 1 and not model.centres
    factor = _busyness(model, seed, replication)
    if one and not rich:
        return _simulate_single(model, seed, replication, factor)
    status, room = at.MORE_ROWS, _expected(model, factor) if rows else 1
    while status == at.MORE_ROWS:
        sheets = _Sheets(model, agents)
        table = np.full(room, -1, at.ROW)
        arguments = (
            *_arguments(model, seed, replication, factor, rows, sheets),
            table, sheets.info, *_workspace(model),
        )  # fmt: skip
        used, seconds = _timed(kernel, arguments)
        status = int(sheets.info[0])
        room *= 2
    result = _result(model, sheets, factor, seconds, rich)
    return replace(
        result,
        agents=_agents(model, sheets) if agents else None,
        rows=_rows(table[:used]) if rows else None,
    )


def _result(model: Model, sheets: _Sheets, factor: float, seconds: float, rich: bool) -> Result:
    """The sums in words. Raises `EngineError` where the run was given up."""
    status, processed, _, last = sheets.info.tolist()
    if status == at.TOO_LONG:
        raise EngineError(f"more than {at.MOST:,} calls: simulate several shorter runs instead")
    if status != at.DONE:
        raise EngineError("more than a million calls are open at once: agents cannot keep up")
    return Result(
        totals=_totals(sheets, rich),
        groups=_times(sheets.times),
        waits_answered=sheets.waits_answered,
        waits_abandoned=sheets.waits_abandoned,
        agents=None,
        rows=None,
        calls=processed,
        seconds=seconds,
        busyness=factor,
        end=last * STEP,
    )


def _timed(function: Any, arguments: tuple[Any, ...]) -> tuple[Any, float]:
    """What the compiled `function` returns, and its processor time in seconds."""
    function.compile(tuple(map(typeof, arguments)))  # or read from the cache: not its own time
    began = time.thread_time()
    result = function(*arguments)
    return result, time.thread_time() - began


def _simulate_single(model: Model, seed: int, replication: int, factor: float) -> Result:
    sheets = _Sheets(model)
    tables: list[float] = []
    laws = _laws(model, tables)
    free = _heap(model.agents + 4).view(np.int64)
    free[:] = at.INFINITE
    free[: model.agents] = 0
    arguments = (
        _rules(model, rows=False), to_steps(model.edges), *_rates(model, factor), laws,
        np.array(tables or [0.0]), _keys(model, seed, replication), _given(model.calls),
        sheets.counts, sheets.in_line, sheets.times, sheets.waits_answered,
        sheets.waits_abandoned, sheets.info,
        free, _heap(at.ROOM + 4), _rows_of_lines(at.ROOM, at.LINE_COLUMNS),
    )  # fmt: skip
    _, seconds = _timed(single, arguments)
    sheets.times[:, 0, at.T_STAFFED] = model.agents * np.diff(to_steps(model.edges))
    return _result(model, sheets, factor, seconds, rich=False)


def compile_now(progress: Callable[[str], None] | None = None) -> None:
    """Compile both loops and keep the machine code, so that no user's first run waits.

    `progress` is told a line before each. About ten seconds once; then at once.
    """
    tell = progress or (lambda line: None)
    model = minimal(deterministic(1.0), exponential(1.0), 1, 1.0, 2.0)
    tell("queue engine: one skill")
    simulate(model)
    tell("queue engine: skills, shifts, ringing, trunks, redials, call-backs, centres")
    simulate(model, rows=True)


def _rich(model: Model) -> bool:
    """Whether the model needs more than the sums of calls that agents take at once."""
    zero = deterministic(0.0)
    plain = all(
        queue.redial is None and queue.callback is None and queue.ivr == zero
        and queue.contained == 0
        for queue in model.queues
    ) and all(
        group.ring == zero and group.answers == 1 and group.hangs_up == 0
        for group in model.groups
    )  # fmt: skip
    rung = model.calls is not None and model.calls.ring is not None
    limited = model.trunks is not None or model.waiting_room is not None
    instant = model.redirect_after == 0
    return not plain or rung or limited or instant or bool(model.centres) or not _all_day(model)


def _all_day(model: Model) -> bool:
    duties = model.duties
    if duties is None:
        return True
    everybody = len(duties.at) == model.agents and bool(np.all(duties.to == WORK))
    return everybody and not duties.at.any() and len(np.unique(duties.agent)) == model.agents


def _expected(model: Model, factor: float) -> int:
    """Room for the rows of about as many calls as will arrive; it is doubled where that is not
    enough."""
    if model.calls is not None:
        return 2 * len(model.calls.at) + 16
    return int(1.3 * factor * _arrivals(model)) + 1000


def _arrivals(model: Model) -> float:
    """How many calls the model lists or expects."""
    if model.calls is not None:
        return len(model.calls.at)
    assert model.rates is not None
    edges = model.edges if model.rate_edges is None else model.rate_edges
    return float((model.rates @ np.diff(edges)).sum())


def _busyness(model: Model, seed: int, replication: int) -> float:
    if model.busyness == 0:
        return 1.0
    from scipy.special import gammaincinv

    shape = 1 / model.busyness**2
    u = (float(key_of(seed, replication, "busyness") >> np.uint64(11)) + 0.5) * 2.0**-53
    return float(gammaincinv(shape, u) / shape)


@dataclass(slots=True)
class _Sheets:
    """The arrays that the kernel writes to."""

    counts: NDArray[Any]
    in_line: Ints
    times: Ints
    waits_answered: Ints
    waits_abandoned: Ints
    agents: NDArray[Any]
    agent_counts: NDArray[Any]
    agent_times: Ints
    info: Ints

    def __init__(self, model: Model, agents: bool = False) -> None:
        intervals, queues = len(model.edges) - 1, len(model.queues)
        self.counts = np.zeros((intervals, queues), at.COUNT)
        self.in_line = np.zeros((intervals, queues, 1), np.int64)
        self.times = np.zeros((intervals, len(model.groups), at.TIMES), np.int64)
        self.waits_answered = np.zeros((queues, model.wait_bins + 1), np.int64)
        self.waits_abandoned = np.zeros((queues, model.wait_bins + 1), np.int64)
        self.agents = _lines(model.agents, at.AGENT_ROW)
        self.agents[:] = 0
        self.agents["prev"] = at.UNLISTED
        self.agents["group"] = model.group_of
        self.agents["due"] = self.agents["answered"] = at.INFINITE
        listed = model.agents if agents else 0
        self.agent_counts = np.zeros(listed, at.AGENT_COUNT)
        self.agent_times = np.zeros((listed, at.TIMES), np.int64)
        self.info = np.zeros(4, np.int64)


def _lines(count: int, row: Any) -> NDArray[Any]:
    """[count] rows, not filled, which begin with a line of the cache."""
    room = np.empty(count * row.itemsize + 64, np.uint8)
    skip = -room.ctypes.data % 64
    return room[skip : skip + count * row.itemsize].view(row)


LINE_OF_CACHE = 8
"""Numbers in a line of the processor's cache, 64 bytes."""


def _rows_of_lines(rows: int, columns: int) -> Ints:
    """[rows, columns], not filled, which begins with a line of the cache."""
    room = np.empty(rows * columns + LINE_OF_CACHE, np.int64)
    skip = -(room.ctypes.data // 8) % LINE_OF_CACHE
    return room[skip : skip + rows * columns].reshape(rows, columns)


def _heap(size: int) -> NDArray[np.uint64]:
    """Room for a heap whose families of four each lie in one line of the cache: 1 begins one."""
    room = np.empty(size + LINE_OF_CACHE, np.uint64)
    skip = (LINE_OF_CACHE - 1 - room.ctypes.data // 8) % LINE_OF_CACHE
    return room[skip : skip + size]


def _workspace(model: Model) -> tuple[NDArray[Any], ...]:
    """The kernel's own arrays. The large ones take no memory until they are written to."""
    queues = len(model.queues)
    lines = queues * (len(model.centres) + 1)
    changes = at.ROOM + model.agents if model.lost else 1
    return (
        _agenda(_arrivals(model) / model.horizon),
        _lines(at.ROOM, at.CALL),
        np.empty(at.NUMBER + 1, np.int32),
        np.full(lines, -1, at.ENDS),
        np.zeros(1, at.LEVELS)[0],
        np.zeros(len(model.centres) + 1, np.int64),
        np.empty((at.ROOM if model.centres else 1, 2), np.int64),
        np.empty((changes, 2), np.int64),
        np.empty((changes, 3), np.int64),
    )


def _agenda(rate: float) -> Any:
    """An empty agenda whose pages are as long as three calls take to come in, at `rate` a second.

    Shorter ones are opened for nothing, longer ones make a longer heap.
    """
    agenda = np.empty(1, at.AGENDA)[0]
    for name in ("soon_used", "page", "later", "slips_used", "base"):
        agenda[name] = 0
    agenda["pages"][:] = agenda["spare"] = -1
    length = 3 / rate / STEP if rate > 0 else 1.0
    agenda["width"] = int(np.clip(np.log2(length), 8, at.LONGEST_PAGE_2))
    return agenda


def to_steps(seconds: Any) -> Ints:
    """Steps of each of `seconds`, rounded as everywhere (`model.rounded`); infinite stays so."""
    array = np.atleast_1d(np.asarray(seconds, np.float64))
    finite = np.where(np.isfinite(array), array, 0.0)
    rounded = np.floor(finite * at.PER_SECOND + 0.5).astype(np.int64)
    return np.where(np.isfinite(array), rounded, at.INFINITE)


def _rules(model: Model, rows: bool) -> Any:
    rules = np.full(1, -1, at.RULES_ROW)[0]
    seconds = {
        "horizon": model.horizon,
        "drained": model.horizon + model.drain,
        "redirect": model.redirect_after,
        "back": model.back_after,
        "overflow": model.overflow_after,
        "within": model.answer_within,
        "short": model.short_abandon,
    }
    for name, value in seconds.items():
        rules[name] = to_steps(value)[0]
    if model.trunks is not None:
        rules["trunks"] = model.trunks
    if model.waiting_room is not None:
        rules["room"] = model.waiting_room
    rules["longest_idle"] = model.routing == "longest_idle"
    rules["centres"], rules["bins"], rules["rows"] = len(model.centres), model.wait_bins, rows
    return rules


def _arguments(
    model: Model, seed: int, replication: int, factor: float, rows: bool, sheets: _Sheets
) -> tuple[Any, ...]:
    tables: list[float] = []
    laws = _laws(model, tables)
    ring_laws = np.array([packed(group.ring, tables) for group in model.groups], LAW)
    return (
        _rules(model, rows),
        float(model.ageing),
        to_steps(model.edges),
        *_rates(model, factor),
        _sources(model),
        _given(model.calls),
        laws,
        ring_laws,
        np.array(tables or [0.0]),
        _keys(model, seed, replication),
        _homes(model),
        _queues(model),
        _groups(model),
        _skills(model),
        _search(model),
        _duties(model),
        _losses(model),
        sheets.agents,
        np.zeros(max(1, model.agents), at.ATTENDANCE),
        sheets.counts,
        sheets.in_line,
        sheets.times,
        sheets.waits_answered,
        sheets.waits_abandoned,
        sheets.agent_counts,
        sheets.agent_times,
    )


def _sources(model: Model) -> NDArray[Any]:
    sources = np.zeros(len(model.queues), at.SOURCE)
    sources["coming"] = at.INFINITE
    return sources


def _duties(model: Model) -> NDArray[Any]:
    duties = model.duties or always(model.agents)
    table = np.zeros(len(duties.at), at.DUTY_ROW)
    if len(table):
        table["at"], table["agent"], table["to"] = to_steps(duties.at), duties.agent, duties.to
    return table


def _rates(model: Model, factor: float) -> tuple[Floats, Floats]:
    """Borders of the rates' intervals (s) and arrivals per second [Q, R]; (0, 0) for a list."""
    if model.rates is None:
        return np.zeros(2), np.zeros((len(model.queues), 1))
    edges = model.edges if model.rate_edges is None else model.rate_edges
    return np.ascontiguousarray(edges, np.float64), np.ascontiguousarray(model.rates * factor)


def _keys(model: Model, seed: int, replication: int) -> NDArray[np.uint64]:
    """[purpose, Q] the streams of chance."""
    return np.array(
        [
            [key_of(seed, replication, purpose, queue.name) for queue in model.queues]
            for purpose in at.PURPOSES
        ]
    )


def _laws(model: Model, tables: list[float]) -> NDArray[Any]:
    """[purpose, Q] of `draws.LAW` in the order of `layout.PURPOSES`."""
    never_used = deterministic(0.0)
    columns = [
        (
            queue.handle,
            queue.patience,
            queue.after_call,
            queue.ivr,
            queue.redial.delay if queue.redial else never_used,
            queue.callback.dial if queue.callback else never_used,
        )
        for queue in model.queues
    ]
    return np.array(
        [[packed(column[purpose], tables) for column in columns] for purpose in range(at.LAWS)],
        LAW,
    )


def _queues(model: Model) -> NDArray[Any]:
    table = np.zeros(len(model.queues), at.QUEUE_ROW)
    for row, queue in zip(table, model.queues, strict=True):
        row["priority"], row["contained"] = queue.priority, queue.contained
        if queue.redial is not None:
            row["redial_abandoned"] = queue.redial.abandoned
            row["redial_blocked"] = queue.redial.blocked
            row["redials"] = queue.redial.limit
        if queue.callback is not None:
            row["accept"], row["reached"] = queue.callback.accept, queue.callback.reached
            row["tries"] = queue.callback.tries
            row["callback_after"] = to_steps(queue.callback.after)[0]
            row["retry"] = to_steps(queue.callback.retry_after)[0]
    return table


def _groups(model: Model) -> NDArray[Any]:
    table = np.full(len(model.groups), -1, at.GROUP_ROW)
    for row, group in zip(table, model.groups, strict=True):
        row["answers"], row["hangs_up"] = group.answers, group.hangs_up
        row["centre"] = max(0, group.centre)
    return table


def _homes(model: Model) -> Floats:
    """[Q, C] shares of the home centres, added up from the left."""
    centres = len(model.centres)
    homes = np.zeros((len(model.queues), max(1, centres)))
    for row, queue in zip(homes, model.queues, strict=True):
        if queue.home:
            row[:] = np.cumsum(queue.home)
    return homes


def _skills(model: Model) -> Ints:
    """[G, Q] the queues of each group in order of preference, then -1."""
    skills = np.full((len(model.groups), len(model.queues)), -1, np.int64)
    for row, group in zip(skills, model.groups, strict=True):
        row[: len(group.skills)] = group.skills
    return skills


def _search(model: Model) -> Ints:
    """[Q, G] the groups that serve each queue in the order of the plan, then -1."""
    search = np.full((len(model.queues), len(model.groups)), -1, np.int64)
    for q, row in enumerate(search):
        able = [g for g, group in enumerate(model.groups) if q in group.skills]
        row[: len(able)] = able
    return search


def _losses(model: Model) -> NDArray[Any]:
    """Instants (steps), centres, and whether they are up from then on; in order."""
    changes = [(begin, centre, 0) for centre, begin, _ in model.lost]
    changes += [(end, centre, 1) for centre, _, end in model.lost if end < np.inf]
    changes.sort()
    return np.array([(to_steps(at)[0], centre, up) for at, centre, up in changes], at.LOSS_ROW)


def _given(calls: Calls | None) -> NDArray[Any]:
    """The list of calls, none for calls that are drawn."""
    table = np.full(0 if calls is None else len(calls.at), at.DRAW_IT, at.LISTED)
    if calls is None or not len(table):
        return table
    table["at"], table["queue"] = to_steps(calls.at), calls.queue
    if calls.home is not None:
        table["home"] = calls.home
    for name in ("handle", "patience", "after_call", "ring"):
        column = getattr(calls, name)
        if column is not None:
            known = ~np.isnan(column)
            table[name][known] = to_steps(column[known])
    return table


def _totals(sheets: _Sheets, rich: bool) -> Totals:
    counts = sheets.counts
    if not rich:  # what needs no counting where nobody is turned away and nothing rings
        offered = counts["answered"] + counts["abandoned"] + counts["stranded"]
        counts["arrived"] = counts["offered"] = offered
        counts["offers"] = counts["ring_within"] = counts["answered"]
    values: dict[str, NDArray[Any]] = {}
    for name in (item.name for item in fields(Totals)):
        column = sheets.in_line[..., 0] if name == "in_line" else counts[name].copy()
        values[name] = column * STEP if name in SECONDS else column
    return Totals(**values)


def _times(times: Ints) -> Times:
    seconds = (times * STEP).astype(np.float64, copy=False)
    ringing, talking = seconds[..., at.T_RINGING], seconds[..., at.T_TALKING]
    after = seconds[..., at.T_AFTER]
    return Times(
        ready=seconds[..., at.T_STAFFED] - ringing - talking - after,
        ringing=ringing,
        talking=talking,
        after_call=after,
        not_ready=seconds[..., at.T_NOT_READY],
        on_break=seconds[..., at.T_BREAK],
        late=seconds[..., at.T_LATE],
    )


def _agents(model: Model, sheets: _Sheets) -> AgentTotals:
    counts = sheets.agent_counts
    names = [name for name in at.AGENT_COUNT.names or () if name != "rang"]
    return AgentTotals(
        group=model.group_of,
        rang=(counts["rang"] * STEP).astype(np.float64),
        scheduled=_scheduled(model),
        times=_times(sheets.agent_times),
        **{name: counts[name].copy() for name in names},
    )


def _scheduled(model: Model) -> Floats:
    """Seconds of duty of each agent up to the horizon."""
    duties = model.duties or always(model.agents)
    scheduled = np.zeros(model.agents)
    since = np.full(model.agents, np.nan)
    for instant, agent, to in zip(duties.at, duties.agent, duties.to, strict=True):
        instant = min(float(instant), model.horizon)
        if not np.isnan(since[agent]):
            scheduled[agent] += instant - since[agent]
        since[agent] = instant if to == WORK else np.nan
    working = ~np.isnan(since)
    scheduled[working] += model.horizon - since[working]
    return scheduled


def _rows(table: NDArray[Any]) -> Rows:
    columns: dict[str, NDArray[Any]] = {name: table[name].copy() for name in at.ROW.names or ()}
    for name in ("arrived", "asked", "ended", "answered", "ready", "called_back"):
        columns[name] = np.where(columns[name] < 0, np.nan, columns[name] * STEP)
    return Rows(**columns)
