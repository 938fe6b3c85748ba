"""`fold(entries) -> CallRecord`: one immutable row per call, from which every figure is computed.

A call's journal is the only truth; a record can be folded again at any time. ACD figures count
requests or offers, never calls: a transfer asks twice, a redirected call is offered twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome, Party


class Outcome(StrEnum):
    """How a call ended, seen from the hotline."""

    BLOCKED = "blocked"  # no trunk: busy
    AGENT = "agent"  # talked to an agent
    ABANDONED = "abandoned"  # left while asking for an agent and spoke to none
    SELF_SERVICE = "self_service"  # ended in the IVR with a task done
    IVR = "ivr"  # ended in the IVR with nothing done
    CALLBACK = "callback"  # booked a call-back instead of waiting
    LOST = "lost"  # was in progress when the hotline stopped


class RequestOutcome(StrEnum):
    """How one request for an agent ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # hung up while waiting or ringing
    WITHDRAWN = "withdrawn"  # chose something else
    REFUSED = "refused"
    CALLBACK = "callback"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Offer:
    """One agent's telephone ringing for one request. Instants in seconds on the call clock."""

    offer: int
    agent: str
    offered: float
    ended: float
    outcome: OfferOutcome

    @property
    def ring(self) -> float:
        """Seconds of ringing."""
        return self.ended - self.offered


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request for an agent. `ended`: answered, left or refused. `heard_agent`: the agent
    announcement (5.2.6.5) began. `talk_ended` and `ended_by`: who left the conversation."""

    request: int
    skill: str
    language: str
    priority: int
    asked: float
    ended: float
    outcome: RequestOutcome
    offers: tuple[Offer, ...] = ()
    agent: str = ""
    agent_number: str = ""
    announced_number: str = ""
    heard_agent: float | None = None
    bridged: float | None = None
    talk_ended: float | None = None
    ended_by: Party | None = None
    end_reason: str = ""
    """of an agent who hung up: harassment | silent | "" (clause 5.2.7.3's lawful exceptions)"""
    left_to: str = ""
    """survey | hang_up | transfer:SKILL, or "" when the caller left first"""
    music_gap: float = 0.0
    """longest stretch without music or a message while waiting, s (5.2.6.4)"""

    @property
    def wait(self) -> float:
        """Queue plus ring, seconds."""
        return self.ended - self.asked


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step the caller went through, its service and outcome."""

    step: str
    at: float
    outcome: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class MenuVisit:
    """One visit to a menu; `depth` counts menus from the start."""

    menu: str
    at: float
    depth: int


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """One prompt: when it began, when it ended or was cut off; values are left out (privacy)."""

    prompt: str
    at: float
    ended: float
    cut: bool
    language: str


@dataclass(frozen=True, slots=True)
class BargeIn:
    """A key during a prompt that may be interrupted: seconds from key to silence (5.2.6.3)."""

    prompt: str
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, whole. No digits typed, no account numbers; `number` is the caller's."""

    call: str
    number: str
    medium: str
    area: str
    centre: str
    arrived: float
    answered: float | None
    ended: float
    outcome: Outcome
    ended_by: Party
    reason: str
    languages: tuple[str, ...]
    menus: tuple[MenuVisit, ...]
    steps: tuple[StepRecord, ...]
    prompts: tuple[PromptRecord, ...]
    barge_ins: tuple[BargeIn, ...]
    keys: int
    wrong_keys: int
    no_inputs: int
    last_resorts: int
    requests: tuple[RequestRecord, ...]
    survey: int | None
    survey_reason: str
    clock_start: float = 0.0
    """epoch seconds of instant 0 of the call clock; 0 in pure virtual time"""

    @property
    def duration(self) -> float:
        """Seconds from arrival to end."""
        return self.ended - self.arrived


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal line: `event`, addressed `to` call | acd | journal."""

    to: str
    event: ev.Event
