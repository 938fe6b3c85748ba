"""Callers sent through a real menu book in virtual time, to learn what its menus do to calls.

Every caller is a persona with a goal; the book, the services and the pack are the real ones. Agents
answer at once and hang up at once: only what happens before matters here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate
from typing import TypeVar

from agents.behaviours import Behaviour
from agents.generated import generate
from agents.roster import Roster
from agents.roster_file import load_roster
from hotline.callers.personas import (
    Asks,
    Persona,
    PersonaCaller,
    UnknownPersonaError,
    persona,
)
from hotline.callers.ways import Way, Ways, by_node, ended
from hotline.cli.compose import EPOCH, Parts, built_in_pack
from hotline.cli.samples import CUSTOMERS, seeded_world
from hotline.cli.virtual import VirtualHotline
from hotline.demonstration.day import GOALS, PEOPLE
from hotline.services.catalogue import log as services_log
from hotline.services.seed import seeded
from hotline.simulation.front import MenuCall, Menus
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.distributions import deterministic
from hotline.switch.record import CallRecord, Entry, Outcome, fold
from menus.graph import Node
from menus.loader import default_book
from menus.model import Book, Place
from menus.paths import CallerPath, paths
from menus.targets import playable
from menus.wording import BookError, Both, Problem, nearest

T = TypeVar("T")
EVERY = 1.0
"""Seconds between two callers."""
AGENTS = 60
NUMBER = "13800138000"
HANGS_UP = Behaviour(
    ring=deterministic(0.0),
    talk=deterministic(1.0),
    wrap_up=deterministic(0.0),
    endings=(("hang_up", 1.0),),
)


class WishError(BookError):
    """A destination or persona that the book or the project does not have."""


def run_calls(menus: Menus) -> Sequence[MenuCall]:
    """What became of each caller; the same argument gives the same calls."""
    level = services_log.level
    services_log.setLevel(logging.CRITICAL)  # callers mistype; that is what is measured
    try:
        return _run(playable(menus.book or None), menus)
    finally:
        services_log.setLevel(level)


def _run(book: Book, menus: Menus) -> Sequence[MenuCall]:
    goals = _goals(book, menus)
    people = _people(menus)
    chance, clock = Chance(menus.seed), VirtualClock()
    roster = Roster((*load_roster(), *generate(AGENTS, menus.seed, first_number=5001)))
    records = seeded(EPOCH, customers=CUSTOMERS).fork()
    parts = Parts(book, roster, built_in_pack(), records, behaviours={"": HANGS_UP},
                  chance=chance, start=EPOCH)  # fmt: skip
    wanted: dict[str, str] = {}
    made: list[MenuCall] = []

    def closed(entries: Sequence[Entry]) -> None:
        record = fold(entries)
        made.append(_call(record, wanted[record.call]))

    hotline = VirtualHotline(parts, clock=clock, on_closed=closed)
    asks = Asks.of_book(book, hotline.canon)
    for number in range(menus.calls):
        name = f"menu-{number:06d}"
        wants = _pick(_mix(menus), chance.uniform("goal", name))
        who = _pick(people, chance.uniform("person", name))
        keys, phone = goals[wants]
        caller = PersonaCaller(keys, who, asks, chance, name, number=phone)
        wanted[name] = wants
        clock.call_at(number * EVERY, partial(hotline.line.place, caller, name))
    clock.run(menus.calls * EVERY + 3600.0)
    return sorted(made, key=lambda call: (call.wants, call.dwell, call.keys))


def _call(record: CallRecord, wants: str) -> MenuCall:
    request = record.requests[0] if record.requests else None
    until = request.asked if request else record.ended
    solved = record.outcome is Outcome.SELF_SERVICE
    skill = request.skill if request else None
    return MenuCall(wants, max(0.0, until - record.arrived), skill, solved, record.keys)


def _people(menus: Menus) -> Sequence[tuple[Persona, float]]:
    try:
        return [(persona(name), weight) for name, weight in menus.personas or PEOPLE]
    except UnknownPersonaError as error:
        what = Both(f"ivr.personas：{error}", f"ivr.personas: {error}")
        raise WishError([Problem(Place(menus.book or "plan", 0), what)]) from None


def _pick(weighted: Sequence[tuple[T, float]], luck: float) -> T:
    sums = list(accumulate(weight for _, weight in weighted))
    at = next((n for n, upto in enumerate(sums) if luck * sums[-1] < upto), len(sums) - 1)
    return weighted[at][0]


# --- what callers want -------------------------------------------------------------------------

Goal = tuple[tuple[str, ...], str]
"""What to press at each prompt that asks, and the number called from."""


def _mix(menus: Menus) -> Sequence[tuple[str, float]]:
    return menus.mix or tuple((" ".join(keys), weight) for keys, weight in GOALS)


def _goals(book: Book, menus: Menus) -> Mapping[str, Goal]:
    """Each wish as keys: written as keys, or as a destination of this book."""
    finder = _Finder(book, menus)
    return {
        wants: finder.way(wants)
        if wants.partition(":")[0] in ("agent", "menu", "step")
        else (tuple(wants.split()), NUMBER)
        for wants, _ in _mix(menus)
    }


class _Finder:
    """Finds the shortest ways to destinations that a sample caller can take."""

    def __init__(self, book: Book, menus: Menus) -> None:
        self.book, self.menus = book, menus
        self.ways = Ways(book, *seeded_world())

    @cached_property
    def nodes(self) -> Mapping[Node, Way]:
        """Node -> a shortest way."""
        return self.ways.to_nodes()

    def way(self, wants: str) -> Goal:
        """Keys and caller for a destination. Raises `WishError`."""
        kind, _, name = wants.partition(":")
        agent = kind == "agent"
        way = _to_agent(self.book, self.ways, name) if agent else self.nodes.get((kind, name))
        if way is None:
            raise WishError([self.problem(wants)])
        return tuple(_presses(self.book, way)), way.caller

    def problem(self, wants: str) -> Problem:
        """There is no such way; suggests what is named nearly so."""
        near = nearest(wants, [":".join(node) for node in self.nodes])
        hint = Both("改 mix，或改菜单", "change the mix or the book")
        if near:
            hint = Both(f"是否要写 {near}？", f"did you mean {near!r}?")
        return Problem(
            Place(self.menus.book or str(default_book()), 1),
            Both(f"ivr.mix：这份菜单走不到 {wants}", f"ivr.mix: no way here leads to {wants!r}"),
            hint,
        )


def keys_to_agent(book: Book, skill: str) -> tuple[str, ...] | None:
    """What to press, prompt by prompt, to reach agents of `skill` ("": any); None: no way."""
    way = _to_agent(book, Ways(book, *seeded_world()), skill)
    return None if way is None else tuple(_presses(book, way))


def _to_agent(book: Book, ways: Ways, skill: str) -> Way | None:
    """A shortest way to agents of `skill`; "": to any."""
    reaching = [path for path in paths(book) if path.end.kind == "agent"
                and skill in ("", _skill(book, path))]  # fmt: skip
    found = (ways.of(path) for path in sorted(reaching, key=lambda one: len(one.moves)))
    return next((way for way in found if way is not None), None)


def _skill(book: Book, path: CallerPath) -> str:
    """The skill that is asked for: the target's, or that of the nearest menu that names one."""
    if path.end.arg:
        return path.end.arg
    named = (book.menus[menu].skill for menu in reversed(path.menus) if menu in book.menus)
    return next((skill for skill in named if skill), "")


def _presses(book: Book, way: Way) -> Iterator[str]:
    left = list(way.inputs)
    for node, moves in by_node(way.path):
        for move in moves:
            if move.kind == "key":
                yield move.value
            elif move.kind == "input":
                yield ended(book, node, left.pop(0))
