"""What a lint check sees of a book, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from menus.graph import Graph, Node
from menus.limits import Limits
from menus.model import Book, Place, PromptText, Texts
from menus.paths import Duration
from menus.speed import speech_seconds
from menus.wording import NOWHERE, Both


class Hit(NamedTuple):
    """A rule that a book breaks at `place`."""

    rule: str
    place: Place
    message: Both
    hint: Both = NOWHERE


@dataclass(frozen=True, slots=True)
class View:
    """A book with its graph and the limits of its edition."""

    book: Book
    graph: Graph
    limits: Limits
    duration: Duration | None
    functions_required: bool

    def place(self, section: str) -> Place:
        """The place of a top-level section, or of the book where it is not written."""
        return self.book.places.get(section, self.book.place)

    def languages(self, node: Node) -> list[str]:
        """The languages `node` is heard in; the book's where it cannot be reached."""
        return sorted(self.graph.languages.get(node, {self.book.language}))

    def seconds(self, prompt: PromptText, text: str) -> float:
        """How long `text`, the long form of `prompt`, takes to say."""
        recorded = self.duration(prompt.id) if self.duration else 0.0
        return recorded or speech_seconds(text)


def forms(prompt: PromptText) -> Iterator[tuple[str, Texts]]:
    """The forms of a prompt with their ids: the long one, and the short one if it has one."""
    yield prompt.id, prompt.long
    if prompt.short is not None:
        yield f"{prompt.id}.short", prompt.short
