"""Mutants of what is said: a recording that is cut short, is missing, or cannot be interrupted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from menus.graph import Graph, Node
from menus.model import Book, PromptText, Texts
from menus.mutants import Mutant, Spot, rewritten, with_setting, with_step
from menus.unsaid import never_said
from menus.view import forms
from menus.wording import Both

_CLAUSE = re.compile(r"[^，。；？！,;.?!]+(?:[，。；？！,;.?!]+\s*|$)")
_OTHER = {"zh": "请稍候。", "en": "One moment, please."}


def of_prompts(book: Book) -> Iterator[Mutant]:
    """Every mutant of what the book says."""
    graph = Graph(book)
    seen: set[tuple[str, str]] = set()
    for prompt in book.prompts():
        for prompt_id, texts in forms(prompt):
            for language, text in texts.items():
                if (prompt_id, language) not in seen:
                    seen.add((prompt_id, language))
                    yield _cut(book, graph, prompt, prompt_id, language, text)
    yield from _left_out(book)
    yield from _barge_in(book)


# --- cut short -----------------------------------------------------------------------------------


def cut_short(text: str, language: str) -> str:
    """`text` without its last clause; other words where it has but one."""
    clauses = _CLAUSE.findall(text)
    kept = "".join(clauses[:-1]).rstrip("，；,; ")
    if len(clauses) < 2 or not kept:
        return _OTHER.get(language[:2], _OTHER["en"])
    return kept if kept[-1] in "。.！!？?" else kept + ("。" if language.startswith("zh") else ".")


def _cut(
    book: Book, graph: Graph, prompt: PromptText, prompt_id: str, language: str, text: str
) -> Mutant:
    short = prompt_id != prompt.id
    said = cut_short(text, language)

    def texts(old: Texts) -> Texts:
        return {**old, language: said}

    def change(part: Any) -> Any:
        if not isinstance(part, PromptText) or part.id != prompt.id:
            return part
        if short:
            return part if part.short is None else replace(part, short=texts(part.short))
        return replace(part, long=texts(part.long))

    return Mutant(
        "words",
        prompt.place,
        Both(f"提示 {prompt_id}（{language}）只说“{said}”", f"{prompt_id} says only {said!r}"),
        (("prompts", prompt_id, language),),
        partial(rewritten, change=change),
        _never_heard(book, graph, prompt_id, language),
    )


def _never_heard(book: Book, graph: Graph, prompt_id: str, language: str) -> Both | None:
    """Why nobody can hear a prompt in a language; None if somebody can."""
    why = never_said(book, prompt_id)
    if why is not None:
        return why
    if language not in _languages(book, graph, prompt_id):
        return Both(f"此处从不用 {language} 播报", f"it is never said in {language}")
    return None


def _languages(book: Book, graph: Graph, prompt_id: str) -> set[str]:
    """The languages in which the call can be where `prompt_id` is said."""
    name = prompt_id.removesuffix(".short")
    if name in ("greeting", "bulletin") or name.startswith("notice."):
        return {book.language}
    nodes: list[Node] = [("menu", name)] if name in book.menus else []
    nodes += [("step", name)] if name in book.steps else []
    if not nodes:
        return graph.spoken
    return set().union(*(graph.languages.get(node, set()) for node in nodes))


# --- left out, or not to be interrupted ----------------------------------------------------------


def _left_out(book: Book) -> Iterator[Mutant]:
    for step in book.steps.values():
        if step.say is not None:
            spot: Spot = ("steps", step.id, "")
            yield Mutant(
                "drop prompt",
                step.say.place,
                Both(f"步骤 {step.id} 不播报", f"step {step.id}: says nothing"),
                (spot,),
                partial(with_step, step=step, say=None),
            )
    calls: Spot = ("menus", book.start, "")
    for notice in book.notices:
        rest = tuple(other for other in book.notices if other is not notice)
        yield Mutant(
            "drop prompt",
            notice.place,
            Both(f"没有提示 {notice.id}", f"{notice.id} is not played"),
            (calls,),
            partial(with_setting, notices=rest),
        )
    for field, what in (
        ("bulletin", Both("没有停电公告", "no outage bulletin")),
        ("common_prompt", Both("不播共用按键", "the common keys are not announced")),
    ):
        part: Any = getattr(book, field)
        if part is not None:
            place = book.places.get(field, book.place)
            fields: Mapping[str, Any] = {field: None}
            prompt_id = part.id if isinstance(part, PromptText) else part.prompt.id
            spots: tuple[Spot, ...] = (("prompts", prompt_id, book.language),)
            yield Mutant(
                "drop prompt",
                place,
                what,
                spots,
                partial(with_setting, **fields),
            )


def _flip(prompt: PromptText, flipped: PromptText) -> Callable[[Any], Any]:
    return lambda part: flipped if part == prompt else part


def _barge_in(book: Book) -> Iterator[Mutant]:
    """A legal notice that may be interrupted; a menu that may not. In the queue nothing said
    delays anything: the waiting menu has none."""
    menus = [menu for menu in book.menus.values() if menu.id != book.waiting.menu]
    for prompt in (*book.notices, *(menu.prompt for menu in menus)):
        flipped = replace(prompt, interruptible=not prompt.interruptible)
        word = Both("能", "can") if flipped.interruptible else Both("不能", "cannot")
        yield Mutant(
            "barge-in",
            prompt.place,
            Both(f"提示 {prompt.id} {word.zh}被打断", f"{prompt.id} {word.en} be interrupted"),
            (("prompts", prompt.id, book.language), ("menus", prompt.id, "")),
            partial(rewritten, change=_flip(prompt, flipped)),
        )
