"""What lint compares a book with: the limits of the standard by edition, and our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from hotline.standard.clauses import Edition, StandardError, edition
from menus.model import Place
from menus.reader import Loader
from menus.wording import BookError, Both, Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one edition of the standard, and those of books."""

    standard: Edition
    own: Mapping[str, float]

    @property
    def max_depth(self) -> int:
        """Menus on a path (5.2.6.2)."""
        return int(self.standard.number("max_menu_depth"))

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions of clause 5.2.3."""
        return self.standard.names("functions")

    @property
    def known_functions(self) -> tuple[str, ...]:
        """Those and the usual others."""
        return (*self.functions, *self.standard.names("functions_optional"))

    def phrase(self, name: str) -> str:
        """A fixed phrase as a pattern: greeting | announcement | closing (5.2.6.1, .5, .6)."""
        return self.standard.text(f"{name}_pattern")

    def __getitem__(self, name: str) -> float:
        """One of our own limits."""
        return self.own[name]


@cache
def book_limits() -> Mapping[str, float]:
    """Our own limits by name."""
    text = files("menus").joinpath("limits.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=Loader)
    return {name: float(limit["value"]) for name, limit in data.items()}


def standard_edition(name: str, place: Place | None = None) -> Edition:
    """A built-in edition of the standard; raises `BookError` for an unknown one."""
    try:
        return edition(name)
    except StandardError as error:
        raise BookError(
            Problem(
                place or Place(),
                Both(f"没有名为 {name} 的标准版本", error.message),
                Both(error.remedy, error.remedy),
            )
        ) from None
