"""The transcript: what was heard, pressed, and who hung up, in order and without times.

It must be equal on all media, so it holds only what an ear can tell:

- a prompt, tone or music is in it once `hearing.AUDIBLE` seconds were heard, or all of it;
- the values of a prompt, and an agent's number, are in it only if the prompt was heard to its end;
- the same music twice in a row is one entry (a message too short to be noticed lay between);
- prompts of the same words have one id (`hearing.Canon`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hotline.callers.hearing import Values

Kind = Literal["heard", "music", "tone", "agent", "pressed", "hung up"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `what` is a prompt id, music or tone name, agent number, key, or who hung up."""

    kind: Kind
    what: str
    values: Values = ()

    def __str__(self) -> str:
        values = "".join(f"  {name}={said}" for name, said in self.values)
        return f"{self.kind:<8}{self.what}{values}".rstrip()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The whole of one caller's experience. Equal transcripts: the same experience."""

    items: tuple[Item, ...] = ()

    def __str__(self) -> str:
        return self.text()

    def text(self, indent: str = "") -> str:
        """One line an item; keys pressed in a row share one."""
        return "\n".join(indent + str(item) for item in self._joined())

    def _joined(self) -> Iterator[Item]:
        keys = ""
        for item in self.items:
            if item.kind == "pressed":
                keys += item.what
                continue
            if keys:
                yield Item("pressed", keys)
                keys = ""
            yield item
        if keys:
            yield Item("pressed", keys)

    def to_json(self) -> list[dict[str, object]]:
        """Plain data, for files and pages."""
        return [
            {"kind": item.kind, "what": item.what}
            | ({"values": dict(item.values)} if item.values else {})
            for item in self.items
        ]

    @classmethod
    def from_json(cls, data: list[Mapping[str, object]]) -> Transcript:
        """The reverse of `to_json`."""
        items = []
        for row in data:
            values = row.get("values") or {}
            assert isinstance(values, Mapping)
            pairs = tuple((str(name), str(said)) for name, said in values.items())
            items.append(Item(row["kind"], str(row["what"]), pairs))  # type: ignore[arg-type]
        return cls(tuple(items))


class Writer:
    """Writes a transcript down as it happens."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[Item] = []

    def add(self, kind: Kind, what: str, values: Values = ()) -> int:
        """Add an item and return its place; music that only goes on keeps its place."""
        items = self._items
        if kind == "music" and items and items[-1].kind == "music" and items[-1].what == what:
            return len(items) - 1
        items.append(Item(kind, what, values))
        return len(items) - 1

    def complete(self, place: int, what: str, values: Values) -> None:
        """The prompt at `place` was heard to its end: now its values are known."""
        self._items[place] = Item(self._items[place].kind, what, values)

    def rename(self, place: int, kind: Kind, what: str) -> None:
        """The prompt at `place` turned out to be something else."""
        self._items[place] = Item(kind, what)

    def transcript(self) -> Transcript:
        """What has been written so far."""
        return Transcript(tuple(self._items))
