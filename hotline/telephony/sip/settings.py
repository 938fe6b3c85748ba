"""What a user agent is told about how to behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """How this user agent behaves.

    `users` name -> password: they may register, and if `calls_need_user` only they and trusted
    peers may call. `calls` caps the calls at once.
    """

    realm: str = "95598"
    user: str = "95598"
    """the user part of our own Contact"""
    users: Mapping[str, str] = field(default_factory=dict)
    calls_need_user: bool = False
    algorithms: tuple[str, ...] = ("SHA-256", "MD5")
    """of digest; peers that read the first challenge only may need MD5 alone"""
    calls: int = 1000
    announced: int = 0
    """calls beyond the cap, or while draining, that are told why in words at once (`Unwanted`)"""
    events: bool = True
    """whether our own offers name telephone-event (RFC 4733); without it keys go by INFO"""
    product: str = "hotline95598"
