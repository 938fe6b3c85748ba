"""What calls have reached of a menu book: `--coverage` of `hotline test`.

Computed from journals alone, so it is the same for scenarios, simulations and live calls.

    menus      entered
    keys       obeyed, inherited ones included, at menus and where input is collected
    branches   no input, wrong key, and the last resort of each, at menus and collecting steps
    steps      entered
    outcomes   of each step: those of its service, or `done`
    survey     scores and reasons
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hotline.switch import events as ev
from hotline.switch.record import Entry
from menus.model import Book, Key, Place

GROUPS = ("menus", "keys", "branches", "steps", "outcomes", "survey")
ITEM_NAMES = {
    "zh": dict(zip(GROUPS, ("菜单", "按键", "超时与误按", "步骤", "结果", "评价"), strict=True)),
    "en": {name: name for name in GROUPS},
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a book that a call can reach. `where`: menu or step id; `what`: its part."""

    group: str
    where: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.where} {self.what}".rstrip()


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a group was reached."""

    group: str
    reached: int
    total: int

    @property
    def fraction(self) -> float:
        """From 0 to 1; an empty group is complete."""
        return self.reached / self.total if self.total else 1.0


class Coverage:
    """Collects what calls through `book` have reached; `add` any number of journals."""

    def __init__(self, book: Book) -> None:
        self.items: dict[Item, Place] = dict(_items(book))
        self.reached: dict[Item, int] = {}

    def add(self, entries: Iterable[Entry]) -> None:
        """Count one call's journal."""
        for entry in entries:
            for item in _reached(entry.event):
                if item in self.items:
                    self.reached[item] = self.reached.get(item, 0) + 1

    def merge(self, other: Coverage) -> None:
        """Count what another worker has collected."""
        for item, times in other.reached.items():
            self.reached[item] = self.reached.get(item, 0) + times

    def missing(self) -> list[tuple[Item, Place]]:
        """What no call reached, in the order of the book."""
        return [(item, place) for item, place in self.items.items() if item not in self.reached]

    def shares(self) -> list[Share]:
        """The share of each group."""
        return [
            Share(
                group,
                sum(item.group == group for item in self.reached),
                sum(item.group == group for item in self.items),
            )
            for group in GROUPS
        ]

    @property
    def fraction(self) -> float:
        """Share of everything, from 0 to 1."""
        return len(self.reached) / len(self.items) if self.items else 1.0

    def text(self, lang: str = "en") -> str:
        """Shares, then what is missing with file and line."""
        chinese = lang.lower().startswith("zh")
        names = ITEM_NAMES["zh" if chinese else "en"]
        lines = [
            f"{names[share.group]:<10} {share.reached:>4}/{share.total:<4} {share.fraction:7.1%}"
            for share in self.shares()
        ]
        missing = self.missing()
        if missing:
            lines.append("没有到达：" if chinese else "not reached:")
            lines += [f"  {place}: {names[item.group]}: {item}" for item, place in missing]
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {
            "shares": {s.group: {"reached": s.reached, "total": s.total} for s in self.shares()},
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
        }


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
    if book.survey is not None:
        place = book.survey.prompt.place
        for score in dict.fromkeys(book.survey.scores.values()):
            yield Item("survey", "survey", str(score)), place
        for reason in dict.fromkeys(book.survey.reasons.values()):
            yield Item("survey", "survey.reason", reason), place


def _keys(where: str, keys: Iterable[Key], own: Place) -> Iterator[tuple[Item, Place]]:
    """Keys with their places; an inherited one is missing where it is inherited."""
    for key in keys:
        own_line = key.place.line and not key.inherited
        yield Item("keys", where, key.key), key.place if own_line else own


def _reached(event: ev.Event) -> Iterator[Item]:
    """What one journal event shows to have been reached."""
    match event:
        case ev.MenuEntered(menu=menu):
            yield Item("menus", menu)
        case ev.Chosen(at_id=at_id, key=key):
            yield Item("keys", at_id, key)
        case ev.NoInput(at_id=at_id):
            yield Item("branches", at_id, "no_input")
        case ev.WrongKey(at_id=at_id):
            yield Item("branches", at_id, "wrong_key")
        case ev.LastResort(at_id=at_id, counter=counter):
            yield Item("branches", at_id, f"{counter} last resort")
        case ev.StepEntered(step=step):
            yield Item("steps", step)
        case ev.StepFinished(step=step, outcome=outcome):
            yield Item("outcomes", step, outcome)
        case ev.SurveyAnswered(score=score, reason=reason):
            yield Item("survey", "survey", str(score))
            if reason:
                yield Item("survey", "survey.reason", reason)
