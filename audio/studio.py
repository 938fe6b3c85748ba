"""The prompt script for a recording studio: every clip that a book needs, with the words around it.

A prompt with values is recorded in pieces. The speaker must hear where a piece stands: what comes
before a value ends on a held note, what ends a sentence falls. So each line carries its whole
sentence with the values in brackets, and says how it ends. The file name is the clip's name in
`audio.pack`, under which `hotline book recordings` and `--recordings` find it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audio.formatters import LANGUAGES, join, pieces, spoken
from audio.pack import clip_name, estimate
from audio.template import KINDS, Literal, Slot, clip_key, parse

if TYPE_CHECKING:
    from menus.model import Book

EXAMPLES: dict[str, object] = {
    "account": "1234567890", "phone": "13800138000", "digits": "2045", "order": "261125000017",
    "amount": 12856, "date": "2026-11-25", "time": "08:30", "datetime": "2026-11-25T08:30",
    "kwh": "320.5", "agent": "1024", "count": 12, "minutes": 5, "word": "...",
}  # fmt: skip
"""Kind of value -> a value to show how it is said."""


@dataclass(slots=True)
class Line:
    """One recording to make."""

    language: str
    text: str
    """What is spoken."""
    kind: str
    """``literal``, ``word`` (a phrase that a value may be) or ``piece`` (of a number)."""
    sentence: str = ""
    """The whole sentence, values in brackets."""
    ends: str = "falls"
    """``falls`` at the end of a sentence, ``held`` before a value, ``asks`` for a question."""
    prompts: list[str] = field(default_factory=list)
    """Ids of the prompts that play it."""

    @property
    def name(self) -> str:
        """File name without suffix."""
        return clip_name("piece" if self.kind == "piece" else "literal", self.text)

    @property
    def file(self) -> str:
        """Where it is to be delivered, relative to the folder of recordings."""
        return f"{self.language}/{self.name}.wav"

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return estimate(self.text)


def script(book: Book, *, numbers: bool = False) -> list[Line]:
    """The lines of a book in the order of its prompts; `numbers` adds the pieces of numbers."""
    found: dict[tuple[str, str], Line] = {}
    for prompt, language, template in prompt_texts(book):
        for line in _lines(prompt, language, template):
            known = found.setdefault((language, line.text), line)
            if prompt not in known.prompts:
                known.prompts.append(prompt)
    for language in _languages(book):
        for word in book.vocabulary.get(language, ()):
            key = clip_key(word)
            if key:
                found.setdefault((language, key), Line(language, key, "word", ends="held"))
        for piece in pieces(language) if numbers and language in LANGUAGES else ():
            found.setdefault((language, piece), Line(language, piece, "piece", ends="held"))
    return list(found.values())


def prompt_texts(book: Book) -> Iterator[tuple[str, str, str]]:
    """(prompt id, language, template) of everything the book can say, short forms included."""
    for prompt in book.prompts():
        for language, text in prompt.long.items():
            yield prompt.id, language, text
        for language, text in (prompt.short or {}).items():
            yield f"{prompt.id}.short", language, text


def _languages(book: Book) -> list[str]:
    return sorted({language for _, language, _ in prompt_texts(book)})


def _lines(prompt: str, language: str, template: str) -> Iterator[Line]:
    parts = parse(template)
    sentence = "".join(p.text if isinstance(p, Literal) else f"[{p.name}]" for p in parts)
    for at, part in enumerate(parts):
        key = clip_key(part.text) if isinstance(part, Literal) else ""
        if key:
            held = at + 1 < len(parts) and key[-1] not in "。.？?"
            ends = "held" if held else "asks" if key[-1] in "？?" else "falls"
            yield Line(language, key, "literal", sentence, ends, [prompt])


def values(book: Book) -> Iterator[tuple[str, str, str, str]]:
    """(language, kind, example, as it is said) of each kind of value that the book speaks."""
    used = {
        (language, part.kind)
        for _, language, template in prompt_texts(book)
        for part in parse(template)
        if isinstance(part, Slot)
    }
    for language, kind in sorted(used):
        if kind in KINDS and kind in EXAMPLES and language in LANGUAGES:
            said = spoken(kind, EXAMPLES[kind], language)
            yield language, kind, str(EXAMPLES[kind]), join(said, language)


def by_prompt(book: Book) -> dict[tuple[str, str], str]:
    """(language, prompt id) -> the one text of a prompt that is recorded in one piece."""
    return {
        (language, prompt): clip_key(template)
        for prompt, language, template in prompt_texts(book)
        if not any(isinstance(part, Slot) for part in parse(template)) and clip_key(template)
    }


def total(lines: Iterable[Line]) -> float:
    """Seconds of all recordings together."""
    return sum(line.seconds for line in lines)
