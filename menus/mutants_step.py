"""Mutants of a step: what it collects, the values it sets, and where its outcomes lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from menus.model import Book, Collect, Counter, Key, Step, Target
from menus.mutants import (
    Change,
    Mutant,
    Spot,
    about,
    elsewhere,
    other_skill,
    with_collect,
    with_step,
)
from menus.mutants_menu import PACES, of_counter, of_keys, waits
from menus.wording import Both


def of_step(book: Book, step: Step) -> Iterator[Mutant]:
    """Every mutant of `step`."""
    who = Both(f"步骤 {step.id} ", f"step {step.id}: ")
    if step.collect is not None:
        yield from _collect(book, step, step.collect, who)
    yield from _values(book, step, who)
    yield from _outcomes(book, step, who)
    if step.next is not None:
        yield from _next(book, step, step.next, who)


# --- outcomes ------------------------------------------------------------------------------------


def _outcomes(book: Book, step: Step, who: Both) -> Iterator[Mutant]:
    named = list(step.on.items())
    for (one, first), (other, second) in pairwise(named):
        if first != second:
            yield _swapped(step, one, other, who)
    for outcome, target in named:
        yield _leads(step, "retarget outcome", outcome, elsewhere(target), who)
        if target.kind == "agent":
            skill = Target("agent", other_skill(book, target.arg))
            if skill != target:
                yield _leads(step, "skill", outcome, skill, who)


def _swapped(step: Step, one: str, other: str, who: Both) -> Mutant:
    on = {**step.on, one: step.on[other], other: step.on[one]}
    return Mutant(
        "swap outcomes",
        step.on_places.get(one, step.place),
        about(
            who, f"结果 {one} 与 {other} 互换", f"outcome {one} leads where {other} led, and back"
        ),
        (("outcomes", step.id, one), ("outcomes", step.id, other), ("steps", step.id, "")),
        lambda book: with_step(book, step, on=on),
    )


def _leads(step: Step, operator: str, outcome: str, target: Target, who: Both) -> Mutant:
    on = {**step.on, outcome: target}
    return Mutant(
        operator,
        step.on_places.get(outcome, step.place),
        about(
            who,
            f"结果 {outcome} 由 {step.on[outcome]} 改到 {target}",
            f"outcome {outcome} leads to {target} instead of {step.on[outcome]}",
        ),
        (("outcomes", step.id, outcome), ("steps", step.id, "")),
        lambda book: with_step(book, step, on=on),
    )


def _next(book: Book, step: Step, after: Target, who: Both) -> Iterator[Mutant]:
    targets = [("next", elsewhere(after))]
    if after.kind == "agent":
        targets.append(("skill", Target("agent", other_skill(book, after.arg))))
    for operator, target in targets:
        yield Mutant(
            operator,
            step.on_places.get("next", step.place),
            about(
                who, f"之后到 {target} 而不是 {after}", f"goes on to {target} instead of {after}"
            ),
            (("outcomes", step.id, "done"), ("steps", step.id, "")),
            partial(with_step, step=step, next=target),
        )


# --- values and input ----------------------------------------------------------------------------


def _values(book: Book, step: Step, who: Both) -> Iterator[Mutant]:
    for name, value in step.set.items():
        other = _other_value(book, name, value)
        values = {**step.set, name: other}
        yield Mutant(
            "value",
            step.place,
            about(who, f"{name} 记为 {other}", f"{name} is {other} instead of {value}"),
            (("steps", step.id, ""),),
            partial(with_step, step=step, set=values),
        )


def _other_value(book: Book, name: str, value: str) -> str:
    """Another value that the book sets `name` to; `other` where it knows none."""
    known = dict.fromkeys(step.set[name] for step in book.steps.values() if name in step.set)
    return next((one for one in known if one != value), "other")


def _collect(book: Book, step: Step, collect: Collect, who: Both) -> Iterator[Mutant]:
    at: Spot = ("steps", step.id, "")

    def set_keys(book: Book, keys: Mapping[str, Key]) -> Book:
        return with_collect(book, step, keys=keys)

    def set_counter(name: str) -> Callable[[Counter], Change]:
        return lambda counter: lambda book: with_collect(book, step, **{name: counter})

    yield from of_keys(book, collect.keys, who, at, step.place, set_keys)
    for branch, field, counter in (
        ("no_input", "no_input", collect.no_input),
        ("wrong_key", "wrong", collect.wrong),
    ):
        yield from of_counter(branch, counter, who, at, step.place, set_counter(field))
    yield from _digits(step, collect, who, at)


def _digits(step: Step, collect: Collect, who: Both, at: Spot) -> Iterator[Mutant]:
    """Broken time-outs, and another number of digits."""

    def change(operator: str, what: Both, *spots: Spot, **fields: Any) -> Mutant:
        return Mutant(
            operator,
            step.place,
            about(who, *what),
            (*spots, at),
            lambda book: with_collect(book, step, **fields),
        )

    silent: Spot = ("branches", step.id, "no_input")
    first, inter = collect.first_digit_timeout, collect.inter_digit_timeout
    for pace in PACES:
        what = waits(first * pace, first)
        yield change("timeout", what, silent, first_digit_timeout=first * pace)
        what = Both(
            f"等下一位 {inter * pace:g} 秒而不是 {inter:g} 秒",
            f"waits {inter * pace:g} s for the next digit instead of {inter:g} s",
        )
        yield change("timeout", what, inter_digit_timeout=inter * pace)
    least, most = collect.min_length, collect.max_length
    if least < most:
        what = Both(f"至少 {least + 1} 位", f"takes {least + 1} digits at least, not {least}")
        yield change("input", what, min_length=least + 1)
        what = Both(f"至多 {most - 1} 位", f"takes {most - 1} digits at most, not {most}")
        yield change("input", what, max_length=most - 1)
    else:
        what = Both(f"要 {most + 1} 位", f"takes {most + 1} digits instead of {most}")
        yield change("input", what, min_length=most + 1, max_length=most + 1)
    if collect.terminator and least < most:
        what = Both("没有结束键", f"{collect.terminator} does not end the input")
        yield change("input", what, terminator="")
