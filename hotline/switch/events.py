"""Events: what happened, in the words of the trade. Every machine is `handle(event) -> actions`.

Instants (`at`) are seconds on the call clock. `call` is the call's id, `""` where no call is
concerned. An event never says what to do about it; that is an action (`hotline.switch.actions`).

    who says it        to whom   events
    the network        ACD       CallArrived (the ACD admits it to the call, or blocks it: trunks)
    the network        call      KeyPressed, HungUp, PlaybackFinished, AnsweredOut
    the clock          owner     TimerFired
    a service          call      ServiceReplied
    the call           ACD       AgentRequested, RequestWithdrawn, CallbackRequested, TalkEnded,
                                 CallClosed
    the ACD            call      CallArrived, Queued, RequestRefused, OfferMade, OfferEnded,
                                 AgentConnected, AgentLeft, CallbackBooked, CallbackDue
    the ACD            agent     OfferMade, OfferEnded, AgentConnected, TalkEnded
    an agent           ACD       AgentSignedIn, AgentSignedOut, AgentReady, AgentNotReady,
                                 BreakRequested, BreakDecided, OfferAnswered, OfferDeclined,
                                 AgentFinished, WrapUpDone
    the operator       ACD       CentreChanged
    the exchange       agent     AgentBridged
    his telephone      agent     DeskOpened, DeskClosed, DeskAsked, DeskAnswered, DeskLeft,
                                 DeskHeld, DeskKey, DeskTransfer
    anyone             journal   facts that nobody acts on: MenuEntered, Chosen, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})


class Party(StrEnum):
    """Who did something to a call."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"
    NETWORK = "network"


class AgentState(StrEnum):
    """States of an agent (客服专员), as ACDs of the field name them."""

    OFFLINE = "offline"
    READY = "ready"  # 空闲
    RINGING = "ringing"  # 预占用 / 请求应答
    TALKING = "talking"  # 通话
    HOLD = "hold"  # 保持
    WRAP_UP = "wrap_up"  # 整理 / 话后
    NOT_READY = "not_ready"  # 示忙: no ACD calls
    BREAK = "break"  # 小休: needs approval
    STUDY = "study"  # 学习


class OfferOutcome(StrEnum):
    """How one offer to one agent ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"  # the redirect limit passed
    DECLINED = "declined"
    CALLER_LEFT = "caller_left"
    LOST = "lost"  # the agent's client or the hotline went away


class DeskEnd(StrEnum):
    """How a call to an agent's telephone ended without our doing."""

    DECLINED = "declined"  # busy, refused, not found: he never had it
    HUNG_UP = "hung_up"
    LOST = "lost"  # no audio, no answer within the call


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at instant `at` (seconds) to `call` (an id, or `""`)."""

    at: float
    call: str


# --- the network -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallArrived(Event):
    """An inbound call wants in. `number` is the caller's, `area` a region code when known."""

    number: str = ""
    dialled: str = "95598"
    area: str = ""
    medium: str = "memory"
    centre: str = ""
    rings: int = 0
    """periods of ring-back tone that the caller hears before the call is answered"""


