"""Mutants of the hotline as a whole: the queue, the survey, hours, and the end of the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from menus.model import Book, Hours, Survey, Target
from menus.mutants import QUEUE, Mutant, Spot, about, with_setting
from menus.mutants_menu import PACES
from menus.wording import Both

OFFICE_HOURS = Hours(9 * 3600.0, 17 * 3600.0)


def of_hotline(book: Book) -> Iterator[Mutant]:
    """Every mutant of the book's own settings."""
    yield from _waiting(book)
    if book.survey is not None:
        yield from _survey(book, book.survey)
    yield from _rest(book)


def _waiting(book: Book) -> Iterator[Mutant]:
    waiting = book.waiting
    place = book.places.get("waiting", book.place)

    def change(what: Both, *spots: Spot, **fields: Any) -> Mutant:
        return Mutant(
            "waiting",
            place,
            what,
            (*spots, QUEUE),
            lambda book: replace(book, waiting=replace(book.waiting, **fields)),
        )

    for field, what in (
        ("first_message", Both("首次等待提示", "the first message in the queue")),
        ("message_every", Both("等待提示间隔", "the time between messages in the queue")),
        ("menu_after", Both("排队选项的时间", "the time of the waiting menu")),
    ):
        if field == "menu_after" and waiting.menu is None:
            continue
        seconds: float = getattr(waiting, field)
        for other in (seconds * pace for pace in PACES):
            words = about(what, f"：{other:g} 秒", f": {other:g} s instead of {seconds:g} s")
            yield change(words, **{field: other})
    if waiting.menu is not None:
        what = Both("没有排队选项", "there is no waiting menu")
        yield change(what, ("menus", waiting.menu, ""), menu=None)
    if waiting.callback_booked is not None:
        what = Both("留位后不提示", "a call-back is booked without a word")
        yield change(what, ("prompts", "queue.callback", book.language), callback_booked=None)
    then = Target("top") if waiting.refused_then.kind == "end" else Target("end")
    refused: list[Spot] = [("prompts", f"refused.{why}", book.language) for why in waiting.refused]
    what = Both(f"无法受理后到 {then}", f"a refusal leads to {then}")
    yield change(what, *refused, refused_then=then)


def _survey(book: Book, survey: Survey) -> Iterator[Mutant]:
    place = book.places.get("survey", survey.prompt.place)
    asked: Spot = ("prompts", survey.prompt.id, book.language)

    def change(what: Both, *spots: Spot, **fields: Any) -> Mutant:
        return Mutant(
            "survey",
            place,
            what,
            (*spots, asked),
            lambda book: replace(book, survey=replace(survey, **fields)),
        )

    yield Mutant(
        "survey",
        place,
        Both("没有评价", "there is no survey"),
        (asked,),
        partial(with_setting, survey=None),
    )
    yield change(Both("不问原因", "no reason is asked"), ask_reason=frozenset())
    for seconds in (survey.timeout * pace for pace in PACES):
        what = Both(f"等评价 {seconds:g} 秒", f"waits {seconds:g} s for a score")
        yield change(what, timeout=seconds)
    for field, group, word in (
        ("scores", "survey", Both("评价键", "score keys")),
        ("reasons", "survey.reason", Both("原因键", "reason keys")),
    ):
        keys: Mapping[str, Any] = getattr(survey, field)
        names = list(keys)
        for one, other in pairwise(names):
            swapped = {**keys, one: keys[other], other: keys[one]}
            spots: list[Spot] = [("survey", group, str(keys[key])) for key in (one, other)]
            what = about(word, f" {one} 与 {other} 互换", f" {one} and {other} swapped")
            yield change(what, *spots, **{field: swapped})


def _rest(book: Book) -> Iterator[Mutant]:
    start: Spot = ("menus", book.start, "")
    closing: Spot = ("prompts", book.closing.id, book.language)
    for seconds in (book.hang_up_after * pace for pace in PACES):
        yield Mutant(
            "hotline",
            book.places.get("hang_up_after", book.place),
            Both(f"结束语后 {seconds:g} 秒挂机", f"hangs up {seconds:g} s after closing"),
            (closing,),
            partial(with_setting, hang_up_after=seconds),
        )
    yield Mutant(
        "hotline",
        book.places.get("hours", book.place),
        Both("人工只在 9 时到 17 时服务", "agents are on duty from 9 to 17 only"),
        (QUEUE,),
        partial(with_setting, hours=OFFICE_HOURS),
    )
    for language, menu in book.starts.items():
        if menu != book.start:
            yield Mutant(
                "language",
                book.places.get("starts", book.place),
                Both(f"{language} 从主菜单开始", f"{language} begins at {book.start}"),
                (("menus", menu, ""),),
                partial(with_setting, starts={**book.starts, language: book.start}),
            )
    for language in book.agent_languages:
        rest = tuple(other for other in book.agent_languages if other != language)
        yield Mutant(
            "language",
            book.places.get("agent_languages", book.place),
            Both(f"{language} 没有专员", f"no agents for {language}"),
            (QUEUE, start),
            partial(with_setting, agent_languages=rest),
        )
