"""Checks of the fixed phrases and settings of clause 5.2, and advice on the length of menus."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from menus.announce import announcements
from menus.checks_tree import navigation_menus
from menus.graph import leads_to_agent
from menus.model import Counter, Hours, Menu, Place, PromptText
from menus.speed import speech_seconds
from menus.texts import elided, placeholders
from menus.view import Hit, View
from menus.wording import Both

OPENING_ENGLISH = r"State Grid 95598"
"""The standard words the opening in Chinese only; what it must name in English is our choice."""


def phrases(view: View) -> Iterator[Hit]:
    """M020, M021, M022: opening, closing and announcement as the standard words them."""
    book, limits = view.book, view.limits
    opening = limits.phrase("greeting") if book.language.startswith("zh") else OPENING_ENGLISH
    yield from _phrase(
        "M020",
        book.greeting,
        book.language,
        opening,
        Both(
            "引导语应为“×××，国家电网95598为您服务”",
            "the opening is 「×××，国家电网95598为您服务」",
        ),
    )
    yield from _phrase(
        "M021",
        book.closing,
        "zh-CN",
        limits.phrase("closing"),
        Both("结束语应为“结束服务请挂机”", "the closing phrase is 「结束服务请挂机」"),
    )
    said = Both(
        "应为“您好！{agent:agent}号客服专员为您服务”",
        "the announcement is 「您好！{agent:agent}号客服专员为您服务」",
    )
    wrong = list(_phrase("M022", book.announcement, "zh-CN", limits.phrase("announcement"), said))
    yield from wrong
    for language, text in book.announcement.long.items():
        if not wrong and "agent" not in dict(placeholders(text)):
            yield Hit(
                "M022",
                book.announcement.place,
                Both(
                    f"报工号语（{language}）没有 {{agent:agent}}",
                    f"the announcement ({language}) does not say {{agent:agent}}",
                ),
                Both("写上 {agent:agent}", "add {agent:agent}"),
            )


def _phrase(
    rule: str, prompt: PromptText, language: str, pattern: str, hint: Both
) -> Iterator[Hit]:
    text = prompt.long.get(language, "")
    if not re.search(pattern, re.sub(r"\s", "", text) if language.startswith("zh") else text):
        yield Hit(
            rule,
            prompt.place,
            Both(
                f"{prompt.id} 的文字“{text}”不合规定",
                f"{prompt.id} says {text!r}, which is not as required",
            ),
            hint,
        )


def around_the_clock(view: View) -> Iterator[Hit]:
    """M023: the hotline is reachable 24 hours (5.2.7.1)."""
    hours: Hours = view.book.hours
    if hours.days != frozenset(range(1, 8)) or hours.start % 86400 != hours.end % 86400:
        yield Hit(
            "M023",
            view.place("hours"),
            Both("人工服务不是每天 24 小时", "agents are not on duty 24 hours every day"),
            Both('写 hours: "00:00-24:00"', 'write hours: "00:00-24:00"'),
        )


def counters(view: View) -> Iterator[Hit]:
    """M025, M026: what becomes of silent callers and wrong keys (5.2.6.3)."""
    for name, place, counter, silence in _counters(view):
        agent = leads_to_agent(view.book, counter.then)
        if not agent:
            yield Hit(
                "M025",
                place,
                Both(
                    f"{name} 的最后去向是 {counter.then}，不是人工",
                    f"the last resort of {name} is {counter.then}, not an agent",
                ),
                Both("写 then: agent", "write then: agent"),
            )
        if silence and not agent and counter.limit < view.limits["least_reprompts"]:
            yield Hit(
                "M026",
                place,
                Both(
                    f"{name}：来电人没有按键时不再提示",
                    f"{name}: a silent caller is not prompted again",
                ),
                Both("写 limit: 2", "write limit: 2"),
            )


def _counters(view: View) -> Iterator[tuple[str, Place, Counter, bool]]:
    """Each counter once: the book's, and those that menus and inputs have of their own."""
    seen: list[Counter] = []
    for menu in view.book.menus.values():
        for counter, silence in ((menu.no_input, True), (menu.wrong_key, False)):
            if counter not in seen:
                seen.append(counter)
                yield f"menu:{menu.id}", menu.place, counter, silence
    for step in view.book.steps.values():
        if step.collect is None:
            continue
        for counter, silence in ((step.collect.no_input, True), (step.collect.wrong, False)):
            if counter not in seen:
                seen.append(counter)
                yield f"step:{step.id}", step.place, counter, silence


def length(view: View) -> Iterator[Hit]:
    """M027, M028, M029, M038: menus that callers can keep in mind (5.2.7.2)."""
    most = int(view.limits["max_options"])
    for menu in navigation_menus(view):
        options = [key for key in menu.keys.values() if not key.inherited]
        if len(options) > most:
            yield Hit(
                "M027",
                menu.place,
                Both(
                    f"菜单 {menu.id} 有 {len(options)} 个选项，建议不超过 {most} 个",
                    f"menu {menu.id!r} has {len(options)} options, better {most} at most",
                ),
                Both("合并或分级", "group some of them in a menu of their own"),
            )
        if menu.first_digit_timeout > view.limits["longest_first_digit"]:
            yield Hit(
                "M038",
                menu.place,
                Both(
                    f"菜单 {menu.id} 等待首个按键 {menu.first_digit_timeout:g} 秒",
                    f"menu {menu.id!r} waits {menu.first_digit_timeout:g} s for a key",
                ),
                Both("改为 5 秒左右", "about 5 s is usual"),
            )
        for language in view.languages(("menu", menu.id)):
            yield from _seconds(view, menu, menu.prompt.long.get(language, ""))


def _seconds(view: View, menu: Menu, text: str) -> Iterator[Hit]:
    if not text or elided(text):
        return
    whole = view.seconds(menu.prompt, text)
    longest = view.limits["prompt_within"]
    if whole > longest:
        yield Hit(
            "M029",
            menu.prompt.place,
            Both(
                f"菜单 {menu.id} 的提示音约 {whole:.0f} 秒，建议不超过 {longest:.0f} 秒",
                f"the prompt of menu {menu.id!r} takes about {whole:.0f} s, "
                f"better {longest:.0f} at most",
            ),
            Both("缩短文字", "say less"),
        )
    late = view.limits["first_option_within"]
    first = _first_option(view, menu, text)
    if first > late:
        yield Hit(
            "M028",
            menu.prompt.place,
            Both(
                f"菜单 {menu.id} 的首个选项约在第 {first:.0f} 秒播报，建议 {late:.0f} 秒内",
                f"the first option of menu {menu.id!r} comes after about {first:.0f} s, "
                f"better within {late:.0f}",
            ),
            Both("先播报选项，或缩短前面的文字", "announce options first, or say less before"),
        )


def _first_option(view: View, menu: Menu, text: str) -> float:
    """Seconds to the first option; an answer with values, which the caller asked for, is not
    waiting and does not count.
    """
    found = announcements(text)
    if not found:
        return 0.0
    end = found[0].end
    answer = text.rfind("}", 0, end)
    sentence = re.search(r"[。.!！]", text[answer + 1 : end]) if answer >= 0 else None
    start = answer + 1 + sentence.end() if sentence else 0
    share = (end - start) / max(1, len(text))
    recorded = view.duration(menu.prompt.id) if view.duration else 0.0
    return recorded * share if recorded else speech_seconds(text[start:end])


CHECKS: tuple[Callable[[View], Iterator[Hit]], ...] = (
    phrases,
    around_the_clock,
    counters,
    length,
)
