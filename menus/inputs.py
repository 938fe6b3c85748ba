"""Checks of a complete typed input, by the names that books use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _mobile(digits: str) -> bool:
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "length": lambda digits: True,  # whoever collects has already seen to it
        "luhn": _luhn,
        "mobile": _mobile,
        # 10 digits, or 13 in the newer marketing system: both are met in the field
        "account": lambda digits: len(digits) in (10, 13),
    }
)
"""name in the book -> does a complete input pass? An unknown name passes all (lint tells)."""
