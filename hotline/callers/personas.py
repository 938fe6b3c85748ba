"""Callers without a script, for load and simulation: a persona and a goal (keys to press).

    a prompt that asks for a key ----reaction----> the next key of the goal, or a slip
    music ------------------------patience-------> hangs up, unless an agent was heard
    survey -----------------------reaction-------> a score, or nothing
    closing, or the goal is reached --reaction---> hangs up

A persona is a set of named distributions (seconds) and shares. Draws are named by purpose, call and
count, so a changed menu or roster meets the same people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hotline.callers import hearing as hear
from hotline.callers.hearing import AUDIBLE, Canon
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.chance import Chance
from hotline.switch.distributions import Distribution, exponential, lognormal, weibull
from hotline.switch.events import Event, TimerFired
from menus.model import Book

_SURVEY_SCORES = (("1", 0.92), ("2", 0.05), ("3", 0.03))
"""Shares of the scores, after the satisfaction figures that the hotline publishes (above 99 % of
those asked are at least content); our choice."""


@dataclass(frozen=True, slots=True)
class Persona:
    """One kind of caller. Distributions in seconds, shares from 0 to 1; all figures our choice.

    `reaction`: from noticing what a prompt is to pressing. `pause`: between digits. `patience`:
    in the queue, from the first music. `talk`: leaves a conversation after so long if the agent
    has not ended it. `slips`: presses a wrong key. `misses`: lets a prompt go by in silence.
    `rates`: answers the survey. `silent`: never presses a key.
    """

    name: str
    reaction: Distribution = lognormal(2.0, 0.5)  # noqa: RUF009 - immutable
    pause: Distribution = lognormal(0.45, 0.4)  # noqa: RUF009
    patience: Distribution = weibull(180.0, 1.3)  # noqa: RUF009
    talk: Distribution = lognormal(400.0, 0.8)  # noqa: RUF009
    slips: float = 0.02
    misses: float = 0.02
    rates: float = 0.6
    silent: bool = False


def _personas() -> dict[str, Persona]:
    plain = Persona("plain")
    return {
        "plain": plain,
        "patient": replace(plain, name="patient", patience=weibull(480.0, 1.6), rates=0.8),
        "hurried": replace(
            plain,
            name="hurried",
            reaction=lognormal(0.5, 0.4),
            pause=lognormal(0.2, 0.3),
            patience=exponential(60.0),
            slips=0.04,
            misses=0.0,
            rates=0.3,
        ),
        "elderly": replace(
            plain,
            name="elderly",
            reaction=lognormal(5.0, 0.4),
            pause=lognormal(1.4, 0.5),
            patience=weibull(300.0, 1.5),
            slips=0.12,
            misses=0.15,
            rates=0.7,
        ),
        "confused": replace(
            plain,
            name="confused",
            reaction=lognormal(4.0, 0.6),
            slips=0.3,
            misses=0.2,
        ),
        "angry": replace(
            plain,
            name="angry",
            reaction=lognormal(0.8, 0.6),
            patience=exponential(90.0),
            slips=0.08,
            rates=0.5,
        ),
        "hard_of_hearing": replace(
            plain,
            name="hard_of_hearing",
            reaction=lognormal(6.0, 0.5),
            misses=0.3,
            slips=0.05,
        ),
        "silent": replace(
            plain, name="silent", silent=True, rates=0.0, patience=weibull(90.0, 1.2)
        ),
        "harassing": replace(
            plain,
            name="harassing",
            reaction=lognormal(0.6, 0.4),
            patience=weibull(600.0, 2.0),
            talk=lognormal(900.0, 0.5),
            slips=0.0,
            misses=0.0,
            rates=0.0,
        ),
    }


PERSONAS: Mapping[str, Persona] = MappingProxyType(_personas())
"""The personas that plans may name."""


class UnknownPersonaError(ValueError):
    """No such persona; names those that are known."""


def persona(name: str) -> Persona:
    """The persona called `name`. Raises `UnknownPersonaError`."""
    if name not in PERSONAS:
        raise UnknownPersonaError(f"unknown persona {name!r}; known: {', '.join(sorted(PERSONAS))}")
    return PERSONAS[name]


@dataclass(frozen=True, slots=True)
class Asks:
    """Which prompts of a book wait for the caller, by canonical id."""

    key: frozenset[str]
    """menus and their short forms: one key"""
    digits: frozenset[str]
    """steps that collect: a whole number"""

    @classmethod
    def of_book(cls, book: Book, canon: Canon) -> Asks:
        """The prompts of `book`."""
        key: set[str] = set()
        digits: set[str] = set()
        for menu in book.menus.values():
            if menu.id != book.waiting.menu:
                key |= _ids(menu.prompt.id, menu.prompt.long, menu.prompt.short, canon)
        for step in book.steps.values():
            if step.collect is not None and step.say is not None:
                digits |= _ids(step.say.id, step.say.long, step.say.short, canon)
        return cls(frozenset(key), frozenset(digits))


def _ids(
    prompt: str, long: Mapping[str, str], short: Mapping[str, str] | None, canon: Canon
) -> set[str]:
    ids = {canon.id_of(prompt, text, language) for language, text in long.items()}
    return ids | {
        canon.id_of(f"{prompt}.short", text, language) for language, text in (short or {}).items()
    }


class PersonaCaller:
    """One caller with a goal: `goal` is a key, or several digits, for each prompt that asks.

    For the same `MemoryLine` as the scripted caller. It `hears_early`, which costs one timer less
    for each prompt, and waits for itself until a sound could be noticed.
    """

    __slots__ = (
        "_asks",
        "_call",
        "_chance",
        "_draws",
        "_goal",
        "_keys",
        "_persona",
        "_place",
        "_planned",
        "_talking",
        "_waiting",
        "area",
        "hears_early",
        "listens_for_silence",
        "listens_to_end",
        "number",
        "over",
    )

    def __init__(
        self,
        goal: Sequence[str],
        persona: Persona,
        asks: Asks,
        chance: Chance,
        call: str,
        *,
        number: str = "13800138000",
        area: str = "",
    ) -> None:
        self.number = number
        self.area = area
        self.listens_for_silence = False
        self.listens_to_end = False
        self.hears_early = True
        self.over = False
        self._goal = tuple(goal)
        self._place = 0
        self._persona = persona
        self._asks = asks
        self._chance = chance
        self._call = call
        self._draws = 0
        self._keys = ""
        self._planned = ""
        self._waiting = self._talking = False

    def handle(self, event: Event) -> Sequence[Action]:
        """Take one event of the caller's side, say what the caller does."""
        handler = _HANDLERS.get(type(event))
        return () if handler is None or self.over else handler(self, event)

    # --- what is heard -------------------------------------------------------------------------

    def _off_hook(self, event: hear.OffHook) -> Sequence[Action]:
        return (do.Dial(self.number),)

    def _heard(self, event: hear.Heard) -> Sequence[Action]:
        if event.whole and event.values:
            return ()  # noticed before
        prompt, asks = event.prompt, self._asks
        if prompt in asks.key or prompt in asks.digits:
            return self._asked()
        if prompt == "survey":
            return self._rate()
        if prompt == "survey.reason":
            return self._plan("1")
        if prompt == "closing":
            return self._plan("")
        return ()

    def _asked(self) -> Sequence[Action]:
        """It is the caller's turn."""
        self._waiting = False
        who = self._persona
        if who.silent:
            return self._forget()
        luck = self._draw("luck")
        if luck < who.misses:
            return self._forget()
        if self._place >= len(self._goal):
            return self._plan("")
        if luck < who.misses + who.slips:
            return self._plan(_slip(self._goal[self._place], self._draw("slip")))
        self._place += 1
        return self._plan(self._goal[self._place - 1])

    def _rate(self) -> Sequence[Action]:
        self._talking = False
        if self._draw("rates") >= self._persona.rates:
            return self._forget()
        left = self._draw("score")
        for key, share in _SURVEY_SCORES:
            left -= share
            if left < 0:
                return self._plan(key)
        return self._plan(_SURVEY_SCORES[-1][0])

    def _music(self, event: hear.HeardMusic) -> Sequence[Action]:
        if self._waiting:
            return ()
        self._waiting = True
        patience = self._persona.patience.quantile(self._draw("patience"))
        return (do.StartTimer("patience", patience),)

    def _agent(self, event: hear.HeardAgent) -> Sequence[Action]:
        if event.whole:
            return ()
        self._waiting, self._talking = False, True
        talk = self._persona.talk.quantile(self._draw("talk"))
        return (do.CancelTimer("patience"), do.CancelTimer("act"), do.StartTimer("talk", talk))

    # --- what is done --------------------------------------------------------------------------

    def _plan(self, keys: str) -> Sequence[Action]:
        """Press `keys` after noticing the sound and the reaction time; none: hang up."""
        self._planned, self._keys = keys, keys
        seconds = self._persona.reaction.quantile(self._draw("reaction"))
        return (do.StartTimer("act", AUDIBLE + seconds),)

    def _forget(self) -> Sequence[Action]:
        self._planned = self._keys = ""
        return _STAND_STILL

    def _timer(self, event: TimerFired) -> Sequence[Action]:
        if event.timer == "act" and self._planned:
            key, self._keys = self._keys[0], self._keys[1:]
            if not self._keys:
                return (do.Press(key),)
            pause = self._persona.pause.quantile(self._draw("pause"))
            return (do.Press(key), do.StartTimer("act", pause))
        if event.timer == "talk" and not self._talking:
            return ()
        self.over = True
        return _LEAVE

    def _closed(self, event: hear.LineClosed | hear.Stopped) -> Sequence[Action]:
        self.over = True
        return _LEAVE if isinstance(event, hear.Stopped) else ()

    def _draw(self, purpose: str) -> float:
        self._draws += 1
        return self._chance.uniform(purpose, f"{self._call}/{self._draws}")


_LEAVE: tuple[Action, ...] = (do.LeaveCall(),)
_STAND_STILL: tuple[Action, ...] = (do.CancelTimer("act"),)


def _slip(keys: str, uniform: float) -> str:
    """Something else than `keys`: another key, or the number without its last digits."""
    if len(keys) > 2:
        return keys[:-2] + keys[-1]
    others = [key for key in "123456789" if key != keys]
    return others[int(uniform * len(others))]


_HANDLERS: dict[type[Event], Callable[[PersonaCaller, Any], Sequence[Action]]] = {
    hear.OffHook: PersonaCaller._off_hook,
    hear.Heard: PersonaCaller._heard,
    hear.HeardMusic: PersonaCaller._music,
    hear.HeardAgent: PersonaCaller._agent,
    hear.LineClosed: PersonaCaller._closed,
    hear.Stopped: PersonaCaller._closed,
    TimerFired: PersonaCaller._timer,
}
