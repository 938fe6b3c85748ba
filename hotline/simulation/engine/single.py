"""One skill, all agents alike and present: nothing but arrivals, the line, patience and service.

Where nobody asks which agent took a call, an agent is only the instant at which he is free again
(Kiefer and Wolfowitz 1955). Those instants are the heap, and there is one step in it per call:

                        free[0] <= t                        free[0] > t
    a call arrives at t   he takes it at once                 it goes to the end of the line
    a call is in line     ---                                 free[0] takes the head of the line

    free   [12:00:03  12:00:07  12:00:04 ...]   heap of instants, the least first
    line   first -> . . x . . . x . <- end      ring; x = left when patience ended, skipped later

so an agent who becomes free while nobody waits is no event at all, and the root is replaced
instead of removed and put back. Patience is only drawn for who waits; its ends are a second heap,
forgotten whenever the line is empty. The draws are those of `kernel`, which this must equal in
every sum, as `tests/parity` holds it to.
"""

# ruff: noqa: F403, F405 - the names of all columns come from `layout`

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from hotline.simulation.engine.compiling import loop, part
from hotline.simulation.engine.draws import exponential_of, sample, word
from hotline.simulation.engine.heap import pop, push, sift
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.sums import spread, steps

ONLY = number(0)
"""The queue, and the group."""
PLACE_BITS = np.uint64(20)
PLACE = ROOM - 1
"""Mask of a place in line in an entry of the heap of deadlines: instant - base, then place."""
FEW = number(1023)
"""Mask of the first places in line; it grows with the line."""


@part
def longer(line: Any, mask: Any, first: Any, end: Any) -> Any:
    """Use twice as many places for the line from `first` to `end`. Returns the new mask."""
    wider = 2 * mask + 1
    for k in range(first, end):
        for column in range(LINE_COLUMNS):
            line[k & wider, column] = line[k & mask, column]
    return wider


