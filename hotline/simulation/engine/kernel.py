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
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from hotline.simulation.engine.draws import built_in, compiled, exponential_of, sample, unit, word
from hotline.simulation.engine.heap import pop, push
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.model import BREAK, OFF, STEP, WORK
from hotline.simulation.engine.results import Fate

ANSWERED, ABANDONED, BLOCKED = int(Fate.ANSWERED), int(Fate.ABANDONED), int(Fate.BLOCKED)
REFUSED, BOOKED, STRANDED = int(Fate.REFUSED), int(Fate.BOOKED), int(Fate.STRANDED)
CONTAINED = int(Fate.CONTAINED)


@built_in
def steps(seconds: Any) -> Any:
    """The nearest step, halves up (see `model.rounded`); at most LONGEST."""
    if seconds < LONGEST * STEP:
        return floor(seconds * PER_SECOND + 0.5)
    return LONGEST


@built_in
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


@built_in
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
def book(
    times: Any, own: Any, a: Any, g: Any, what: Any, begin: Any, end: Any, edges: Any, now: Any
) -> None:
    """Add an agent's time to his group's intervals and to his own sums."""
    spread(times, g, what, begin, end, edges, now)
    horizon = edges[-1]
    if begin < horizon and a < len(own):
        own[a, what] += min(end, horizon) - begin


@compiled
def enter(calls: Any, first: Any, last: Any, line: Any, s: Any, old: Any) -> None:
    """Put the call in slot `s` in its place in `line`: by asking, then by number.

    An `old` place is looked for from the front, a new one from the end.
    """
    calls[s, LINE] = line
    k, asked = calls[s, ID], calls[s, ASKED]
    if old:
        after = first[line]
        while after >= 0:
            other = calls[after, ASKED]
            if other > asked or (other == asked and calls[after, ID] > k):
                break
            after = calls[after, NEXT]
        before = last[line] if after < 0 else calls[after, PREV]
    else:
        before = last[line]
        while before >= 0:
            other = calls[before, ASKED]
            if other < asked or (other == asked and calls[before, ID] < k):
                break
            before = calls[before, PREV]
        after = first[line] if before < 0 else calls[before, NEXT]
    calls[s, PREV], calls[s, NEXT] = before, after
    if before < 0:
        first[line] = s
    else:
        calls[before, NEXT] = s
    if after < 0:
        last[line] = s
    else:
        calls[after, PREV] = s


@compiled
def leave(
    calls: Any, first: Any, last: Any, s: Any, levels: Any, length: Any, counts: Any, edges: Any,
    now: Any, t: Any,
) -> None:  # fmt: skip
    """Take the call in slot `s` out of its line and count the time that it stood there."""
    line, before, after = calls[s, LINE], calls[s, PREV], calls[s, NEXT]
    if before < 0:
        first[line] = after
    else:
        calls[before, NEXT] = after
    if after < 0:
        last[line] = before
    else:
        calls[after, PREV] = before
    levels[IN_LINES] -= 1
    if not calls[s, BOOKING]:
        levels[CALLERS] -= 1
        length[calls[s, QUEUE]] -= 1
        q, entered = calls[s, QUEUE], calls[s, ENTERED]
        if entered >= edges[now] and t <= edges[now + 1]:
            counts[now, q, N_IN_LINE] += t - entered
        else:
            spread(counts, q, N_IN_LINE, entered, t, edges, now)


@compiled
def list_idle(agents: Any, a: Any, first: Any, last: Any) -> None:
    """Agent `a` is idle: the last of his group to be looked at."""
    g = agents[a, A_GROUP]
    agents[a, A_NEXT] = -1
    agents[a, A_PREV] = last[g]
    if last[g] < 0:
        first[g] = a
    else:
        agents[last[g], A_NEXT] = a
    last[g] = a


