"""The kernel's agenda: what is foreseen, taken out in order. A calendar queue (Brown 1988).

    now          the open page              the pages to come
     |---------------------------|-----------|-----------|-----------|-- ... --|
       `soon`: a heap of the few   a chain of slips each, in no order, so that
       entries left of it          writing one touches nothing else

A page is as long as a few calls take to come in, so that the heap is small however many agents
there are. The pages are a ring: what is due a whole ring later stays on its page when that is
opened. The order is that of the entries alone (see `layout`): pages only put off the sorting.

When a page is opened, what its slips are about is looked at once for all of them, so that the
memory answers for all together; what has come to nothing is dropped. And the memory is asked for
what the page after it is about, which will have come when that one's turn comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from hotline.simulation.engine.compiling import built_in, part
from hotline.simulation.engine.heap import push
from hotline.simulation.engine.layout import (
    AGENT,
    CALLER,
    GONE,
    KIND_AT,
    NUMBER,
    PAGES,
    PAGES_2,
    PAYLOAD,
    PAYLOAD_MASK,
    WITH_AGENT,
    number,
)

RING = number(PAGES - 1)
"""Mask of a page's place in the ring."""


@built_in
def opens(agenda: Any) -> Any:
    """The instant (steps) at which the next page begins: nothing on any page is before it."""
    return (agenda.page << agenda.width) + agenda.base


@part
def note(agenda: Any, instant: Any, kind: Any, of: Any) -> None:
    """Note that something of `kind` is due at `instant` (steps) for agent or call `of`."""
    ahead = instant - agenda.base
    entry = (np.uint64(ahead) << PAYLOAD) | np.uint64((kind << KIND_AT) | of)
    page = ahead >> agenda.width
    if page < agenda.page:
        agenda.soon_used = push(agenda.soon, agenda.soon_used, entry)
        return
    slip = agenda.spare
    if slip >= 0:
        agenda.spare = agenda.slips[np.uint64(slip)].next
    else:
        slip = agenda.slips_used
        agenda.slips_used = slip + 1
    place = np.uint64(page & RING)
    agenda.slips[np.uint64(slip)].entry = entry
    agenda.slips[np.uint64(slip)].next = agenda.pages[place]
    agenda.pages[place] = slip
    agenda.later += 1


def _touch(typing: Any, rows: Any, n: Any) -> Any:
    """Ask the memory for `rows[n]`, a line of the cache, without waiting for it."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.bitcast(
            builder.gep(array.data, [arguments[1]]), ir.IntType(8).as_pointer()
        )
        whole = ir.IntType(32)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch",
            [pointer.type],
            ir.FunctionType(ir.VoidType(), [pointer.type, *[whole] * 3]),
        )
        builder.call(prefetch, [pointer, whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(rows, n), build


touch: Any = intrinsic(_touch)


@part
def next_page(agenda: Any, agents: Any, calls: Any, slot: Any, now: Any) -> None:
    """Open the next page: `soon`, which is empty, gets what is due on it and still stands."""
    page = agenda.page
    agenda.page = page + 1
    place = np.uint64(page & RING)
    slip = np.int64(agenda.pages[place])
    agenda.pages[place] = -1
    while slip >= 0:
        here = np.uint64(slip)
        entry, following = agenda.slips[here].entry, agenda.slips[here].next
        ahead = np.int64(entry >> PAYLOAD)
        if ahead >> agenda.width == page:
            of = np.int64(entry & PAYLOAD_MASK)
            kind = of >> KIND_AT
            of &= NUMBER
            due = ahead + agenda.base
            stands = True
            if kind == AGENT:
                agent = agents[np.uint64(of)]
                stands = agent.due == due
                if stands and agent.call >= 0:
                    touch(calls, np.int64(agent.call))
            elif kind == CALLER:
                call = calls[np.uint64(slot[np.uint64(of)])]
                stands = call.deadline == due and call.id & NUMBER == of
                if call.state == WITH_AGENT:  # and not ringing: nothing brings him back into line
                    stands = stands and agents[np.uint64(call.by)].answered >= now
                elif call.state == GONE:
                    stands = False
            if stands:
                agenda.soon_used = push(agenda.soon, agenda.soon_used, entry)
            agenda.slips[here].next = agenda.spare
            agenda.spare = slip
            agenda.later -= 1
        else:
            agenda.slips[here].next = agenda.pages[place]
            agenda.pages[place] = slip
        slip = np.int64(following)
    slip = np.int64(agenda.pages[np.uint64((page + 1) & RING)])
    while slip >= 0:
        here = np.uint64(slip)
        of = np.int64(agenda.slips[here].entry & PAYLOAD_MASK)
        if of >> KIND_AT == AGENT:
            touch(agents, of & NUMBER)
        else:
            touch(calls, np.int64(slot[np.uint64(of & NUMBER)]))
        slip = agenda.slips[here].next


@part
def rebase(agenda: Any, now: Any) -> None:
    """Count from about `now` on: from the begin of a ring of pages."""
    begin = (now >> (agenda.width + PAGES_2)) << (agenda.width + PAGES_2)
    shift = np.uint64(begin - agenda.base) << PAYLOAD
    for i in range(agenda.soon_used):
        agenda.soon[i] -= shift
    for i in range(agenda.slips_used):  # the free ones as well: it does not matter
        agenda.slips[i].entry -= shift
    agenda.page -= (begin - agenda.base) >> agenda.width
    agenda.base = begin
