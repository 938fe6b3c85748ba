"""The menu book as the tree a caller walks, for the phone page to light the caller's place in.

A book is a graph; the tree shows each way once. What leads back up is not a branch, a menu already
on the way is a leaf marked `again`, and what no key reaches is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from menus.model import Book, Key, PromptText, Target, Texts

NODES = 1500
"""Nodes a page shows at most; beyond them branches stay closed leaves (`more`)."""
LANGUAGES = {
    "bo-CN": ("转藏语座席", "Tibetan-speaking agent"),
    "ug-CN": ("转维吾尔语座席", "Uyghur-speaking agent"),
    "mn-CN": ("转蒙古语座席", "Mongolian-speaking agent"),
    "en-US": ("转英语座席", "English-speaking agent"),
}
"""Titles of the agents asked for by language (clause 5.2.5.1)."""
_ORDER = {key: place for place, key in enumerate("1234567890*#")}


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the tree. `path` is its address: the ids from the start, joined by `/`."""

    path: str
    kind: str
    """menu | step | agent | language | end | again | more"""
    id: str
    key: str
    zh: str
    en: str
    children: tuple[Node, ...] = field(default=())

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def of(texts: Texts, language: str, default: str = "") -> str:
    """The text in `language` (`zh`, `en`) or `default`."""
    return next((t for code, t in texts.items() if code.split("-")[0] == language), default)


def menu_tree(book: Book, limit: int = NODES) -> Node:
    """The whole tree from the start menu, at most about `limit` nodes."""
    return _Grower(book, limit).menu("", "", book.start, ())


def prompt_titles(prompt: PromptText | None) -> tuple[str, str]:
    """The beginning of a prompt, for steps without a title."""
    if prompt is None:
        return "", ""
    return of(prompt.long, "zh")[:12], of(prompt.long, "en")[:28]


class _Grower:
    def __init__(self, book: Book, limit: int) -> None:
        self._book, self._left = book, limit

    def menu(self, path: str, key: str, name: str, above: tuple[str, ...]) -> Node:
        menu = self._book.menus[name]
        titles = self._titles(menu.title, name)
        here = f"{path}/{name}" if path else name
        node = Node(here, "menu", name, key, *titles)
        if name in above:
            return replace(node, kind="again")
        self._left -= 1
        if self._left <= 0:
            return replace(node, kind="more")
        keys = sorted(menu.keys.values(), key=lambda k: _ORDER.get(k.key, 99))
        children = (self._key(here, k, (*above, name)) for k in keys if not k.inherited)
        return replace(node, children=tuple(child for child in children if child is not None))

    def _key(self, path: str, key: Key, above: tuple[str, ...]) -> Node | None:
        return self._target(path, key.key, key.target, above)

    def _target(self, path: str, key: str, target: Target, above: tuple[str, ...]) -> Node | None:
        match target.kind:
            case "menu" if target.arg in self._book.menus:
                return self.menu(path, key, target.arg, above)
            case "step" if target.arg in self._book.steps:
                return self._step(path, key, target.arg, above)
            case "language" if (start := self._book.starts.get(target.arg)) in self._book.menus:
                return self.menu(path, key, str(start), above)
            case "agent" | "language":
                titles = LANGUAGES.get(target.arg, ("转人工", "Agent"))
                name = str(target)
                return Node(f"{path}/{name}", "agent", name, key, *titles)
            case "end":
                return Node(f"{path}/end", "end", "end", key, "结束", "Goodbye")
            case "callback":
                return Node(f"{path}/callback", "end", "callback", key, "预约回拨", "Call-back")
        return None

    def _step(self, path: str, key: str, name: str, above: tuple[str, ...]) -> Node:
        step = self._book.steps[name]
        here = f"{path}/{name}"
        titles = self._titles(step.title, name, step.say)
        node = Node(here, "step", name, key, *titles)
        mark = f"step:{name}"
        if mark in above:
            return replace(node, kind="again")
        self._left -= 1
        if self._left <= 0:
            return replace(node, kind="more")
        onward = {str(t): t for t in (*step.on.values(), *((step.next,) if step.next else ()))}
        children: dict[str, Node] = {}
        for target in onward.values():
            if target.kind in ("menu", "step"):
                child = self._target(here, "", target, (*above, mark))
                if child is not None:
                    children[child.id] = child
        return replace(node, children=tuple(children.values()))

    def _titles(self, texts: Texts, name: str, say: PromptText | None = None) -> tuple[str, str]:
        zh, en = of(texts, "zh"), of(texts, "en")
        if {zh, en} <= {"", name}:  # the loader names what has no title after its id
            zh, en = prompt_titles(say)
        return zh or en or name, en or zh or name
