"""Scenarios: what a scripted caller hears and does, as read from a file (`reading.load`).

A story is an ordered list of steps. `hear` steps wait; all others act. `always` and `never` watch
the whole call beside the story, in any order. Seconds and instants are the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clocks
from typing import Literal

from hotline.callers.personas import Persona
from hotline.switch.distributions import Distribution
from menus.model import Place
from menus.wording import BookError

DEFAULT_WITHIN = 180.0
"""Seconds that a `hear` step waits when it has no `within`."""
DEFAULT_REACTION = 0.4
"""Seconds from noticing a sound to acting on it."""
DEFAULT_LIKENESS = 0.8
"""How like a text must be for `similar`, 0 to 1 (`matching.likeness`)."""
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

    def quantile(self, uniform: float) -> float:
        """The time that belongs to a uniform number in (0, 1)."""
        return self.low + (self.high - self.low) * uniform


Duration = Span | Distribution
"""A time in seconds that is drawn: `quantile` gives it for a uniform number in (0, 1)."""


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
    similar: str = ""
    at_least: float = DEFAULT_LIKENESS
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
    pause: Duration


@dataclass(frozen=True, slots=True)
class Say(Step):
    """Say something into the line."""

    text: str


@dataclass(frozen=True, slots=True)
class Wait(Step):
    """Do nothing for a time."""

    time: Duration


@dataclass(frozen=True, slots=True)
class HangUp(Step):
    """Hang up; the line must still be open."""


@dataclass(frozen=True, slots=True)
class CallAgain(Step):
    """Call once more, `after` seconds from now; hangs up first if the line is open."""

    after: Duration


@dataclass(frozen=True, slots=True)
class PickUp(Step):
    """Wait at most `within` seconds for the telephone to ring (a call-back), then answer."""

    within: float = DEFAULT_WITHIN


@dataclass(frozen=True, slots=True)
class GiveUp(Step):
    """Wait at most `within` seconds until the caller's patience is over and it hangs up."""

    within: float = DEFAULT_WITHIN


AnyStep = Hear | PressKey | TypeKeys | Say | Wait | HangUp | CallAgain | PickUp | GiveUp

WatchKind = Literal[
    "hear",
    "first",
    "last",
    "heard_agent_within",
    "silence_longer_than",
    "max_menu_depth",
    "ends_within",
]


@dataclass(frozen=True, slots=True)
class Watch:
    """Something that must `always` hold, or `never` happen, whatever the story does.

    Of `hear`: `at_least` and `at_most` so many times, and it counts only `before` or `after`
    something else was first heard.
    """

    place: Place
    when: Literal["always", "never"]
    kind: WatchKind
    words: str
    what: Expect | None = None
    limit: float = 0.0
    before: Expect | None = None
    after: Expect | None = None
    at_least: int = 1
    at_most: int | None = None


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
    free_after: float = 0.0
    """seconds after the first call's beginning until which the agent is busy with others"""


@dataclass(frozen=True, slots=True)
class AnswerFixture:
    """What a service answers when it is asked next, `after` seconds, instead of looking it up."""

    service: str
    outcome: str
    values: tuple[tuple[str, str], ...] = ()
    after: float = 0.0


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def moment(time: str, usual: datetime) -> datetime:
    """The local time that `given: {time: ...}` means, where a part that is not said is `usual`'s.

    `19:00`, `2026-10-01`, `2026-10-01 19:00`, `saturday`, `saturday 19:00`: a weekday is the first
    such day from the usual date on.
    """
    day, _, clock = time.replace("T", " ").rpartition(" ")
    if not day and ":" not in clock:
        day, clock = clock, ""
    date = usual.date()
    if day.lower() in WEEKDAYS:
        date += timedelta(days=(WEEKDAYS.index(day.lower()) - date.weekday()) % 7)
    elif day:
        date = datetime.fromisoformat(day).date()
    return datetime.combine(date, clocks.fromisoformat(clock) if clock else usual.time())


ENDINGS = ("survey", "wait", "hang_up", "harassment", "silent", "transfer:SKILL")
"""How a conversation can end from the agent's side."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """The world before the call. `tables` are rows to add by table name, `agents` None means the
    default roster, `time` is the local time of the call as written ("" = default; `moment`)."""

    tables: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    agents: tuple[AgentFixture, ...] | None = None
    time: str = ""
    trunks: int | None = None
    waiting_room: int | None = None
    """callers who may wait for an agent at once"""
    rings: int | None = None
    """periods of ring-back tone before the answer"""
    failing: tuple[str, ...] = ()
    """services that answer `failed` in this scenario ("*": all)"""
    slow: Mapping[str, float] = field(default_factory=dict)
    """service -> seconds by which its answer is late"""
    answers: tuple[AnswerFixture, ...] = ()
    """answers to give in this order, each once; when a service has none left it looks things up"""
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """where each row of `tables` is written; keys of other parts stand here by their name"""

    @property
    def parts(self) -> tuple[str, ...]:
        """The keys of what is not as usual."""
        usual = {"agents": None, "time": "", "trunks": None, "waiting_room": None, "rings": None}
        said = {name: getattr(self, name) != value for name, value in usual.items()}
        said |= {name: bool(getattr(self, name)) for name in ("failing", "slow", "answers")}
        return (*self.tables, *(name for name, there in said.items() if there))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a file. `seed` None: the runner's.

    `reaction` and `pace` (between keys) are those of the `persona`, unless the scenario has its
    own. `agent_is`: what counts as an agent beside the announcement of our own books. `row`: the
    line in a table of another file, 0 if there is none.
    """

    name: str
    place: Place
    story: tuple[AnyStep, ...]
    number: str = "13800138000"
    area: str = ""
    reaction: Duration = Span(DEFAULT_REACTION, DEFAULT_REACTION)
    pace: Duration = PACE
    persona: Persona | None = None
    agent_is: Expect | None = None
    row: int = 0
    watches: tuple[Watch, ...] = ()
    given: Given = Given()
    left: tuple[Left, ...] = ()
    tags: frozenset[str] = frozenset()
    seed: int | None = None
    limit: float = CALL_LIMIT

    @property
    def where(self) -> str:
        """What `reading.load` takes to find this very scenario: FILE:LINE, or FILE:LINE:ROW."""
        return f"{self.place}:{self.row}" if self.row else str(self.place)

    @property
    def inside(self) -> tuple[str, ...]:
        """What only the hotline's own journal and records can show: not judged from outside."""
        depths = [w.words for w in self.watches if w.kind == "max_menu_depth"]
        return (*depths, *(f"left {left.kind}" for left in self.left))

    @property
    def wants(self) -> Iterator[Expect]:
        """Everything it listens for, in the story and beside it."""
        yield from (step.what for step in self.story if isinstance(step, Hear))
        for watch in self.watches:
            yield from (w for w in (watch.what, watch.before, watch.after) if w is not None)
        if self.agent_is is not None:
            yield self.agent_is

    @property
    def listens_for_silence(self) -> bool:
        """Whether any part of it depends on silence."""
        return any(w.kind == "silence_longer_than" for w in self.watches) or any(
            want.kind == "silence" for want in self.wants
        )

    @property
    def listens_to_end(self) -> bool:
        """Whether any part of it depends on the end of a prompt; by `agent_is` an agent is one."""
        kinds = ("prompt",) if self.agent_is is None else ("prompt", "agent")
        return any(want.to_end and want.kind in kinds for want in self.wants)
