# ruff: noqa: F403, F405 - the names of all columns come from `layout`
"""The queue engine's event loop. One flat function, because splitting it cost a third of its speed.

    asked       offered           answered                 over              ready again
      |  in line   |     ring        |     conversation      |   after-call work  |
      |------------|-----------------|-----------------------|--------------------|------> time
      ^            ^                 .                       .                    ^
    arrival     the pair is made:    `--- no events: instants kept with --'     ONE event of the
    (outside    draws and all               the agent's row                     heap for all three
    the heap)   instants at once

What comes in between undoes the foreseen event by changing `A_DUE`; an entry of the heap whose
instant is not the agent's `A_DUE` (or the caller's `DEADLINE`) any more is stale and is skipped:

    the caller's patience ends while it rings    the pair is made knowing it: no event but CALLER's
    the ring reaches `redirect_after`            foreseen as well: the event is UNANSWERED
    a shift ends while it rings                  the caller goes back to the old place in line
    ... during the conversation                  the event moves to the end of the conversation
    ... during after-call work                   the agent goes at once

Each turn of the loop: pick what is next; handle it, which may leave a `server` (an agent who became
ready) and a `seeker` (a call to be placed); bring the two together. What is right is decided by
`agents.acd`; the blocks follow its methods, whose names they carry. `tests/parity` compares.

`kernel(one, rich)` compiles a variant: `one` = one queue and one group, no search; not `rich` =
all agents present and no ring, trunks, room, redials, call-backs, centres, menus or rows, so that
a call that finds an agent free leaves no trace but sums.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import floor
from typing import Any

import numpy as np

from hotline.simulation.engine.draws import compiled, exponential_of, sample, unit, word
from hotline.simulation.engine.heap import grown, pop, push
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.model import BREAK, OFF, STEP, WORK
from hotline.simulation.engine.results import Fate

ANSWERED, ABANDONED, BLOCKED = int(Fate.ANSWERED), int(Fate.ABANDONED), int(Fate.BLOCKED)
REFUSED, BOOKED, STRANDED = int(Fate.REFUSED), int(Fate.BOOKED), int(Fate.STRANDED)
CONTAINED = int(Fate.CONTAINED)
DONE, TOO_MANY = 0, 1
"""How a run ended."""


@compiled
def steps(seconds: Any) -> Any:
    """The nearest step, halves up (see `model.rounded`); at most LONGEST."""
    if seconds < LONGEST * STEP:
        return floor(seconds * PER_SECOND + 0.5)
    return LONGEST


@compiled
def entry(instant: Any, kind: Any, number: Any) -> Any:
    """An entry of the heap; `instant` counts from `base`."""
    return (np.uint64(instant) << PAYLOAD) | np.uint64((kind << KIND_AT) | number)


@compiled
def spread(table: Any, row: Any, what: Any, begin: Any, end: Any, edges: Any, now: Any) -> None:
    """Add the time from `begin` to `end` to the intervals in which it passed.

    `now` is an interval not before that of `begin`. Time after the horizon is not counted.
    """
    while edges[now] > begin:
        now -= 1
    last = len(edges) - 1
    while begin < end and now < last:
        until = min(end, edges[now + 1])
        if until > begin:
            table[now, row, what] += until - begin
            begin = until
        now += 1


@compiled
def next_arrival(q: Any, w: Any, clock: Any, cell: Any, edges: Any, rates: Any) -> Any:
    """Step of the next arrival of queue `q`: the rate's integral reaches an exponential number.

    `clock` and `cell` keep where the integral stands (s, interval of `edges`). INFINITE: no more.
    """
    need = exponential_of(w)
    at, i = clock[q], cell[q]
    while i < len(edges) - 1:
        rate = rates[q, i]
        room = rate * (edges[i + 1] - at)
        if need < room:
            at += need / rate
            clock[q], cell[q] = at, i
            return floor(at * PER_SECOND + 0.5)
        need -= room
        at = edges[i + 1]
        i += 1
    cell[q] = i
    return INFINITE


@compiled
def resized(calls: Any) -> Any:
    """Twice as many slots for open calls; each call finds its own by its number."""
    slots = 2 * len(calls)
    larger = np.zeros((slots, CALL_COLUMNS), np.int64)
    for call in calls:
        if call[STATE] != GONE:
            larger[call[ID] & (slots - 1)] = call
    return larger


@compiled
def lengthened(table: Any) -> Any:
    """Twice as many rows."""
    larger = np.full((2 * len(table), table.shape[1]), -1, np.int64)
    larger[: len(table)] = table
    return larger


@compiled
def book(
    times: Any, mine: Any, g: Any, what: Any, begin: Any, end: Any, edges: Any, now: Any
) -> None:
    """Add an agent's time to his group's intervals and to his own sums."""
    spread(times, g, what, begin, end, edges, now)
    horizon = edges[-1]
    if begin < horizon:
        mine[what] += min(end, horizon) - begin


@compiled
def enter(calls: Any, mask: Any, first: Any, last: Any, line: Any, k: Any, old: Any) -> None:
    """Put call `k` in its place in `line`: by asking, then by number.

    An `old` place is looked for from the front, a new one from the end.
    """
    call = calls[k & mask]
    call[LINE] = line
    asked = call[ASKED]
    if old:
        after = first[line]
        while after >= 0:
            other = calls[after & mask]
            if other[ASKED] > asked or (other[ASKED] == asked and after > k):
                break
            after = other[NEXT]
        before = last[line] if after < 0 else calls[after & mask, PREV]
    else:
        before = last[line]
        while before >= 0:
            other = calls[before & mask]
            if other[ASKED] < asked or (other[ASKED] == asked and before < k):
                break
            before = other[PREV]
        after = first[line] if before < 0 else calls[before & mask, NEXT]
    call[PREV], call[NEXT] = before, after
    if before < 0:
        first[line] = k
    else:
        calls[before & mask, NEXT] = k
    if after < 0:
        last[line] = k
    else:
        calls[after & mask, PREV] = k


@compiled
def leave(
    calls: Any, mask: Any, first: Any, last: Any, k: Any, levels: Any, length: Any, counts: Any,
    edges: Any, now: Any, t: Any,
) -> None:  # fmt: skip
    """Take call `k` out of its line and count the time that it stood there."""
    call = calls[k & mask]
    line, before, after = call[LINE], call[PREV], call[NEXT]
    if before < 0:
        first[line] = after
    else:
        calls[before & mask, NEXT] = after
    if after < 0:
        last[line] = before
    else:
        calls[after & mask, PREV] = before
    levels[IN_LINES] -= 1
    if not call[BOOKING]:
        levels[CALLERS] -= 1
        length[call[QUEUE]] -= 1
        spread(counts, call[QUEUE], N_IN_LINE, call[ENTERED], t, edges, now)


@compiled
def list_idle(agents: Any, a: Any, first: Any, last: Any) -> None:
    """Agent `a` is idle: the last of his group to be looked at."""
    agent = agents[a]
    g = agent[A_GROUP]
    agent[A_LISTED] = 1
    agent[A_NEXT] = -1
    agent[A_PREV] = last[g]
    if last[g] < 0:
        first[g] = a
    else:
        agents[last[g], A_NEXT] = a
    last[g] = a


@compiled
def delist(agents: Any, a: Any, first: Any, last: Any) -> None:
    """Agent `a` is not idle any more, or not to be seen."""
    agent = agents[a]
    if not agent[A_LISTED]:
        return
    agent[A_LISTED] = 0
    g, before, after = agent[A_GROUP], agent[A_PREV], agent[A_NEXT]
    if before < 0:
        first[g] = after
    else:
        agents[before, A_NEXT] = after
    if after < 0:
        last[g] = before
    else:
        agents[after, A_PREV] = before


@compiled
def centre_changes(
    c: Any, up: Any, t: Any, calls: Any, agents: Any, centre: Any, anywhere: Any,
    queue_rules: Any, idle_first: Any, idle_last: Any,
) -> Any:  # fmt: skip
    """The steps that follow when centre `c` is found again or lost (`agents.presence`), in order.

    Found: its ready agents are served, by turn. Lost: its idle agents are seen no more, who waits
    for it may be served anywhere (callers by asking, then bookings by booking), and what rings
    there is taken away, by turn.
    """
    script = np.empty((len(calls) + len(agents), 2), np.int64)
    order = np.empty((len(calls) + len(agents), 3), np.int64)
    n = 0
    for call in calls if not up else calls[:0]:
        if call[STATE] != GONE and call[STATE] != AWAY and call[SCOPE] == c:
            if call[STATE] == WAITING:
                booked = call[ASKED] + queue_rules[call[QUEUE], Q_CALLBACK_AFTER]
                order[n] = (call[BOOKING], booked if call[BOOKING] else call[ASKED], call[ID])
                n += 1
            else:
                call[SCOPE] = anywhere
    sort_rows(order, n)
    for i in range(n):
        script[i] = (WIDEN, order[i, 2])
    steps_so_far = n
    n = 0
    for a in range(len(agents)):
        agent = agents[a]
        if centre[agent[A_GROUP]] != c:
            continue
        if agent[A_STATE] == READY and not up:
            delist(agents, a, idle_first, idle_last)
        rings = agent[A_STATE] == BUSY and t <= agent[A_ANSWERED]
        if (
            (agent[A_STATE] == READY)
            if up
            else (rings and not calls[agent[A_CALL] & (len(calls) - 1), BOOKING])
        ):
            order[n] = (agent[A_TURN], a, 0)
            n += 1
    sort_rows(order, n)
    for i in range(n):
        script[steps_so_far + i] = (SERVE if up else UNRING, order[i, 1])
    return script[: steps_so_far + n]


@compiled
def sort_rows(table: Any, n: Any) -> None:
    """Sort the first `n` rows, few and nearly in order."""
    for i in range(1, n):
        x, y, z = table[i, 0], table[i, 1], table[i, 2]
        j = i - 1
        while j >= 0 and (
            table[j, 0] > x
            or (table[j, 0] == x and (table[j, 1] > y or (table[j, 1] == y and table[j, 2] > z)))
        ):
            table[j + 1] = table[j]
            j -= 1
        table[j + 1, 0], table[j + 1, 1], table[j + 1, 2] = x, y, z


@compiled
def requeued(queue: Any, first: Any, end: Any) -> Any:
    """The rows from `first` to `end`, moved to the front, with as many free ones behind."""
    moved = np.empty((max(64, 2 * (end - first)), 2), np.int64)
    moved[: end - first] = queue[first:end]
    return moved


@cache
def kernel(one: bool, rich: bool) -> Callable[..., Any]:
    """The event loop in one variant (see above); compiled when first called."""

    def run(
        rules: Any,
        ageing: Any,
        edges: Any,
        rate_edges: Any,
        rates: Any,
        laws: Any,
        ring_laws: Any,
        tables: Any,
        keys: Any,
        chances: Any,
        homes: Any,
        queue_rules: Any,
        priority: Any,
        answers: Any,
        hangs_up: Any,
        centre: Any,
        skills: Any,
        search: Any,
        duty_at: Any,
        duty_agent: Any,
        duty_to: Any,
        lost_at: Any,
        lost_centre: Any,
        lost_up: Any,
        call_at: Any,
        call_queue: Any,
        call_home: Any,
        given: Any,
        agents: Any,
        counts: Any,
        times: Any,
        waits_answered: Any,
        waits_abandoned: Any,
        agent_counts: Any,
        agent_times: Any,
        info: Any,
    ) -> Any:
        queues, groups = priority.size, answers.size
        horizon, trunks, room = rules[U_HORIZON], rules[U_TRUNKS], rules[U_ROOM]
        redirect, back, overflow = rules[U_REDIRECT], rules[U_BACK], rules[U_OVERFLOW]
        within, short, bins = rules[U_WITHIN], rules[U_SHORT], rules[U_BINS]
        anywhere, drained = rules[U_CENTRES], rules[U_DRAINED]
        keep_rows = rules[U_ROWS] > 0
        listed = call_at.size > 0

        # --- what changes ------------------------------------------------------------------------
        heap = np.empty(1024, np.uint64)
        n_heap = 0
        base = 0
        now = 0
        interval = 0
        calls = np.zeros((64, CALL_COLUMNS), np.int64)
        mask = len(calls) - 1
        next_call = 0
        rows = np.full((1024 if keep_rows else 1, ROW_COLUMNS), -1, np.int64)
        idle_first = np.full(groups, -1, np.int64)
        idle_last = np.full(groups, -1, np.int64)
        turns = 0
        line_first = np.full(queues * (anywhere + 1), -1, np.int64)
        line_last = np.full(queues * (anywhere + 1), -1, np.int64)
        length = np.zeros(queues, np.int64)
        levels = np.zeros(2, np.int64)
        trunks_used = 0
        down = np.zeros(anywhere + 1, np.int64)
        duty = 0
        lost = 0
        widening = np.empty((64 if rich else 1, 2), np.int64)
        widen_first = 0
        widen_end = 0
        script = np.empty((1, 2), np.int64)
        script_next = 0
        script_end = 0
        processed = 0
        redials = 0

        # --- arrivals: the next one of each queue, outside the heap ------------------------------
        clock = np.zeros(queues)
        cell = np.zeros(queues, np.int64)
        drawn = np.zeros(queues, np.int64)
        coming = np.full(queues, INFINITE, np.int64)
        position = 0
        next_queue = 0
        next_at = INFINITE
        if listed:
            next_at = call_at[0]
        else:
            for q in range(queues):
                w = word(keys[P_ARRIVAL, q], drawn[q])
                coming[q] = next_arrival(q, w, clock, cell, rate_edges, rates)
                if coming[q] < next_at:
                    next_at = coming[q]
                    next_queue = q
            if next_at >= horizon:
                next_at = INFINITE

        if not rich:  # everybody is there from the beginning
            for a in range(len(agents)):
                g = agents[a, A_GROUP]
                agents[a, A_NEXT] = -1
                if idle_last[g] < 0:
                    idle_first[g] = a
                else:
                    agents[idle_last[g], A_NEXT] = a
                idle_last[g] = a

        while True:
            # --- what is next --------------------------------------------------------------------
            if n_heap + 16 > heap.size:
                heap = grown(heap)
            what = ARRIVE
            t = next_at
            if rich and widen_first < widen_end and widening[widen_first, 1] <= t:
                what = OVERFLOW
                t = widening[widen_first, 1]
            if n_heap > 0:
                due = int(heap[0] >> PAYLOAD) + base
                if due <= t:
                    what = EVENT
                    t = due
            if rich:
                if duty < duty_at.size and duty_at[duty] <= t:
                    what = DUTY
                    t = duty_at[duty]
                if lost < lost_at.size and lost_at[lost] <= t:
                    what = CENTRE
                    t = lost_at[lost]
                if script_next < script_end:
                    what = SCRIPT
                    t = now
            if t >= INFINITE:
                break
            now = t
            while t >= edges[interval + 1] and interval + 2 < edges.size:
                interval += 1
                for q in range(queues):
                    counts[interval, q, N_LONGEST] = length[q]
            if t - base > REBASE:
                shift = np.uint64(t - base) << PAYLOAD
                for i in range(n_heap):
                    heap[i] -= shift
                base = t

            server = -1  # an agent who became ready
            seeker = -1  # a call to be placed
            fresh = False  # ... that asks just now
            leaver = -1  # a call that ended unanswered and may redial
            chance = 0.0
            arrived = False
            asking = False
            settling = -1  # an agent who comes to the end of a call or an offer
            otherwise = READY  # ... and the state that he goes to if he wished for none
            widen = -1  # a call in line that may now be served anywhere
            k, s, q, draw, attempt, first, home = -1, 0, 0, 0, 0, -1, -1
            asked = t
            asked_in = interval

            # --- handle it -----------------------------------------------------------------------
            if what == EVENT:
                top = int(heap[0] & PAYLOAD_MASK)
                n_heap = pop(heap, n_heap)
                if not rich:
                    kind = AGENT if top < CALLER << KIND_AT else CALLER
                else:
                    kind = top >> KIND_AT
                number = top & NUMBER

                if kind == AGENT and not rich:
                    server = number

                elif kind == AGENT:
                    agent = agents[number]
                    if agent[A_DUE] == t:
                        a = number
                        g, end, since = agent[A_GROUP], agent[A_END], agent[A_SINCE]
                        mine = agent_times[a]
                        agent[A_DUE] = INFINITE
                        if end == BACK:
                            book(times, mine, g, T_NOT_READY, since, t, edges, interval)
                            agent[A_STAFFED] = t
                        else:
                            s = agent[A_CALL] & mask
                            call = calls[s]
                            count = counts[call[INTERVAL], call[QUEUE]]
                        if end in (FREE, LEAVE):
                            # end_talk, finish. The figures of the call are written down only now,
                            # so that an offer which was taken back has left nothing behind.
                            q, rang, talked = call[QUEUE], agent[A_ANSWERED], agent[A_TALKED]
                            book(times, mine, g, T_RINGING, since, rang, edges, interval)
                            book(times, mine, g, T_TALKING, rang, talked, edges, interval)
                            book(times, mine, g, T_AFTER, talked, t, edges, interval)
                            count[N_TALK] += talked - rang
                            count[N_AFTER] += t - talked
                            if call[BOOKING]:
                                count[N_CALLED_BACK] += 1
                                if keep_rows:
                                    rows[call[ID], R_CALLED_BACK] = rang
                                    rows[call[ID], R_AGENT] = a
                                    rows[call[ID], R_READY] = t
                            else:
                                wait = rang - call[ASKED]
                                count[N_ANSWERED] += 1
                                count[N_WAIT] += wait
                                count[N_WAIT_ANSWERED] += wait
                                waits_answered[q, min(wait >> 20, bins)] += 1
                                if wait <= within:
                                    count[N_WITHIN] += 1
                                agent_counts[a, G_ANSWERED] += 1
                                if rang - since <= within:
                                    count[N_RING_WITHIN] += 1
                                    agent_counts[a, G_WITHIN] += 1
                                if keep_rows:
                                    row = rows[call[ID]]
                                    row[R_FATE] = ANSWERED
                                    row[R_ANSWERED] = rang
                                    row[R_ENDED] = talked
                                    row[R_READY] = t
                            if hangs_up[g] > 0.0:
                                place = call[DRAW] + (call[ATTEMPT] << ATTEMPT_AT)
                                if unit(word(keys[P_HANGS_UP, q], place)) < hangs_up[g]:
                                    count[N_HUNG_UP] += 1
                                    agent_counts[a, G_HUNG_UP] += 1
                            call[STATE] = GONE
                        elif end == UNANSWERED:
                            # redirect: the agent is not ready, the caller keeps the place
                            book(times, mine, g, T_RINGING, since, t, edges, interval)
                            count[N_UNANSWERED] += 1
                            agent_counts[a, G_UNANSWERED] += 1
                            seeker = agent[A_CALL]
                        elif end == UNREACHED:
                            # _callback_failed: the booking rests, or is given up
                            book(times, mine, g, T_RINGING, since, t, edges, interval)
                            if call[TRIES] < queue_rules[call[QUEUE], Q_TRIES]:
                                call[STATE] = RESTING
                                again = t + queue_rules[call[QUEUE], Q_RETRY] - base
                                n_heap = push(heap, n_heap, entry(again, REST, call[ID] & NUMBER))
                            else:
                                call[STATE] = GONE
                        settling = a
                        otherwise = NOT_READY if end == UNANSWERED else READY

                elif kind == CALLER:
                    # _drop: the caller is gone, whatever the phase; an agent who rings is free
                    s = number & mask
                    call = calls[s]
                    if (call[ID] & NUMBER) == number and call[DEADLINE] == t:
                        gone = call[STATE] == WAITING
                        if gone:
                            leave(
                                calls, mask, line_first, line_last, call[ID], levels, length,
                                counts, edges, interval, t,
                            )  # fmt: skip
                        elif rich and call[STATE] == WITH_AGENT:
                            a = call[BY]
                            agent = agents[a]
                            if agent[A_ANSWERED] > t:
                                gone = True
                                since = agent[A_SINCE]
                                book(
                                    times, agent_times[a], agent[A_GROUP], T_RINGING, since, t,
                                    edges, interval,
                                )  # fmt: skip
                                if t - since <= within:
                                    counts[call[INTERVAL], call[QUEUE], N_RING_EXCUSED] += 1
                                agent_counts[a, G_LEFT] += 1
                                settling = a
                                otherwise = READY
                        if gone:
                            wait = t - call[ASKED]
                            q = call[QUEUE]
                            count = counts[call[INTERVAL], q]
                            count[N_ABANDONED] += 1
                            count[N_WAIT] += wait
                            waits_abandoned[q, min(wait >> 20, bins)] += 1
                            if wait < short:
                                count[N_SHORT] += 1
                            if wait <= within:
                                count[N_ABANDONED_WITHIN] += 1
                            if rich:
                                trunks_used -= 1
                                leaver = call[ID]
                                chance = chances[q, C_REDIAL_ABANDONED]
                                if keep_rows:
                                    rows[leaver, R_FATE] = ABANDONED
                                    rows[leaver, R_ENDED] = t
                            else:
                                call[STATE] = GONE

                elif rich:
                    s = number & mask
                    call = calls[s]
                    k = call[ID]
                    state = call[STATE]
                    if (k & NUMBER) != number:
                        pass
                    elif kind == LINE_FREE:
                        if state == WITH_AGENT and call[LINE_ENDS] == t:
                            call[LINE_ENDS] = -1
                            trunks_used -= 1
                    elif kind == CHOICE:
                        # _callback_requested: the booking keeps the place, the caller goes
                        q = call[QUEUE]
                        due = call[ASKED] + queue_rules[q, Q_CALLBACK_AFTER]
                        if state == WAITING and not call[BOOKING] and due == t:
                            leave(
                                calls, mask, line_first, line_last, k, levels, length, counts,
                                edges, interval, t,
                            )  # fmt: skip
                            counts[call[INTERVAL], q, N_BOOKED] += 1
                            counts[call[INTERVAL], q, N_WAIT] += t - call[ASKED]
                            call[BOOKING] = 1
                            call[DEADLINE] = INFINITE
                            trunks_used -= 1
                            seeker = k
                            if keep_rows:
                                rows[k, R_FATE] = BOOKED
                                rows[k, R_ENDED] = t
                    elif kind == REST:
                        if state == RESTING:
                            seeker = k
                    elif kind == ASK:
                        if state == CONTAINED_IN_MENU:
                            trunks_used -= 1
                            call[STATE] = GONE
                            counts[interval, call[QUEUE], N_CONTAINED] += 1
                            if keep_rows:
                                rows[k, R_FATE] = CONTAINED
                                rows[k, R_ENDED] = t
                        elif state == MENU:
                            asking = True
                            q = call[QUEUE]
                    elif state == AWAY:  # REDIAL
                        arrived = True
                        redials += 1
                        q, draw, first, home = call[QUEUE], call[DRAW], call[FIRST], call[HOME]
                        attempt = call[ATTEMPT] + 1
                        call[STATE] = GONE

            elif what == ARRIVE:
                arrived = True
                if listed:
                    q, draw, home = call_queue[position], position, call_home[position]
                    position += 1
                    next_at = call_at[position] if position < call_at.size else INFINITE
                else:
                    q = 0 if one else next_queue
                    draw = drawn[q]
                    drawn[q] += 1
                    w = word(keys[P_ARRIVAL, q], drawn[q])
                    next_at = next_arrival(q, w, clock, cell, rate_edges, rates)
                    if not one:
                        coming[q] = next_at
                        next_queue = 0
                        for other in range(1, queues):
                            if coming[other] < coming[next_queue]:
                                next_queue = other
                        next_at = coming[next_queue]
                    if next_at >= horizon:
                        next_at = INFINITE
                    if rich and anywhere > 0:
                        u = unit(word(keys[P_HOME, q], draw))
                        home = 0
                        while home < anywhere and u >= homes[q, home]:
                            home += 1
                        if home == anywhere:
                            home = -1

            elif rich and what == DUTY:
                # _follow, wish: what a change of the shift plan does in each state
                a, to = duty_agent[duty], duty_to[duty]
                duty += 1
                agent = agents[a]
                mine = agent_times[a]
                before, state, g = agent[A_DUTY], agent[A_STATE], agent[A_GROUP]
                since = agent[A_SINCE]
                agent[A_DUTY] = to
                if agent[A_WISH] != NO_WISH:
                    book(times, mine, g, T_LATE, agent[A_WISHED], t, edges, interval)
                    agent[A_WISHED] = t
                if before == OFF and to != OFF:
                    if state == OFFLINE:
                        if to == WORK:
                            agent[A_STATE] = READY
                            agent[A_STAFFED] = t
                            server = a
                        else:
                            agent[A_STATE] = ON_BREAK
                            agent[A_SINCE] = t
                    elif agent[A_WISH] == WISH_OFF:  # not gone yet, and already back
                        agent[A_WISH] = NO_WISH
                        if agent[A_END] == LEAVE:
                            agent[A_END] = FREE
                            agent[A_DUE] = agent[A_FREE]
                            n_heap = push(heap, n_heap, entry(agent[A_FREE] - base, AGENT, a))
                elif before == BREAK and to == WORK:
                    if state == ON_BREAK:
                        book(times, mine, g, T_BREAK, since, t, edges, interval)
                        agent[A_STATE] = READY
                        agent[A_STAFFED] = t
                        server = a
                    elif agent[A_WISH] == WISH_BREAK:
                        agent[A_WISH] = NO_WISH
                elif before != to:
                    if state == READY:
                        delist(agents, a, idle_first, idle_last)
                        agent[A_WISH] = WISH_OFF if to == OFF else WISH_BREAK
                        agent[A_WISHED] = t
                        settling = a
                    elif state in (NOT_READY, ON_BREAK):
                        idle = T_NOT_READY if state == NOT_READY else T_BREAK
                        book(times, mine, g, idle, since, t, edges, interval)
                        agent[A_STATE] = OFFLINE if to == OFF else ON_BREAK
                        agent[A_SINCE] = t
                        agent[A_DUE] = INFINITE
                    elif state == BUSY:
                        agent[A_WISH] = WISH_OFF if to == OFF else WISH_BREAK
                        agent[A_WISHED] = t
                        rings = t <= agent[A_ANSWERED]
                        k = agent[A_CALL]
                        call = calls[k & mask]
                        if to == BREAK:
                            pass
                        elif rings and not call[BOOKING]:
                            # _leave_offer: lost, the caller keeps the place
                            book(times, mine, g, T_RINGING, since, t, edges, interval)
                            if t - since <= within:
                                counts[call[INTERVAL], call[QUEUE], N_RING_EXCUSED] += 1
                            agent[A_DUE] = INFINITE
                            seeker = k
                            settling = a
                        elif agent[A_END] == FREE:
                            # talking: at its end; working after the call: now
                            agent[A_END] = LEAVE
                            agent[A_DUE] = max(t, agent[A_TALKED])
                            n_heap = push(heap, n_heap, entry(agent[A_DUE] - base, AGENT, a))

            elif rich and what == CENTRE:
                c, up = lost_centre[lost], lost_up[lost]
                lost += 1
                if (down[c] == 0) != (up == 1):
                    down[c] = 1 - up
                    script = centre_changes(
                        c, up == 1, t, calls, agents, centre, anywhere, queue_rules, idle_first,
                        idle_last,
                    )  # fmt: skip
                    script_next, script_end = 0, len(script)

            elif rich and what == OVERFLOW:
                k = widening[widen_first, 0]
                widen_first += 1
                call = calls[k & mask]
                if call[ID] == k and call[STATE] == WAITING and call[SCOPE] != anywhere:
                    widen = k

            elif rich and what == SCRIPT:
                step, number = script[script_next, 0], script[script_next, 1]
                script_next += 1
                if step == WIDEN:
                    widen = number
                elif step == SERVE:
                    server = number
                else:
                    a = number
                    agent = agents[a]
                    since = agent[A_SINCE]
                    seeker = agent[A_CALL]
                    call = calls[seeker & mask]
                    book(
                        times, agent_times[a], agent[A_GROUP], T_RINGING, since, t, edges, interval
                    )
                    if t - since <= within:
                        counts[call[INTERVAL], call[QUEUE], N_RING_EXCUSED] += 1
                    agent[A_DUE] = INFINITE
                    settling = a
                    otherwise = READY

            # --- widen: from now on any centre may serve -----------------------------------------
            if rich and widen >= 0:
                leave(
                    calls, mask, line_first, line_last, widen, levels, length, counts, edges,
                    interval, t,
                )  # fmt: skip
                calls[widen & mask, SCOPE] = anywhere
                seeker = widen

            # --- settle: to the state wished for, or `otherwise` ---------------------------------
            if rich and settling >= 0:
                a = settling
                agent = agents[a]
                g, wish = agent[A_GROUP], agent[A_WISH]
                agent[A_CALL] = -1
                agent[A_WISH] = NO_WISH
                if wish == NO_WISH and otherwise == READY:
                    agent[A_STATE] = READY
                    server = a
                else:
                    mine = agent_times[a]
                    book(times, mine, g, T_STAFFED, agent[A_STAFFED], t, edges, interval)
                    agent[A_SINCE] = t
                    if wish == NO_WISH:
                        agent[A_STATE] = NOT_READY
                        if back < INFINITE and t + back <= drained:
                            agent[A_END] = BACK
                            agent[A_DUE] = t + back
                            n_heap = push(heap, n_heap, entry(t + back - base, AGENT, a))
                    else:
                        book(times, mine, g, T_LATE, agent[A_WISHED], t, edges, interval)
                        agent[A_STATE] = ON_BREAK if wish == WISH_BREAK else OFFLINE

            # --- a call arrives: a trunk, then the menus, or at once the wish for an agent -------
            if arrived:
                processed += 1
                fresh = not rich
                if rich:
                    k = next_call
                    next_call += 1
                    while calls[k & mask, STATE] != GONE:
                        if mask >= NUMBER:
                            info[0] = TOO_MANY
                            return rows
                        calls = resized(calls)
                        mask = len(calls) - 1
                    call = calls[k & mask]
                    call[ID], call[QUEUE], call[DRAW], call[ATTEMPT] = k, q, draw, attempt
                    call[FIRST] = k if first < 0 else first
                    call[DEADLINE], call[LINE_ENDS], call[BY] = UNKNOWN, -1, -1
                    call[PUSHED], call[OFFERS], call[WAITED] = 0, 0, 0
                    call[BOOKING], call[TRIES], call[HOME] = 0, 0, home
                    call[SCOPE], call[ASKED], call[INTERVAL] = anywhere, t, interval
                    counts[interval, q, N_ARRIVED] += 1
                    place = draw + (attempt << ATTEMPT_AT)
                    if keep_rows:
                        if k >= len(rows):
                            rows = lengthened(rows)
                        row = rows[k]
                        row[R_QUEUE], row[R_ARRIVED], row[R_ATTEMPT] = q, t, attempt
                        row[R_FIRST], row[R_OFFERS] = call[FIRST], 0
                    if attempt > 0:
                        counts[interval, q, N_REDIALS] += 1
                    if trunks >= 0 and trunks_used >= trunks:
                        counts[interval, q, N_OFFERED] += 1
                        counts[interval, q, N_BLOCKED] += 1
                        leaver = k
                        chance = chances[q, C_REDIAL_BLOCKED]
                        if keep_rows:
                            rows[k, R_FATE], rows[k, R_ENDED] = BLOCKED, t
                    else:
                        trunks_used += 1
                        ivr = laws[P_IVR, q]
                        dwell = steps(sample(ivr, tables, word(keys[P_IVR, q], place)))
                        w = word(keys[P_CONTAINED, q], place)
                        stays = chances[q, C_CONTAINED] > 0.0 and unit(w) < chances[q, C_CONTAINED]
                        if dwell > 0 or stays:
                            call[STATE] = CONTAINED_IN_MENU if stays else MENU
                            n_heap = push(heap, n_heap, entry(t + dwell - base, ASK, k & NUMBER))
                        else:
                            asking = True

            # --- _agent_requested ----------------------------------------------------------------
            if rich and asking:
                call = calls[k & mask]
                q = call[QUEUE]
                counts[interval, q, N_OFFERED] += 1
                call[ASKED], call[INTERVAL] = t, interval
                if keep_rows:
                    rows[k, R_ASKED] = t
                home = call[HOME]
                if home >= 0 and down[home] == 0 and overflow > 0:
                    call[SCOPE] = home
                    if overflow < INFINITE:
                        if widen_end == len(widening):
                            widening = requeued(widening, widen_first, widen_end)
                            widen_end -= widen_first
                            widen_first = 0
                        widening[widen_end, 0], widening[widen_end, 1] = k, t + overflow
                        widen_end += 1
                seeker = k
                fresh = True

            # --- bring agents and calls together -------------------------------------------------
            placing = seeker >= 0 or (fresh and not rich)
            while server >= 0 or placing:
                if server >= 0:
                    # serve: the request that comes first for this agent, or he is idle
                    a = server
                    server = -1
                    g = 0 if one else agents[a, A_GROUP]
                    k = -1
                    if levels[IN_LINES] > 0:
                        if one:
                            k = line_first[0]
                        elif not rich or anywhere == 0 or down[centre[g]] == 0:
                            best = 0.0
                            best_queue = -1
                            for j in range(queues):
                                other = skills[g, j]
                                if other < 0:
                                    break
                                line = other * (anywhere + 1)
                                for scope in (centre[g], anywhere):
                                    head = line_first[line + scope] if scope >= 0 else -1
                                    if head >= 0:
                                        call = calls[head & mask]
                                        worth = ageing * (call[ASKED] * STEP) - priority[other]
                                        if (
                                            k < 0
                                            or worth < best
                                            or (
                                                worth == best
                                                and other == best_queue
                                                and (
                                                    call[ASKED] < asked
                                                    or (call[ASKED] == asked and head < k)
                                                )
                                            )
                                        ):
                                            k, best, best_queue = head, worth, other
                                            asked = call[ASKED]
                                    if anywhere == 0:
                                        break
                    if k < 0:
                        if not rich:
                            agents[a, A_NEXT] = -1
                            if idle_last[g] < 0:
                                idle_first[g] = a
                            else:
                                agents[idle_last[g], A_NEXT] = a
                            idle_last[g] = a
                        else:
                            turns += 1
                            agents[a, A_TURN] = turns
                            if anywhere == 0 or down[centre[g]] == 0:
                                list_idle(agents, a, idle_first, idle_last)
                        continue
                    leave(
                        calls, mask, line_first, line_last, k, levels, length, counts, edges,
                        interval, t,
                    )  # fmt: skip
                    call = calls[k & mask]
                    q, draw, asked, asked_in = call[QUEUE], call[DRAW], call[ASKED], call[INTERVAL]
                    if not rich:
                        call[STATE] = GONE
                else:
                    # place: find an idle agent, or line up
                    placing = False
                    scope = anywhere
                    if rich:
                        k = seeker
                        call = calls[k & mask]
                        if call[SCOPE] != anywhere and call[ASKED] + overflow <= t:
                            call[SCOPE] = anywhere
                        q, draw, asked, scope = call[QUEUE], call[DRAW], call[ASKED], call[SCOPE]
                        asked_in = call[INTERVAL]
                    a = -1
                    if one:
                        a = idle_first[0]
                        g = 0
                    else:
                        for j in range(groups):
                            g = search[q, j]
                            if g < 0:
                                break
                            if scope == anywhere or centre[g] == scope:
                                a = idle_first[g]
                                if a >= 0:
                                    break
                    if a < 0:
                        if rich and fresh and room >= 0 and levels[CALLERS] >= room:
                            counts[interval, q, N_REFUSED] += 1
                            trunks_used -= 1
                            leaver = k
                            chance = chances[q, C_REDIAL_BLOCKED]
                            if keep_rows:
                                rows[k, R_FATE], rows[k, R_ENDED] = REFUSED, t
                            continue
                        # line_up
                        if not rich:
                            k = next_call
                            next_call += 1
                            while calls[k & mask, STATE] != GONE:
                                if mask >= NUMBER:
                                    info[0] = TOO_MANY
                                    return rows
                                calls = resized(calls)
                                mask = len(calls) - 1
                            call = calls[k & mask]
                            call[ID], call[QUEUE], call[DRAW], call[ATTEMPT] = k, q, draw, 0
                            call[ASKED], call[INTERVAL] = t, interval
                            call[DEADLINE], call[PUSHED], call[WAITED] = UNKNOWN, 0, 0
                            call[BOOKING], call[OFFERS] = 0, 0
                            call[HOME] = -1
                        first_time = call[WAITED] == 0
                        call[STATE], call[ENTERED] = WAITING, t
                        line = q * (anywhere + 1) + scope
                        old = call[OFFERS] > 0 or call[BOOKING] > 0
                        enter(calls, mask, line_first, line_last, line, k, old)
                        levels[IN_LINES] += 1
                        if first_time:
                            call[WAITED] = 1
                            counts[asked_in, q, N_WAITED] += 1
                        if not call[BOOKING]:
                            levels[CALLERS] += 1
                            length[q] += 1
                            if length[q] > counts[interval, q, N_LONGEST]:
                                counts[interval, q, N_LONGEST] = length[q]
                            if call[DEADLINE] == UNKNOWN:
                                patience = DRAW_IT
                                if listed:
                                    patience = given[draw, V_PATIENCE]
                                if patience == DRAW_IT:
                                    place = draw + (call[ATTEMPT] << ATTEMPT_AT)
                                    w = word(keys[P_PATIENCE, q], place)
                                    x = sample(laws[P_PATIENCE, q], tables, w)
                                    patience = steps(x) if x < np.inf else INFINITE
                                call[DEADLINE] = min(asked + patience, INFINITE)
                            if call[PUSHED] == 0 and call[DEADLINE] < INFINITE:
                                call[PUSHED] = 1
                                due = max(call[DEADLINE], t) - base
                                n_heap = push(heap, n_heap, entry(due, CALLER, k & NUMBER))
                            if rich and first_time and chances[q, C_ACCEPT] > 0.0:
                                due = asked + queue_rules[q, Q_CALLBACK_AFTER]
                                place = draw + (call[ATTEMPT] << ATTEMPT_AT)
                                u = unit(word(keys[P_ACCEPT, q], place))
                                if due >= t and u < chances[q, C_ACCEPT]:
                                    due -= base
                                    n_heap = push(heap, n_heap, entry(due, CHOICE, k & NUMBER))
                        continue
                    if rich:
                        delist(agents, a, idle_first, idle_last)
                    else:
                        idle_first[g] = agents[a, A_NEXT]
                        if idle_first[g] < 0:
                            idle_last[g] = -1

                # --- assign: agent `a` of group `g` and call `k` of queue `q` --------------------
                if not rich:
                    w = word(keys[P_HANDLE, q], draw)
                    handle = DRAW_IT
                    after = DRAW_IT
                    if listed:
                        handle, after = given[draw, V_HANDLE], given[draw, V_AFTER]
                    if handle == DRAW_IT:
                        handle = steps(sample(laws[P_HANDLE, q], tables, w))
                    if after == DRAW_IT:
                        w = word(keys[P_AFTER, q], draw)
                        after = steps(sample(laws[P_AFTER, q], tables, w))
                    wait = t - asked
                    count = counts[asked_in, q]
                    count[N_ANSWERED] += 1
                    if wait <= within:
                        count[N_WITHIN] += 1
                    count[N_WAIT] += wait
                    count[N_WAIT_ANSWERED] += wait
                    waits_answered[q, min(wait >> 20, bins)] += 1
                    count[N_TALK] += handle
                    spread(times, g, T_TALKING, t, t + handle, edges, interval)
                    if after > 0:
                        count[N_AFTER] += after
                        spread(times, g, T_AFTER, t + handle, t + handle + after, edges, interval)
                    due = t + handle + after - base
                    n_heap = push(heap, n_heap, entry(due, AGENT, a))
                    continue
                call = calls[k & mask]
                agent = agents[a]
                call[STATE], call[BY], call[LINE_ENDS] = WITH_AGENT, a, -1
                agent[A_STATE], agent[A_CALL], agent[A_SINCE] = BUSY, k, t
                place = draw + (call[ATTEMPT] << ATTEMPT_AT)
                due = INFINITE
                rang = INFINITE
                if call[BOOKING]:
                    # _call_back: he is reserved while the customer is dialled
                    w = np.uint64(place) + (np.uint64(call[TRIES]) << np.uint64(OFFER_AT))
                    call[TRIES] += 1
                    counts[call[INTERVAL], q, N_DIALLED] += 1
                    dial = steps(sample(laws[P_DIAL, q], tables, word(keys[P_DIAL, q], w)))
                    if unit(word(keys[P_REACHED, q], w)) < chances[q, C_REACHED]:
                        rang = t + dial
                    else:
                        agent[A_END] = UNREACHED
                        due = t + dial
                else:
                    w = np.uint64(place) + (np.uint64(call[OFFERS]) << np.uint64(OFFER_AT))
                    call[OFFERS] += 1
                    counts[call[INTERVAL], q, N_OFFERS] += 1
                    agent_counts[a, G_OFFERS] += 1
                    if keep_rows:
                        rows[k, R_OFFERS], rows[k, R_AGENT] = call[OFFERS], a
                    ring = DRAW_IT
                    if listed:
                        ring = given[draw, V_RING]
                    if ring == DRAW_IT:
                        ring = steps(sample(ring_laws[g], tables, word(keys[P_RING, q], w)))
                    if answers[g] < 1.0 and unit(word(keys[P_ANSWERS, q], w)) >= answers[g]:
                        ring = INFINITE
                    ring = min(ring, redirect)
                    if ring > 0 and call[DEADLINE] == UNKNOWN:
                        patience = DRAW_IT
                        if listed:
                            patience = given[draw, V_PATIENCE]
                        if patience == DRAW_IT:
                            x = sample(
                                laws[P_PATIENCE, q], tables, word(keys[P_PATIENCE, q], place)
                            )
                            patience = steps(x) if x < np.inf else INFINITE
                        call[DEADLINE] = min(asked + patience, INFINITE)
                    if ring > 0 and t + ring > call[DEADLINE]:
                        if call[PUSHED] == 0:
                            call[PUSHED] = 1
                            due = call[DEADLINE] - base
                            n_heap = push(heap, n_heap, entry(due, CALLER, k & NUMBER))
                        due = INFINITE
                    elif ring == redirect:
                        agent[A_END] = UNANSWERED
                        due = t + ring
                    else:
                        rang = t + ring
                agent[A_ANSWERED] = rang
                if rang < INFINITE:
                    handle = DRAW_IT
                    after = DRAW_IT
                    if listed:
                        handle, after = given[draw, V_HANDLE], given[draw, V_AFTER]
                    if handle == DRAW_IT:
                        w = word(keys[P_HANDLE, q], place)
                        handle = steps(sample(laws[P_HANDLE, q], tables, w))
                    if after == DRAW_IT:
                        w = word(keys[P_AFTER, q], place)
                        after = steps(sample(laws[P_AFTER, q], tables, w))
                    agent[A_TALKED] = rang + handle
                    agent[A_END] = FREE
                    due = rang + handle + after
                    agent[A_FREE] = due
                    if trunks >= 0 and not call[BOOKING]:
                        call[LINE_ENDS] = rang + handle
                        at = call[LINE_ENDS] - base
                        n_heap = push(heap, n_heap, entry(at, LINE_FREE, k & NUMBER))
                agent[A_DUE] = due
                if due < INFINITE:
                    n_heap = push(heap, n_heap, entry(due - base, AGENT, a))

            # --- who was turned away or gave up may dial again -----------------------------------
            if rich and leaver >= 0:
                call = calls[leaver & mask]
                q = call[QUEUE]
                call[STATE] = GONE
                place = call[DRAW] + (call[ATTEMPT] << ATTEMPT_AT)
                if (
                    chance > 0.0
                    and call[ATTEMPT] < queue_rules[q, Q_REDIALS]
                    and unit(word(keys[P_REDIAL, q], place)) < chance
                ):
                    w = word(keys[P_DELAY, q], place)
                    due = t + steps(sample(laws[P_DELAY, q], tables, w))
                    if due < horizon:
                        call[STATE] = AWAY
                        n_heap = push(heap, n_heap, entry(due - base, REDIAL, leaver & NUMBER))

        # --- the end: who is left, and what the agents are still doing ---------------------------
        for call in calls:
            if call[STATE] == WAITING and not call[BOOKING]:
                q = call[QUEUE]
                counts[call[INTERVAL], q, N_STRANDED] += 1
                spread(counts, q, N_IN_LINE, call[ENTERED], INFINITE, edges, interval)
                if keep_rows:
                    rows[call[ID], R_FATE] = STRANDED
        for a in range(len(agents)):
            agent = agents[a]
            state, since = agent[A_STATE], agent[A_SINCE]
            doing = T_STAFFED
            if not rich or state == READY:
                since = agent[A_STAFFED]
            elif state == NOT_READY:
                doing = T_NOT_READY
            elif state == ON_BREAK:
                doing = T_BREAK
            else:
                continue
            book(times, agent_times[a], agent[A_GROUP], doing, since, INFINITE, edges, interval)
        info[0], info[1], info[2], info[3] = DONE, processed, redials, now
        return rows[:next_call]

    # Variants that were compiled in different processes and meet in one must not share a symbol.
    run.__name__ = run.__qualname__ = (
        f"run_{'one' if one else 'many'}_{'rich' if rich else 'plain'}"
    )
    return compiled(run)
