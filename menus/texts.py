"""Prompt templates as books write them: words and placeholders `{name:kind}`.

`audio.template` speaks the same form; it is read here too, because a book must be checked without
any audio. `{{` and `}}` are literal braces; the kind is `word` where it is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache

from menus.wording import Both

KINDS = (
    "account",
    "phone",
    "digits",
    "order",
    "amount",
    "date",
    "time",
    "datetime",
    "kwh",
    "agent",
    "count",
    "minutes",
    "word",
)
"""How a value can be spoken."""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SLOT = re.compile(r"\s*([A-Za-z_]\w*)\s*(?::\s*(\w+)\s*)?")
_ELIDED = re.compile(r"[.。…·\s]+")


@lru_cache(maxsize=4096)
def placeholders(text: str) -> tuple[tuple[str, str], ...]:
    """(name, kind) of each placeholder of a well-formed template, in order."""
    found = (_SLOT.fullmatch(match.group(1)) for match in _TOKEN.finditer(text) if match.group(1))
    return tuple((slot.group(1), slot.group(2) or "word") for slot in found if slot)


@lru_cache(maxsize=4096)
def parts(text: str) -> tuple[str | tuple[str, str], ...]:
    """A well-formed template as its words, with braces as they are said, and (name, kind)."""
    found: list[str | tuple[str, str]] = []
    words, at = "", 0
    for match in _TOKEN.finditer(text):
        words, at = words + text[at : match.start()], match.end()
        slot = _SLOT.fullmatch(match.group(1)) if match.group(1) is not None else None
        if slot is None:
            words += match.group()[0]
            continue
        found += [words] if words else []
        words = ""
        found.append((slot.group(1), slot.group(2) or "word"))
    words += text[at:]
    return (*found, words) if words else tuple(found)


def template_fault(text: str) -> tuple[Both, Both] | None:
    """What is wrong with a template, and the remedy; None for a well-formed one."""
    for match in _TOKEN.finditer(text):
        token, inside = match.group(), match.group(1)
        if inside is None:
            if token in "{}":
                return (
                    Both(f"单独的花括号 {token}", f"single brace {token}"),
                    Both(f"要念出花括号时写 {token * 2}", f"write {token * 2} for a spoken brace"),
                )
            continue
        slot = _SLOT.fullmatch(inside)
        if slot is None:
            return (
                Both(f"{{{inside}}} 不是占位符", f"{{{inside}}} is not a placeholder"),
                Both("写成 {名称:类型}，名称用英文字母", "write {name:kind}"),
            )
        kind = slot.group(2)
        if kind is not None and kind not in KINDS:
            return (
                Both(
                    f"占位符 {slot.group(1)} 的类型 {kind} 不存在",
                    f"placeholder {slot.group(1)!r} has the unknown kind {kind!r}",
                ),
                Both(f"可用类型：{'、'.join(KINDS)}", f"kinds: {', '.join(KINDS)}"),
            )
    return None


def elided(text: str) -> bool:
    """A text such as `...`, which stands for words still to be written."""
    return bool(_ELIDED.fullmatch(text))
