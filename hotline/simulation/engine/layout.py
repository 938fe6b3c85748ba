"""Names for the numbers in the kernel's arrays: columns, kinds of events, states.

An entry of the event heap is one unsigned number, so that comparing two entries is one instruction:

     63                                        24 23      21 20                      0
    +--------------------------------------------+----------+-------------------------+
    |  instant - base, steps of 2^-20 s (12 days)|   kind   | agent, or call mod 2^21 |
    +--------------------------------------------+----------+-------------------------+

`base` follows the clock, so that a run may last as long as it likes. The order of simultaneous
events is therefore: kind, then number. All in all, at one instant:

    1. centres lost or found again      4. overflow to other centres, longest waiting first
    2. changes of duty, by agent        5. new calls, by queue (or in the order of the list)
    3. the heap, by kind and number

and whatever an event causes at the same instant joins this order, before anything later.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hotline.simulation.engine.model import STEP


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

# Columns of `calls`: one row per open call; a free slot is used again at once, so that the open
# calls stay together in the cache. `slot[number mod 2^21]` finds the row of a call.
# A row is three cache lines of eight numbers; a deadline that has come to nothing reads one.
(
    ID, STATE, QUEUE, DRAW, ATTEMPT, ASKED, INTERVAL, DEADLINE,
    LINE_ENDS, BOOKING, OFFERS, SCOPE, BY, PUSHED, WAITED, ENTERED,
    LINE, PREV, NEXT, FIRST, TRIES, HOME,
) = whole(22)  # fmt: skip
CALL_COLUMNS = 24

# Columns of the line of `single`: one row per place.
L_CALL, L_ASKED, L_INTERVAL, L_DEADLINE = whole(4)
LINE_COLUMNS = 4
LEFT = number(-1)
"""Deadline of who is not in line any more."""

# States of a call; GONE marks a free slot (NEXT is the next free one).
# A call being rung for, talked with or worked after is WITH_AGENT: the agent's row says the rest.
GONE, MENU, CONTAINED_IN_MENU, WAITING, WITH_AGENT, RESTING, AWAY = whole(7)

# Columns of `agents`: two cache lines, what every call needs in the first.
(
    A_STATE, A_GROUP, A_DUE, A_END, A_CALL, A_SINCE, A_ANSWERED, A_TALKED,
    A_FREE, A_WISH, A_WISHED, A_DUTY, A_PREV, A_NEXT, A_TURN, A_STAFFED,
) = whole(16)  # fmt: skip
AGENT_COLUMNS = 16
UNLISTED = number(-2)
"""`A_PREV` of an agent who is not in his group's list of idle agents."""

# States of an agent. Ringing, talking and after-call work are one state with three instants.
OFFLINE, READY, BUSY, NOT_READY, ON_BREAK = whole(5)
# What `A_DUE` is the end of.
FREE, LEAVE, UNANSWERED, BACK, UNREACHED = whole(5)
# What an agent wishes for after the call.
NO_WISH, WISH_BREAK, WISH_OFF = whole(3)

# Columns of `counts` [I, Q, ...]: the fields of `results.Totals`, in its order.
(
    N_ARRIVED, N_CONTAINED, N_OFFERED, N_REDIALS, N_ANSWERED, N_ABANDONED, N_BLOCKED, N_REFUSED,
    N_BOOKED, N_STRANDED, N_WAITED, N_WITHIN, N_SHORT, N_ABANDONED_WITHIN, N_OFFERS,
    N_RING_WITHIN, N_RING_EXCUSED, N_UNANSWERED, N_HUNG_UP, N_DIALLED, N_CALLED_BACK,
    N_WAIT, N_WAIT_ANSWERED, N_TALK, N_AFTER, N_IN_LINE, N_LONGEST,
) = whole(27)  # fmt: skip
COUNTS = 27

# Columns of `times` [I, G, ...] and `agent_times` [agents, ...], in steps.
T_STAFFED, T_RINGING, T_TALKING, T_AFTER, T_NOT_READY, T_BREAK, T_LATE, T_SCHEDULED = whole(8)
TIMES = 8

# `levels`: how many are in line, bookings included, and how many of them are callers.
IN_LINES, CALLERS = whole(2)

# What a step of the script asks for, when a centre is lost or found again.
WIDEN, UNRING, SERVE = whole(3)

# Columns of `agent_counts` [agents, ...].
G_OFFERS, G_ANSWERED, G_WITHIN, G_UNANSWERED, G_LEFT, G_HUNG_UP = whole(6)
AGENT_COUNTS = 6

# Columns of `rows` [calls, ...], in steps.
(
    R_QUEUE, R_ARRIVED, R_ASKED, R_FATE, R_ENDED, R_ANSWERED, R_AGENT, R_OFFERS, R_READY,
    R_ATTEMPT, R_FIRST, R_CALLED_BACK,
) = whole(12)  # fmt: skip
ROW_COLUMNS = 12

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
"""Where the number of the redial and of the offer or attempt stand in a draw's counter."""

# Columns of `chances` [Q, ...]: shares by queue.
C_CONTAINED, C_REDIAL_ABANDONED, C_REDIAL_BLOCKED, C_ACCEPT, C_REACHED = whole(5)
CHANCES = 5

# The vector `rules`: whole numbers; steps where they are times; -1 = no limit.
(
    U_HORIZON, U_TRUNKS, U_ROOM, U_REDIRECT, U_BACK, U_OVERFLOW, U_WITHIN, U_SHORT, U_CENTRES,
    U_BINS, U_ROWS, U_DRAINED,
) = whole(12)  # fmt: skip
RULES = 12

# Columns of `queue_rules` [Q, ...].
Q_CALLBACK_AFTER, Q_TRIES, Q_RETRY, Q_REDIALS = whole(4)
QUEUE_RULES = 4

# Columns of `given` [N, ...]: steps, or DRAW_IT.
V_HANDLE, V_PATIENCE, V_AFTER, V_RING = whole(4)
DRAW_IT = number(-1)
UNKNOWN = number(-1)
"""A deadline not yet drawn."""

NONE, NUL = number(-1), number(0)
"""No agent, no call; zero."""

# How a run ended.
DONE, TOO_MANY, MORE_ROWS = whole(3)

# What the main loop does next.
NOTHING, ARRIVE, OVERFLOW, EVENT, DUTY, CENTRE, SCRIPT = whole(7)
