"""One call of a load: when it was to begin, and what came of it, seen from outside.

    intended   started   answered  audio      asked            agent             ended
        |~~~~~~~~~|---------|--------|----------|================|------------------|
          lateness   set-up                      heard_agent within

All latencies count from what was *intended*: a driver that had no room or no time for a call at its
instant adds that lateness to every one of them. Otherwise the overload that is to be measured would
slow down the calls that measure it and hide itself (coordinated omission).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hotline.switch.record import RequestOutcome, RequestRecord

LATE = 0.1
"""Seconds after its instant from which a call counts as started late (our choice)."""


class Outcome(StrEnum):
    """How a call ended."""

    SERVED = "served"
    """an agent was heard"""
    ABANDONED = "abandoned"
    """asked for an agent, and left before one was heard"""
    NO_AGENT = "no_agent"
    """asked for an agent, and the hotline ended the call without one"""
    IN_MENUS = "in_menus"
    """ended before an agent was asked for"""
    REFUSED = "refused"
    """the hotline did not take the call: busy, no line free; see `code`"""
    FAILED = "failed"
    """no connection, no answer, no audio, or the line broke"""
    CUT = "cut"
    """we ended it: the run was over"""
    NOT_STARTED = "not_started"
    """its turn never came: the driver had no room for it until the run was over"""


@dataclass(frozen=True, slots=True)
class Planned:
    """A call to be: `intended` in seconds from the start of the run; `kind` is its caller's, by
    number in the plan's list."""

    number: int
    intended: float
    queue: int
    kind: int


@dataclass(frozen=True, slots=True)
class LoadCall:
    """What came of a call. Instants in seconds from the start of the run; None: never happened."""

    planned: Planned
    outcome: Outcome
    started: float | None = None
    answered: float | None = None
    audio: float | None = None
    """first sound"""
    asked: float | None = None
    agent: float | None = None
    """an agent's first word"""
    ended: float | None = None
    code: int = 0
    """SIP status or WebSocket close code that ended it; 0: none"""
    why: str = ""
    """of a failure, in a few words without numbers of callers"""
    gaps: int = 0
    """times that audio did not come for `media.GAP` seconds and then went on"""
    longest_gap: float = 0.0
    mos: float | None = None
    """estimated opinion of what was received (RTP only)"""
    lost: int = 0
    """packets of RTP that never came, or came too late"""
    passed: bool | None = None
    """whether its scenario passed; None: it plays none"""

    @property
    def lateness(self) -> float:
        """Seconds from the intended to the real start."""
        return 0.0 if self.started is None else max(0.0, self.started - self.planned.intended)

    @property
    def late(self) -> bool:
        """Whether the driver could not start it in time, or at all."""
        return self.started is None or self.lateness > LATE

    @property
    def setup(self) -> float | None:
        """Seconds from the intended start to the answer."""
        return None if self.answered is None else self.answered - self.planned.intended

    @property
    def first_sound(self) -> float | None:
        """Seconds from the intended start to the first sound."""
        return None if self.audio is None else self.audio - self.planned.intended

    @property
    def wait(self) -> float | None:
        """Seconds from asking for an agent to hearing one, or to the end; lateness included."""
        if self.asked is None:
            return None
        until = self.agent if self.agent is not None else self.ended
        return None if until is None else max(0.0, until - self.asked) + self.lateness

    def request(self, answer_within: float) -> RequestRecord | None:
        """Its request for an agent as the hotline's own rows have it, so that the figures are the
        same; None if there was none, or if we ended it before `answer_within` seconds could show.
        """
        wait, asked = self.wait, self.asked
        if wait is None or asked is None:
            return None
        outcome = _REQUESTS.get(self.outcome, RequestOutcome.LOST)
        if outcome is RequestOutcome.LOST and self.agent is None and wait < answer_within:
            return None
        if self.agent is not None:
            outcome = RequestOutcome.ANSWERED
        heard = asked + wait if self.agent is not None else None
        return RequestRecord(1, "", "", 0, asked, asked + wait, outcome, heard_agent=heard)


_REQUESTS = {
    Outcome.SERVED: RequestOutcome.ANSWERED,
    Outcome.ABANDONED: RequestOutcome.ABANDONED,
    Outcome.NO_AGENT: RequestOutcome.REFUSED,
}
