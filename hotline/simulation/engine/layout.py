"""Names for the numbers in the kernel's arrays: columns, kinds of events, states.

An entry of the agenda is one unsigned number, so that comparing two entries is one instruction:

     63                                        24 23      21 20                      0
    +--------------------------------------------+----------+-------------------------+
    |  instant - base, steps of 2^-20 s (12 days)|   kind   | agent, or call mod 2^21 |
    +--------------------------------------------+----------+-------------------------+

`base` follows the clock, so that a run may last as long as it likes. The order of simultaneous
events is therefore: kind, then number. All in all, at one instant:

    1. centres lost or found again      4. overflow to other centres, longest waiting first
    2. changes of duty, by agent        5. new calls, by queue (or in the order of the list)
    3. the agenda, by kind and number

and whatever an event causes at the same instant joins this order, before anything later.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from hotline.simulation.engine.model import STEP
from hotline.simulation.engine.results import Rows, Totals


def number(value: int) -> Any:
    """A whole number of the kernel's own type.

    Python's are to the compiler constants with a type each, and a function that takes one would be
    compiled once for every value.
    """
    return np.int64(value)


def whole(count: int) -> tuple[Any, ...]:
    """The numbers from 0, of the kernel's own type."""
    return tuple(number(value) for value in range(count))


PER_SECOND = 1 / STEP
INFINITE = number(1 << 62)
"""Steps: never."""
MOST = number((1 << 31) - (1 << 24))
"""Most calls of one run: their numbers have 32 bits in `CALL`, as those of turns in `AGENT_ROW`."""
LONGEST = 1 << 39
"""Steps (6 days): a longer duration is cut to it, except the patience that never ends."""
REBASE = 1 << 38

PAYLOAD = np.uint64(24)
KIND_AT = 21
NUMBER = (1 << KIND_AT) - 1
"""Mask of the number in an entry."""
ROOM = 1 << 20
"""Most calls that may be open at once."""
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
"""An entry after all others."""
PAYLOAD_MASK = np.uint64((1 << 24) - 1)

# Kinds of events, in their order at one instant.
LINE_FREE = number(0)  # a conversation is over: its trunk is free
AGENT = number(1)  # an agent comes to the end of what he does
CALLER = number(2)  # a caller's patience ends
CHOICE = number(3)  # a waiting caller takes the call-back
REST = number(4)  # a call-back is tried again
ASK = number(5)  # a caller comes out of the menus
REDIAL = number(6)

# One open call: a line of the processor's cache. A free slot is used again at once, so that the
# open calls stay together; `slot[number mod 2^21]` finds the slot of a call.
CALL = np.dtype(
    [
        ("place", np.int64),  # of its draws: draw + attempt 2^40
        ("asked", np.int64),
        ("deadline", np.int64),  # end of the patience, or UNKNOWN
        ("entered", np.int64),  # the line
        ("id", np.int32),
        ("interval", np.int32),  # of `asked`
        ("prev", np.int32),  # in line
        ("next", np.int32),  # in line; of a free slot: the next free one
        ("by", np.int32),  # agent
        ("offers", np.int32),  # of a booking: attempts to call back
        ("queue", np.int16),
        ("scope", np.int8),  # centre, or how many centres there are: any
        ("home", np.int8),
        ("state", np.int8),
        ("booking", np.int8),
        ("marks", np.int8),
    ],
    align=True,
)
WAITED, NOTED, HOLDS = number(1), number(2), number(4)
"""Marks: has stood in line; its deadline is on the agenda; it holds a trunk until `talked`."""

# Columns of the line of `single`: one row per place.
L_CALL, L_ASKED, L_INTERVAL, L_DEADLINE = whole(4)
LINE_COLUMNS = 4
LEFT = number(-1)
"""Deadline of who is not in line any more."""

# States of a call; GONE marks a free slot (NEXT is the next free one).
# A call being rung for, talked with or worked after is WITH_AGENT: the agent's row says the rest.
GONE, MENU, CONTAINED_IN_MENU, WAITING, WITH_AGENT, RESTING, AWAY = whole(7)

# One agent: a line of the cache as well.
AGENT_ROW = np.dtype(
    [
        ("due", np.int64),  # end of what he does, or INFINITE
        ("since", np.int64),  # in this state
        ("answered", np.int64),
        ("talked", np.int64),
        ("free", np.int64),  # instants foreseen
        ("call", np.int32),  # slot
        ("prev", np.int32),
        ("next", np.int32),  # in his group's list of idle agents
        ("turn", np.int32),  # at which he became idle
        ("group", np.int16),
        ("state", np.int8),
        ("end", np.int8),  # what `due` is the end of
        ("wish", np.int8),
        ("duty", np.int8),
        ("spare", np.int16),
    ],
    align=True,
)
ATTENDANCE = np.dtype([("staffed", np.int64), ("wished", np.int64)])
"""Since when an agent is staffed, and wishes for something else."""

UNLISTED = number(-2)
"""`prev` of an agent who is not in his group's list of idle agents."""

# States of an agent. Ringing, talking and after-call work are one state with three instants.
OFFLINE, READY, BUSY, NOT_READY, ON_BREAK = whole(5)
# What `due` is the end of.
FREE, LEAVE, UNANSWERED, BACK, UNREACHED = whole(5)
# What an agent wishes for after the call.
NO_WISH, WISH_BREAK, WISH_OFF = whole(3)

