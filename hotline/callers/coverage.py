"""What calls have reached of a menu book: `--coverage` of `hotline test`.

Computed from journals alone, so it is the same for scenarios, simulations and live calls.

    menus      entered
    keys       obeyed, inherited ones included, at menus and where input is collected
    branches   no input, wrong key, and the last resort of each, at menus and collecting steps
    exits      taken by a key: `transfer` to an agent (5.2.6.2), and the way `back` (5.2.6.3)
    steps      entered
    outcomes   of each step: those of its service, or `done`
    survey     scores and reasons
    prompts    heard for at least `AUDIBLE` seconds, or to their end if that is sooner
    clauses    of the standard that a check could look at; only if a composition root names them

What only failing scenarios reached is counted apart: nobody has judged it to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hotline.callers.hearing import AUDIBLE
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Entry
from menus.model import Book, Key, Place, PromptText
from menus.unsaid import never_said

GROUPS = (
    "menus",
    "keys",
    "branches",
    "exits",
    "steps",
    "outcomes",
    "survey",
    "prompts",
    "clauses",
)
_CHINESE = ("菜单", "按键", "超时与误按", "出口", "步骤", "结果", "评价", "提示音", "条款")
ITEM_NAMES = {
    "zh": dict(zip(GROUPS, _CHINESE, strict=True)),
    "en": {name: name for name in GROUPS},
}


class Item(NamedTuple):
    """One thing of a book that a call can reach. `where`: menu or step id; `what`: its part."""

    group: str
    where: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.where} {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a group was reached; `only_failing` of it by failing scenarios alone."""

    group: str
    reached: int
    total: int
    only_failing: int = 0

    @property
    def fraction(self) -> float:
        """From 0 to 1; an empty group is complete."""
        return self.reached / self.total if self.total else 1.0


