"""What a caller perceives: events of the caller's side of the line.

They are the same on every medium. In memory the line derives them from what the hotline plays;
over WebSocket or SIP they are recognised in the audio. `at` is when the caller noticed, `began`
when the sound started (seconds on the call clock).

    OffHook -> LineAnswered -> Heard, HeardMusic, HeardTone, HeardAgent, ... -> LineClosed

A sound is noticed when `AUDIBLE` seconds of it were heard, or at its end if that comes first.
Prompts with values are noticed twice: first without the values, and at their end with them; those
without values only for a caller that `listens_to_end`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from hotline.switch.actions import Action
from hotline.switch.events import Event, Party
from menus.model import Book

AUDIBLE = 1.0
"""Seconds of a sound after which a caller has noticed it."""

ANNOUNCEMENT = "agent.announcement"
"""The prompt that says the agent's number (5.2.6.5); heard as `HeardAgent`."""

Values = tuple[tuple[str, str], ...]
"""(slot, what is said for it), in the order of the prompt."""

UNHEARD = "…"
"""Stands in a text for a value that was not heard to the end."""

_SLOT = re.compile(r"\{\{|\}\}|\{\s*(\w+)\s*(?::\s*\w+\s*)?\}")


@dataclass(frozen=True, slots=True)
class OffHook(Event):
    """The caller lifts the receiver: the beginning of every caller."""


@dataclass(frozen=True, slots=True)
class LineAnswered(Event):
    """The other side answered; from here on there is sound."""


@dataclass(frozen=True, slots=True)
class LineClosed(Event):
    """The line is gone, by the other side (`by` is never the caller)."""

    by: Party = Party.SYSTEM
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rings(Event):
    """The caller's own telephone rings: a call-back. Answered with the action `Answer`."""


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """A prompt was noticed, or (`whole`) heard to its end. `prompt` is a canonical id."""

    prompt: str = ""
    template: str = ""
    values: Values = ()
    language: str = "zh-CN"
    began: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HeardAgent(Event):
    """The announcement of an agent; `number` is known once it was heard to its end (`whole`)."""

    number: str = ""
    template: str = ""
    values: Values = ()
    language: str = "zh-CN"
    began: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HeardMusic(Event):
    """Waiting music."""

    music: str = "music"
    began: float = 0.0


@dataclass(frozen=True, slots=True)
class HeardTone(Event):
    """A tone: ringback | busy | beep."""

    tone: str = "busy"
    began: float = 0.0


@dataclass(frozen=True, slots=True)
class HeardSilence(Event):
    """Nothing has been heard for `seconds`. Told only to a caller that `listens_for_silence`."""

    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundStarted(Event):
    """Silence is over, whatever it is that sounds. Told as `HeardSilence` is."""


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Whoever runs the caller ends it, because of `why`: it would go on without end."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class Led(Event):
    """Whoever leads the caller step by step has given it another step."""


class Caller(Protocol):
    """Whoever sits at the caller's telephone: a pure machine of the events above.

    Answers with `Dial`, `Answer`, `Press`, `Speak`, `LeaveCall`, `StartTimer`, `CancelTimer`;
    its timers come back as `TimerFired`.
    """

    @property
    def number(self) -> str:
        """The caller's telephone number."""
        ...

    @property
    def area(self) -> str:
        """Region code, "" when unknown."""
        ...

    @property
    def over(self) -> bool:
        """Whether this caller will never do anything again; the line then forgets it."""
        ...

    @property
    def listens_for_silence(self) -> bool:
        """Whether `HeardSilence` and `SoundStarted` are wanted."""
        ...

    @property
    def listens_to_end(self) -> bool:
        """Whether it matters when a prompt without values was heard to its end."""
        ...

    @property
    def hears_early(self) -> bool:
        """Told of each sound when it begins, not when it can be noticed; for load, where nobody
        reads a transcript and a timer saved counts."""
        ...

    def handle(self, event: Event) -> Sequence[Action]:
        """Take one event, say what the caller does."""
        ...


@lru_cache(maxsize=8192)
def spoken_text(template: str, values: Values) -> str:
    """What is said: `template` with its values, and `UNHEARD` for those not heard."""
    said: Mapping[str, str] = dict(values)

    def fill(slot: re.Match[str]) -> str:
        whole = slot.group()
        return whole[0] if whole in ("{{", "}}") else said.get(slot.group(1), UNHEARD)

    return _SLOT.sub(fill, template) if "{" in template or "}" in template else template


class Canon:
    """Canonical prompt ids: prompts that sound the same cannot be told apart by ear.

    The first id of the book stands for all that have the same words in the same language.
    """

    def __init__(self, prompts: Mapping[tuple[str, str], str] | None = None) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._aliases: dict[str, tuple[str, ...]] = {}
        for (prompt, language), text in (prompts or {}).items():
            first = self._first.setdefault((language, _sound(text)), prompt)
            known = self._aliases.get(first, ())
            if prompt not in known:
                self._aliases[first] = (*known, prompt)
        self._known: dict[tuple[str, str, str], str] = {}

    @classmethod
    def of_book(cls, book: Book) -> Canon:
        """The table of a book, long and short forms in every language."""
        prompts: dict[tuple[str, str], str] = {}
        for prompt in book.prompts():
            for language, text in prompt.long.items():
                prompts.setdefault((prompt.id, language), text)
            for language, text in (prompt.short or {}).items():
                prompts.setdefault((f"{prompt.id}.short", language), text)
        return cls(prompts)

    def id_of(self, prompt: str, template: str, language: str) -> str:
        """The id that stands for a prompt; its own if the book has no such text."""
        at = (prompt, template, language)
        found = self._known.get(at)
        if found is None:
            found = self._first.get((language, _sound(template)), prompt)
            if len(self._known) < 100_000:
                self._known[at] = found
        return found

    def aliases(self, canonical: str) -> tuple[str, ...]:
        """All ids that sound like `canonical`, itself among them."""
        return self._aliases.get(canonical, (canonical,))


def _sound(text: str) -> str:
    """Texts that differ only in spacing or in pauses at either end sound the same."""
    return " ".join(text.split()).strip("，、：；,:; ")
