"""Mutants of a book: each has one thing changed that a person could change by mistake.

A suite of scenarios that lets a mutant pass would also let that mistake pass. Mutants are made of
the resolved book, so each of them is a valid book; what the book inherits is changed menu by menu,
as if the menu had settings of its own.

    menus/books/95598.yaml:110  swap keys   the menu `fault` leads with 1 where 2 led, and back
    operator                    place       what was changed, in words

One that no caller can tell from the book carries the proof (`equivalent`); lint's own findings
(a loop, a dead end) are what some mutants are meant to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any

from menus.model import Book, Collect, Menu, Place, Step, Target
from menus.wording import Both

Spot = tuple[str, str, str]
"""(group, where, what): what of a book a call reaches. The groups are those of coverage (menus,
keys, branches, steps, outcomes, survey), and `prompts` with (prompt id, language) and `queue`."""

QUEUE: Spot = ("queue", "", "")
"""Reached by whoever asks for an agent."""

Change = Callable[[Book], Book]

OPERATORS: Mapping[str, Both] = MappingProxyType(
    {
        "swap keys": Both("两键互换", "swap keys"),
        "retarget key": Both("按键指错", "retarget key"),
        "drop key": Both("删去按键", "drop key"),
        "drop back": Both("删去返回", "drop back"),
        "drop transfer": Both("删去转人工", "drop transfer"),
        "drop repeat": Both("删去重听", "drop repeat"),
        "re-prompts": Both("重提示次数", "re-prompts"),
        "last resort": Both("最后去向", "last resort"),
        "timeout": Both("等待时间", "timeout"),
        "input": Both("收号规则", "input"),
        "swap outcomes": Both("结果互换", "swap outcomes"),
        "retarget outcome": Both("结果指错", "retarget outcome"),
        "next": Both("下一步指错", "next"),
        "skill": Both("技能组", "skill"),
        "priority": Both("优先级", "priority"),
        "value": Both("登记内容", "value"),
        "words": Both("播报内容", "words"),
        "drop prompt": Both("删去播报", "drop prompt"),
        "barge-in": Both("打断", "barge-in"),
        "language": Both("语言", "language"),
        "waiting": Both("排队", "waiting"),
        "survey": Both("评价", "survey"),
        "hotline": Both("热线设置", "hotline"),
    }
)
"""Every operator, with its name in both languages, in the order of the report."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `spots`: the most telling first; whoever reached none cannot notice.

    `equivalent`: why no caller can tell it from the book; such a mutant is not run.
    """

    operator: str
    place: Place
    what: Both
    spots: tuple[Spot, ...]
    change: Change
    equivalent: Both | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.operator}: {self.what.en}"


def mutants(book: Book) -> Iterator[Mutant]:
    """Every mutant of `book`, in the order of the file within a section."""
    from menus import mutants_hotline, mutants_menu, mutants_step, mutants_words

    for menu in book.menus.values():
        yield from mutants_menu.of_menu(book, menu)
    for step in book.steps.values():
        yield from mutants_step.of_step(book, step)
    yield from mutants_words.of_prompts(book)
    yield from mutants_hotline.of_hotline(book)


# --- changing a book -----------------------------------------------------------------------------


def with_setting(book: Book, **changed: Any) -> Book:
    """`book` with some of its own settings changed."""
    return replace(book, **changed)


def with_menu(book: Book, menu: Menu, **changed: Any) -> Book:
    """`book` with some fields of `menu` changed."""
    new = replace(book.menus[menu.id], **changed)
    new = replace(new, common=any(key.inherited for key in new.keys.values()))
    return replace(book, menus={**book.menus, menu.id: new})


def with_step(book: Book, step: Step, **changed: Any) -> Book:
    """`book` with some fields of `step` changed."""
    return replace(book, steps={**book.steps, step.id: replace(book.steps[step.id], **changed)})


def with_collect(book: Book, step: Step, **changed: Any) -> Book:
    """`book` with some fields of the input of `step` changed."""
    collect = book.steps[step.id].collect
    assert isinstance(collect, Collect)
    return with_step(book, step, collect=replace(collect, **changed))


def rewritten(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied to every part that it gives another object for."""
    changed = change(value)
    if changed is not value:
        return changed
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        new = {name: rewritten(part, change) for name, part in parts.items()}
        moved = {name: part for name, part in new.items() if part is not parts[name]}
        return replace(value, **moved) if moved else value
    if isinstance(value, Mapping):
        inner = {name: rewritten(part, change) for name, part in value.items()}
        return value if all(inner[name] is value[name] for name in inner) else inner
    if isinstance(value, tuple):
        items = tuple(rewritten(part, change) for part in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    return value


# --- what several kinds of mutants share ---------------------------------------------------------


def skills(book: Book) -> tuple[str, ...]:
    """The skills that the book asks agents for."""
    found: dict[str, None] = {}

    def look(value: Any) -> Any:
        if isinstance(value, Target) and value.kind == "agent" and value.arg:
            found[value.arg] = None
        if isinstance(value, Menu) and value.skill:
            found[value.skill] = None
        return value

    rewritten(book.menus, look)
    rewritten(book.steps, look)
    return tuple(sorted(found))


def other_skill(book: Book, skill: str) -> str:
    """A skill that is not `skill`; "" where the book knows no other."""
    known = skills(book)
    if skill not in known:
        return known[0] if known else ""
    return known[(known.index(skill) + 1) % len(known)] if len(known) > 1 else ""


def about(who: Both, zh: str, en: str) -> Both:
    """What is changed of `who`, in both languages."""
    return Both(who.zh + zh, who.en + en)


def elsewhere(target: Target) -> Target:
    """A place where `target` does not lead: the end of the call, else an agent."""
    return Target("agent") if target.kind == "end" else Target("end")
