"""What the engine gives back: sums only, so that replications add up and figures come afterwards.

Calls are counted in the interval and queue in which they asked for an agent; time is counted in
the interval in which it passed. Fates of what was `offered`:

    offered = answered + abandoned + blocked + refused + booked + stranded
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from hotline.simulation.engine.model import Floats, Ints


class Fate(IntEnum):
    """How a call's request for an agent ended."""

    OPEN = 0  # only inside the engine
    ANSWERED = 1
    ABANDONED = 2
    BLOCKED = 3  # no trunk
    REFUSED = 4  # the waiting room was full
    BOOKED = 5  # preferred a call-back
    STRANDED = 6  # still waiting when nobody was left to serve it
    CONTAINED = 7  # ended in the menus without asking


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Sums of one replication. Shapes [I, Q] (whole numbers, or seconds where it says so)."""

    arrived: Ints
    """calls, redials included, by the interval of arrival"""
    contained: Ints
    offered: Ints
    """requests for an agent, blocked and refused calls included (a blocked call counts here in
    the interval of its arrival, as if it would have asked; with menus in front see `contained`)"""
    redials: Ints
    """of `offered`: calls of those who tried before"""
    answered: Ints
    abandoned: Ints
    blocked: Ints
    refused: Ints
    booked: Ints
    stranded: Ints
    waited: Ints
    """of `offered`: not offered to an agent at once"""
    within: Ints
    """answered within `answer_within` of queue + ring (an equal wait counts)"""
    abandoned_short: Ints
    """abandoned before `short_abandon` (an equal wait does not count)"""
    abandoned_within: Ints
    """abandoned within `answer_within` (an equal wait counts)"""
    offers: Ints
    """rings at an agent's telephone"""
    ring_within: Ints
    """offers answered within `answer_within` of ringing"""
    ring_excused: Ints
    """offers that ended within `answer_within` because the caller left or the agent's shift did:
    left out of the denominator of ring compliance"""
    unanswered: Ints
    """offers that rang until `redirect_after`"""
    hung_up_first: Ints
    """conversations that the agent ended by hanging up"""
    dialled: Ints
    """call-back attempts"""
    called_back: Ints
    """bookings whose customer was reached"""
    wait: Floats
    """seconds from asking to answer, abandonment or booking, summed over all of these"""
    wait_answered: Floats
    """the same over the answered, s"""
    talk: Floats
    """conversation of the answered and called back, s"""
    after_call: Floats
    """after-call work done, s"""
    in_line: Floats
    """person-seconds in line (not ringing) that passed in the interval: / width = mean length"""
    longest_line: Ints
    """most callers in line at once"""


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Seconds of the agents by what they did, up to the horizon. Shape [I, G], or [agents].

    staffed = ready + ringing + talking + after_call; occupancy = (talking + after_call) /
    (staffed - ringing), or with the plan's minimal fields busy / staffed.
    """

    ready: Floats
    ringing: Floats
    """an offer rings, or he is reserved while a call-back is dialled"""
    talking: Floats
    after_call: Floats
    not_ready: Floats
    """after an offer that he did not answer"""
    on_break: Floats
    late: Floats
    """of the above: past the end of the shift, or past the beginning of a break"""

    @property
    def staffed(self) -> Floats:
        """Seconds in which the queues are served, now or soon."""
        return self.ready + self.ringing + self.talking + self.after_call


@dataclass(frozen=True, slots=True, eq=False)
class AgentTotals:
    """Sums of each agent over the run. Shape [agents]."""

    group: Ints
    offers: Ints
    answered: Ints
    within: Ints
    """answered within `answer_within` of ringing"""
    unanswered: Ints
    caller_left: Ints
    hung_up_first: Ints
    rang: Floats
    """seconds of ringing of the answered offers"""
    scheduled: Floats
    """seconds that the duties ask for (breaks not counted), up to the horizon"""
    times: Times


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One row per call, in order of arrival (with `rows=True`). Shape [calls]; times in seconds.

    `nan` where it never happened. A redial is a call of its own.
    """

    queue: Ints
    arrived: Floats
    asked: Floats
    fate: Ints
    """`Fate`"""
    ended: Floats
    """when the caller left: end of the conversation, abandonment, blocking, booking"""
    answered: Floats
    agent: Ints
    """who answered, or whose telephone rang last; -1 = nobody's"""
    offers: Ints
    ready: Floats
    """when the agent was free again: end of after-call work"""
    attempt: Ints
    """0 = first call, 1 = first redial, ..."""
    first: Ints
    """row of the first call of the same caller; its own for attempt 0"""
    called_back: Floats
    """when the call-back was answered by its customer"""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One replication."""

    totals: Totals
    groups: Times
    """[I, G]"""
    waits_answered: Ints
    """[Q, wait_bins + 1] calls answered after [k, k + 1) seconds; the last bin: longer"""
    waits_abandoned: Ints
    """[Q, wait_bins + 1] the same of the abandoned"""
    agents: AgentTotals | None
    """with `agents=True`"""
    rows: Rows | None
    """with `rows=True`"""
    calls: int
    """arrivals processed, redials included"""
    seconds: float
    """processor seconds inside the kernel, for calls per second"""
    busyness: float
    """the day's factor on the rates"""
    end: float
    """when the last call, its after-call work included, was over; s"""


def add(results: list[Totals]) -> Totals:
    """The sum of several replications (`longest_line`: the longest)."""
    names = [item.name for item in fields(Totals)]
    columns = {name: np.stack([getattr(r, name) for r in results]) for name in names}
    sums = {name: column.sum(axis=0) for name, column in columns.items()}
    sums["longest_line"] = columns["longest_line"].max(axis=0)
    return Totals(**sums)
