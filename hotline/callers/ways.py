"""How a caller can really take a path of a book: who calls, what is typed, which service fails.

A path (`menus.paths`) says "the service answers `arrears`"; a way also says for whom it does. The
world is asked, not guessed: sample callers and inputs are tried until the outcomes are the path's.

    path   key 2, key 1, outcome found, key 1, outcome arrears
    way    caller 13800138003, keys 2 1 1
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from menus.graph import Node
from menus.model import Book, Target
from menus.paths import CallerPath, Move, paths

Ask = Callable[[str, Mapping[str, str]], tuple[str, Mapping[str, str]]]
"""(service, inputs) -> (outcome, values); may change its world"""
World = Callable[[], Ask]
"""a new world, as each scenario finds it"""
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Samples:
    """What to try: numbers to call from, and inputs by kind of collection (or by its name)."""

    callers: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Way:
    """A path with who takes it: `inputs` typed in their order, services that must be `failing`."""

    path: CallerPath
    caller: str
    inputs: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


@dataclass(slots=True)
class Ways:
    """Finds ways through `book`."""

    book: Book
    world: World
    samples: Samples

    def of(self, path: CallerPath) -> Way | None:
        """How `path` can be taken; None if no sample takes it."""
        failing = tuple(dict.fromkeys(m.service for m in path.moves if m.value == FAILED))
        if any(m.service in failing and m.value != FAILED for m in path.moves):
            return None  # a service fails for the whole of a scenario
        for caller in self.samples.callers:
            inputs = self._inputs(path, caller, ())
            if inputs is not None:
                return Way(path, caller, inputs, failing)
        return None

    def _inputs(
        self, path: CallerPath, caller: str, chosen: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """The inputs with which `caller` takes `path`, beginning with those `chosen`."""
        asked = self._walk(path, caller, chosen)
        if asked is None:
            return chosen
        for sample in self._samples(asked):
            more = self._inputs(path, caller, (*chosen, sample))
            if more is not None:
                return more
        return None

    def _samples(self, asked: Move) -> tuple[str, ...]:
        """What may be typed at an input; nothing if the walk ended for another reason."""
        collect = self.book.steps[asked.at[1]].collect
        if asked.kind != "input" or collect is None:
            return ()
        samples = self.samples.inputs.get(collect.name) or self.samples.inputs.get(collect.kind, ())
        return tuple(s for s in samples if collect.min_length <= len(s) <= collect.max_length)

    def _walk(self, path: CallerPath, caller: str, inputs: Sequence[str]) -> Move | None:
        """The first move that cannot be made with these inputs; None if all can."""
        ask, left = self.world(), list(inputs)
        values = {"number": caller, "area": "", "language": self.book.language, "call": "way"}
        for at, moves in by_node(path):
            if at[0] == "step":
                values |= self.book.steps[at[1]].set
            for move in moves:
                if move.kind == "input":
                    if not left:
                        return move
                    collect = self.book.steps[at[1]].collect
                    values[collect.name if collect else move.value] = left.pop(0)
                elif move.kind == "outcome" and move.value != FAILED:
                    outcome, given = ask(move.service, {**values, "number": caller})
                    if outcome != move.value:
                        return move
                    values |= given
        return None

    # --- ways to a place -------------------------------------------------------------------------

    def to_nodes(self) -> dict[Node, Way]:
        """Node -> a shortest way to it, for every node that can be reached."""
        found: dict[Node, Way] = {}
        short = sorted(self._prefixes(), key=lambda path: len(path.moves))
        for path in short:
            node = path.nodes[-1]
            if node not in found:
                way = self.of(path)
                if way is not None:
                    found[node] = way
        return found

    def _prefixes(self) -> Iterator[CallerPath]:
        """Each path up to each of its nodes, once."""
        seen: set[tuple[Move, ...]] = set()
        for path in paths(self.book, common=False, last_resorts=True):
            for place, node in enumerate(path.nodes):
                moves = tuple(move for at, made in by_node(path)[:place] for move in made)
                if (*moves, Move(node, "", "")) not in seen:
                    seen.add((*moves, Move(node, "", "")))
                    yield replace(
                        path, moves=moves, nodes=path.nodes[: place + 1], end=Target("menu")
                    )


def by_node(path: CallerPath) -> list[tuple[Node, list[Move]]]:
    """The nodes of a path with the moves made at each."""
    left = list(path.moves)
    found: list[tuple[Node, list[Move]]] = []
    for node in path.nodes:
        made: list[Move] = []
        while left and left[0].at == node:
            made.append(left.pop(0))
        found.append((node, made))
    return found


def typed(book: Book, way: Way) -> str:
    """All keys of a way in a row: the menus' keys and the inputs, each ended as it must be."""
    left, keys = list(way.inputs), ""
    for move in way.path.moves:
        if move.kind == "key":
            keys += move.value
        elif move.kind == "input":
            keys += ended(book, move.at, left.pop(0))
    return keys


def ended(book: Book, node: Node, digits: str) -> str:
    """`digits` with the terminator, unless their number ends the input."""
    collect = book.steps[node[1]].collect
    if collect is None or len(digits) >= collect.max_length:
        return digits
    return digits + collect.terminator
