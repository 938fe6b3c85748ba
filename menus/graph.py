"""A book as a graph: where keys and outcomes lead, in which language, and what is known there.

    node    ("menu", id) or ("step", id)
    exit    one way out of a node: a key, an outcome, `next`, a last resort, `closed`

A request for an agent leads through the waiting menu, if the book has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from menus.model import Book, Menu, Place, Step, Target
from menus.services import ALWAYS_KNOWN

Node = tuple[str, str]
"""("menu" | "step", id)"""


class Exit(NamedTuple):
    """One way out of a node. `label`: the key, the outcome, or the exit's kind."""

    kind: str
    """key | outcome | next | no_input | wrong | closed"""
    label: str
    target: Target
    place: Place


def menu_exits(menu: Menu) -> Iterator[Exit]:
    """The ways out of a menu."""
    for key in menu.keys.values():
        yield Exit("key", key.key, key.target, key.place)
    yield Exit("no_input", "", menu.no_input.then, menu.place)
    yield Exit("wrong", "", menu.wrong_key.then, menu.place)
    if menu.closed is not None:
        yield Exit("closed", "", menu.closed, menu.place)


def step_exits(step: Step) -> Iterator[Exit]:
    """The ways out of a step."""
    if step.collect is not None:
        for key in step.collect.keys.values():
            yield Exit("key", key.key, key.target, key.place)
        yield Exit("no_input", "", step.collect.no_input.then, step.place)
        yield Exit("wrong", "", step.collect.wrong.then, step.place)
    if step.request is not None:
        for outcome, target in step.on.items():
            yield Exit("outcome", outcome, target, step.on_places.get(outcome, step.place))
    if step.next is not None:
        yield Exit("next", "done", step.next, step.on_places.get("next", step.place))


def exits(book: Book, node: Node) -> Iterator[Exit]:
    """The ways out of `node`; none for a node that the book does not have."""
    kind, name = node
    if kind == "menu" and name in book.menus:
        yield from menu_exits(book.menus[name])
    elif kind == "step" and name in book.steps:
        yield from step_exits(book.steps[name])


def exists(book: Book, node: Node) -> bool:
    """Whether the book has `node`."""
    return node[1] in (book.menus if node[0] == "menu" else book.steps)


def asks_agent(book: Book, target: Target) -> bool:
    """Whether `target` asks for an agent (人工), also one of a minority language."""
    return target.kind == "agent" or (
        target.kind == "language" and target.arg in book.agent_languages
    )


def leads_to_agent(book: Book, target: Target) -> bool:
    """The same, also by way of steps that only speak."""
    seen: set[str] = set()
    while target.kind == "step" and target.arg in book.steps and target.arg not in seen:
        seen.add(target.arg)
        step = book.steps[target.arg]
        if step.request or step.collect or step.next is None:
            return False
        target = step.next
    return asks_agent(book, target)


def follow(book: Book, node: Node, target: Target, language: str) -> tuple[Node, str] | None:
    """The node that `target` newly leads to and the language spoken there.

    None for going back, repeating and leaving the book.
    """
    match target.kind:
        case "menu" | "step":
            found: Node = (target.kind, target.arg)
            if target.kind == "menu" and target.arg in book.menus:
                language = book.menus[target.arg].language or language
            return found, language
        case "top":
            return ("menu", book.start), language
        case "language" if target.arg not in book.agent_languages:
            start = book.starts.get(target.arg)
            if start is not None and start != book.start:
                return ("menu", start), target.arg
            return node, target.arg
    if asks_agent(book, target) and book.waiting.menu is not None:
        return ("menu", book.waiting.menu), language
    return None


