"""The resolved menu book: what a YAML book means after loading, merging and inheritance.

The call machine, lint, coverage, the diagram and the prompt pack all read this one form, so each
key, outcome and text is decided once, in `menus.loader`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

TargetKind = Literal[
    "menu", "step", "agent", "language", "back", "top", "repeat", "end", "wait", "callback"
]
Texts = Mapping[str, str]
"""language code -> prompt template, e.g. {"zh-CN": "余额{balance:amount}。"}"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: `file` and 1-based `line`."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a key or outcome leads: `menu:ID`, `step:ID`, `agent`, `agent:SKILL`, `language:CODE`,
    `back`, `top`, `repeat`, `end`, and in the waiting menu also `wait` and `callback`.

    `back` from a step leads to the menu that the step was chosen in; from a menu to the one above.
    `language:CODE` leads to the start menu of that language; for a language of `agent_languages`,
    which has none, it asks for an agent who speaks it (clause 5.2.5.1).
    """

    kind: TargetKind
    arg: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.arg}" if self.arg else self.kind


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt `id` with its texts per language. `short`, if any, is heard from the second visit
    or re-prompt on and has the id `<id>.short`. Not `interruptible`: a legal notice, during which
    keys are kept, not obeyed.
    """

    id: str
    long: Texts
    short: Texts | None = None
    interruptible: bool = True
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `start` to `end`, seconds after local midnight (end > start, or over midnight),
    on ISO weekdays `days` (1 = Monday)."""

    start: float = 0.0
    end: float = 86400.0
    days: frozenset[int] = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Counter:
    """What happens on silence, or on wrong keys: up to `limit` re-prompts with `prompt`, then the
    last resort `then`. The two counters of a call are separate (clause 5.2.6.3 is cut after its
    first half; two re-prompts, then an agent, is our choice)."""

    limit: int
    prompt: PromptText
    then: Target


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one menu. `inherited` from the book's common keys."""

    key: str
    target: Target
    inherited: bool = False
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Menu:
    """A choice. `keys` includes the inherited ones. `no_input`/`wrong_key` are the book's unless
    the menu has its own. `priority` is given to requests for an agent made below this menu.
    `language`: entering this menu switches the call to it. `closed`: where to go outside `hours`.
    """

    id: str
    title: Texts
    prompt: PromptText
    keys: Mapping[str, Key]
    no_input: Counter
    wrong_key: Counter
    first_digit_timeout: float
    functions: tuple[str, ...] = ()
    priority: int | None = None
    skill: str | None = None
    language: str | None = None
    hours: Hours | None = None
    closed: Target | None = None
    place: Place = Place()
    common: bool = True
    """the book's `common_prompt` follows this menu's prompt: it inherits at least one key"""


CollectKind = Literal["account", "phone", "area", "order", "digits"]


@dataclass(frozen=True, slots=True)
class Collect:
    """Typed input of a step. Ends at `terminator`, at `max_length`, or when no digit comes for
    `inter_digit_timeout` s and `min_length` is reached. `0`-transfer and `*`-back work before the
    first digit only (a digit of the input would else be taken for them); `*` after the first
    digit clears the input. `check`: name of a check (`length` | `luhn` | `mobile`).
    `name`: the value the digits are stored under; `masked` values never leave the journal.
    """

    kind: CollectKind
    name: str
    min_length: int
    max_length: int
    terminator: str
    first_digit_timeout: float
    inter_digit_timeout: float
    no_input: Counter
    wrong: Counter
    check: str = "length"
    masked: bool = True
    keys: Mapping[str, Key] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What is not a choice: `say`, then `collect`, then `request` a service, then `on[outcome]`;
    a step without request goes to `next`, as do outcomes that `on` leaves out, `failed` excepted.
    `set` are values that the call knows from here on, as if they had been collected.
    """

    id: str
    title: Texts
    say: PromptText | None = None
    collect: Collect | None = None
    request: str | None = None
    set: Mapping[str, str] = field(default_factory=dict)
    on: Mapping[str, Target] = field(default_factory=dict)
    next: Target | None = None
    functions: tuple[str, ...] = ()
    place: Place = Place()
    on_places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A named service as books see it: inputs it `needs`, `outcomes` besides `failed`, values it
    `gives` (name -> kind of `audio.template`). `solves`: a done outcome counts as the task done
    in self-service (containment, clause 5.2.7.2)."""

    name: str
    needs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    solves: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    """inputs it takes when the call knows them, and does without otherwise"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a caller hears in the queue. The comfort message (`position` and `wait` are offered as
    values {position:count}, which counts the caller, and {minutes:minutes}) comes every
    `message_every` s over the music and never delays a connection. `menu`, if any, is offered once
    after `menu_after` s (its keys may use the targets `wait` and `callback`; it inherits none)."""

    transfer: PromptText
    message: PromptText
    message_unknown: PromptText
    message_every: float = 30.0
    first_message: float = 15.0
    menu: str | None = None
    menu_after: float = 60.0
    callback_booked: PromptText | None = None
    refused: Mapping[str, PromptText] = field(default_factory=dict)
    """reason (closed | full | no_agents) -> what is said before `refused_then`"""
    refused_then: Target = Target("end")


