"""The linked lists of the kernel: who waits in each line, and who is idle in each group.

first -> call <-> call <-> call <- last     by asking, then by number
first[group] -> agent <-> agent <- last[group]          the longest idle first
"""

# ruff: noqa: F403, F405 - the names of all columns come from `layout`

from __future__ import annotations

from typing import Any

from hotline.simulation.engine.compiling import built_in, part
from hotline.simulation.engine.layout import *
from hotline.simulation.engine.sums import spread


@built_in
def line_of(calls: Any, s: Any, anywhere: Any) -> Any:
    """The line in which the call in slot `s` stands: there is one by queue and scope."""
    return calls[s].queue * (anywhere + 1) + calls[s].scope


@built_in
def before_call(calls: Any, one: Any, asked: Any, k: Any) -> Any:
    """Whether the call in slot `one` stands before call `k` that asked at `asked`."""
    return calls[one].asked < asked or (calls[one].asked == asked and calls[one].id < k)


@part
def enter(calls: Any, lines: Any, line: Any, s: Any) -> None:
    """Put the call in slot `s` in its place in `line`: by asking, then by number.

    The place is looked for from both ends at once: who is new stands near the last, who had been
    taken out of the line near the first, and neither pays for the length of the line.
    """
    k, asked = calls[s].id, calls[s].asked
    after, before = lines[line].first, lines[line].last
    while before >= 0 and not before_call(calls, before, asked, k):
        if not before_call(calls, after, asked, k):
            before = calls[after].prev
            break
        after, before = calls[after].next, calls[before].prev
    calls[s].prev = before
    calls[s].next = lines[line].first if before < 0 else calls[before].next
    restore(calls, lines, line, s)


@part
def restore(calls: Any, lines: Any, line: Any, s: Any) -> None:
    """Put the call in slot `s` back between its neighbours in `line`, who are still the same."""
    before, after = calls[s].prev, calls[s].next
    if before < 0:
        lines[line].first = s
    else:
        calls[before].next = s
    if after < 0:
        lines[line].last = s
    else:
        calls[after].prev = s


@part
def leave(
    calls: Any, lines: Any, s: Any, anywhere: Any, levels: Any, queues: Any, in_line: Any,
    edges: Any, now: Any, t: Any,
) -> None:  # fmt: skip
    """Take the call in slot `s` out of its line and count the time that it stood there."""
    line = line_of(calls, s, anywhere)
    before, after = calls[s].prev, calls[s].next
    if before < 0:
        lines[line].first = after
    else:
        calls[before].next = after
    if after < 0:
        lines[line].last = before
    else:
        calls[after].prev = before
    levels.in_lines -= 1
    if not calls[s].booking:
        levels.callers -= 1
        q, entered = calls[s].queue, calls[s].entered
        queues[q].waiting -= 1
        if entered >= edges[now] and t <= edges[now + 1]:
            in_line[now, q, 0] += t - entered
        else:
            spread(in_line, q, NUL, entered, t, edges, now)


@part
def list_idle(agents: Any, groups: Any, a: Any) -> None:
    """Agent `a` is idle: the last of his group to be looked at."""
    g = agents[a].group
    agents[a].next = -1
    agents[a].prev = groups[g].last
    if groups[g].last < 0:
        groups[g].first = a
    else:
        agents[groups[g].last].next = a
    groups[g].last = a


@part
def delist(agents: Any, groups: Any, a: Any) -> None:
    """Agent `a` is not idle any more, or not to be seen."""
    g, before, after = agents[a].group, agents[a].prev, agents[a].next
    if before == UNLISTED:
        return
    agents[a].prev = UNLISTED
    if before < 0:
        groups[g].first = after
    else:
        agents[before].next = after
    if after < 0:
        groups[g].last = before
    else:
        agents[after].prev = before