class Coverage:
    """Collects what calls through `book` have reached; `add` any number of journals.

    `reached` counts all scenarios, `failing` those of them that failed. `clauses` are the clauses
    that calls can exercise, with the place each is written at; `exercised` counts them.
    """

    def __init__(self, book: Book, clauses: Mapping[str, Place] | None = None) -> None:
        self.items: dict[Item, Place] = dict(_items(book))
        self.items |= {Item("clauses", name): place for name, place in (clauses or {}).items()}
        self.reached: dict[Item, int] = {}
        self.failing: dict[Item, int] = {}
        self._of_group: dict[str, list[Item]] = {}
        for item in self.items:
            self._of_group.setdefault(item.group, []).append(item)

    def add(self, entries: Iterable[Entry], *, passed: bool = True) -> None:
        """Count one call's journal; `passed`: the scenario that made the call has."""
        self._count(_reached(entries), passed)

    def exercised(self, clauses: Iterable[str], *, passed: bool = True) -> None:
        """Count the clauses that checks of one call could look at."""
        self._count((Item("clauses", name) for name in clauses), passed)

    def _count(self, found: Iterable[Item], passed: bool) -> None:
        items, reached = self.items, self.reached
        for item in found:
            if item in items:
                reached[item] = reached.get(item, 0) + 1
                if not passed:
                    self.failing[item] = self.failing.get(item, 0) + 1

    def merge(self, other: Coverage) -> None:
        """Count what another worker has collected."""
        for mine, theirs in ((self.reached, other.reached), (self.failing, other.failing)):
            for item, times in theirs.items():
                mine[item] = mine.get(item, 0) + times

    def missing(self) -> list[tuple[Item, Place]]:
        """What no call reached, in the order of the book."""
        return [(item, place) for item, place in self.items.items() if item not in self.reached]

    def only_failing(self, item: Item) -> bool:
        """Whether `item` was reached, but by no scenario that passed."""
        return 0 < self.reached.get(item, 0) == self.failing.get(item, 0)

    def settled(self, group: str) -> bool:
        """Whether scenarios that passed have reached all of `group`."""
        reached, failing = self.reached, self.failing
        return all(reached.get(i, 0) > failing.get(i, 0) for i in self._of_group.get(group, ()))

    def shares(self) -> list[Share]:
        """The share of each group; clauses only if there are any to be exercised."""
        groups = [g for g in GROUPS if g != "clauses" or g in self._of_group]
        return [
            Share(
                group,
                sum(item.group == group for item in self.reached),
                len(self._of_group.get(group, ())),
                sum(item.group == group and self.only_failing(item) for item in self.reached),
            )
            for group in groups
        ]

    @property
    def fraction(self) -> float:
        """Share of everything, from 0 to 1."""
        return len(self.reached) / len(self.items) if self.items else 1.0

    # --- as text and as data -------------------------------------------------------------------

    def text(self, lang: str = "en") -> str:
        """Shares, then what is missing with file and line."""
        chinese = lang.lower().startswith("zh")
        names = ITEM_NAMES["zh" if chinese else "en"]
        lines = [self._share(share, names[share.group], chinese) for share in self.shares()]
        lines.append(f"{_padded('合计' if chinese else 'total')}{'':>11}{self.fraction:7.1%}")
        lines += _listed("没有到达：" if chinese else "not reached:", self.missing(), names)
        doubtful = [(i, place) for i, place in self.items.items() if self.only_failing(i)]
        only = "仅失败的场景到达：" if chinese else "reached by failing scenarios only:"
        lines += _listed(only, doubtful, names)
        return "\n".join(lines)

    def _share(self, share: Share, name: str, chinese: bool) -> str:
        line = f"{_padded(name)}{share.reached:>5}/{share.total:<5}{share.fraction:7.1%}"
        if not share.only_failing:
            return line
        by = "其中仅失败场景" if chinese else "by failing scenarios only"
        return f"{line}  ({by}: {share.only_failing})"

    def to_json(self) -> dict[str, object]:
        """Plain data; `absorb` needs only its `reached`."""
        return {
            "fraction": self.fraction,
            "shares": {
                s.group: {
                    "reached": s.reached,
                    "total": s.total,
                    "only_failing": s.only_failing,
                }
                for s in self.shares()
            },
            "missing": [
                {
                    "group": item.group,
                    "where": item.where,
                    "what": item.what,
                    "file": place.file,
                    "line": place.line,
                }
                for item, place in self.missing()
            ],
            "reached": [
                [*item, times, self.failing.get(item, 0)] for item, times in self.reached.items()
            ],
        }

    def absorb(self, data: Mapping[str, Any]) -> None:
        """Count what `to_json` of another process tells."""
        for group, where, what, times, failing in data.get("reached", ()):
            item = Item(group, where, what)
            if item in self.items:
                self.reached[item] = self.reached.get(item, 0) + times
                if failing:
                    self.failing[item] = self.failing.get(item, 0) + failing


def _listed(
    title: str, found: Sequence[tuple[Item, Place]], names: Mapping[str, str]
) -> Iterator[str]:
    """A line for each place, group and menu: `book.yaml:11: keys: main 2, 3`."""
    if not found:
        return
    yield title
    lines: dict[tuple[str, str, str], list[str]] = {}
    for item, place in found:
        lines.setdefault((str(place), item.group, item.where), []).append(item.what)
    for (spot, group, where), whats in lines.items():
        parts = ", ".join(what for what in whats if what)
        yield f"  {spot}: {names[group]}: {where} {parts}".rstrip()


def _padded(name: str) -> str:
    """`name` in a column of 12 cells; a Chinese character takes two."""
    return name + " " * max(1, 12 - sum(2 if ord(letter) > 0x2E80 else 1 for letter in name))


# --- what there is -----------------------------------------------------------------------------


def _items(book: Book) -> Iterator[tuple[Item, Place]]:
    """Everything that can be reached, with its place."""
    for menu in book.menus.values():
        waiting = menu.id == book.waiting.menu
        yield Item("menus", menu.id), menu.place
        yield from _keys(menu.id, menu.keys.values(), menu.place)
        # In the queue nobody has to choose, and a wrong key has no last resort.
        yield Item("branches", menu.id, "wrong_key"), menu.place
        if not waiting:
            yield Item("branches", menu.id, "no_input"), menu.place
            yield Item("branches", menu.id, "no_input last resort"), menu.place
            yield Item("branches", menu.id, "wrong_key last resort"), menu.place
    for step in book.steps.values():
        yield Item("steps", step.id), step.place
        if step.collect is not None:
            yield from _keys(step.id, step.collect.keys.values(), step.place)
            for branch in ("no_input", "wrong_key"):
                yield Item("branches", step.id, branch), step.place
                yield Item("branches", step.id, f"{branch} last resort"), step.place
        outcomes = [*step.on] if step.request is not None else ["done"]
        for outcome in outcomes:
            yield Item("outcomes", step.id, outcome), step.on_places.get(outcome, step.place)
    yield from _survey(book)
    for prompt in book.prompts():
        yield from _prompt(prompt, book)


