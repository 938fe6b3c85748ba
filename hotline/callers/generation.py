"""Suites enumerated from a menu book: `hotline test --generate DIR`.

One file a menu, and in it one scenario for each thing that can happen there:

    ways         every own key, on through steps and outcomes to where the menus end
    common keys  transfer, back and repeat from this level (5.2.6.2)
    silence      re-prompts, then the last resort
    wrong keys   the same
    type-ahead   all keys of the way in a row, during the greeting
    inputs       silence, wrong numbers and common keys where a number is typed

The book alone is read, never a hotline listened to. Who calls and what is typed comes from sample
data (`ways`); a way that no sample takes is left out and named. The same book gives the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hotline.callers.ways import Way, Ways, by_node, ended, typed
from menus.graph import Node, asks_agent
from menus.model import Book, Collect, Counter, Key, Menu, PromptText, Step, Target, Texts
from menus.paths import CallerPath, paths

MARK = "# Generated"
"""How a file that may be written again begins."""
DIGITS = "7891234560"
"""digits for wrong keys and wrong numbers, the least likely to be bound first"""
_PLAIN = re.compile(r"[\w\u3000-\u303f\uff00-\uffef（）][\w\u3000-\u303f\uff00-\uffef（）．→ -]*")


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario: `story` are its steps as YAML."""

    name: str
    tag: str
    caller: str
    story: tuple[str, ...]
    failing: tuple[str, ...] = ()

    def text(self) -> str:
        """The scenario as YAML."""
        lines = [f"scenario: {quoted(self.name)}", f"tags: [{self.tag}]"]
        lines.append(f'caller: {{number: "{self.caller}"}}')
        if self.failing:
            lines.append(f"given: {{failing: [{', '.join(self.failing)}]}}")
        lines += ["story:", *(f"  - {step}" for step in self.story)]
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Suite:
    """The cases of each menu, and the ways that no sample takes."""

    menus: dict[str, list[Case]] = field(default_factory=dict)
    untaken: list[CallerPath] = field(default_factory=list)

    def add(self, menu: str, cases: Iterator[Case]) -> None:
        """Add cases to a menu's file, each with a name of its own."""
        known = self.menus.setdefault(menu, [])
        names = {case.name for case in known}
        for case in cases:
            name, number = case.name, 2
            while name in names:
                name, number = f"{case.name}（{number}）", number + 1
            names.add(name)
            known.append(Case(name, case.tag, case.caller, case.story, case.failing))


def generate(book: Book, ways: Ways) -> Suite:
    """The suite of `book`, in the order of its menus."""
    suite = Suite({name: [] for name in book.menus if name != book.waiting.menu})
    writer = _Writer(book)
    reached = ways.to_nodes()
    for name, menu in book.menus.items():
        way = reached.get(("menu", name))
        if way is not None and name != book.waiting.menu:
            suite.add(name, writer.at_menu(menu, way))
    for step in book.steps.values():
        way = reached.get(("step", step.id))
        if way is not None and step.collect is not None:
            suite.add(_menu_of(way), writer.at_input(step, step.collect, way))
    for path in paths(book, common=False):
        taken = ways.of(path)
        if taken is None:
            suite.untaken.append(path)
        else:
            suite.add(_last_menu(path), iter([writer.whole(taken)]))
    return suite


def _menu_of(way: Way) -> str:
    """The menu that a step is chosen in."""
    return [name for kind, name in way.path.nodes if kind == "menu"][-1]


def _last_menu(path: CallerPath) -> str:
    """The menu where the last key was pressed."""
    return [move.at[1] for move in path.moves if move.kind == "key" and move.at[0] == "menu"][-1]


def menu_text(book: Book, menu: str, cases: Sequence[Case], source: str) -> str:
    """The file of one menu; `source` is what it calls the book."""
    title = _title(book.menus[menu].title, book)
    head = (
        f"{MARK} from {source} by `hotline test --generate`: edit the book, not this file.\n"
        f"# {title}（{menu}）\n"
        "defaults: {tags: [generated]}\n"
    )
    return "---\n".join([head, *(case.text() for case in cases)])