COUNT = np.dtype([(item.name, np.int64) for item in fields(Totals) if item.name != "in_line"])
"""What is counted of a queue in an interval; `in_line` is kept apart, in steps, as `times` are."""

# Columns of `times` [I, G, ...] and `agent_times` [agents, ...], in steps.
T_STAFFED, T_RINGING, T_TALKING, T_AFTER, T_NOT_READY, T_BREAK, T_LATE, T_SCHEDULED = whole(8)
TIMES = 8

LEVELS = np.dtype([("in_lines", np.int64), ("callers", np.int64)])
"""How many are in line, bookings included, and how many of them are callers."""

# What a step of the script asks for, when a centre is lost or found again.
WIDEN, UNRING, SERVE = whole(3)

AGENT_COUNT = np.dtype(
    [(name, np.int64) for name in
     ("offers", "answered", "within", "unanswered", "caller_left", "hung_up_first", "rang")]
)  # fmt: skip
ROW = np.dtype([(item.name, np.int64) for item in fields(Rows)])
"""One call of `results.Rows`, in steps."""

# Purposes of draws: keys [purpose, Q]. The first have a law by queue, RING one by group.
(
    P_HANDLE, P_PATIENCE, P_AFTER, P_IVR, P_DELAY, P_DIAL, P_RING, P_ARRIVAL, P_CONTAINED, P_HOME,
    P_REDIAL, P_ACCEPT, P_REACHED, P_ANSWERS, P_HANGS_UP,
) = whole(15)  # fmt: skip
PURPOSES = (
    "handle", "patience", "after_call", "ivr", "redial_delay", "dial", "ring", "arrival",
    "contained", "home", "redial", "accept", "reached", "answers", "hangs_up",
)  # fmt: skip
LAWS = 6
"""Purposes with a law by queue."""
ATTEMPT_AT, OFFER_AT = 40, 52
AGAIN, DRAW = number(1 << ATTEMPT_AT), number((1 << ATTEMPT_AT) - 1)
"""Where the number of the redial and of the offer or attempt stand in a draw's counter."""

RULES_ROW = np.dtype(
    [(name, np.int64) for name in (
        "horizon", "trunks", "room", "redirect", "back", "overflow", "within", "short", "centres",
        "bins", "rows", "drained", "longest_idle",
    )]
)  # fmt: skip
"""Whole numbers; steps where they are times; -1 = no limit."""

QUEUE_ROW = np.dtype(
    [
        ("priority", np.float64),
        ("contained", np.float64),  # shares
        ("redial_abandoned", np.float64),
        ("redial_blocked", np.float64),
        ("accept", np.float64),
        ("reached", np.float64),
        ("redials", np.int64),
        ("callback_after", np.int64),
        ("tries", np.int64),
        ("retry", np.int64),
        ("waiting", np.int64),  # callers in line now
    ]
)
GROUP_ROW = np.dtype(
    [
        ("answers", np.float64),
        ("hangs_up", np.float64),
        ("centre", np.int64),
        ("first", np.int64),  # of the list of idle agents
        ("last", np.int64),
    ]
)
ENDS = np.dtype([("first", np.int64), ("last", np.int64)])
"""Of a line of calls."""
DUTY_ROW = np.dtype([("at", np.int64), ("agent", np.int64), ("to", np.int64)])
LOSS_ROW = np.dtype([("at", np.int64), ("centre", np.int64), ("up", np.int64)])
LISTED = np.dtype(
    [(name, np.int64) for name in
     ("at", "queue", "home", "handle", "patience", "after_call", "ring")]
)  # fmt: skip
"""A call of a given list; durations: steps, or DRAW_IT."""
SOURCE = np.dtype(
    [
        ("clock", np.float64),  # where the rate's integral stands (s) ...
        ("cell", np.int64),  # ... and in which interval of the rates
        ("drawn", np.int64),  # calls so far
        ("coming", np.int64),  # step of the next
    ]
)
"""Where a queue's calls come from."""

# The agenda (see there).
PAGES_2 = number(12)
LONGEST_PAGE_2 = 25
"""A ring of such pages is half of REBASE."""
PAGES = 1 << 12
FULL = number(3 * ROOM - 16)
"""More entries than this, and the line-ends of all open calls might not find room any more."""
SLIP = np.dtype([("entry", np.uint64), ("next", np.int64)])
AGENDA = np.dtype(
    [
        ("soon_used", np.int64),
        ("page", np.int64),  # the next to be opened, counted from `base`
        ("later", np.int64),  # slips on pages
        ("slips_used", np.int64),
        ("spare", np.int64),  # the first of a chain of free slips
        ("base", np.int64),  # instant from which entries count
        ("width", np.int64),  # a page is 2^width steps long
        ("pages", np.int32, (PAGES,)),
        ("soon", np.uint64, (4 * ROOM + 4,)),
        ("slips", SLIP, (4 * ROOM,)),
    ]
)

DRAW_IT = number(-1)
UNKNOWN = number(-1)
"""A deadline not yet drawn."""

NONE, NUL = number(-1), number(0)
"""No agent, no call; zero."""

# How a run ended.
DONE, TOO_MANY, MORE_ROWS, TOO_LONG = whole(4)

# What the main loop does next.
NOTHING, ARRIVE, OVERFLOW, EVENT, DUTY, CENTRE, SCRIPT = whole(7)
