"""The queue engine's event loop. One flat function, because splitting it cost a third of its speed.

    asked       offered           answered                 over              ready again
      |  in line   |     ring        |     conversation      |   after-call work  |
      |------------|-----------------|-----------------------|--------------------|------> time
      ^            ^                 .                       .                    ^
    arrival     the pair is made:    `--- no events: instants kept with --'     ONE event of the
    (outside    draws and all               the agent's row                     agenda for all
    the agenda) instants at once                                                three

What comes in between undoes the foreseen event by changing `due`; an entry of the agenda whose
instant is not the agent's `due` (or the caller's `deadline`) any more is stale and is skipped:

    the caller's patience ends while it rings    the pair is made knowing it: no event but CALLER's
    the ring reaches `redirect_after`            foreseen as well: the event is UNANSWERED
    a shift ends while it rings                  the caller goes back to the old place in line
    ... during the conversation                  the event moves to the end of the conversation
    ... during after-call work                   the agent goes at once

Each turn of the loop: pick what is next; handle it, which may leave a `server` (an agent who became
ready) and a `seeker` (a call to be placed); bring the two together. What is right is decided by
`agents.acd`; the blocks follow its methods, whose names they carry. `tests/parity` compares.
"""

# ruff: noqa: F403, F405 - the names of all columns come from `layout`

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from hotline.simulation.engine.agenda import next_page, note, opens, rebase
from hotline.simulation.engine.centres import centre_changes
from hotline.simulation.engine.compiling import built_in, loop
from hotline.simulation.engine.draws import exponential_of, sample, unit, word
from hotline.simulation.engine.heap import pop
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.lists import delist, enter, leave, line_of, list_idle, restore
from hotline.simulation.engine.model import BREAK, OFF, STEP, WORK
from hotline.simulation.engine.results import Fate
from hotline.simulation.engine.sums import book, duration, spread, steps

ANSWERED, ABANDONED, BLOCKED = int(Fate.ANSWERED), int(Fate.ABANDONED), int(Fate.BLOCKED)
REFUSED, BOOKED, STRANDED = int(Fate.REFUSED), int(Fate.BOOKED), int(Fate.STRANDED)
CONTAINED = int(Fate.CONTAINED)


@built_in
def next_arrival(sources: Any, q: Any, w: Any, edges: Any, rates: Any) -> Any:
    """Step of the next arrival of queue `q`: the rate's integral reaches an exponential number.

    INFINITE: no more.
    """
    need = exponential_of(w)
    source = sources[q]
    at, i = source.clock, source.cell
    while i < len(edges) - 1:
        rate = rates[q, i]
        room = rate * (edges[i + 1] - at)
        if need < room:
            at += need / rate
            source.clock, source.cell = at, i
            return floor(at * PER_SECOND + 0.5)
        need -= room
        at = edges[i + 1]
        i += 1
    source.cell = i
    return INFINITE