@dataclass(frozen=True, slots=True)
class KeyPressed(Event):
    """One DTMF key (0-9 * # A-D) from the caller. Never log `key`."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class HungUp(Event):
    """The line is gone. Legal in every phase, and always wins."""

    by: Party = Party.CALLER
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlaybackFinished(Event):
    """All of play `play` has been heard. Harmless when late: the id tells which play it was."""

    play: int = 0


@dataclass(frozen=True, slots=True)
class AnsweredOut(Event):
    """An outbound (call-back) leg was answered by the customer."""


@dataclass(frozen=True, slots=True)
class TimerFired(Event):
    """A timer started by `StartTimer` ran out. `owner` is the address of who started it."""

    timer: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ServiceReplied(Event):
    """A named service answered. `outcome` is one of those the service declares, or `failed`."""

    request: int = 0
    outcome: str = "failed"
    values: Mapping[str, str] = field(default_factory=lambda: NOTHING)


# --- call -> ACD -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentRequested(Event):
    """The call asks for an agent. A second transfer is a second request (`request` counts)."""

    request: int = 0
    skill: str = ""
    language: str = "zh-CN"
    priority: int = 0


@dataclass(frozen=True, slots=True)
class RequestWithdrawn(Event):
    """The caller left the queue: hung up, chose a menu instead, or was booked for call-back."""

    request: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallbackRequested(Event):
    """The caller prefers a call-back and keeps the place of `request` in the queue."""

    request: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class TalkEnded(Event):
    """The conversation with `agent` is over because `by` left it."""

    agent: str = ""
    by: Party = Party.CALLER


@dataclass(frozen=True, slots=True)
class CallClosed(Event):
    """The last event of every call. `outcome`: see `record.Outcome`."""

    by: Party = Party.CALLER
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallBlocked(Event):
    """No free trunk: the caller hears busy (clause 5.2.7.1 counts it)."""

    reason: str = "trunks"


# --- ACD -> call and agent ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """The request waits. `position` counts from 1; `expected_wait` in seconds, None if unknown."""

    request: int = 0
    position: int = 1
    expected_wait: float | None = None


@dataclass(frozen=True, slots=True)
class RequestRefused(Event):
    """The request cannot be queued. `reason`: closed | full | no_agents | fault.

    `fault`: the ACD is in another process and cannot be reached, or is being stopped."""

    request: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OfferMade(Event):
    """`agent`'s telephone rings for `request`. `offer` is unique within the ACD.

    `skill` and `language` are the request's: what the agent sees and how he greets.
    """

    request: int = 0
    offer: int = 0
    agent: str = ""
    skill: str = ""
    language: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class OfferEnded(Event):
    """The ringing stopped, for the reason `outcome`."""

    request: int = 0
    offer: int = 0
    agent: str = ""
    outcome: OfferOutcome = OfferOutcome.ANSWERED


@dataclass(frozen=True, slots=True)
class AgentConnected(Event):
    """`agent` answered `request`. `number` (工号) is what the announcement says (5.2.6.5)."""

    request: int = 0
    agent: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class AgentLeft(Event):
    """The agent ended the conversation. `to`: survey | hang_up | transfer:SKILL.

    `reason` names a lawful exception of 5.2.7.3 for `hang_up`: harassment | silent | "".
    """

    agent: str = ""
    to: str = "survey"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CallbackBooked(Event):
    """The ACD keeps the place of `request` for a call-back to the caller's number."""

    request: int = 0


@dataclass(frozen=True, slots=True)
class CallbackDue(Event):
    """`agent` is reserved for the call-back that `original` booked; `call` is the outbound leg."""

    request: int = 0
    agent: str = ""
    agent_number: str = ""
    number: str = ""
    original: str = ""
    skill: str = ""
    language: str = "zh-CN"


# --- agents -> ACD -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentEvent(Event):
    """Something about `agent` (an id)."""

    agent: str = ""


@dataclass(frozen=True, slots=True)
class AgentSignedIn(AgentEvent):
    """Sign-in. The profile (number, skills, certificate) is the ACD's roster data."""


@dataclass(frozen=True, slots=True)
class AgentSignedOut(AgentEvent):
    """Sign-out; while talking it takes effect after the call."""


@dataclass(frozen=True, slots=True)
class AgentReady(AgentEvent):
    """Ready for ACD calls."""


@dataclass(frozen=True, slots=True)
class AgentNotReady(AgentEvent):
    """No ACD calls for now (示忙)."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class BreakRequested(AgentEvent):
    """Asks for a break (小休), which needs approval."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class BreakDecided(AgentEvent):
    """A supervisor, or the break rule, decided."""

    approved: bool = True


@dataclass(frozen=True, slots=True)
class OfferAnswered(AgentEvent):
    """The agent took the ringing call."""

    offer: int = 0


@dataclass(frozen=True, slots=True)
class OfferDeclined(AgentEvent):
    """The agent refused the ringing call."""

    offer: int = 0


@dataclass(frozen=True, slots=True)
class AgentFinished(AgentEvent):
    """The agent ends the conversation; `to` and `reason` as in `AgentLeft`."""

    to: str = "survey"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WrapUpDone(AgentEvent):
    """After-call work is finished early."""