@compiled
def delist(agents: Any, a: Any, first: Any, last: Any) -> None:
    """Agent `a` is not idle any more, or not to be seen."""
    g, before, after = agents[a, A_GROUP], agents[a, A_PREV], agents[a, A_NEXT]
    if before == UNLISTED:
        return
    agents[a, A_PREV] = UNLISTED
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
    c: Any, up: Any, t: Any, calls: Any, slots: Any, slot: Any, agents: Any, script: Any,
    order: Any, centre: Any, anywhere: Any, queue_rules: Any, idle_first: Any, idle_last: Any,
) -> Any:  # fmt: skip
    """The steps that follow when centre `c` is found again or lost (`agents.presence`), in order.

    Found: its ready agents are served, by turn. Lost: its idle agents are seen no more, who waits
    for it may be served anywhere (callers by asking, then bookings by booking), and what rings
    there is taken away, by turn.
    """
    n = 0
    for s in range(0 if up else slots):
        if calls[s, STATE] != GONE and calls[s, STATE] != AWAY and calls[s, SCOPE] == c:
            if calls[s, STATE] == WAITING:
                booked = calls[s, ASKED] + queue_rules[calls[s, QUEUE], Q_CALLBACK_AFTER]
                order[n] = (
                    calls[s, BOOKING],
                    booked if calls[s, BOOKING] else calls[s, ASKED],
                    calls[s, ID],
                )
                n += 1
            else:
                calls[s, SCOPE] = anywhere
    sort_rows(order, n)
    for i in range(n):
        script[i, 0], script[i, 1] = WIDEN, slot[order[i, 2] & NUMBER]
    steps_so_far = n
    n = 0
    for a in range(len(agents)):
        if centre[agents[a, A_GROUP]] != c:
            continue
        if agents[a, A_STATE] == READY and not up:
            delist(agents, a, idle_first, idle_last)
        rings = agents[a, A_STATE] == BUSY and t <= agents[a, A_ANSWERED]
        if (
            (agents[a, A_STATE] == READY)
            if up
            else (rings and not calls[agents[a, A_CALL], BOOKING])
        ):
            order[n, 0], order[n, 1], order[n, 2] = agents[a, A_TURN], a, 0
            n += 1
    sort_rows(order, n)
    for i in range(n):
        script[steps_so_far + i, 0], script[steps_so_far + i, 1] = (
            SERVE if up else UNRING,
            order[i, 1],
        )
    return steps_so_far + n


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
            for column in range(3):
                table[j + 1, column] = table[j, column]
            j -= 1
        table[j + 1, 0], table[j + 1, 1], table[j + 1, 2] = x, y, z