@loop
def single(
    rules: Any, edges: Any, rate_edges: Any, rates: Any, laws: Any, tables: Any, keys: Any,
    given: Any, counts: Any, in_line: Any, times: Any, waits_answered: Any, waits_abandoned: Any,
    info: Any, free: Any, deadlines: Any, line: Any,
) -> None:  # fmt: skip
    """Run the replication: `counts` [I, 1, ...] and the other sums are filled.

    `free` [agents + 4] is 0 for each agent and INFINITE for the rest.
    """
    horizon, within, short, bins = rules.horizon, rules.within, rules.short, rules.bins
    agents = free.size - 4
    listed, last_interval = given.size > 0, edges.size - 2
    arrival_key, handle_key = keys[P_ARRIVAL, 0], keys[P_HANDLE, 0]
    after_key, patience_key = keys[P_AFTER, 0], keys[P_PATIENCE, 0]

    interval = now = base = NUL
    begins, ends = edges[0], edges[1]  # of the interval
    first = end = NUL  # the line: places `first` to `end`, of them `waiting` still there
    waiting = longest = NUL
    mask = FEW
    n_deadlines = NUL
    arrivals = NUL
    clock = rate_edges[0]  # where the rate's integral stands (s), and in which of its intervals
    cell = NUL
    next_at = NUL
    coming = True  # `next_at` is to be worked out

    while True:
        # --- the next arrival: the rate's integral reaches an exponential number -----------------
        if coming:
            coming = False
            next_at = INFINITE
            if listed:
                if arrivals < given.size:
                    next_at = given[arrivals].at
            else:
                need = exponential_of(word(arrival_key, arrivals))
                while cell < rate_edges.size - 1:
                    rate = rates[0, cell]
                    there = rate * (rate_edges[cell + 1] - clock)
                    if need < there:
                        clock += need / rate
                        next_at = floor(clock * PER_SECOND + 0.5)
                        break
                    need -= there
                    clock = rate_edges[cell + 1]
                    cell += 1
                if next_at >= horizon:
                    next_at = INFINITE

        # --- what is next: an agent for the line, before the end of a patience, before a call ----
        t = next_at
        leaves = serves = False
        if waiting > 0:
            if n_deadlines > 0:
                due = int(deadlines[0] >> PLACE_BITS) + base
                if due <= t:
                    t = due
                    leaves = True
            if free[0] <= t:
                t = free[0]
                leaves = False
                serves = True
        if t >= INFINITE:
            break
        now = t
        while t >= ends and interval < last_interval:
            counts[interval, 0].longest_line = longest
            interval += 1
            begins, ends = ends, edges[interval + 1]
            longest = waiting

        k = arrivals
        asked, asked_in = t, interval
        if leaves:
            # --- a caller's patience ends --------------------------------------------------------
            s = int(deadlines[0] & np.uint64(PLACE)) & mask
            n_deadlines = pop(deadlines, n_deadlines, LAST)
            if line[s, L_DEADLINE] == t:
                line[s, L_DEADLINE] = LEFT
                waiting -= 1
                asked, i = line[s, L_ASKED], line[s, L_INTERVAL]
                wait = t - asked
                counts[i, 0].abandoned += 1
                counts[i, 0].wait += wait
                waits_abandoned[0, min(wait >> 20, bins)] += 1
                if wait < short:
                    counts[i, 0].abandoned_short += 1
                if wait <= within:
                    counts[i, 0].abandoned_within += 1
                if asked >= begins and t <= ends:
                    in_line[interval, 0, 0] += wait
                else:
                    spread(in_line, ONLY, NUL, asked, t, edges, interval)
            continue
        if serves:
            # --- the agent takes the first who is still there ------------------------------------
            while line[first & mask, L_DEADLINE] == LEFT:
                first += 1
            s = first & mask
            first += 1
            line[s, L_DEADLINE] = LEFT
            waiting -= 1
            k, asked, asked_in = line[s, L_CALL], line[s, L_ASKED], line[s, L_INTERVAL]
            if asked >= begins and t <= ends:
                in_line[interval, 0, 0] += t - asked
            else:
                spread(in_line, ONLY, NUL, asked, t, edges, interval)
        else:
            arrivals += 1
            coming = True
            if free[0] > t:
                # --- line up -----------------------------------------------------------------
                if waiting == 0:
                    first = end
                    n_deadlines = NUL  # of callers who were served
                    base = t
                elif end - first > mask:  # all places are taken, also by callers who left
                    if 2 * mask >= ROOM:
                        info[0] = TOO_MANY
                        return
                    mask = longer(line, mask, first, end)
                if t - base > REBASE:
                    shift = np.uint64(t - base) << PLACE_BITS
                    for n in range(n_deadlines):
                        deadlines[n] -= shift
                    base = t
                patience = given[k].patience if listed else DRAW_IT
                if patience == DRAW_IT:
                    x = sample(laws[P_PATIENCE, ONLY], tables, patience_key, k)
                    patience = steps(x) if x < np.inf else INFINITE
                s = end & mask
                line[s, L_CALL], line[s, L_ASKED], line[s, L_INTERVAL] = k, t, interval
                line[s, L_DEADLINE] = min(t + patience, INFINITE)
                if patience < INFINITE:
                    at = np.uint64(t + patience - base) << PLACE_BITS
                    n_deadlines = push(deadlines, n_deadlines, at | np.uint64(end & PLACE))
                end += 1
                waiting += 1
                longest = max(longest, waiting)
                counts[interval, 0].waited += 1
                continue

        # --- assign: the agent who is free and call `k` ------------------------------------------
        handle = after = DRAW_IT
        if listed:
            handle, after = given[k].handle, given[k].after_call
        if handle == DRAW_IT:
            handle = steps(sample(laws[P_HANDLE, ONLY], tables, handle_key, k))
        if after == DRAW_IT:
            after = steps(sample(laws[P_AFTER, ONLY], tables, after_key, k))
        wait = t - asked
        counts[asked_in, 0].answered += 1
        if wait <= within:
            counts[asked_in, 0].within += 1
        counts[asked_in, 0].wait_answered += wait
        counts[asked_in, 0].talk += handle
        counts[asked_in, 0].after_call += after
        waits_answered[0, min(wait >> 20, bins)] += 1
        if t + handle + after <= ends:
            times[interval, 0, T_TALKING] += handle
            times[interval, 0, T_AFTER] += after
        else:
            spread(times, ONLY, T_TALKING, t, t + handle, edges, interval)
            spread(times, ONLY, T_AFTER, t + handle, t + handle + after, edges, interval)
        sift(free, agents, t + handle + after, INFINITE)

    counts[interval, 0].longest_line = longest
    for k in range(first, end):
        if line[k & mask, L_DEADLINE] != LEFT:
            counts[line[k & mask, L_INTERVAL], 0].stranded += 1
            asked = line[k & mask, L_ASKED]
            spread(in_line, ONLY, NUL, asked, INFINITE, edges, interval)
    for i in range(last_interval + 1):
        counts[i, 0].wait += counts[i, 0].wait_answered
    for a in range(agents):
        now = max(now, free[a])
    info[0], info[1], info[2], info[3] = DONE, arrivals, 0, now
