"""Mutants of a menu: its keys, its two counters, its time-out, its skill and language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from menus.graph import asks_agent
from menus.model import Book, Counter, Key, Menu, Place, Target
from menus.mutants import Change, Mutant, Spot, about, elsewhere, other_skill, with_menu
from menus.wording import Both

DROPS = {"back": "drop back", "repeat": "drop repeat"}
PACES = (4.0, 0.25)
"""times a time-out, to break it: callers who wait in vain, and callers who are not waited for"""

SetKeys = Callable[[Book, Mapping[str, Key]], Book]


def of_menu(book: Book, menu: Menu) -> Iterator[Mutant]:
    """Every mutant of `menu`."""
    at = ("menus", menu.id, "")
    who = Both(f"菜单 {menu.id} ", f"menu {menu.id}: ")

    def set_keys(book: Book, keys: Mapping[str, Key]) -> Book:
        return with_menu(book, menu, keys=keys)

    yield from of_keys(book, menu.keys, who, at, menu.place, set_keys)
    if menu.id != book.waiting.menu:
        yield from _counters(menu, who)
        yield from _time_out(menu, who)
    yield from _settings(book, menu, who, at)


# --- keys ----------------------------------------------------------------------------------------


def of_keys(
    book: Book, keys: Mapping[str, Key], who: Both, at: Spot, place: Place, set_keys: SetKeys
) -> Iterator[Mutant]:
    """Mutants of the keys of a menu or an input; `set_keys` puts other keys there."""
    own = [key for key in keys.values() if not key.inherited]
    for one, other in pairwise(own):
        if one.target != other.target:
            yield _swapped(keys, one, other, who, at, set_keys)
            yield _retargeted("retarget key", keys, one, other.target, who, at, set_keys)
    if len(own) > 1 and own[0].target != own[-1].target:
        yield _retargeted("retarget key", keys, own[-1], own[0].target, who, at, set_keys)
    for key in keys.values():
        yield _dropped(book, keys, key, who, at, place, set_keys)
        if key.target.kind == "agent" and not key.inherited:
            skill = Target("agent", other_skill(book, key.target.arg))
            if skill != key.target:
                yield _retargeted("skill", keys, key, skill, who, at, set_keys)


def _spots(at: Spot, *keys: Key) -> tuple[Spot, ...]:
    return (*(("keys", at[1], key.key) for key in keys), at)


def _swapped(
    keys: Mapping[str, Key], one: Key, other: Key, who: Both, at: Spot, set_keys: SetKeys
) -> Mutant:
    swapped = {
        **keys,
        one.key: replace(one, target=other.target),
        other.key: replace(other, target=one.target),
    }
    what = about(
        who, f"{one.key} 与 {other.key} 互换", f"{one.key} leads where {other.key} led, and back"
    )
    return Mutant(
        "swap keys",
        one.place,
        what,
        _spots(at, one, other),
        lambda book: set_keys(book, swapped),
    )


def _retargeted(
    operator: str,
    keys: Mapping[str, Key],
    key: Key,
    target: Target,
    who: Both,
    at: Spot,
    set_keys: SetKeys,
) -> Mutant:
    changed = {**keys, key.key: replace(key, target=target)}
    what = about(
        who,
        f"{key.key} 由 {key.target} 改到 {target}",
        f"{key.key} leads to {target} instead of {key.target}",
    )
    return Mutant(operator, key.place, what, _spots(at, key), lambda book: set_keys(book, changed))


def _dropped(
    book: Book,
    keys: Mapping[str, Key],
    key: Key,
    who: Both,
    at: Spot,
    place: Place,
    set_keys: SetKeys,
) -> Mutant:
    rest = {name: bound for name, bound in keys.items() if name != key.key}
    transfer = key.inherited and asks_agent(book, key.target)
    operator = "drop transfer" if transfer else DROPS.get(key.target.kind, "drop key")
    what = about(who, f"没有 {key.key}（{key.target}）", f"no key {key.key} ({key.target})")
    where = place if key.inherited else key.place
    return Mutant(operator, where, what, _spots(at, key), lambda book: set_keys(book, rest))


# --- counters and time-outs ----------------------------------------------------------------------


def _counters(menu: Menu, who: Both) -> Iterator[Mutant]:
    def set_counter(name: str) -> Callable[[Counter], Change]:
        return lambda counter: lambda book: with_menu(book, menu, **{name: counter})

    at = ("menus", menu.id, "")
    for branch, counter in (("no_input", menu.no_input), ("wrong_key", menu.wrong_key)):
        yield from of_counter(branch, counter, who, at, menu.place, set_counter(branch))


def of_counter(
    branch: str,
    counter: Counter,
    who: Both,
    at: Spot,
    place: Place,
    set_counter: Callable[[Counter], Change],
) -> Iterator[Mutant]:
    """One re-prompt more and one fewer, and another last resort."""
    spots: tuple[Spot, ...] = (
        ("branches", at[1], f"{branch} last resort"),
        ("branches", at[1], branch),
        at,
    )
    name = Both("无按键" if branch == "no_input" else "误按", branch)
    for times in (counter.limit - 1, counter.limit + 1):
        if times >= 0:
            what = about(
                name,
                f"重提示 {times} 次而不是 {counter.limit} 次",
                f" prompts again {times} times instead of {counter.limit}",
            )
            changed = set_counter(replace(counter, limit=times))
            yield Mutant("re-prompts", place, about(who, *what), spots, changed)
    target = elsewhere(counter.then)
    yield Mutant(
        "last resort",
        place,
        about(
            who,
            f"{name.zh}最后到 {target} 而不是 {counter.then}",
            f"{name.en} ends at {target} instead of {counter.then}",
        ),
        spots,
        set_counter(replace(counter, then=target)),
    )


def _time_out(menu: Menu, who: Both) -> Iterator[Mutant]:
    for pace in PACES:
        seconds = menu.first_digit_timeout * pace
        yield Mutant(
            "timeout",
            menu.place,
            about(who, *waits(seconds, menu.first_digit_timeout)),
            (("branches", menu.id, "no_input"), ("menus", menu.id, "")),
            partial(with_menu, menu=menu, first_digit_timeout=seconds),
        )


def waits(seconds: float, before: float) -> Both:
    """The first-digit time-out in words."""
    return Both(
        f"等首个按键 {seconds:g} 秒而不是 {before:g} 秒",
        f"waits {seconds:g} s for the first key instead of {before:g} s",
    )


# --- the rest ------------------------------------------------------------------------------------


def _settings(book: Book, menu: Menu, who: Both, at: Spot) -> Iterator[Mutant]:
    def change(operator: str, what: Both, *spots: Spot, **fields: Any) -> Mutant:
        return Mutant(
            operator,
            menu.place,
            about(who, *what),
            (*spots, at),
            lambda book: with_menu(book, menu, **fields),
        )

    transfer: Spot = ("keys", menu.id, "0")
    if menu.skill is not None:
        skill = other_skill(book, menu.skill)
        what = Both(f"技能组是 {skill or '无'}", f"asks for skill {skill or 'none'}")
        yield change("skill", what, transfer, skill=skill or None)
    if menu.priority is not None:
        what = Both("没有优先级", "has no priority")
        yield change("priority", what, transfer, priority=None)
    if menu.language is not None and menu.id != book.start:
        yield change("language", Both("不切换语言", "does not switch language"), language=None)
    if menu.hours is not None:
        yield change("hotline", Both("不分时段", "has no hours"), hours=None)
