"""The agent's states as data: which moves exist, and what an agent's wish does in each state.

              sign in                offer              answered
    OFFLINE -----------> NOT_READY   READY ---------> RINGING ---------> TALKING <----> HOLD
       ^                   |   ^       ^  no answer,     |                  |    hold
       | sign out          v   |       |  declined       v                  | call over
       +------- any      READY |       |<------------ NOT_READY             v
                           |   |       +-------------------------------- WRAP_UP
                approved   v   |        done, or the wrap-up limit          |
                        BREAK, STUDY <--------------------------------------+
                                          wished for during the call

What an agent's wish does (`now`, `later` = when the call and its wrap-up are over, `-` = nothing):

    wish \\ state  OFFLINE  READY  RINGING  TALKING  HOLD   WRAP_UP  NOT_READY  BREAK  STUDY
    ready           -       -       -      later   later    now       now       now    now
    not ready       -      now     now     later   later   later      now       now    now
    study           -      now     now     later   later   later      now       now     -
    break           -      now    later    later   later   later      now        -     now
    sign out        -      now     now     later   later    now       now       now    now

`now` while RINGING ends the offer: the caller keeps the place. Sign-out wished for during a call
takes effect when the conversation ends, without wrap-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hotline.switch.events import AgentState

OFFLINE, READY, RINGING, TALKING, HOLD, WRAP_UP, NOT_READY, BREAK, STUDY = AgentState

MOVES: Mapping[AgentState, frozenset[AgentState]] = {
    OFFLINE: frozenset({NOT_READY}),
    READY: frozenset({OFFLINE, RINGING, NOT_READY, BREAK, STUDY}),
    RINGING: frozenset({OFFLINE, READY, TALKING, NOT_READY, BREAK, STUDY}),
    TALKING: frozenset({OFFLINE, HOLD, WRAP_UP, READY, NOT_READY, BREAK, STUDY}),
    HOLD: frozenset({OFFLINE, TALKING, WRAP_UP, READY, NOT_READY, BREAK, STUDY}),
    WRAP_UP: frozenset({OFFLINE, READY, NOT_READY, BREAK, STUDY}),
    NOT_READY: frozenset({OFFLINE, READY, NOT_READY, BREAK, STUDY}),
    BREAK: frozenset({OFFLINE, READY, NOT_READY, STUDY}),
    STUDY: frozenset({OFFLINE, READY, NOT_READY, BREAK}),
}

STAFFED = frozenset({READY, RINGING, TALKING, HOLD, WRAP_UP})
"""States in which an agent serves the queue now or soon."""

ON_CALL = frozenset({TALKING, HOLD})
BUSY = frozenset({RINGING, TALKING, HOLD, WRAP_UP})


class When(StrEnum):
    """What a wish does in a state."""

    NOW = "now"
    LATER = "later"
    NEVER = "-"


def _row(words: str) -> Mapping[AgentState, When]:
    return dict(zip(AgentState, map(When, words.split()), strict=True))


#                   OFFLINE READY RINGING TALKING HOLD WRAP_UP NOT_READY BREAK STUDY
WISHES: Mapping[AgentState, Mapping[AgentState, When]] = {
    READY: _row("     -      -      -     later  later   now     now      now   now"),
    NOT_READY: _row(" -     now    now    later  later  later    now      now   now"),
    STUDY: _row("     -     now    now    later  later  later    now      now    -"),
    BREAK: _row("     -     now   later   later  later  later    now       -    now"),
    OFFLINE: _row("   -     now    now    later  later   now     now      now   now"),
}
"""wished state -> present state -> when."""
