"""Every way a caller can take through a book, how deep it goes, and what functions cost to reach.

depth     menus on the path from the start; `menu:` to a menu already on it pops back to it
path      the keys, inputs and service outcomes from the start to where the menus end: an agent,
          the closing phrase, or a menu that was on the path already
reach     for a function of 5.2.3: keys, steps and estimated seconds to the node that offers it
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from menus.announce import announcements
from menus.graph import Exit, Node, asks_agent, exits, follow
from menus.model import Book, Target, Texts
from menus.speed import speech_seconds

Duration = Callable[[str], float]
"""prompt id -> seconds, e.g. of the recordings of a prompt pack"""


# --- depth ---------------------------------------------------------------------------------------


def deepest(book: Book, stop_at: int = 64) -> tuple[str, ...]:
    """A longest path of menus from the start, as menu ids; its length is the depth of the book.

    The search ends early at a path of `stop_at` menus: lint needs no more than one too many.
    """
    if book.start not in book.menus:
        return ()
    onward = {name: tuple(menus_below(book, name)) for name in book.menus}
    best: tuple[str, ...] = (book.start,)
    waiting: list[tuple[str, ...]] = [best]
    while waiting and len(best) < stop_at:
        path = waiting.pop()
        if len(path) > len(best):
            best = path
        waiting += [(*path, name) for name in onward[path[-1]] if name not in path]
    return best


def menus_below(book: Book, menu: str) -> list[str]:
    """The menus that a caller can enter next from `menu`, directly or by way of steps.

    The waiting menu lies on no path; what its keys lead to is entered from where the caller was.
    """
    below: dict[str, None] = {}
    first: Node = ("menu", menu)
    seen = {first}
    waiting = [first]
    while waiting:
        node = waiting.pop()
        for way in exits(book, node):
            reached = follow(book, node, way.target, "")
            if reached is None or reached[0] in seen:
                continue
            found = reached[0]
            if found == ("menu", book.waiting.menu) or found[0] == "step":
                seen.add(found)
                waiting.append(found)
            elif found[1] in book.menus:
                below[found[1]] = None
    return list(below)


# --- paths ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens on a path. `kind`: key (`value` is the key), input (`value` is the
    kind of number typed), outcome (`value` is the service's), silence (the last resort).
    """

    at: Node
    kind: str
    value: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class CallerPath:
    """A way through the book. `end` is where it stops, as a target: an agent, `end`, `callback`,
    a menu that was on the path before, or a step that is heard again. `menus` are those on the
    path at its end.
    """

    moves: tuple[Move, ...]
    end: Target
    menus: tuple[str, ...]
    nodes: tuple[Node, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The menu keys pressed, in order; numbers typed are not among them."""
        return tuple(move.value for move in self.moves if move.kind == "key")

    @property
    def depth(self) -> int:
        """Menus on the path at its end."""
        return len(self.menus)


def paths(book: Book, *, common: bool = True, last_resorts: bool = False) -> Iterator[CallerPath]:
    """Every path of the book, depth first, in the order of the file.

    `common`: also the inherited keys of each menu; `last_resorts`: also silence in each menu.
    """
    if book.start not in book.menus:
        return
    walker = _Walker(book, common, last_resorts)
    start: Node = ("menu", book.start)
    yield from walker.walk(start, (book.start,), (), (start,))


@dataclass(frozen=True, slots=True)
class _Walker:
    book: Book
    common: bool
    last_resorts: bool

    def walk(
        self, node: Node, menus: tuple[str, ...], moves: tuple[Move, ...], nodes: tuple[Node, ...]
    ) -> Iterator[CallerPath]:
        for way in exits(self.book, node):
            move = self._move(node, way)
            if move is None:
                continue
            taken = (*moves, *move)
            yield from self._follow(node, way.target, menus, taken, nodes)

    def _move(self, node: Node, way: Exit) -> tuple[Move, ...] | None:
        """What the caller and the services do on this way out; None to leave it out."""
        if way.kind == "closed":
            return None
        if way.kind in ("no_input", "wrong"):
            silent = way.kind == "no_input" and self.last_resorts
            return (Move(node, "silence", ""),) if silent else None
        if way.kind == "key":
            inherited = self._inherited(node, way.label)
            return None if inherited and not self.common else (Move(node, "key", way.label),)
        step = self.book.steps[node[1]]
        if step.request is not None and way.kind == "next":
            spec = self.book.services.get(step.request)
            if spec is None or all(outcome in step.on for outcome in spec.outcomes):
                return None  # `next` is for outcomes that `on` leaves out
        typed = (Move(node, "input", step.collect.kind),) if step.collect else ()
        asked = (Move(node, "outcome", way.label, step.request),) if step.request else ()
        return (*typed, *asked)

    def _inherited(self, node: Node, key: str) -> bool:
        if node[0] == "menu":
            return self.book.menus[node[1]].keys[key].inherited
        collect = self.book.steps[node[1]].collect
        return collect is not None and collect.keys[key].inherited

    def _follow(
        self,
        node: Node,
        target: Target,
        menus: tuple[str, ...],
        moves: tuple[Move, ...],
        nodes: tuple[Node, ...],
    ) -> Iterator[CallerPath]:
        if target.kind == "repeat" and node[0] == "step":
            yield CallerPath(moves, Target("step", node[1]), menus, nodes)
            return
        if target.kind in ("back", "repeat"):
            if target.kind == "back" and node[0] == "menu" and len(menus) > 1:
                menus = menus[:-1]
            yield CallerPath(moves, Target("menu", menus[-1]), menus, nodes)
            return
        reached = None if asks_agent(self.book, target) else follow(self.book, node, target, "")
        if reached is None:
            yield CallerPath(moves, target, menus, nodes)
            return
        found = reached[0]
        if found[0] == "menu":
            if found[1] in menus:
                menus = menus[: menus.index(found[1]) + 1]
                yield CallerPath(moves, Target("menu", found[1]), menus, nodes)
                return
            menus = (*menus, found[1])
        elif found in nodes[_last_menu(nodes) :]:
            return  # steps that go round without a menu: lint says so (M036)
        yield from self.walk(found, menus, moves, (*nodes, found))


def _last_menu(nodes: tuple[Node, ...]) -> int:
    return max((at for at, node in enumerate(nodes) if node[0] == "menu"), default=0)


# --- what it costs to reach a function -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """The quickest way to a function: keys pressed, steps passed, estimated seconds heard."""

    function: str
    node: Node
    keys: int
    steps: int
    seconds: float


@dataclass(slots=True)
class Reaching:
    """The quickest ways through a book (by seconds heard, then keys)."""

    book: Book
    duration: Duration | None = None

    def __post_init__(self) -> None:
        if self.duration is None:
            self.duration = estimated(self.book)

    def functions(self) -> dict[str, Reach]:
        """Function of 5.2.3 -> the quickest way to a menu or step that offers it."""
        found: dict[str, Reach] = {}
        for node, (seconds, keys, steps) in self.nodes().items():
            of = self.book.menus if node[0] == "menu" else self.book.steps
            for function in of[node[1]].functions:
                reach = Reach(function, node, keys, steps, seconds)
                best = found.get(function)
                if best is None or reach.seconds < best.seconds:
                    found[function] = reach
        return found

    def nodes(self) -> dict[Node, tuple[float, int, int]]:
        """Node -> (seconds heard, keys pressed, steps passed) on the quickest way to it."""
        book = self.book
        first = self._heard(book.greeting.id) + sum(self._heard(n.id) for n in book.notices)
        best: dict[Node, tuple[float, int, int]] = {}
        heap: list[tuple[float, int, int, Node]] = [(first, 0, 0, ("menu", book.start))]
        while heap:
            seconds, keys, steps, node = heapq.heappop(heap)
            if node in best or node[1] not in (book.menus if node[0] == "menu" else book.steps):
                continue
            best[node] = (seconds, keys, steps)
            for way in exits(book, node):
                reached = follow(book, node, way.target, "")
                if reached is None or way.kind in ("closed", "no_input", "wrong"):
                    continue
                key = way.kind == "key"
                heapq.heappush(
                    heap,
                    (
                        seconds + self._until(node, way),
                        keys + key,
                        steps + (node[0] == "step"),
                        reached[0],
                    ),
                )
        return best

    def _heard(self, prompt_id: str) -> float:
        assert self.duration is not None
        return self.duration(prompt_id)

    def _until(self, node: Node, way: Exit) -> float:
        """Seconds from entering `node` until a first-time caller takes `way`."""
        if node[0] == "step":
            say = self.book.steps[node[1]].say
            return 0.0 if say is None else self._heard(say.id)
        menu = self.book.menus[node[1]]
        text = next(iter(menu.prompt.long.values()), "")
        end = next((a.end for a in announcements(text) if a.key == way.label), len(text))
        return self._heard(menu.prompt.id) * end / max(1, len(text))


def estimated(book: Book) -> Duration:
    """Durations guessed from the length of the texts, for a book without recordings."""
    return _Estimate(book)


class _Estimate:
    def __init__(self, book: Book) -> None:
        self._book = book

    @cached_property
    def _seconds(self) -> dict[str, float]:
        return {prompt.id: _longest(prompt.long) for prompt in self._book.prompts()}

    def __call__(self, prompt_id: str) -> float:
        return self._seconds.get(prompt_id, 0.0)


def _longest(texts: Texts) -> float:
    return max((speech_seconds(text) for text in texts.values()), default=0.0)
