"""Does what was heard satisfy what was expected? Pure comparison, without time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from hotline.callers.hearing import Values, spoken_text
from hotline.callers.scenario import Expect, ExpectKind


@dataclass(slots=True)
class Thing:
    """One thing heard. `what`: canonical prompt id, agent number, tone or music name, or who hung
    up. Values and `whole` come later than the rest, when a prompt was heard to its end."""

    kind: ExpectKind
    what: str
    template: str = ""
    values: Values = ()
    language: str = ""
    whole: bool = False
    place: int = 0
    """its place in the transcript"""
    seconds: float = 0.0
    source: str = ""
    """the prompt id that it came by, also when it turned out to be an agent"""

    @property
    def text(self) -> str:
        """What was said."""
        return spoken_text(self.template, self.values)


def is_prompt(wanted: str, ids: tuple[str, ...]) -> bool:
    """Whether one of `ids` is `wanted` or an id below it (`error` has `error.wrong_key`)."""
    below = f"{wanted}."
    return any(one == wanted or one.startswith(below) for one in ids)


def satisfies(thing: Thing, want: Expect, ids: tuple[str, ...]) -> bool:
    """Whether `thing` is what is wanted; `ids` are all prompt ids that sound like it."""
    if want.kind == "prompt":
        return thing.kind in ("prompt", "agent") and _said(thing, want, ids)
    if thing.kind != want.kind:
        return False
    match want.kind:
        case "agent":
            return (thing.whole or not want.to_end) and want.number in ("", thing.what)
        case "tone":
            return not want.tone or thing.what == want.tone
        case "silence":
            return thing.seconds >= want.seconds
    return True


def _said(thing: Thing, want: Expect, ids: tuple[str, ...]) -> bool:
    if want.prompt and not is_prompt(want.prompt, ids):
        return False
    if want.language and thing.language != want.language:
        return False
    if want.to_end and not thing.whole:
        return False
    if want.values and not set(want.values) <= set(thing.values):
        return False
    if want.contains and want.contains not in thing.text:
        return False
    if want.exact and want.exact != thing.text.strip():
        return False
    if want.similar and likeness(want.similar, thing.text) < want.at_least:
        return False
    return want.matches is None or want.matches.search(thing.text) is not None


_SENTENCE = re.compile(r"[^。！？；!?;]+")
_UNSPOKEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def likeness(wanted: str, said: str) -> float:
    """How alike two texts sound, 0 to 1: 2 x matching characters / all characters of both.

    The matching blocks are those of Ratcliff and Obershelp (`difflib`), on lower case without
    spaces and marks. The whole of what was said counts, or that sentence of it which is most like.
    """
    target = _spoken(wanted)
    return max((_ratio(target, _spoken(part)) for part in (said, *_sentences(said))), default=0.0)


def _sentences(text: str) -> list[str]:
    return _SENTENCE.findall(text)


def _spoken(text: str) -> str:
    return _UNSPOKEN.sub("", text).lower()


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, other, one, autojunk=False).ratio() if one and other else 0.0
