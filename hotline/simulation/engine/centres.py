"""What follows when a centre is lost or found again (`agents.presence`), step by step."""

# ruff: noqa: F403, F405 - the names of all columns come from `layout`

from __future__ import annotations

from typing import Any

from hotline.simulation.engine.compiling import part
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.lists import delist


@part
def centre_changes(
    c: Any, up: Any, t: Any, calls: Any, slots: Any, slot: Any, agents: Any, script: Any,
    order: Any, groups: Any, anywhere: Any, queues: Any,
) -> Any:  # fmt: skip
    """The steps that follow when centre `c` is found again or lost (`agents.presence`), in order.

    Found: its ready agents are served, by turn. Lost: its idle agents are seen no more, who waits
    for it may be served anywhere (callers by asking, then bookings by booking), and what rings
    there is taken away, by turn.
    """
    n = 0
    for s in range(0 if up else slots):
        if calls[s].state != GONE and calls[s].state != AWAY and calls[s].scope == c:
            if calls[s].state == WAITING:
                booked = calls[s].asked + queues[calls[s].queue].callback_after
                order[n, 0], order[n, 2] = calls[s].booking, calls[s].id
                order[n, 1] = booked if calls[s].booking else calls[s].asked
                n += 1
            else:
                calls[s].scope = anywhere
    sort_rows(order, n)
    for i in range(n):
        script[i, 0], script[i, 1] = WIDEN, slot[order[i, 2] & NUMBER]
    steps_so_far = n
    n = 0
    for a in range(len(agents)):
        if groups[agents[a].group].centre != c:
            continue
        if agents[a].state == READY and not up:
            delist(agents, groups, a)
        rings = agents[a].state == BUSY and t <= agents[a].answered
        if (agents[a].state == READY) if up else (rings and not calls[agents[a].call].booking):
            order[n, 0], order[n, 1], order[n, 2] = agents[a].turn, a, 0
            n += 1
    sort_rows(order, n)
    for i in range(n):
        script[steps_so_far + i, 0], script[steps_so_far + i, 1] = (
            SERVE if up else UNRING,
            order[i, 1],
        )
    return steps_so_far + n


@part
def sort_rows(table: Any, n: Any) -> None:
    """Sort the first `n` rows, all different: Shell's sort, for a long line is in any order."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            x, y, z = table[i, 0], table[i, 1], table[i, 2]
            j = i - gap
            while j >= 0 and (
                table[j, 0] > x
                or (
                    table[j, 0] == x and (table[j, 1] > y or (table[j, 1] == y and table[j, 2] > z))
                )
            ):
                for column in range(3):
                    table[j + gap, column] = table[j, column]
                j -= gap
            table[j + gap, 0], table[j + gap, 1], table[j + gap, 2] = x, y, z
        gap //= 3