@loop
def kernel(
    rules: Any, ageing: Any, edges: Any, rate_edges: Any, rates: Any, sources: Any, given: Any,
    laws: Any, ring_laws: Any, tables: Any, keys: Any, homes: Any, queues: Any, groups: Any,
    skills: Any, search: Any, duties: Any, losses: Any, agents: Any, attendance: Any,
    counts: Any, in_line: Any, times: Any, waits_answered: Any, waits_abandoned: Any,
    agent_counts: Any, agent_times: Any, rows: Any, info: Any, agenda: Any, calls: Any, slot: Any,
    lines: Any, levels: Any, down: Any, widening: Any, script: Any, order: Any,
) -> Any:  # fmt: skip
    """Run the replication: fills `counts`, `times` and the other sums; returns the rows used."""
    n_queues, n_groups = queues.size, groups.size
    horizon, trunks, room = rules.horizon, rules.trunks, rules.room
    redirect, back, overflow = rules.redirect, rules.back, rules.overflow
    within, short, bins = rules.within, rules.short, rules.bins
    anywhere, drained = rules.centres, rules.drained
    keep_rows, keep_agents = rules.rows > 0, len(agent_counts) > 0
    listed, longest_idle = given.size > 0, rules.longest_idle > 0

    # --- what changes ------------------------------------------------------------------------
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

    # --- arrivals: the next one of each queue, outside the agenda ----------------------------
    position = 0
    next_queue = NUL
    next_at = INFINITE
    if listed:
        next_at = given[0].at
    else:
        for q in range(n_queues):
            w = word(keys[P_ARRIVAL, q], sources[q].drawn)
            sources[q].coming = next_arrival(sources, q, w, rate_edges, rates)
            if sources[q].coming < next_at:
                next_at = sources[q].coming
                next_queue = q
        if next_at >= horizon:
            next_at = INFINITE

    while True:
        # --- what is next --------------------------------------------------------------------
        if max(agenda.slips_used, agenda.soon_used) > FULL:
            info[0] = TOO_MANY
            return next_call
        what = ARRIVE
        t = next_at
        if widen_first < widen_end and widening[widen_first & (ROOM - 1), 1] <= t:
            what = OVERFLOW
            t = widening[widen_first & (ROOM - 1), 1]
        while agenda.soon_used == 0 and agenda.later > 0 and opens(agenda) <= t:
            next_page(agenda, agents, calls, slot, now)
        if agenda.soon_used > 0:
            due = int(agenda.soon[0] >> PAYLOAD) + agenda.base
            if due <= t:
                what = EVENT
                t = due
        if duty < duties.size and duties[duty].at <= t:
            what = DUTY
            t = duties[duty].at
        if lost < losses.size and losses[lost].at <= t:
            what = CENTRE
            t = losses[lost].at
        if script_next < script_end:
            what = SCRIPT
            t = now
        if t >= INFINITE:
            break
        now = t
        while t >= edges[interval + 1] and interval + 2 < edges.size:
            interval += 1
            for q in range(n_queues):
                counts[interval, q].longest_line = queues[q].waiting
        if t - agenda.base > REBASE:
            rebase(agenda, t)

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
        kept = NONE  # the line in which the seeker stood until now
        k, s, q, place, first, home = NONE, NUL, NUL, NUL, NONE, NONE
        asked = t
        asked_in = interval

        # --- handle it -----------------------------------------------------------------------
        if what == EVENT:
            top = int(agenda.soon[0] & PAYLOAD_MASK)
            kind = top >> KIND_AT
            number = top & NUMBER
            # Read before the heap is put in order: the memory answers while that is done.
            i, foreseen = NUL, NUL
            if kind == AGENT:
                a = number
                agent = agents[np.uint64(a)]
                foreseen, s = agent.due, np.int64(agent.call)
                call = calls[np.uint64(s)]
                if s >= 0:
                    i, q = call.interval, call.queue
            else:
                s = np.int64(slot[np.uint64(number)])
                call = calls[np.uint64(s)]
                k, foreseen = call.id, call.deadline
            agenda.soon_used = pop(agenda.soon, agenda.soon_used, LAST)

            if kind == AGENT:
                if foreseen == t:
                    g, end, since = agent.group, agent.end, agent.since
                    agent.due = INFINITE
                    if end == BACK:
                        book(times, agent_times, a, g, T_NOT_READY, since, t, edges, interval)
                        attendance[a].staffed = t
                    if end in (FREE, LEAVE):
                        # end_talk, finish. The figures of the call are written down only now,
                        # so that an offer which was taken back has left nothing behind.
                        sums = counts[np.uint64(i), np.uint64(q)]
                        rang, talked = agent.answered, agent.talked
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
                        sums.talk += talked - rang
                        sums.after_call += t - talked
                        if call.marks & HOLDS:
                            trunks_used -= 1
                        if call.booking:
                            sums.called_back += 1
                            if keep_rows:
                                rows[call.id].called_back = rang
                                rows[call.id].agent = a
                                rows[call.id].ready = t
                        else:
                            wait = rang - call.asked
                            sums.answered += 1
                            sums.wait += wait
                            sums.wait_answered += wait
                            waits_answered[q, min(wait >> 20, bins)] += 1
                            if wait <= within:
                                sums.within += 1
                            if keep_agents:
                                agent_counts[a].answered += 1
                                agent_counts[a].rang += rang - since
                            if rang - since <= within:
                                sums.ring_within += 1
                                if keep_agents:
                                    agent_counts[a].within += 1
                            if keep_rows:
                                k = call.id
                                rows[k].fate = ANSWERED
                                rows[k].answered = rang
                                rows[k].ended = talked
                                rows[k].ready = t
                        if groups[g].hangs_up > 0.0:
                            place = call.place
                            if unit(word(keys[P_HANGS_UP, q], place)) < groups[g].hangs_up:
                                sums.hung_up_first += 1
                                if keep_agents:
                                    agent_counts[a].hung_up_first += 1
                        call.state, call.next, spare = GONE, spare, s
                    elif end == UNANSWERED:
                        # redirect: the agent is not ready, the caller keeps the place
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        counts[i, q].unanswered += 1
                        if keep_agents:
                            agent_counts[a].unanswered += 1
                        seeker = np.int64(agent.call)
                    elif end == UNREACHED:
                        # _callback_failed: the booking rests, or is given up
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        if call.offers < queues[call.queue].tries:
                            call.state = RESTING
                            again = t + queues[call.queue].retry
                            note(agenda, again, REST, call.id & NUMBER)
                        else:
                            call.state, call.next, spare = GONE, spare, s
                    settling = a
                    otherwise = NOT_READY if end == UNANSWERED else READY

            elif kind == CALLER:
                # _drop: the caller is gone, whatever the phase; an agent who rings is free
                if (k & NUMBER) == number and foreseen == t:
                    gone = call.state == WAITING
                    if gone:
                        leave(
                            calls, lines, s, anywhere, levels, queues, in_line, edges, interval, t
                        )
                    elif call.state == WITH_AGENT:
                        a = int(call.by)
                        agent = agents[np.uint64(a)]
                        if agent.answered > t:
                            gone = True
                            since = agent.since
                            g = agent.group
                            book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                            if t - since <= within:
                                counts[call.interval, call.queue].ring_excused += 1
                            if keep_agents:
                                agent_counts[a].caller_left += 1
                            settling = a
                            otherwise = READY
                    if gone:
                        wait = t - call.asked
                        q = call.queue
                        i = call.interval
                        sums = counts[i, q]
                        sums.abandoned += 1
                        sums.wait += wait
                        waits_abandoned[q, min(wait >> 20, bins)] += 1
                        if wait < short:
                            sums.abandoned_short += 1
                        if wait <= within:
                            sums.abandoned_within += 1
                        trunks_used -= 1
                        leaver = s
                        chance = queues[q].redial_abandoned
                        if keep_rows:
                            k = call.id
                            rows[k].fate, rows[k].ended = ABANDONED, t

            else:
                state = call.state
                if (k & NUMBER) != number:
                    pass
                elif kind == LINE_FREE:
                    holds = state == WITH_AGENT and call.marks & HOLDS
                    if holds and agents[call.by].talked == t:
                        call.marks &= ~HOLDS
                        trunks_used -= 1
                elif kind == CHOICE:
                    # _callback_requested: the booking keeps the place, the caller goes
                    q = call.queue
                    due = call.asked + queues[q].callback_after
                    if state == WAITING and not call.booking and due == t:
                        kept = line_of(calls, s, anywhere)
                        leave(
                            calls, lines, s, anywhere, levels, queues, in_line, edges, interval, t
                        )
                        counts[call.interval, q].booked += 1
                        counts[call.interval, q].wait += t - call.asked
                        call.booking, call.offers = 1, 0
                        call.deadline = INFINITE
                        trunks_used -= 1
                        seeker = s
                        if keep_rows:
                            rows[k].fate = BOOKED
                            rows[k].ended = t
                elif kind == REST:
                    if state == RESTING:
                        seeker = s
                elif kind == ASK:
                    if state == CONTAINED_IN_MENU:
                        trunks_used -= 1
                        call.state, call.next, spare = GONE, spare, s
                        counts[interval, call.queue].contained += 1
                        if keep_rows:
                            rows[k].fate = CONTAINED
                            rows[k].ended = t
                    elif state == MENU:
                        asking = True
                        q = call.queue
                elif state == AWAY:  # REDIAL
                    arrived = True
                    redials += 1
                    q, home = call.queue, call.home
                    place = call.place + AGAIN
                    if keep_rows:
                        first = rows[k].first
                    call.state, call.next, spare = GONE, spare, s

        elif what == ARRIVE:
            arrived = True
            if listed:
                q, place, home = given[position].queue, position, given[position].home
                position += 1
                next_at = given[position].at if position < given.size else INFINITE
            else:
                q = next_queue
                place = sources[q].drawn
                sources[q].drawn += 1
                w = word(keys[P_ARRIVAL, q], sources[q].drawn)
                next_at = next_arrival(sources, q, w, rate_edges, rates)
                sources[q].coming = next_at
                next_at, next_queue = sources[np.uint64(0)].coming, NUL
                for other in range(1, sources.size):
                    at = sources[np.uint64(other)].coming
                    sooner = at < next_at
                    next_at = at if sooner else next_at
                    next_queue = other if sooner else next_queue
                if next_at >= horizon:
                    next_at = INFINITE
                if anywhere > 0:
                    u = unit(word(keys[P_HOME, q], place))
                    home = 0
                    while home < anywhere and u >= homes[q, home]:
                        home += 1
                    if home == anywhere:
                        home = -1

        elif what == DUTY:
            # _follow, wish: what a change of the shift plan does in each state
            a, to = duties[duty].agent, duties[duty].to
            agent = agents[np.uint64(a)]
            duty += 1
            before, state, g = agent.duty, agent.state, agent.group
            since = agent.since
            agent.duty = to
            if agent.wish != NO_WISH:
                book(times, agent_times, a, g, T_LATE, attendance[a].wished, t, edges, interval)
                attendance[a].wished = t
            if before == OFF and to != OFF:
                if state == OFFLINE:
                    if to == WORK:
                        agent.state = READY
                        attendance[a].staffed = t
                        server = a
                    else:
                        agent.state = ON_BREAK
                        agent.since = t
                elif agent.wish == WISH_OFF:  # not gone yet, and already back
                    agent.wish = NO_WISH
                    if agent.end == LEAVE:
                        agent.end = FREE
                        agent.due = agent.free
                        note(agenda, agent.free, AGENT, a)
            elif before == BREAK and to == WORK:
                if state == ON_BREAK:
                    book(times, agent_times, a, g, T_BREAK, since, t, edges, interval)
                    agent.state = READY
                    attendance[a].staffed = t
                    server = a
                elif agent.wish == WISH_BREAK:
                    agent.wish = NO_WISH
            elif before != to:
                if state == READY:
                    delist(agents, groups, a)
                    agent.wish = WISH_OFF if to == OFF else WISH_BREAK
                    attendance[a].wished = t
                    settling = a
                elif state in (NOT_READY, ON_BREAK):
                    idle = T_NOT_READY if state == NOT_READY else T_BREAK
                    book(times, agent_times, a, g, idle, since, t, edges, interval)
                    agent.state = OFFLINE if to == OFF else ON_BREAK
                    agent.since = t
                    agent.due = INFINITE
                elif state == BUSY:
                    agent.wish = WISH_OFF if to == OFF else WISH_BREAK
                    attendance[a].wished = t
                    rings = t <= agent.answered
                    s = np.int64(agent.call)
                    call = calls[np.uint64(s)]
                    if to == BREAK:
                        pass
                    elif rings and not call.booking:
                        # _leave_offer: lost, the caller keeps the place
                        book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                        if t - since <= within:
                            counts[call.interval, call.queue].ring_excused += 1
                        agent.due = INFINITE
                        seeker = s
                        settling = a
                    elif agent.end == FREE:
                        # talking: at its end; working after the call: now
                        agent.end = LEAVE
                        agent.due = max(t, agent.talked)
                        note(agenda, agent.due, AGENT, a)

        elif what == CENTRE:
            c, up = losses[lost].centre, losses[lost].up
            lost += 1
            if (down[c] == 0) != (up == 1):
                down[c] = 1 - up
                script_end = centre_changes(
                    c, up == 1, t, calls, slots, slot, agents, script, order, groups, anywhere,
                    queues,
                )  # fmt: skip
                script_next = 0

        elif what == OVERFLOW:
            k = widening[widen_first & (ROOM - 1), 0]
            widen_first += 1
            s = np.int64(slot[k & NUMBER])
            call = calls[np.uint64(s)]
            if call.id == k and call.state == WAITING and call.scope != anywhere:
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
                agent = agents[np.uint64(a)]
                since = agent.since
                seeker = np.int64(agent.call)
                s = seeker
                call = calls[np.uint64(s)]
                g = agent.group
                book(times, agent_times, a, g, T_RINGING, since, t, edges, interval)
                if t - since <= within:
                    counts[call.interval, call.queue].ring_excused += 1
                agent.due = INFINITE
                settling = a
                otherwise = READY

        # --- widen: from now on any centre may serve -----------------------------------------
        if widen >= 0:
            leave(calls, lines, widen, anywhere, levels, queues, in_line, edges, interval, t)
            calls[widen].scope = anywhere
            seeker = widen

        # --- settle: to the state wished for, or `otherwise` ---------------------------------
        if settling >= 0:
            ended = t
            a = settling
            agent = agents[np.uint64(a)]
            g, wish = agent.group, agent.wish
            agent.call = -1
            agent.wish = NO_WISH
            if wish == NO_WISH and otherwise == READY:
                agent.state = READY
                server = a
            else:
                since = attendance[a].staffed
                book(times, agent_times, a, g, T_STAFFED, since, t, edges, interval)
                agent.since = t
                if wish == NO_WISH:
                    agent.state = NOT_READY
                    if back < INFINITE and t + back <= drained:
                        agent.end = BACK
                        agent.due = t + back
                        note(agenda, t + back, AGENT, a)
                else:
                    since = attendance[a].wished
                    book(times, agent_times, a, g, T_LATE, since, t, edges, interval)
                    agent.state = ON_BREAK if wish == WISH_BREAK else OFFLINE

        # --- a call arrives: a trunk, then the menus, or at once the wish for an agent -------
        if arrived:
            ended = t
            processed += 1
            k = next_call
            next_call += 1
            if max(k, turns) > MOST:
                info[0] = TOO_LONG
                return next_call
            if k > NUMBER:  # who has its place in `slot` must be gone
                s = np.int64(slot[k & NUMBER])
                call = calls[np.uint64(s)]
                if call.state != GONE and (call.id ^ k) & NUMBER == 0:
                    info[0] = TOO_MANY
                    return next_call
            if spare >= 0:
                s = spare
                spare = calls[s].next
            elif slots < ROOM:
                s = slots
                slots += 1
            else:
                info[0] = TOO_MANY
                return next_call
            call = calls[np.uint64(s)]
            slot[np.uint64(k & NUMBER)] = s
            attempt = place >> ATTEMPT_AT
            call.id, call.queue, call.place = k, q, place
            call.deadline, call.by, call.home = UNKNOWN, -1, home
            call.booking, call.offers, call.marks = 0, 0, 0
            call.scope, call.asked, call.interval = anywhere, t, interval
            counts[interval, q].arrived += 1
            if keep_rows:
                if k >= len(rows):
                    info[0] = MORE_ROWS
                    return next_call
                rows[k].queue, rows[k].arrived, rows[k].attempt = q, t, attempt
                rows[k].first, rows[k].offers = (k if first < 0 else first), 0
            if attempt > 0:
                counts[interval, q].redials += 1
            if trunks >= 0 and trunks_used >= trunks and not watched:
                # As long as there are trunks even so, the end of a conversation is no event.
                watched = True
                for o in range(slots):
                    if calls[o].state != WITH_AGENT or not calls[o].marks & HOLDS:
                        continue
                    over = agents[calls[o].by].talked
                    if over <= t:
                        calls[o].marks &= ~HOLDS
                        trunks_used -= 1
                    else:
                        note(agenda, over, LINE_FREE, calls[o].id & NUMBER)
            if trunks >= 0 and trunks_used >= trunks:
                counts[interval, q].offered += 1
                counts[interval, q].blocked += 1
                leaver = s
                chance = queues[q].redial_blocked
                if keep_rows:
                    rows[k].fate, rows[k].ended = BLOCKED, t
            else:
                trunks_used += 1
                dwell = duration(laws[P_IVR, q], tables, keys[P_IVR, q], place)
                share = queues[q].contained
                stays = share > 0.0 and unit(word(keys[P_CONTAINED, q], place)) < share
                if dwell > 0 or stays:
                    call.state = CONTAINED_IN_MENU if stays else MENU
                    note(agenda, t + dwell, ASK, k & NUMBER)
                else:
                    asking = True

        # --- _agent_requested ----------------------------------------------------------------
        if asking:
            call = calls[np.uint64(s)]
            q = call.queue
            counts[interval, q].offered += 1
            call.asked, call.interval = t, interval
            if keep_rows:
                rows[k].asked = t
            home = call.home
            if home >= 0 and down[home] == 0 and overflow > 0:
                call.scope = home
                if overflow < INFINITE:
                    if widen_end - widen_first >= ROOM:
                        info[0] = TOO_MANY
                        return next_call
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
                agent = agents[np.uint64(a)]
                server = NONE
                g = agent.group
                s = NONE
                if levels.in_lines > 0 and (anywhere == 0 or down[groups[g].centre] == 0):
                    best = 0.0
                    best_queue = -1
                    for j in range(n_queues):
                        other = skills[g, j]
                        if other < 0:
                            break
                        line = other * (anywhere + 1)
                        for scope in (groups[g].centre, anywhere):
                            head = lines[line + scope].first if scope >= 0 else -1
                            if head >= 0:
                                begun = calls[head].asked
                                worth = ageing * (begun * STEP) - queues[other].priority
                                if (
                                    s < 0
                                    or worth < best
                                    or (
                                        worth == best
                                        and (longest_idle or other == best_queue)
                                        and (
                                            begun < asked
                                            or (begun == asked and calls[head].id < calls[s].id)
                                        )
                                    )
                                ):
                                    s, best, best_queue, asked = head, worth, other, begun
                            if anywhere == 0:
                                break
                if s < 0:
                    turns += 1
                    agent.turn = turns
                    if anywhere == 0 or down[groups[g].centre] == 0:
                        list_idle(agents, groups, a)
                    continue
                leave(calls, lines, s, anywhere, levels, queues, in_line, edges, interval, t)
                call = calls[np.uint64(s)]
                q, asked, asked_in = call.queue, call.asked, call.interval
            else:
                # place: find an idle agent, or line up
                placing = False
                s = seeker
                call = calls[np.uint64(s)]
                if call.scope != anywhere and call.asked + overflow <= t:
                    call.scope = anywhere
                q, asked, asked_in = call.queue, call.asked, call.interval
                scope, place = call.scope, call.place
                if call.deadline == UNKNOWN:
                    patience = given[place & DRAW].patience if listed else DRAW_IT
                    if patience == DRAW_IT:
                        x = sample(laws[P_PATIENCE, q], tables, keys[P_PATIENCE, q], place)
                        patience = steps(x) if x < np.inf else INFINITE
                    call.deadline = min(asked + patience, INFINITE)
                a = NONE
                for j in range(n_groups):
                    g = search[q, j]
                    if g < 0:
                        break
                    if scope == anywhere or groups[g].centre == scope:
                        idle = groups[g].first
                        if idle >= 0 and (a < 0 or agents[idle].turn < agents[a].turn):
                            a = idle
                            if not longest_idle:
                                break
                if a < 0:
                    if fresh and room >= 0 and levels.callers >= room:
                        counts[interval, q].refused += 1
                        trunks_used -= 1
                        leaver = s
                        chance = queues[q].redial_blocked
                        if keep_rows:
                            k = call.id
                            rows[k].fate, rows[k].ended = REFUSED, t
                        continue
                    # line_up
                    first_time = not call.marks & WAITED
                    call.state, call.entered = WAITING, t
                    line = q * (anywhere + 1) + scope
                    if line == kept:
                        restore(calls, lines, line, s)
                    else:
                        enter(calls, lines, line, s)
                    levels.in_lines += 1
                    if first_time:
                        call.marks |= WAITED
                        counts[asked_in, q].waited += 1
                    if not call.booking:
                        levels.callers += 1
                        queues[q].waiting += 1
                        if queues[q].waiting > counts[interval, q].longest_line:
                            counts[interval, q].longest_line = queues[q].waiting
                        if not call.marks & NOTED and call.deadline < INFINITE:
                            call.marks |= NOTED
                            due = max(call.deadline, t)
                            note(agenda, due, CALLER, call.id & NUMBER)
                        if first_time and queues[q].accept > 0.0:
                            due = asked + queues[q].callback_after
                            place = call.place
                            u = unit(word(keys[P_ACCEPT, q], place))
                            if due >= t and u < queues[q].accept:
                                note(agenda, due, CHOICE, call.id & NUMBER)
                    continue
                delist(agents, groups, a)

            # --- assign: agent `a` of group `g` and call `k` of queue `q` --------------------
            call = calls[np.uint64(s)]
            agent = agents[np.uint64(a)]
            k = call.id
            call.state, call.by = WITH_AGENT, a
            call.marks &= ~HOLDS
            agent.state, agent.call, agent.since = BUSY, s, t
            g, place = agent.group, call.place
            due = INFINITE
            rang = INFINITE
            if call.booking:
                # _call_back: he is reserved while the customer is dialled
                w = np.uint64(place) + (np.uint64(call.offers) << np.uint64(OFFER_AT))
                call.offers += 1
                counts[call.interval, q].dialled += 1
                dial = duration(laws[P_DIAL, q], tables, keys[P_DIAL, q], w)
                if unit(word(keys[P_REACHED, q], w)) < queues[q].reached:
                    rang = t + dial
                else:
                    agent.end = UNREACHED
                    due = t + dial
            else:
                w = np.uint64(place) + (np.uint64(call.offers) << np.uint64(OFFER_AT))
                call.offers += 1
                counts[call.interval, q].offers += 1
                if keep_agents:
                    agent_counts[a].offers += 1
                if keep_rows:
                    rows[k].offers, rows[k].agent = call.offers, a
                ring = DRAW_IT
                if listed:
                    ring = given[call.place & DRAW].ring
                if ring == DRAW_IT:
                    ring = steps(sample(ring_laws[g], tables, keys[P_RING, q], w))
                if (
                    groups[g].answers < 1.0
                    and unit(word(keys[P_ANSWERS, q], w)) >= groups[g].answers
                ):
                    ring = INFINITE
                ring = min(ring, redirect)
                if ring > 0 and t + ring > call.deadline:
                    if not call.marks & NOTED:
                        call.marks |= NOTED
                        note(agenda, call.deadline, CALLER, call.id & NUMBER)
                    due = INFINITE
                elif ring == redirect:
                    agent.end = UNANSWERED
                    due = t + ring
                else:
                    rang = t + ring
            agent.answered = rang
            if rang < INFINITE:
                handle = DRAW_IT
                after = DRAW_IT
                if listed:
                    handle, after = (
                        given[call.place & DRAW].handle,
                        given[call.place & DRAW].after_call,
                    )
                if handle == DRAW_IT:
                    handle = steps(sample(laws[P_HANDLE, q], tables, keys[P_HANDLE, q], place))
                if after == DRAW_IT:
                    after = steps(sample(laws[P_AFTER, q], tables, keys[P_AFTER, q], place))
                agent.talked = rang + handle
                agent.end = FREE
                due = rang + handle + after
                agent.free = due
                if trunks >= 0 and not call.booking:
                    call.marks |= HOLDS
                    if watched:
                        note(agenda, rang + handle, LINE_FREE, k & NUMBER)
            agent.due = due
            if due < INFINITE:
                note(agenda, due, AGENT, a)

        # --- who was turned away or gave up may dial again -----------------------------------
        if leaver >= 0:
            ended = t
            s = leaver
            call = calls[np.uint64(s)]
            q = call.queue
            goes = True
            place = call.place
            if (
                chance > 0.0
                and place >> ATTEMPT_AT < queues[q].redials
                and unit(word(keys[P_REDIAL, q], place)) < chance
            ):
                due = t + duration(laws[P_DELAY, q], tables, keys[P_DELAY, q], place)
                if due < horizon:
                    goes = False
                    call.state = AWAY
                    number = call.id & NUMBER
                    note(agenda, due, REDIAL, number)
            if goes:
                call.state, call.next, spare = GONE, spare, s

    # --- the end: who is left, and what the agents are still doing ---------------------------
    for s in range(slots):
        call = calls[np.uint64(s)]
        if call.state == WAITING and not call.booking:
            q = call.queue
            counts[call.interval, q].stranded += 1
            spread(in_line, q, NUL, call.entered, INFINITE, edges, interval)
            if keep_rows:
                rows[call.id].fate = STRANDED
    for a in range(len(agents)):
        agent = agents[np.uint64(a)]
        state, since = agent.state, agent.since
        doing = T_STAFFED
        if state == READY:
            since = attendance[a].staffed
        elif state == NOT_READY:
            doing = T_NOT_READY
        elif state == ON_BREAK:
            doing = T_BREAK
        else:
            continue
        book(times, agent_times, a, agent.group, doing, since, INFINITE, edges, interval)
    info[0], info[1], info[2], info[3] = DONE, processed, redials, ended
    return next_call