@dataclass(slots=True)
class Graph:
    """What can be reached from the start of a book."""

    book: Book
    languages: dict[Node, set[str]] = field(default_factory=dict)
    """reached node -> languages it is heard in"""
    before: dict[Node, set[Node]] = field(default_factory=dict)
    """reached node -> nodes with an exit to it"""
    known: dict[Node, dict[str, set[str]]] = field(default_factory=dict)
    """node -> value that some way to it makes known -> kinds it is given as"""
    surely: dict[Node, frozenset[str]] = field(default_factory=dict)
    """node -> values that every way to it makes known"""

    def __post_init__(self) -> None:
        self._reach()
        self._know()

    @property
    def spoken(self) -> set[str]:
        """Every language that the hotline speaks somewhere."""
        found = {self.book.language}
        return found.union(*self.languages.values()) if self.languages else found

    def _reach(self) -> None:
        book = self.book
        start = book.menus.get(book.start)
        first: tuple[Node, str] = (
            ("menu", book.start),
            (start.language if start else None) or book.language,
        )
        waiting = [first]
        seen = {first}
        while waiting:
            node, language = waiting.pop()
            if not exists(book, node):
                continue
            self.languages.setdefault(node, set()).add(language)
            for way in exits(book, node):
                reached = follow(book, node, way.target, language)
                if reached is None:
                    continue
                if reached[0] != node:
                    self.before.setdefault(reached[0], set()).add(node)
                if reached not in seen:
                    seen.add(reached)
                    waiting.append(reached)

    def menus_before(self, node: Node) -> set[Node]:
        """Where `back` leads from `node`: from a step to the menus it is chosen in, directly or by
        way of other steps; from a menu to those above it.
        """
        found: set[Node] = set()
        seen: set[Node] = set()
        waiting = [node]
        while waiting:
            for earlier in self.before.get(waiting.pop(), ()):
                if earlier in seen:
                    continue
                seen.add(earlier)
                if earlier[0] == "menu":
                    found.add(earlier)
                else:
                    waiting.append(earlier)
        return found

    def _ways(self, node: Node) -> Iterator[tuple[Node, bool, bool]]:
        """Node after `node`; whether the step's work was done by then; whether it is going back."""
        for way in exits(self.book, node):
            done = way.kind in ("outcome", "next") and way.label != "failed"
            reached = follow(self.book, node, way.target, "")
            if reached is not None and reached[0] in self.languages:
                yield reached[0], done, False
            if way.target.kind == "back":
                for menu in self.menus_before(node):
                    yield menu, done, True

    def _know(self) -> None:
        """Spread what steps make known along their exits until nothing changes."""
        ways = {node: list(self._ways(node)) for node in self.languages}
        made = {node: self._makes_known(node) for node in self.languages}
        self.known = {node: {} for node in self.languages}
        waiting = list(self.languages)
        while waiting:
            node = waiting.pop()
            for later, done, _ in ways[node]:
                gained = merged(self.known[node], made[node]) if done else self.known[node]
                if _add(self.known[later], gained):
                    waiting.append(later)
        self._know_surely(ways, made)

    def _know_surely(
        self,
        ways: Mapping[Node, list[tuple[Node, bool, bool]]],
        made: Mapping[Node, Mapping[str, set[str]]],
    ) -> None:
        """What every way to a node makes known. Going back forgets nothing: left out."""
        surely: dict[Node, frozenset[str]] = {("menu", self.book.start): frozenset()}
        waiting = [("menu", self.book.start)] if self.languages else []
        while waiting:
            node = waiting.pop()
            for later, done, back in ways[node]:
                gained = surely[node] | (frozenset(made[node]) if done else frozenset())
                before = surely.get(later)
                settled = gained if before is None else before & gained
                if not back and settled != before:
                    surely[later] = settled
                    waiting.append(later)
        self.surely = surely

    def _makes_known(self, node: Node) -> dict[str, set[str]]:
        """Value -> kinds, of what a step sets, collects, or is given by its service."""
        made: dict[str, set[str]] = {}
        step = self.book.steps.get(node[1]) if node[0] == "step" else None
        if step is None:
            return made
        for name in step.set:
            made.setdefault(name, set()).add("word")
        if step.collect is not None:
            kind: str = "digits" if step.collect.kind == "area" else step.collect.kind
            made.setdefault(step.collect.name, set()).add(kind)
        service = self.book.services.get(step.request or "")
        for name, spoken in (service.gives if service else {}).items():
            made.setdefault(name, set()).add(spoken)
        return made

    def known_at(self, node: Node, *, acting: bool = False) -> dict[str, set[str]]:
        """What is known when `node` speaks, or (`acting`) when it makes its request."""
        found = merged({n: {k} for n, k in ALWAYS_KNOWN.items()}, self.known.get(node, {}))
        if node[0] == "step":
            step = self.book.steps[node[1]]
            own = [*step.set, *([step.collect.name] if step.collect and acting else [])]
            found = merged(found, {name: {"word"} for name in own})
        return found

    def sure_at(self, node: Node, *, acting: bool = False) -> set[str]:
        """What is known at `node` on every way to it; `acting` as in `known_at`."""
        found = set(ALWAYS_KNOWN) | self.surely.get(node, frozenset())
        if node[0] == "step":
            step = self.book.steps[node[1]]
            found |= set(step.set)
            if acting and step.collect is not None:
                found.add(step.collect.name)
        return found


def merged(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Both, with the kinds of a value that is in both joined."""
    found = {name: set(kinds) for name, kinds in one.items()}
    _add(found, other)
    return found


def _add(known: dict[str, set[str]], more: Mapping[str, set[str]]) -> bool:
    """Add `more` to `known`; whether that changed it."""
    changed = False
    for name, kinds in more.items():
        have = known.setdefault(name, set())
        if not kinds <= have:
            have |= kinds
            changed = True
    return changed
