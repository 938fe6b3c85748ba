"""Actions: what a machine wants done. The exchange carries them out through its ports.

An effect reaches the outside world and is journalled as `Did(action)`; `Tell` hands an event to
another machine (or only to the journal); timers belong to whoever starts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.switch.events import Event

CALL = "call"
ACD = "acd"
AGENT = "agent"
CALLER = "caller"
JOURNAL = "journal"

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done now."""


# --- what can be played ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prompt:
    """A spoken prompt. `text` is a template such as `余额{balance:amount}。` for `values`.

    `id` names it in transcripts: a menu's prompt has the menu's id, its short form `<id>.short`.
    """

    id: str
    text: str
    language: str = "zh-CN"
    values: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Music:
    """Soft waiting music, looped until stopped (clause 5.2.6.4)."""

    id: str = "music"


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone: ringback | busy | beep."""

    id: str = "ringback"


Playable = Prompt | Music | Tone


# --- effects -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer(Action):
    """Go off hook."""


@dataclass(frozen=True, slots=True)
class Reject(Action):
    """Refuse the call with busy; it never reaches the IVR."""

    reason: str = "trunks"


@dataclass(frozen=True, slots=True)
class Play(Action):
    """Play `what`; a prompt or tone ends with `PlaybackFinished(play)`, music never does.

    A new `Play` on the same call replaces what is still playing.
    """

    play: int
    what: Playable


@dataclass(frozen=True, slots=True)
class StopPlay(Action):
    """Silence play `play` at once (barge-in, clause 5.2.6.3); nothing if it is over."""

    play: int


@dataclass(frozen=True, slots=True)
class CallService(Action):
    """Ask a named service; answered by `ServiceReplied(request)`."""

    request: int
    service: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bridge(Action):
    """Connect the caller's audio with `agent`'s."""

    agent: str


@dataclass(frozen=True, slots=True)
class Unbridge(Action):
    """Take the caller off the agent's line, back to the IVR."""

    agent: str


@dataclass(frozen=True, slots=True)
class HangUp(Action):
    """Release the line from the hotline's side."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class DialOut(Action):
    """Call `number` (a call-back); answered by `AnsweredOut` or `HungUp`."""

    number: str


@dataclass(frozen=True, slots=True)
class RingDesk(Action):
    """Ring the telephone of the agent who says so; `DeskAnswered` or `DeskLeft` follows. Not
    journalled: the `OfferMade` that caused it is."""


@dataclass(frozen=True, slots=True)
class ReleaseDesk(Action):
    """Stop ringing his telephone, or end the call on it; nothing if there is none."""


# --- inside ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartTimer(Action):
    """Deliver `TimerFired(timer)` to the sender in `seconds`; restarts a timer of that name."""

    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelTimer(Action):
    """Forget timer `timer`; nothing if it is not running."""

    timer: str


@dataclass(frozen=True, slots=True)
class Tell(Action):
    """Hand `event` to `to` (CALL, ACD, AGENT) or, with JOURNAL, only write it down."""

    to: str
    event: Event


# --- what scripted callers and simulated agents do (the outside world) -------------------------


@dataclass(frozen=True, slots=True)
class Press(Action):
    """A scripted caller presses one key."""

    key: str


@dataclass(frozen=True, slots=True)
class Speak(Action):
    """A caller or agent says something into the line; `what.id` names it. An agent names the
    `call`, because an agent's timer belongs to no call."""

    what: Prompt
    call: str = ""


@dataclass(frozen=True, slots=True)
class LeaveCall(Action):
    """A scripted caller hangs up."""


@dataclass(frozen=True, slots=True)
class Dial(Action):
    """A scripted caller calls (again)."""

    number: str = ""