@dataclass(frozen=True, slots=True)
class AgentHeld(AgentEvent):
    """The agent puts the caller on hold (`on`), or takes the call back; the call is told too."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class AgentBridged(AgentEvent):
    """The caller's audio is on the agent's line now: `Bridge` was carried out, he may speak."""


# --- an agent's telephone -> his machine (never journalled: the ACD's events say it) -------------


@dataclass(frozen=True, slots=True)
class DeskEvent(AgentEvent):
    """Something on the telephone of `agent`."""


@dataclass(frozen=True, slots=True)
class DeskOpened(DeskEvent):
    """His telephone can be reached from now on (it registered)."""


@dataclass(frozen=True, slots=True)
class DeskClosed(DeskEvent):
    """It no longer can: unregistered, or not heard of in time."""


@dataclass(frozen=True, slots=True)
class DeskAsked(DeskEvent):
    """He dialled a `wish`: ready (in wrap-up: done) | not_ready | break."""

    wish: str = "ready"


@dataclass(frozen=True, slots=True)
class DeskAnswered(DeskEvent):
    """He took the receiver up after `RingDesk`."""


@dataclass(frozen=True, slots=True)
class DeskLeft(DeskEvent):
    """The call to his telephone is over, and not by `ReleaseDesk`.

    `reason` names a lawful exception of 5.2.7.3 for which he parts from the caller too, as in
    `AgentLeft`; `""` where his telephone cannot tell.
    """

    how: DeskEnd = DeskEnd.HUNG_UP
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeskHeld(DeskEvent):
    """He pressed hold (`on`), or took the call back."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class DeskKey(DeskEvent):
    """He pressed a key during the call. Never log `key`."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class DeskTransfer(DeskEvent):
    """He hands the caller to an agent of `skill`, or to the `survey`."""

    skill: str = ""


@dataclass(frozen=True, slots=True)
class CentreChanged(Event):
    """A centre went down (platform failure), or is up again."""

    centre: str = ""
    up: bool = False


@dataclass(frozen=True, slots=True)
class AgentStateChanged(AgentEvent):
    """Journal fact: the ACD moved `agent` to `state`."""

    state: AgentState = AgentState.OFFLINE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignInRefused(AgentEvent):
    """Journal fact: clause 5.2.5.2 forbids this agent to sign in; `reason` says why."""

    reason: str = ""


# --- journal facts of the call -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MenuEntered(Event):
    """The caller is now at `menu`; `depth` counts menus from the start (start = 1)."""

    menu: str = ""
    depth: int = 1
    language: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Chosen(Event):
    """`key` was accepted at menu or step `at_id`; `target` as written in the book."""

    at_id: str = ""
    key: str = ""
    target: str = ""
    barged_in: bool = False


@dataclass(frozen=True, slots=True)
class WrongKey(Event):
    """A key with no meaning at `at_id`, the `count`-th in a row."""

    at_id: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class NoInput(Event):
    """The caller was silent at `at_id`, the `count`-th time in a row."""

    at_id: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class LastResort(Event):
    """Too many wrong keys or silences at `at_id`: the book's last resort `target` was taken."""

    at_id: str = ""
    counter: str = "no_input"
    target: str = ""


@dataclass(frozen=True, slots=True)
class StepEntered(Event):
    """The caller reached step `step`."""

    step: str = ""


@dataclass(frozen=True, slots=True)
class Collected(Event):
    """Input of kind `kind` is complete (`ok`) or was rejected by its check. Holds no digits."""

    step: str = ""
    kind: str = ""
    ok: bool = True


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """Step `step` ended; `outcome` is the service's, or `done` for a step that only speaks."""

    step: str = ""
    outcome: str = "done"
    service: str = ""
    solved: bool = False
    """the caller's task is done in self-service (containment, clause 5.2.7.2)"""


@dataclass(frozen=True, slots=True)
class LanguageChanged(Event):
    """From here on the call speaks `language`."""

    language: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class SurveyAnswered(Event):
    """Satisfaction survey: `score` 1 satisfied, 2 so-so, 3 dissatisfied; `reason` key or ""."""

    score: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MediaQuality:
    """How the audio with one telephone, a caller's or an agent's, went, seen from our end. Packets,
    and seconds; None is what this medium or that telephone does not tell. `far_` is what the far
    end reported (RTCP)."""

    codec: str
    sent: int
    received: int
    lost: int = 0
    late: int = 0
    """came, but too late to be heard; counted only while somebody listened"""
    repeated: int = 0
    reordered: int = 0
    jitter: float | None = None
    round_trip: float | None = None
    mos: float | None = None
    """estimated opinion of what came from there, 1 to 4.5 (E-model, ITU-T G.107)"""
    far_lost: int | None = None
    far_jitter: float | None = None
    far_mos: float | None = None
    """the same of what was heard there"""


@dataclass(frozen=True, slots=True)
class MediaReport(Event):
    """Journal fact, noted when a call's audio ends: the caller's, or that of the `agent` who spoke
    with him on a telephone of his own."""

    quality: MediaQuality = MediaQuality("", 0, 0)
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Did(Event):
    """The hotline carried out an action that reaches the outside world (see `actions`)."""

    action: object = None