def _survey(book: Book) -> Iterator[tuple[Item, Place]]:
    if book.survey is not None:
        place = book.survey.prompt.place
        for score in dict.fromkeys(book.survey.scores.values()):
            yield Item("survey", "survey", str(score)), place
        for reason in dict.fromkeys(book.survey.reasons.values()):
            yield Item("survey", "survey.reason", reason), place


def _prompt(prompt: PromptText, book: Book) -> Iterator[tuple[Item, Place]]:
    """A prompt and its short form, if anybody can hear it; the common one is the end of others."""
    if prompt is book.common_prompt or never_said(book, prompt.id):
        return
    place = prompt.place if prompt.place.line else book.place
    yield Item("prompts", prompt.id), place
    if prompt.short is not None:
        yield Item("prompts", f"{prompt.id}.short"), place


def _keys(where: str, keys: Iterable[Key], own: Place) -> Iterator[tuple[Item, Place]]:
    """Keys and exits with their places; an inherited one is missing where it is inherited."""
    for key in keys:
        place = key.place if key.place.line and not key.inherited else own
        yield Item("keys", where, key.key), place
        way = _EXITS.get(key.target.kind)
        if way:
            yield Item("exits", where, way), place


_EXITS = {"agent": "transfer", "back": "back"}
"""Kind of target -> the exit that it is."""

# --- what was reached --------------------------------------------------------------------------


def _reached(entries: Iterable[Entry]) -> Iterator[Item]:
    """What one call's journal shows to have been reached."""
    sound, began = "", 0.0  # the prompt that sounds, and since when
    for entry in entries:
        event = entry.event
        kind = type(event)
        read = _READ.get(kind)
        if read is not None:
            yield from read(event)
        elif kind in _SOUNDS and sound and (kind is not ev.Did or _silences(event)):
            if kind is ev.PlaybackFinished or event.at - began >= AUDIBLE:
                yield Item("prompts", sound)
            sound = ""
        if isinstance(event, ev.Did):
            match event.action:
                case do.Play(what=do.Prompt(id=sound)):
                    began = event.at
                case do.Speak(what=do.Prompt(id=spoken)):  # an agent's words, never cut off
                    yield Item("prompts", spoken)


_SOUNDS = frozenset({ev.Did, ev.PlaybackFinished, ev.HungUp, ev.CallClosed})
"""Events that can end what sounds."""


def _silences(event: Any) -> bool:
    return isinstance(event.action, (do.Play, do.StopPlay))


def _chosen(event: ev.Chosen) -> Iterator[Item]:
    yield Item("keys", event.at_id, event.key)
    way = _EXITS.get(event.target.partition(":")[0])
    if way:
        yield Item("exits", event.at_id, way)


def _surveyed(event: ev.SurveyAnswered) -> Iterator[Item]:
    yield Item("survey", "survey", str(event.score))
    if event.reason:
        yield Item("survey", "survey.reason", event.reason)


_READ: Mapping[type[ev.Event], Callable[[Any], Iterable[Item]]] = {
    ev.MenuEntered: lambda e: (Item("menus", e.menu),),
    ev.Chosen: _chosen,
    ev.NoInput: lambda e: (Item("branches", e.at_id, "no_input"),),
    ev.WrongKey: lambda e: (Item("branches", e.at_id, "wrong_key"),),
    ev.LastResort: lambda e: (Item("branches", e.at_id, f"{e.counter} last resort"),),
    ev.StepEntered: lambda e: (Item("steps", e.step),),
    ev.StepFinished: lambda e: (Item("outcomes", e.step, e.outcome),),
    ev.SurveyAnswered: _surveyed,
}
