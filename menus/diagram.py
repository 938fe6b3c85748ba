"""A book drawn: Mermaid or Graphviz text of its menus, steps and where their keys lead.

[menu]  --1-->  (step)  --found-->  [menu]      {{agent}}    inherited keys are left out
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from menus.graph import Exit, Node, asks_agent, exits
from menus.model import Book, Target, Texts


class Shape(NamedTuple):
    """One box of the drawing."""

    name: str
    label: str
    kind: str
    """menu | step | agent | end | missing"""
    id: str = ""
    """the menu's or step's own id"""


class Arrow(NamedTuple):
    """One arrow, with the keys or outcomes that take it."""

    tail: str
    head: str
    label: str


def mermaid(book: Book, lang: str = "zh-CN", *, steps: bool = True, lit: str = "") -> str:
    """The book as a Mermaid flowchart; `steps=False` draws the menus alone, `lit` is the id of the
    menu (else the step) that a caller is at, drawn in another colour.
    """
    shapes, arrows = drawing(book, lang, steps=steps)
    frames = {
        "menu": '["{}"]',
        "step": '("{}")',
        "agent": '{{{{"{}"}}}}',
        "end": '(["{}"])',
        "missing": '>"{}"]',
    }
    lines = ["flowchart LR"]
    for shape in shapes:
        text = _escaped(shape.label).replace("\n", "<br/>")
        lines.append(f"  {shape.name}{frames[shape.kind].format(text)}")
    for arrow in arrows:
        lines.append(f'  {arrow.tail} -- "{_escaped(arrow.label)}" --> {arrow.head}')
    here = [shape.name for shape in shapes if shape.id == lit and shape.kind in ("menu", "step")]
    if here:
        lines += ["  classDef here fill:#00796b,color:#fff", f"  class {here[0]} here"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Mermaid's own entities: `#` begins one."""
    return text.replace("#", "#35;").replace('"', "#quot;")


def dot(book: Book, lang: str = "zh-CN", *, steps: bool = True) -> str:
    """The book as a Graphviz digraph."""
    shapes, arrows = drawing(book, lang, steps=steps)
    looks = {
        "menu": "box",
        "step": "box, style=rounded",
        "agent": "hexagon",
        "end": "doublecircle",
        "missing": "octagon, color=red",
    }
    lines = ["digraph book {", "  rankdir=LR;"]
    for shape in shapes:
        lines.append(f"  {shape.name} [label={_quoted(shape.label)}, shape={looks[shape.kind]}];")
    lines += [f"  {a.tail} -> {a.head} [label={_quoted(a.label)}];" for a in arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def drawing(book: Book, lang: str, *, steps: bool) -> tuple[list[Shape], list[Arrow]]:
    """The boxes and arrows, arrows between the same two boxes joined."""
    drawn = _Drawing(book, lang)
    nodes: list[Node] = [("menu", name) for name in book.menus]
    if steps:
        nodes += [("step", name) for name in book.steps]
    for node in nodes:
        drawn.shape(node)
    labels: dict[tuple[str, str], list[str]] = {}
    for node in nodes:
        for label, head in _arrows(book, drawn, node, steps):
            labels.setdefault((drawn.shape(node), head), []).append(label)
    arrows = [
        Arrow(tail, head, " ".join(dict.fromkeys(keys))) for (tail, head), keys in labels.items()
    ]
    return list(drawn.shapes.values()), arrows


def _arrows(book: Book, drawn: _Drawing, node: Node, steps: bool) -> Iterator[tuple[str, str]]:
    for way in _drawn_exits(book, node):
        for target in [way.target] if steps else _past_steps(book, way.target, frozenset()):
            head = drawn.target(target)
            if head is not None:
                yield way.label, head


def _drawn_exits(book: Book, node: Node) -> Iterator[Exit]:
    """Keys of the node's own, outcomes, `next` and `closed`; not what every menu inherits."""
    inherited: set[str] = set()
    if node[0] == "menu":
        inherited = {key.key for key in book.menus[node[1]].keys.values() if key.inherited}
    else:
        collect = book.steps[node[1]].collect
        inherited = {k.key for k in collect.keys.values() if k.inherited} if collect else set()
    for way in exits(book, node):
        if way.kind in ("no_input", "wrong") or (way.kind == "key" and way.label in inherited):
            continue
        yield way


def _past_steps(book: Book, target: Target, seen: frozenset[str]) -> Iterator[Target]:
    """Where a target ends up when steps are not drawn."""
    if target.kind != "step" or target.arg not in book.steps:
        yield target
        return
    if target.arg in seen:
        return
    for way in _drawn_exits(book, ("step", target.arg)):
        yield from _past_steps(book, way.target, seen | {target.arg})


class _Drawing:
    """Names and labels of boxes, made when first needed."""

    def __init__(self, book: Book, lang: str) -> None:
        self.book = book
        self.lang = lang
        self.shapes: dict[tuple[str, str], Shape] = {}

    def shape(self, node: Node) -> str:
        kind, name = node
        of = self.book.menus if kind == "menu" else self.book.steps
        if name not in of:
            return self._box(("missing", f"{kind}:{name}"), f"{kind}:{name} ?", "missing")
        return self._box(node, f"{self._title(of[name].title, name)}\n{name}", kind)

    def target(self, target: Target) -> str | None:
        """The box that a target leads to; None for back, top, repeat and the like."""
        if target.kind in ("menu", "step"):
            return self.shape((target.kind, target.arg))
        if asks_agent(self.book, target):
            word = "人工" if self.lang.startswith("zh") else "agent"
            return self._box(("agent", target.arg), f"{word} {target.arg}".strip(), "agent")
        if target.kind == "language" and target.arg in self.book.starts:
            return self.shape(("menu", self.book.starts[target.arg]))
        if target.kind in ("end", "callback"):
            return self._box((target.kind, ""), target.kind, "end")
        return None

    def _title(self, title: Texts, name: str) -> str:
        return title.get(self.lang) or next(iter(title.values()), name)

    def _box(self, key: tuple[str, str], label: str, kind: str) -> str:
        if key not in self.shapes:
            self.shapes[key] = Shape(f"n{len(self.shapes)}", label, kind, key[1])
        return self.shapes[key].name