@dataclass(frozen=True, slots=True)
class Survey:
    """Satisfaction survey after an agent: `scores` key -> score; a score in `ask_reason` asks for
    a reason with the keys of `reasons`. Unanswered after `timeout` s it is left out."""

    prompt: PromptText
    scores: Mapping[str, int]
    thanks: PromptText
    reason_prompt: PromptText | None = None
    ask_reason: frozenset[int] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Regional outage bulletin before the root, played when `service` answers `active` for the
    caller's area."""

    prompt: PromptText
    service: str = "bulletin"


@dataclass(frozen=True, slots=True)
class Book:
    """A whole hotline. `prompts` holds every prompt by id (short forms under `<id>.short`)."""

    version: int
    edition: str
    language: str
    start: str
    starts: Mapping[str, str]
    """language -> the start menu of `language:CODE`"""
    greeting: PromptText
    notices: tuple[PromptText, ...]
    bulletin: Bulletin | None
    menus: Mapping[str, Menu]
    steps: Mapping[str, Step]
    waiting: Waiting
    announcement: PromptText
    survey: Survey | None
    closing: PromptText
    system: Mapping[str, PromptText]
    """other system prompts by id: `error.failed` (a service failed with no target), ..."""
    services: Mapping[str, ServiceSpec]
    vocabulary: Mapping[str, tuple[str, ...]]
    """language -> phrases that `word` values may take; each is a piece of the prompt pack"""
    common_keys: Mapping[str, Target]
    common_prompt: PromptText | None
    agent_languages: tuple[str, ...]
    """languages of agents only (text and user recordings, no built-in speech)"""
    hang_up_after: float
    """seconds from the closing phrase to the system's hang-up (5.2.6.6; 10 s is our choice)"""
    hours: Hours
    """when agents are on duty (5.2.7.1 wants round the clock)"""
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def prompts(self) -> Iterator[PromptText]:
        """Every prompt that this book can play, once each, system prompts first."""
        yield self.greeting
        yield from self.notices
        if self.bulletin:
            yield self.bulletin.prompt
        for menu in self.menus.values():
            yield menu.prompt
        for step in self.steps.values():
            if step.say:
                yield step.say
        seen: set[str] = set()
        for counter in self._counters():
            if counter.prompt.id not in seen:
                seen.add(counter.prompt.id)
                yield counter.prompt
        waiting = self.waiting
        yield from (waiting.transfer, waiting.message, waiting.message_unknown)
        if waiting.callback_booked:
            yield waiting.callback_booked
        yield from waiting.refused.values()
        yield self.announcement
        if self.survey:
            yield from (self.survey.prompt, self.survey.thanks)
            if self.survey.reason_prompt:
                yield self.survey.reason_prompt
        yield self.closing
        yield from self.system.values()
        if self.common_prompt:
            yield self.common_prompt

    def _counters(self) -> Iterator[Counter]:
        for menu in self.menus.values():
            yield from (menu.no_input, menu.wrong_key)
        for step in self.steps.values():
            if step.collect:
                yield from (step.collect.no_input, step.collect.wrong)