def quoted(text: str) -> str:
    """A text as a YAML scalar, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _title(title: Texts, book: Book) -> str:
    return title.get(book.language) or next(iter(title.values()), "")


# --- the steps of a story ------------------------------------------------------------------------


def hear(prompt: PromptText, *, to_end: bool = False) -> str:
    """Wait for a prompt, or for its end."""
    end = ", to_end: true" if to_end else ""
    return f"hear: {{prompt: {quoted(prompt.id)}{end}}}"


def press(key: str) -> str:
    """Press one key."""
    return f'press: "{key}"'


def type_keys(keys: str) -> str:
    """Press keys in a row."""
    return f'type: "{keys}"' if len(keys) > 1 else press(keys)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes cases of one book."""

    book: Book

    # --- cases -----------------------------------------------------------------------------------

    def at_menu(self, menu: Menu, way: Way) -> Iterator[Case]:
        """Everything but the own keys of `menu`."""
        where = self._named(menu.title, menu.id)
        menus = _menus(way)
        yield self._case(way, f"{where}，边听边连续按键直达", "type-ahead", self._ahead(menu, way))
        there = self._there(way)
        for key in menu.keys.values():
            if key.inherited:
                yield self._common(way, where, there, key, menus, menu.prompt)
        yield from self._again(way, where, there, menu.no_input, menus, menu.prompt)
        wrong = next((key for key in DIGITS if key not in menu.keys), None)
        if wrong is not None:
            yield from self._again(way, where, there, menu.wrong_key, menus, menu.prompt, wrong)

    def at_input(self, step: Step, collect: Collect, way: Way) -> Iterator[Case]:
        """What can happen where a number is typed, but for a right number."""
        say = step.say
        if say is None:
            return
        where = self._named(step.title, step.id)
        there, menus = self._there(way), _menus(way)
        for key in collect.keys.values():
            yield self._common(way, where, there, key, menus, say)
        yield from self._again(way, where, there, collect.no_input, menus, say)
        digit = next((key for key in DIGITS if key not in collect.keys), None)
        if digit is not None and collect.min_length > 1:
            wrong = digit + collect.terminator
            yield from self._again(way, where, there, collect.wrong, menus, say, wrong)

    def whole(self, way: Way) -> Case:
        """A way from the start to where the menus end."""
        path = way.path
        story = [*self._there(way), *self._arrive(path.end, path.menus), "hang_up:"]
        if path.end.kind == "end":
            story[-1] = "stay:"
        return self._case(way, self._told(path), "way", story)

    def _common(
        self,
        way: Way,
        where: str,
        there: Sequence[str],
        key: Key,
        menus: Sequence[str],
        here: PromptText,
    ) -> Case:
        kind = key.target.kind
        at_step = way.path.nodes[-1][0] == "step"
        above = menus if at_step or len(menus) < 2 else menus[:-1]
        arrive = self._arrive(key.target, above) if kind != "repeat" else [hear(here)]
        words = {"agent": "转人工", "back": "返回上级", "repeat": "重听", "top": "回主菜单"}
        name = f"{where}，按{_spoken(key.key)}{words.get(kind, str(key.target))}"
        tag = {"agent": "transfer"}.get(kind, kind)
        return self._case(way, name, tag, [*there, press(key.key), *arrive, "hang_up:"])

    def _again(
        self,
        way: Way,
        where: str,
        there: Sequence[str],
        counter: Counter,
        menus: Sequence[str],
        here: PromptText,
        wrong: str = "",
    ) -> Iterator[Case]:
        """Silence, or `wrong` keys, up to the last resort."""
        story = list(there)
        for _ in range(counter.limit):
            story += [type_keys(wrong)] if wrong else []
            story += [hear(counter.prompt), hear(here)]
        story += [type_keys(wrong)] if wrong else []
        what, tag = ("一直按错", "wrong-key") if wrong else ("一直不按键", "no-input")
        name = f"{where}，{what}，{counter.limit} 次提示后{self._destination(counter.then)}"
        end = [*story, *self._arrive(counter.then, menus), "hang_up:"]
        yield self._case(way, name, tag, end)

    def _case(self, way: Way, name: str, tag: str, story: Sequence[str]) -> Case:
        return Case(name, tag, way.caller, tuple(story), way.failing)

    # --- stories ---------------------------------------------------------------------------------

    def _ahead(self, menu: Menu, way: Way) -> list[str]:
        keys = typed(self.book, way)
        first = [hear(self.book.greeting)]
        return [*first, *([type_keys(keys)] if keys else []), hear(menu.prompt), "hang_up:"]

    def _there(self, way: Way) -> list[str]:
        """Hearing and acting on the way, up to its last node's own words."""
        story: list[str] = []
        left = list(way.inputs)
        swallowed = ""  # a terminator that soon after a full input still belongs to it
        for node, moves in by_node(way.path):
            prompt = self._prompt(node)
            late = any(move.kind == "key" and move.value == swallowed for move in moves)
            story += [hear(prompt, to_end=late)] if prompt is not None else []
            for move in moves:
                if move.kind == "key":
                    story.append(press(move.value))
                elif move.kind == "input":
                    keys = ended(self.book, node, left.pop(0))
                    collect = self.book.steps[node[1]].collect
                    swallowed = collect.terminator if collect is not None else ""
                    story.append(type_keys(keys))
        return story

    def _prompt(self, node: Node) -> PromptText | None:
        kind, name = node
        return self.book.menus[name].prompt if kind == "menu" else self.book.steps[name].say

    def _arrive(self, target: Target, menus: Sequence[str]) -> list[str]:
        """What is heard where a target leads; `menus` are those on the path there."""
        book = self.book
        if asks_agent(book, target):
            known = target.kind == "agent"
            return [hear(book.waiting.transfer), *(["agent: answered"] if known else [])]
        if target.kind == "end":
            return [hear(book.closing)]
        node = self._node(target, menus)
        prompt = self._prompt(node) if node is not None else None
        return [hear(prompt)] if prompt is not None else []

    def _node(self, target: Target, menus: Sequence[str]) -> Node | None:
        match target.kind:
            case "menu" | "step":
                return target.kind, target.arg
            case "back" | "repeat":
                return "menu", menus[-1]
            case "top":
                return "menu", menus[0]
            case "language":
                return "menu", self.book.starts.get(target.arg, menus[-1])
        return None

    # --- names -----------------------------------------------------------------------------------

    def _named(self, title: Texts, name: str) -> str:
        return f"{_title(title, self.book)}（{name}）"

    def _destination(self, target: Target) -> str:
        if asks_agent(self.book, target):
            return "转人工"
        of: Mapping[str, Menu] | Mapping[str, Step]
        of = self.book.menus if target.kind == "menu" else self.book.steps
        if target.arg in of:
            return "到" + _title(of[target.arg].title, self.book)
        return {"end": "结束", "back": "返回上级", "top": "回主菜单"}.get(target.kind, str(target))

    def _told(self, path: CallerPath) -> str:
        """A way in words: the last menu, its key, and what came of it."""
        last = max(at for at, move in enumerate(path.moves) if move.kind == "key")
        menu = self.book.menus[_last_menu(path)]
        said = [self._named(menu.title, menu.id) + f"，按{_spoken(path.moves[last].value)}"]
        for move in path.moves[last + 1 :]:
            step = self.book.steps[move.at[1]]
            if move.kind == "outcome":
                said.append(f"{_title(step.title, self.book)} {move.value}")
        said.append(self._destination(path.end))
        return " → ".join(said)


def _menus(way: Way) -> list[str]:
    """The menus on the way, the last one included."""
    return [name for kind, name in way.path.nodes if kind == "menu"]


def _spoken(key: str) -> str:
    return {"*": "星号键", "#": "井号键"}.get(key, f" {key} ")
