"""Scenarios: what a scripted caller hears and does, as read from a file (`reading.load`).

A story is an ordered list of steps. `hear` steps wait; all others act. `always` and `never` watch
the whole call beside the story, in any order. Seconds and instants are the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from menus.model import Place
from menus.wording import BookError

DEFAULT_WITHIN = 180.0
"""Seconds that a `hear` step waits when it has no `within`."""
DEFAULT_REACTION = 0.4
"""Seconds from noticing a sound to acting on it."""
DEFAULT_SILENCE = 2.0
"""Seconds of silence that `hear: silence` means."""
ANSWER_WITHIN = 60.0
"""Seconds that a caller lets it ring."""
CALL_LIMIT = 600.0
"""Seconds after which a caller whose story does not end is stopped."""

ExpectKind = Literal["prompt", "music", "agent", "tone", "silence", "hangup"]


class ScenarioError(BookError):
    """A scenario file that cannot be used; every problem with file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in seconds between `low` and `high`, drawn anew each time it is needed."""

    low: float
    high: float

    def draw(self, uniform: float) -> float:
        """The time that belongs to a uniform number in (0, 1)."""
        return self.low + (self.high - self.low) * uniform


PACE = Span(0.25, 0.6)
"""Seconds between two keys of a human: our choice."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a caller listens for; all conditions that are given must hold.

    `prompt` matches that id and every id below it (`error` matches `error.wrong_key`). Text
    conditions look at what is said, with values once they were heard. `to_end`: heard to the end.
    `number`: the agent's. `words` is the condition as written, for messages.
    """

    kind: ExpectKind
    words: str
    prompt: str = ""
    language: str = ""
    contains: str = ""
    exact: str = ""
    matches: re.Pattern[str] | None = None
    values: tuple[tuple[str, str], ...] = ()
    to_end: bool = False
    tone: str = ""
    number: str = ""
    seconds: float = DEFAULT_SILENCE


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story, written at `place`."""

    place: Place


@dataclass(frozen=True, slots=True)
class Hear(Step):
    """Wait until `what` is heard, at most `within` seconds."""

    what: Expect
    within: float = DEFAULT_WITHIN


@dataclass(frozen=True, slots=True)
class PressKey(Step):
    """Press one key."""

    key: str


@dataclass(frozen=True, slots=True)
class TypeKeys(Step):
    """Type several keys, `pause` between two."""

    keys: str
    pause: Span


@dataclass(frozen=True, slots=True)
class Say(Step):
    """Say something into the line."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait(Step):
    """Do nothing for a time."""

    time: Span


@dataclass(frozen=True, slots=True)
class HangUp(Step):
    """Hang up; the line must still be open."""


@dataclass(frozen=True, slots=True)
class CallAgain(Step):
    """Call once more, `after` seconds from now; hangs up first if the line is open."""

    after: Span


@dataclass(frozen=True, slots=True)
class PickUp(Step):
    """Wait at most `within` seconds for the telephone to ring (a call-back), then answer."""

    within: float = DEFAULT_WITHIN


AnyStep = Hear | PressKey | TypeKeys | Say | Wait | HangUp | CallAgain | PickUp

WatchKind = Literal["hear", "first", "heard_agent_within", "silence_longer_than", "max_menu_depth"]


@dataclass(frozen=True, slots=True)
class Watch:
    """Something that must `always` hold, or `never` happen, whatever the story does."""

    place: Place
    when: Literal["always", "never"]
    kind: WatchKind
    words: str
    what: Expect | None = None
    limit: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """An assertion on records after the call: rows of `kind` that this call made or changed.

    At least one row must have all of `fields` (values compared as text), or exactly `count` rows
    (0: none at all).
    """

    place: Place
    kind: str
    fields: tuple[tuple[str, str], ...] = ()
    count: int | None = None


@dataclass(frozen=True, slots=True)
class AgentFixture:
    """An agent on duty. `answer_after` seconds of ringing (None: never answers), `talk` seconds of
    conversation, then `then`: survey | wait (for the caller to hang up) | hang_up | harassment |
    silent (warned or asked three times, then hung up lawfully) | transfer:SKILL."""

    number: str
    skills: tuple[str, ...] = ("", "*")
    languages: tuple[str, ...] = ("zh-CN", "en-US")
    answer_after: float | None = 6.0
    talk: float = 30.0
    then: str = "survey"


ENDINGS = ("survey", "wait", "hang_up", "harassment", "silent", "transfer:SKILL")
"""How a conversation can end from the agent's side."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """The world before the call. `tables` are rows to add by table name, `agents` None means the
    default roster, `time` is the local time at which the call is made (ISO, "" = default)."""

    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    agents: tuple[AgentFixture, ...] | None = None
    time: str = ""
    trunks: int | None = None
    waiting_room: int | None = None
    """callers who may wait for an agent at once"""
    failing: tuple[str, ...] = ()
    """services that answer `failed` in this scenario ("*": all)"""
    slow: Mapping[str, float] = field(default_factory=dict)
    """service -> seconds by which its answer is late"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file. `seed` None: the runner's."""

    name: str
    place: Place
    story: tuple[AnyStep, ...]
    number: str = "13800138000"
    area: str = ""
    reaction: Span = Span(DEFAULT_REACTION, DEFAULT_REACTION)
    watches: tuple[Watch, ...] = ()
    given: Given = Given()
    left: tuple[Left, ...] = ()
    tags: frozenset[str] = frozenset()
    seed: int | None = None
    limit: float = CALL_LIMIT

    @property
    def listens_for_silence(self) -> bool:
        """Whether any part of it depends on silence."""
        return (
            any(w.kind == "silence_longer_than" for w in self.watches)
            or any(isinstance(step, Hear) and step.what.kind == "silence" for step in self.story)
            or any(w.what is not None and w.what.kind == "silence" for w in self.watches)
        )

    @property
    def listens_to_end(self) -> bool:
        """Whether any part of it depends on the end of a prompt."""
        wants = [step.what for step in self.story if isinstance(step, Hear)]
        wants += [watch.what for watch in self.watches if watch.what is not None]
        return any(want.to_end and want.kind == "prompt" for want in wants)