@compiled
def kernel(
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
    rows: Any,
    info: Any,
    heap: Any,
    calls: Any,
    slot: Any,
    widening: Any,
    script: Any,
    order: Any,
    idle_first: Any,
    idle_last: Any,
    line_first: Any,
    line_last: Any,
    length: Any,
    levels: Any,
    down: Any,
    clock: Any,
    cell: Any,
    drawn: Any,
    coming: Any,
) -> Any:
    """Run the replication: fills `counts`, `times` and the other sums; returns the rows used."""
    queues, groups = priority.size, answers.size
    horizon, trunks, room = rules[U_HORIZON], rules[U_TRUNKS], rules[U_ROOM]
    redirect, back, overflow = rules[U_REDIRECT], rules[U_BACK], rules[U_OVERFLOW]
    within, short, bins = rules[U_WITHIN], rules[U_SHORT], rules[U_BINS]
    anywhere, drained = rules[U_CENTRES], rules[U_DRAINED]
    keep_rows, keep_agents = rules[U_ROWS] > 0, len(agent_counts) > 0
    listed = call_at.size > 0

    # --- what changes ------------------------------------------------------------------------
    n_heap = NUL
    base = NUL
    now = NUL
    ended = NUL
    interval = NUL
    slots = NUL  # so many were ever used
    spare = NONE  # the first of a chain of free ones
    next_call = 0
    turns = 0
    trunks_used = 0  # until `watched`, those of after-call work count as well
    watched = False
    duty = 0
    lost = 0
    widen_first = 0
    widen_end = 0
    script_next = 0
    script_end = 0
    processed = 0
    redials = 0

    # --- arrivals: the next one of each queue, outside the heap ------------------------------
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

    while True:
        # --- what is next --------------------------------------------------------------------
        if n_heap + 16 > heap.size or widen_end - widen_first >= ROOM:
            info[0] = TOO_MANY
            return next_call
        what = ARRIVE
        t = next_at
        if widen_first < widen_end and widening[widen_first & (ROOM - 1), 1] <= t:
            what = OVERFLOW
            t = widening[widen_first & (ROOM - 1), 1]
        if n_heap > 0:
            due = int(heap[0] >> PAYLOAD) + base
            if due <= t:
                what = EVENT
                t = due
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

        server = NONE  # an agent who became ready
        seeker = NONE  # a call to be placed
        fresh = False  # ... that asks just now
        leaver = NONE  # a call that ended unanswered and may redial
        chance = 0.0
        arrived = False
        asking = False
        settling = NONE  # an agent who comes to the end of a call or an offer
        otherwise = READY  # ... and the state that he goes to if he wished for none
        widen = NONE  # a call in line that may now be served anywhere
        k, s, q, draw, attempt, first, home = NONE, NUL, NUL, NUL, NUL, NONE, NONE
        asked = t
        asked_in = interval

        # --- handle it -----------------------------------------------------------------------
        if what == EVENT:
            top = int(heap[0] & PAYLOAD_MASK)
            kind = top >> KIND_AT
            number = top & NUMBER
            # Read before the heap is put in order: the memory answers while that is done.
            i, foreseen = NUL, NUL
            if kind == AGENT:
                foreseen, s = agents[number, A_DUE], agents[number, A_CALL]
                if s >= 0:
                    i, q = calls[s, INTERVAL], calls[s, QUEUE]
            else:
                s = int(slot[number])
                k, foreseen = calls[s, ID], calls[s, DEADLINE]
            n_heap = pop(heap, n_heap, LAST)

            if kind == AGENT:
                a = number
                if foreseen == t:
                    g, end, since = agents[a, A_GROUP], agents[a, A_END], agents[a, A_SINCE]
                    agents[a, A_DUE] = INFINITE
                    if end == BACK:
                        book(times, agent_times, a, g, T_NOT_READY, since, t, edges, interval)
                        agents[a, A_STAFFED] = t
                    if end in (FREE, LEAVE):
                        # end_talk, finish. The figures of the call are written down only now,
                        # so that an offer which was taken back has left nothing behind.
                        rang, talked = agents[a, A_ANSWERED], agents[a, A_TALKED]
                        if since >= edges[interval] and t <= edges[interval + 1]:
                            times[interval, g, T_RINGING] += rang - since
                            times[interval, g, T_TALKING] += talked - rang
                            times[interval, g, T_AFTER] += t - talked
                            if keep_agents:
                                agent_times[a, T_RINGING] += rang - since
                                agent_times[a, T_TALKING] += talked - rang
                                agent_times[a, T_AFTER] += t - talked
                        else:
                            book(times, agent_times, a, g, T_RINGING, since, rang, edges, interval)
                            book(times, agent_times, a, g, T_TALKING, rang, talked, edges, interval)
                            book(times, agent_times, a, g, T_AFTER, talked, t, edges, interval)
                        counts[i, q, N_TALK] += talked - rang
                        counts[i, q, N_AFTER] += t - talked
                        if calls[s, LINE_ENDS] >= 0:
                            trunks_used -= 1
                        if calls[s, BOOKING]:
                            counts[i, q, N_CALLED_BACK] += 1
                            if keep_rows:
                                rows[calls[s, ID], R_CALLED_BACK] = rang
                                rows[calls[s, ID], R_AGENT] = a
                                rows[calls[s, ID], R_READY] = t
                        else:
                            wait = rang - calls[s, ASKED]
                            counts[i, q, N_ANSWERED] += 1
                            counts[i, q, N_WAIT] += wait
                            counts[i, q, N_WAIT_ANSWERED] += wait
                            waits_answered[q, min(wait >> 20, bins)] += 1
                            if wait <= within:
                                counts[i, q, N_WITHIN] += 1
                            if keep_agents:
                                agent_counts[a, G_ANSWERED] += 1
                            if rang - since <= within:
                                counts[i, q, N_RING_WITHIN] += 1
                                if keep_agents:
                                    agent_counts[a, G_WITHIN] += 1
                            if keep_rows:
                                k = calls[s, ID]
                                rows[k, R_FATE] = ANSWERED
                                rows[k, R_ANSWERED] = rang
                                rows[k, R_ENDED] = talked
                                rows[k, R_READY] = t
                        if hangs_up[g] > 0.0:
                            place = calls[s, DRAW] + (calls[s, ATTEMPT] << ATTEMPT_AT)
                            if unit(word(keys[P_HANGS_UP, q], place)) < hangs_up[g]:
                                counts[i, q, N_HUNG_UP] += 1
                                if keep_agents:
                                    agent_counts[a, G_HUNG_UP] += 1
                        calls[s, STATE], calls[s, NEXT], spare = GONE, spare, s
                    elif end == UNANSWERED:
                        # redirect: the agent is not ready, the caller keeps the place
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        counts[i, q, N_UNANSWERED] += 1
                        if keep_agents:
                            agent_counts[a, G_UNANSWERED] += 1
                        seeker = agents[a, A_CALL]
                    elif end == UNREACHED:
                        # _callback_failed: the booking rests, or is given up
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        if calls[s, TRIES] < queue_rules[calls[s, QUEUE], Q_TRIES]:
                            calls[s, STATE] = RESTING
                            again = t + queue_rules[calls[s, QUEUE], Q_RETRY] - base
                            n_heap = push(heap, n_heap, entry(again, REST, calls[s, ID] & NUMBER))
                        else:
                            calls[s, STATE], calls[s, NEXT], spare = GONE, spare, s
                    settling = a
                    otherwise = NOT_READY if end == UNANSWERED else READY

            elif kind == CALLER:
                # _drop: the caller is gone, whatever the phase; an agent who rings is free
                if (k & NUMBER) == number and foreseen == t:
                    gone = calls[s, STATE] == WAITING
                    if gone:
                        leave(
                            calls, line_first, line_last, s, levels, length,
                            counts, edges, interval, t,
                        )  # fmt: skip
                    elif calls[s, STATE] == WITH_AGENT:
                        a = calls[s, BY]
                        if agents[a, A_ANSWERED] > t:
                            gone = True
                            since = agents[a, A_SINCE]
                            book(
                                times, agent_times, a, agents[a, A_GROUP], T_RINGING, since, t,
                                edges, interval,
                            )  # fmt: skip
                            if t - since <= within:
                                counts[calls[s, INTERVAL], calls[s, QUEUE], N_RING_EXCUSED] += 1
                            if keep_agents:
                                agent_counts[a, G_LEFT] += 1
                            settling = a
                            otherwise = READY
                    if gone:
                        wait = t - calls[s, ASKED]
                        q = calls[s, QUEUE]
                        i = calls[s, INTERVAL]
                        counts[i, q, N_ABANDONED] += 1
                        counts[i, q, N_WAIT] += wait
                        waits_abandoned[q, min(wait >> 20, bins)] += 1
                        if wait < short:
                            counts[i, q, N_SHORT] += 1
                        if wait <= within:
                            counts[i, q, N_ABANDONED_WITHIN] += 1
                        trunks_used -= 1
                        leaver = s
                        chance = chances[q, C_REDIAL_ABANDONED]
                        if keep_rows:
                            k = calls[s, ID]
                            rows[k, R_FATE], rows[k, R_ENDED] = ABANDONED, t

            else:
                state = calls[s, STATE]
                if (k & NUMBER) != number:
                    pass
                elif kind == LINE_FREE:
                    if state == WITH_AGENT and calls[s, LINE_ENDS] == t:
                        calls[s, LINE_ENDS] = -1
                        trunks_used -= 1
                elif kind == CHOICE:
                    # _callback_requested: the booking keeps the place, the caller goes
                    q = calls[s, QUEUE]
                    due = calls[s, ASKED] + queue_rules[q, Q_CALLBACK_AFTER]
                    if state == WAITING and not calls[s, BOOKING] and due == t:
                        leave(
                            calls, line_first, line_last, s, levels, length, counts,
                            edges, interval, t,
                        )  # fmt: skip
                        counts[calls[s, INTERVAL], q, N_BOOKED] += 1
                        counts[calls[s, INTERVAL], q, N_WAIT] += t - calls[s, ASKED]
                        calls[s, BOOKING] = 1
                        calls[s, DEADLINE] = INFINITE
                        trunks_used -= 1
                        seeker = s
                        if keep_rows:
                            rows[k, R_FATE] = BOOKED
                            rows[k, R_ENDED] = t
                elif kind == REST:
                    if state == RESTING:
                        seeker = s
                elif kind == ASK:
                    if state == CONTAINED_IN_MENU:
                        trunks_used -= 1
                        calls[s, STATE], calls[s, NEXT], spare = GONE, spare, s
                        counts[interval, calls[s, QUEUE], N_CONTAINED] += 1
                        if keep_rows:
                            rows[k, R_FATE] = CONTAINED
                            rows[k, R_ENDED] = t
                    elif state == MENU:
                        asking = True
                        q = calls[s, QUEUE]
                elif state == AWAY:  # REDIAL
                    arrived = True
                    redials += 1
                    q, draw, first, home = (
                        calls[s, QUEUE],
                        calls[s, DRAW],
                        calls[s, FIRST],
                        calls[s, HOME],
                    )
                    attempt = calls[s, ATTEMPT] + 1
                    calls[s, STATE], calls[s, NEXT], spare = GONE, spare, s

        elif what == ARRIVE:
            arrived = True
            if listed:
                q, draw, home = call_queue[position], position, call_home[position]
                position += 1
                next_at = call_at[position] if position < call_at.size else INFINITE
            else:
                q = next_queue
                draw = drawn[q]
                drawn[q] += 1
                w = word(keys[P_ARRIVAL, q], drawn[q])
                next_at = next_arrival(q, w, clock, cell, rate_edges, rates)
                coming[q] = next_at
                next_queue = 0
                for other in range(1, queues):
                    if coming[other] < coming[next_queue]:
                        next_queue = other
                next_at = coming[next_queue]
                if next_at >= horizon:
                    next_at = INFINITE
                if anywhere > 0:
                    u = unit(word(keys[P_HOME, q], draw))
                    home = 0
                    while home < anywhere and u >= homes[q, home]:
                        home += 1
                    if home == anywhere:
                        home = -1

        elif what == DUTY:
            # _follow, wish: what a change of the shift plan does in each state
            a, to = duty_agent[duty], duty_to[duty]
            duty += 1
            before, state, g = agents[a, A_DUTY], agents[a, A_STATE], agents[a, A_GROUP]
            since = agents[a, A_SINCE]
            agents[a, A_DUTY] = to
            if agents[a, A_WISH] != NO_WISH:
                book(times, agent_times, a, g, T_LATE, agents[a, A_WISHED], t, edges, interval)
                agents[a, A_WISHED] = t
            if before == OFF and to != OFF:
                if state == OFFLINE:
                    if to == WORK:
                        agents[a, A_STATE] = READY
                        agents[a, A_STAFFED] = t
                        server = a
                    else:
                        agents[a, A_STATE] = ON_BREAK
                        agents[a, A_SINCE] = t
                elif agents[a, A_WISH] == WISH_OFF:  # not gone yet, and already back
                    agents[a, A_WISH] = NO_WISH
                    if agents[a, A_END] == LEAVE:
                        agents[a, A_END] = FREE
                        agents[a, A_DUE] = agents[a, A_FREE]
                        n_heap = push(heap, n_heap, entry(agents[a, A_FREE] - base, AGENT, a))
            elif before == BREAK and to == WORK:
                if state == ON_BREAK:
                    book(times, agent_times, a, g, T_BREAK, since, t, edges, interval)
                    agents[a, A_STATE] = READY
                    agents[a, A_STAFFED] = t
                    server = a
                elif agents[a, A_WISH] == WISH_BREAK:
                    agents[a, A_WISH] = NO_WISH
            elif before != to:
                if state == READY:
                    delist(agents, a, idle_first, idle_last)
                    agents[a, A_WISH] = WISH_OFF if to == OFF else WISH_BREAK
                    agents[a, A_WISHED] = t
                    settling = a
                elif state in (NOT_READY, ON_BREAK):
                    idle = T_NOT_READY if state == NOT_READY else T_BREAK
                    book(times, agent_times, a, g, idle, since, t, edges, interval)
                    agents[a, A_STATE] = OFFLINE if to == OFF else ON_BREAK
                    agents[a, A_SINCE] = t
                    agents[a, A_DUE] = INFINITE
                elif state == BUSY:
                    agents[a, A_WISH] = WISH_OFF if to == OFF else WISH_BREAK
                    agents[a, A_WISHED] = t
                    rings = t <= agents[a, A_ANSWERED]
                    s = agents[a, A_CALL]
                    if to == BREAK:
                        pass
                    elif rings and not calls[s, BOOKING]:
                        # _leave_offer: lost, the caller keeps the place
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        if t - since <= within:
                            counts[calls[s, INTERVAL], calls[s, QUEUE], N_RING_EXCUSED] += 1
                        agents[a, A_DUE] = INFINITE
                        seeker = s
                        settling = a
                    elif agents[a, A_END] == FREE:
                        # talking: at its end; working after the call: now
                        agents[a, A_END] = LEAVE
                        agents[a, A_DUE] = max(t, agents[a, A_TALKED])
                        n_heap = push(heap, n_heap, entry(agents[a, A_DUE] - base, AGENT, a))

        elif what == CENTRE:
            c, up = lost_centre[lost], lost_up[lost]
            lost += 1
            if (down[c] == 0) != (up == 1):
                down[c] = 1 - up
                script_end = centre_changes(
                    c, up == 1, t, calls, slots, slot, agents, script, order, centre, anywhere,
                    queue_rules, idle_first, idle_last,
                )  # fmt: skip
                script_next = 0

        elif what == OVERFLOW:
            k = widening[widen_first & (ROOM - 1), 0]
            widen_first += 1
            s = int(slot[k & NUMBER])
            if calls[s, ID] == k and calls[s, STATE] == WAITING and calls[s, SCOPE] != anywhere:
                widen = s

        elif what == SCRIPT:
            step, number = script[script_next, 0], script[script_next, 1]
            script_next += 1
            if step == WIDEN:
                widen = number
            elif step == SERVE:
                server = number
            else:
                a = number
                since = agents[a, A_SINCE]
                seeker = agents[a, A_CALL]
                s = seeker
                book(
                    times,
                    agent_times,
                    a,
                    agents[a, A_GROUP],
                    T_RINGING,
                    since,
                    t,
                    edges,
                    interval,
                )
                if t - since <= within:
                    counts[calls[s, INTERVAL], calls[s, QUEUE], N_RING_EXCUSED] += 1
                agents[a, A_DUE] = INFINITE
                settling = a
                otherwise = READY

        # --- widen: from now on any centre may serve -----------------------------------------
        if widen >= 0:
            leave(
                calls, line_first, line_last, widen, levels, length, counts, edges,
                interval, t,
            )  # fmt: skip
            calls[widen, SCOPE] = anywhere
            seeker = widen

        # --- settle: to the state wished for, or `otherwise` ---------------------------------
        if settling >= 0:
            ended = t
            a = settling
            g, wish = agents[a, A_GROUP], agents[a, A_WISH]
            agents[a, A_CALL] = -1
            agents[a, A_WISH] = NO_WISH
            if wish == NO_WISH and otherwise == READY:
                agents[a, A_STATE] = READY
                server = a
            else:
                book(
                    times,
                    agent_times,
                    a,
                    g,
                    T_STAFFED,
                    agents[a, A_STAFFED],
                    t,
                    edges,
                    interval,
                )
                agents[a, A_SINCE] = t
                if wish == NO_WISH:
                    agents[a, A_STATE] = NOT_READY
                    if back < INFINITE and t + back <= drained:
                        agents[a, A_END] = BACK
                        agents[a, A_DUE] = t + back
                        n_heap = push(heap, n_heap, entry(t + back - base, AGENT, a))
                else:
                    book(
                        times,
                        agent_times,
                        a,
                        g,
                        T_LATE,
                        agents[a, A_WISHED],
                        t,
                        edges,
                        interval,
                    )
                    agents[a, A_STATE] = ON_BREAK if wish == WISH_BREAK else OFFLINE

        # --- a call arrives: a trunk, then the menus, or at once the wish for an agent -------
        if arrived:
            ended = t
            processed += 1
            k = next_call
            next_call += 1
            if k > NUMBER:  # who has its place in `slot` must be gone
                s = int(slot[k & NUMBER])
                if calls[s, STATE] != GONE and (calls[s, ID] ^ k) & NUMBER == 0:
                    info[0] = TOO_MANY
                    return next_call
            if spare >= 0:
                s = spare
                spare = calls[s, NEXT]
            elif slots < ROOM:
                s = slots
                slots += 1
            else:
                info[0] = TOO_MANY
                return next_call
            slot[k & NUMBER] = s
            calls[s, ID], calls[s, QUEUE], calls[s, DRAW], calls[s, ATTEMPT] = (
                k,
                q,
                draw,
                attempt,
            )
            calls[s, FIRST] = k if first < 0 else first
            calls[s, DEADLINE], calls[s, LINE_ENDS], calls[s, BY] = UNKNOWN, -1, -1
            calls[s, PUSHED], calls[s, OFFERS], calls[s, WAITED] = 0, 0, 0
            calls[s, BOOKING], calls[s, TRIES], calls[s, HOME] = 0, 0, home
            calls[s, SCOPE], calls[s, ASKED], calls[s, INTERVAL] = anywhere, t, interval
            counts[interval, q, N_ARRIVED] += 1
            place = draw + (attempt << ATTEMPT_AT)
            if keep_rows:
                if k >= len(rows):
                    info[0] = MORE_ROWS
                    return next_call
                rows[k, R_QUEUE], rows[k, R_ARRIVED], rows[k, R_ATTEMPT] = q, t, attempt
                rows[k, R_FIRST], rows[k, R_OFFERS] = calls[s, FIRST], 0
            if attempt > 0:
                counts[interval, q, N_REDIALS] += 1
            if trunks >= 0 and trunks_used >= trunks and not watched:
                # As long as there are trunks even so, the end of a conversation is no event.
                watched = True
                if n_heap + slots + 16 > heap.size:
                    info[0] = TOO_MANY
                    return next_call
                for o in range(slots):
                    over = calls[o, LINE_ENDS]
                    if calls[o, STATE] != WITH_AGENT or over < 0:
                        continue
                    if over <= t:
                        calls[o, LINE_ENDS] = -1
                        trunks_used -= 1
                    else:
                        number = calls[o, ID] & NUMBER
                        n_heap = push(heap, n_heap, entry(over - base, LINE_FREE, number))
            if trunks >= 0 and trunks_used >= trunks:
                counts[interval, q, N_OFFERED] += 1
                counts[interval, q, N_BLOCKED] += 1
                leaver = s
                chance = chances[q, C_REDIAL_BLOCKED]
                if keep_rows:
                    rows[k, R_FATE], rows[k, R_ENDED] = BLOCKED, t
            else:
                trunks_used += 1
                dwell = steps(sample(laws, P_IVR, q, tables, keys[P_IVR, q], place))
                share = chances[q, C_CONTAINED]
                stays = share > 0.0 and unit(word(keys[P_CONTAINED, q], place)) < share
                if dwell > 0 or stays:
                    calls[s, STATE] = CONTAINED_IN_MENU if stays else MENU
                    n_heap = push(heap, n_heap, entry(t + dwell - base, ASK, k & NUMBER))
                else:
                    asking = True

        # --- _agent_requested ----------------------------------------------------------------
        if asking:
            q = calls[s, QUEUE]
            counts[interval, q, N_OFFERED] += 1
            calls[s, ASKED], calls[s, INTERVAL] = t, interval
            if keep_rows:
                rows[k, R_ASKED] = t
            home = calls[s, HOME]
            if home >= 0 and down[home] == 0 and overflow > 0:
                calls[s, SCOPE] = home
                if overflow < INFINITE:
                    place = widen_end & (ROOM - 1)
                    widening[place, 0], widening[place, 1] = k, t + overflow
                    widen_end += 1
            seeker = s
            fresh = True

        # --- bring agents and calls together -------------------------------------------------
        placing = seeker >= 0
        while server >= 0 or placing:
            if server >= 0:
                # serve: the request that comes first for this agent, or he is idle
                a = server
                server = NONE
                g = agents[a, A_GROUP]
                s = NONE
                if levels[IN_LINES] > 0 and (anywhere == 0 or down[centre[g]] == 0):
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
                                begun = calls[head, ASKED]
                                worth = ageing * (begun * STEP) - priority[other]
                                if (
                                    s < 0
                                    or worth < best
                                    or (
                                        worth == best
                                        and other == best_queue
                                        and (
                                            begun < asked
                                            or (begun == asked and calls[head, ID] < calls[s, ID])
                                        )
                                    )
                                ):
                                    s, best, best_queue, asked = head, worth, other, begun
                            if anywhere == 0:
                                break
                if s < 0:
                    turns += 1
                    agents[a, A_TURN] = turns
                    if anywhere == 0 or down[centre[g]] == 0:
                        list_idle(agents, a, idle_first, idle_last)
                    continue
                leave(
                    calls, line_first, line_last, s, levels, length, counts, edges,
                    interval, t,
                )  # fmt: skip
                q, draw, asked, asked_in = (
                    calls[s, QUEUE],
                    calls[s, DRAW],
                    calls[s, ASKED],
                    calls[s, INTERVAL],
                )
            else:
                # place: find an idle agent, or line up
                placing = False
                s = seeker
                if calls[s, SCOPE] != anywhere and calls[s, ASKED] + overflow <= t:
                    calls[s, SCOPE] = anywhere
                q, draw, asked, scope = (
                    calls[s, QUEUE],
                    calls[s, DRAW],
                    calls[s, ASKED],
                    calls[s, SCOPE],
                )
                asked_in = calls[s, INTERVAL]
                a = NONE
                for j in range(groups):
                    g = search[q, j]
                    if g < 0:
                        break
                    if scope == anywhere or centre[g] == scope:
                        a = idle_first[g]
                        if a >= 0:
                            break
                if a < 0:
                    if fresh and room >= 0 and levels[CALLERS] >= room:
                        counts[interval, q, N_REFUSED] += 1
                        trunks_used -= 1
                        leaver = s
                        chance = chances[q, C_REDIAL_BLOCKED]
                        if keep_rows:
                            k = calls[s, ID]
                            rows[k, R_FATE], rows[k, R_ENDED] = REFUSED, t
                        continue
                    # line_up
                    first_time = calls[s, WAITED] == 0
                    calls[s, STATE], calls[s, ENTERED] = WAITING, t
                    line = q * (anywhere + 1) + scope
                    old = calls[s, OFFERS] > 0 or calls[s, BOOKING] > 0
                    enter(calls, line_first, line_last, line, s, old)
                    levels[IN_LINES] += 1
                    if first_time:
                        calls[s, WAITED] = 1
                        counts[asked_in, q, N_WAITED] += 1
                    if not calls[s, BOOKING]:
                        levels[CALLERS] += 1
                        length[q] += 1
                        if length[q] > counts[interval, q, N_LONGEST]:
                            counts[interval, q, N_LONGEST] = length[q]
                        if calls[s, DEADLINE] == UNKNOWN:
                            patience = DRAW_IT
                            if listed:
                                patience = given[draw, V_PATIENCE]
                            if patience == DRAW_IT:
                                place = draw + (calls[s, ATTEMPT] << ATTEMPT_AT)
                                x = sample(laws, P_PATIENCE, q, tables, keys[P_PATIENCE, q], place)
                                patience = steps(x) if x < np.inf else INFINITE
                            calls[s, DEADLINE] = min(asked + patience, INFINITE)
                        if calls[s, PUSHED] == 0 and calls[s, DEADLINE] < INFINITE:
                            calls[s, PUSHED] = 1
                            due = max(calls[s, DEADLINE], t) - base
                            n_heap = push(heap, n_heap, entry(due, CALLER, calls[s, ID] & NUMBER))
                        if first_time and chances[q, C_ACCEPT] > 0.0:
                            due = asked + queue_rules[q, Q_CALLBACK_AFTER]
                            place = draw + (calls[s, ATTEMPT] << ATTEMPT_AT)
                            u = unit(word(keys[P_ACCEPT, q], place))
                            if due >= t and u < chances[q, C_ACCEPT]:
                                due -= base
                                n_heap = push(
                                    heap, n_heap, entry(due, CHOICE, calls[s, ID] & NUMBER)
                                )
                    continue
                delist(agents, a, idle_first, idle_last)

            # --- assign: agent `a` of group `g` and call `k` of queue `q` --------------------
            k = calls[s, ID]
            calls[s, STATE], calls[s, BY], calls[s, LINE_ENDS] = WITH_AGENT, a, -1
            agents[a, A_STATE], agents[a, A_CALL], agents[a, A_SINCE] = BUSY, s, t
            place = draw + (calls[s, ATTEMPT] << ATTEMPT_AT)
            due = INFINITE
            rang = INFINITE
            if calls[s, BOOKING]:
                # _call_back: he is reserved while the customer is dialled
                w = np.uint64(place) + (np.uint64(calls[s, TRIES]) << np.uint64(OFFER_AT))
                calls[s, TRIES] += 1
                counts[calls[s, INTERVAL], q, N_DIALLED] += 1
                dial = steps(sample(laws, P_DIAL, q, tables, keys[P_DIAL, q], w))
                if unit(word(keys[P_REACHED, q], w)) < chances[q, C_REACHED]:
                    rang = t + dial
                else:
                    agents[a, A_END] = UNREACHED
                    due = t + dial
            else:
                w = np.uint64(place) + (np.uint64(calls[s, OFFERS]) << np.uint64(OFFER_AT))
                calls[s, OFFERS] += 1
                counts[calls[s, INTERVAL], q, N_OFFERS] += 1
                if keep_agents:
                    agent_counts[a, G_OFFERS] += 1
                if keep_rows:
                    rows[k, R_OFFERS], rows[k, R_AGENT] = calls[s, OFFERS], a
                ring = DRAW_IT
                if listed:
                    ring = given[draw, V_RING]
                if ring == DRAW_IT:
                    ring = steps(sample(ring_laws, NUL, g, tables, keys[P_RING, q], w))
                if answers[g] < 1.0 and unit(word(keys[P_ANSWERS, q], w)) >= answers[g]:
                    ring = INFINITE
                ring = min(ring, redirect)
                if ring > 0 and calls[s, DEADLINE] == UNKNOWN:
                    patience = DRAW_IT
                    if listed:
                        patience = given[draw, V_PATIENCE]
                    if patience == DRAW_IT:
                        x = sample(laws, P_PATIENCE, q, tables, keys[P_PATIENCE, q], place)
                        patience = steps(x) if x < np.inf else INFINITE
                    calls[s, DEADLINE] = min(asked + patience, INFINITE)
                if ring > 0 and t + ring > calls[s, DEADLINE]:
                    if calls[s, PUSHED] == 0:
                        calls[s, PUSHED] = 1
                        due = calls[s, DEADLINE] - base
                        n_heap = push(heap, n_heap, entry(due, CALLER, calls[s, ID] & NUMBER))
                    due = INFINITE
                elif ring == redirect:
                    agents[a, A_END] = UNANSWERED
                    due = t + ring
                else:
                    rang = t + ring
            agents[a, A_ANSWERED] = rang
            if rang < INFINITE:
                handle = DRAW_IT
                after = DRAW_IT
                if listed:
                    handle, after = given[draw, V_HANDLE], given[draw, V_AFTER]
                if handle == DRAW_IT:
                    handle = steps(sample(laws, P_HANDLE, q, tables, keys[P_HANDLE, q], place))
                if after == DRAW_IT:
                    after = steps(sample(laws, P_AFTER, q, tables, keys[P_AFTER, q], place))
                agents[a, A_TALKED] = rang + handle
                agents[a, A_END] = FREE
                due = rang + handle + after
                agents[a, A_FREE] = due
                if trunks >= 0 and not calls[s, BOOKING]:
                    calls[s, LINE_ENDS] = rang + handle
                    if watched:
                        at = calls[s, LINE_ENDS] - base
                        n_heap = push(heap, n_heap, entry(at, LINE_FREE, k & NUMBER))
            agents[a, A_DUE] = due
            if due < INFINITE:
                n_heap = push(heap, n_heap, entry(due - base, AGENT, a))

        # --- who was turned away or gave up may dial again -----------------------------------
        if leaver >= 0:
            ended = t
            s = leaver
            q = calls[s, QUEUE]
            goes = True
            place = calls[s, DRAW] + (calls[s, ATTEMPT] << ATTEMPT_AT)
            if (
                chance > 0.0
                and calls[s, ATTEMPT] < queue_rules[q, Q_REDIALS]
                and unit(word(keys[P_REDIAL, q], place)) < chance
            ):
                due = t + steps(sample(laws, P_DELAY, q, tables, keys[P_DELAY, q], place))
                if due < horizon:
                    goes = False
                    calls[s, STATE] = AWAY
                    number = calls[s, ID] & NUMBER
                    n_heap = push(heap, n_heap, entry(due - base, REDIAL, number))
            if goes:
                calls[s, STATE], calls[s, NEXT], spare = GONE, spare, s

    # --- the end: who is left, and what the agents are still doing ---------------------------
    for s in range(slots):
        if calls[s, STATE] == WAITING and not calls[s, BOOKING]:
            q = calls[s, QUEUE]
            counts[calls[s, INTERVAL], q, N_STRANDED] += 1
            spread(counts, q, N_IN_LINE, calls[s, ENTERED], INFINITE, edges, interval)
            if keep_rows:
                rows[calls[s, ID], R_FATE] = STRANDED
    for a in range(len(agents)):
        state, since = agents[a, A_STATE], agents[a, A_SINCE]
        doing = T_STAFFED
        if state == READY:
            since = agents[a, A_STAFFED]
        elif state == NOT_READY:
            doing = T_NOT_READY
        elif state == ON_BREAK:
            doing = T_BREAK
        else:
            continue
        book(times, agent_times, a, agents[a, A_GROUP], doing, since, INFINITE, edges, interval)
    info[0], info[1], info[2], info[3] = DONE, processed, redials, ended
    return next_call
