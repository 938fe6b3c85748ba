"""Prompt templates: ``您的账户余额为{balance:amount}。`` is a literal, a slot and a literal.

    text    = { literal | "{" name [ ":" kind ] "}" }      "{{" and "}}" are literal braces
    name    = letter or "_" , then letters, digits, "_"
    kind    = one of KINDS, "word" when left out

A literal carries the text between two slots exactly as written; `clip_key` says which recorded clip
speaks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "DEFAULT_KIND",
    "KINDS",
    "Literal",
    "Part",
    "Slot",
    "TemplateError",
    "clip_key",
    "parse",
]

KINDS = frozenset(
    {
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
    }
)
"""What a slot may hold; `audio.formatters` says each of them."""

DEFAULT_KIND = "word"


class TemplateError(ValueError):
    """A template that cannot be parsed; the message names the text, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Words that never change: one recorded clip."""

    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value, spoken as `kind` says."""

    name: str
    kind: str = DEFAULT_KIND


Part = Literal | Slot

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_SLOT = re.compile(r"\s*([A-Za-z_]\w*)\s*(?::\s*([a-z]+)\s*)?")


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Part, ...]:
    """The literals and slots of a template, in order; raises `TemplateError`."""
    parts: list[Part] = []
    literal = ""
    for token in _TOKEN.finditer(text):
        found = token.group()
        if found in ("{{", "}}"):
            literal += found[0]
        elif token.group(1) is not None:
            if literal:
                parts.append(Literal(literal))
                literal = ""
            parts.append(_slot(token.group(1), text))
        elif found in "{}":
            raise TemplateError(
                f"single {found!r} at character {token.start() + 1} of {text!r}; "
                f"write {found * 2!r} for a brace that is spoken text"
            )
        else:
            literal += found
    if literal:
        parts.append(Literal(literal))
    return tuple(parts)


def _slot(inside: str, text: str) -> Slot:
    match = _SLOT.fullmatch(inside)
    if match is None:
        raise TemplateError(
            f"{{{inside}}} in {text!r} is not a slot; write {{name}} or {{name:kind}}"
        )
    name, kind = match.group(1), match.group(2) or DEFAULT_KIND
    if kind not in KINDS:
        raise TemplateError(
            f"unknown kind {kind!r} of slot {name!r} in {text!r}; "
            f"available kinds: {', '.join(sorted(KINDS))}"
        )
    return Slot(name, kind)


_PAUSES = "，、：；,:; \t\r\n\u3000"
_STOPS = "。！.!"
_QUESTIONS = "？?"
_QUOTES = '“”"《》（）()【】'


@lru_cache(maxsize=16384)
def clip_key(text: str) -> str:
    """The text under which the clip of a literal is stored; empty when nothing is audible.

    A literal before a slot and one that ends a sentence are spoken with another melody, so a full
    stop is part of the key; pauses and quotes at either end are not.
    """
    words = " ".join(text.split())
    end = ""
    body = words.rstrip(_PAUSES + _STOPS + _QUESTIONS + _QUOTES)
    tail = words[len(body) :]
    chinese = any("\u3400" <= char <= "\u9fff" for char in body)
    if any(mark in _QUESTIONS for mark in tail):
        end = "？" if chinese else "?"
    elif any(mark in _STOPS for mark in tail):
        end = "。" if chinese else "."
    body = body.lstrip(_PAUSES + _STOPS + _QUESTIONS + _QUOTES)
    return body + end if body else ""
