"""The limits of an edition: numbers and phrases that lint compares a book with, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from menus.model import Place
from menus.reader import Loader
from menus.wording import BookError, Both, Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of edition `edition`, by name."""

    edition: str
    title: str
    values: Mapping[str, Any]

    def number(self, name: str) -> float:
        """A limit that is a number."""
        return float(self.values[name])

    def text(self, name: str) -> str:
        """A limit that is a pattern."""
        return str(self.values[name])

    def names(self, name: str) -> tuple[str, ...]:
        """A limit that is a list of names."""
        return tuple(self.values[name])


@cache
def _data() -> dict[str, Any]:
    text = files("menus").joinpath("limits.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=Loader)
    return data


def editions() -> tuple[str, ...]:
    """The editions that a book may name."""
    return tuple(_data()["editions"])


def limits(edition: str = "", place: Place | None = None) -> Limits:
    """The limits of `edition` ("" is the default one); raises `BookError` for an unknown one."""
    known = _data()["editions"]
    edition = edition or _data()["default"]
    if edition not in known:
        raise BookError(Problem(
            place or Place(),
            Both(f"没有名为 {edition} 的版本", f"unknown edition {edition!r}"),
            Both(f"可用：{'、'.join(known)}", f"available: {', '.join(known)}"),
        ))
    values: dict[str, Any] = {}
    chain = [edition]
    while "base" in known[chain[-1]]:
        chain.append(known[chain[-1]]["base"])
    for name in reversed(chain):
        values |= {key: limit["value"] for key, limit in known[name]["limits"].items()}
    return Limits(edition, known[edition]["title"], values)
