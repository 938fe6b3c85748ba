"""What a scripted caller notices: sounds become things that steps and watchers can match.

    Heard, HeardAgent --> thing --> transcript
    HeardMusic, HeardTone   |
                            +-----> watchers, and a persona's patience
                            +-----> the story goes on (`_go`)

A prompt that was noticed before its end is completed when the end was heard: only then are its
values known, and sometimes only then that it was an agent's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf

from hotline.callers import hearing as hear
from hotline.callers import scenario as sc
from hotline.callers.hearing import ANNOUNCEMENT, AUDIBLE, Canon
from hotline.callers.manners import Manners
from hotline.callers.matching import Thing, satisfies
from hotline.callers.scenario import Expect, Scenario
from hotline.callers.transcript import Writer
from hotline.callers.watchers import SLACK, Watchers
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.chance import Chance


def number_in(text: str, agent_is: Expect) -> str:
    """The agent's number in what a foreign hotline says: the first group of `matches`, if any."""
    found = None if agent_is.matches is None else agent_is.matches.search(text)
    return (found.group(1) or "") if found is not None and found.re.groups else ""


class Attention(ABC):
    """The listening half of a scripted caller; `player.Player` acts on what it notices.

    `late`: seconds by which it may learn of a sound later than it could be noticed (speech is known
    at its end).
    """

    def __init__(self, scenario: Scenario, chance: Chance, canon: Canon, late: float = 0.0) -> None:
        self.scenario = scenario
        self._late = late
        self._chance = chance
        self._canon = canon
        self._watch = Watchers(scenario.watches)
        self._manners = None if scenario.persona is None else Manners(scenario.persona, self._draw)
        self._writer = Writer()
        self._things: list[Thing] = []
        self._cursor = 0
        self._draws = 0
        self._line = "idle"  # idle | calling | open | closed
        self._talking = False
        self._quiet: float | None = None  # since when nothing has been heard
        self._out: list[Action] = []

    @abstractmethod
    def _go(self, at: float) -> None:
        """Something was noticed: the story may go on."""

    @abstractmethod
    def _current(self) -> sc.AnyStep | None:
        """The step that the story is at."""

    @abstractmethod
    def _mend(self, keys: str) -> None:
        """Press `keys` to make a mistake good."""

    # --- sounds --------------------------------------------------------------------------------

    def _heard(self, event: hear.Heard | hear.HeardAgent) -> None:
        source = event.prompt if isinstance(event, hear.Heard) else ANNOUNCEMENT
        if event.whole and self._completes(event, source):
            return
        thing = Thing(
            "prompt",
            source,
            event.template,
            event.values if event.whole else (),
            event.language,
            event.whole,
            source=source,
        )
        self._name(thing, event)
        agent = thing.kind == "agent"
        self._talking = agent or (self._talking and thing.what.startswith("agent."))
        thing.place = self._writer.add(
            "agent" if agent else "heard", thing.what, () if agent else thing.values
        )
        self._notice(thing, event.at, event.began)
        if agent:
            self._talks()
        self._go(event.at)

    def _name(self, thing: Thing, event: hear.Heard | hear.HeardAgent) -> None:
        """Whether it is an agent, and whose number: known at the end of our own announcement."""
        agent_is = self.scenario.agent_is
        if isinstance(event, hear.HeardAgent):
            thing.kind, thing.what = "agent", event.number if event.whole else ""
        elif agent_is is not None and satisfies(thing, agent_is, self._ids(thing)):
            thing.kind, thing.what = "agent", number_in(thing.text, agent_is)

    def _completes(self, event: hear.Heard | hear.HeardAgent, source: str) -> bool:
        """More of a prompt that was noticed already; False if it was not."""
        for thing in reversed(self._things):
            if thing.whole or thing.source != source or thing.template != event.template:
                continue
            agent = thing.kind == "agent"
            thing.values, thing.whole = event.values, True
            self._name(thing, event)
            if thing.kind != "agent":
                self._writer.complete(thing.place, thing.what, event.values)
            elif agent:
                self._writer.complete(thing.place, thing.what, ())
            else:
                self._announced(thing, event)
            self._watch.heard(thing, self._ids(thing))
            self._go(event.at)
            return True
        return False

    def _announced(self, thing: Thing, event: hear.Heard | hear.HeardAgent) -> None:
        """Only its end shows that a prompt was an agent's."""
        self._writer.rename(thing.place, "agent", thing.what)
        self._talking = True
        was_asking = self._watch.asked
        self._watch.began(thing, self._ids(thing), event.began)
        self._mind_asking(was_asking, event.at)
        self._talks()

    def _music(self, event: hear.HeardMusic) -> None:
        place = self._writer.add("music", event.music)
        self._notice(Thing("music", event.music, place=place), event.at, event.began)
        self._go(event.at)

    def _tone(self, event: hear.HeardTone) -> None:
        place = self._writer.add("tone", event.tone)
        self._notice(Thing("tone", event.tone, place=place), event.at, event.began)
        self._go(event.at)

    def _notice(self, thing: Thing, at: float, began: float) -> None:
        self._things.append(thing)
        ids = self._ids(thing)
        was_asking = self._watch.asked
        self._watch.began(thing, ids, began)
        self._mind_asking(was_asking, at)
        if self._manners is not None and self._manners.owed:
            self._mend(self._manners.answer(thing, ids))

    def _mind_asking(self, was_asking: float | None, at: float) -> None:
        """Time runs from asking for an agent until one is heard."""
        asked, limit = self._watch.asked, self._watch.agent_limit
        if asked == was_asking:
            return
        if asked is None:
            self._out += (do.CancelTimer("agent"), do.CancelTimer("patience"))
            return
        if limit is not None:
            # the announcement is noticed AUDIBLE seconds after it began
            self._start("agent", max(0.0, asked + limit + AUDIBLE + self._late + SLACK - at))
        if self._manners is not None:
            patience = self._manners.persona.patience.quantile(self._draw("patience"))
            if patience != inf:
                self._start("patience", max(0.0, asked + patience - at))

    def _talks(self) -> None:
        """A conversation begins."""
        if self._manners is not None:
            talk = self._manners.persona.talk.quantile(self._draw("talk"))
            if talk != inf:
                self._start("talk", talk)

    def _ids(self, thing: Thing) -> tuple[str, ...]:
        return self._canon.aliases(thing.source) if thing.source else (thing.what,)

    def _silence(self, event: hear.HeardSilence) -> None:
        if self._talking:
            return  # a conversation is not modelled word by word
        self._quiet = event.at - event.seconds
        self._watch_silence(event.at)
        step = self._current()
        if isinstance(step, sc.Hear) and step.what.kind == "silence" and self._line == "open":
            self._start("silence", max(0.0, self._quiet + step.what.seconds - event.at))

    def _sound(self, event: hear.SoundStarted) -> None:
        if self._quiet is not None:
            self._quiet = None
            self._out += (do.CancelTimer("silence"), do.CancelTimer("quiet"))

    def _watch_silence(self, at: float) -> None:
        limit = self._watch.silence_limit
        if limit is not None and self._quiet is not None:
            self._start("quiet", max(0.0, self._quiet + limit - at))

    def _start(self, timer: str, seconds: float) -> None:
        self._out.append(do.StartTimer(timer, seconds))

    def _draw(self, purpose: str) -> float:
        self._draws += 1
        return self._chance.uniform(purpose, f"{self.scenario.name}/{self._draws}")
