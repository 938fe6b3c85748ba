"""What can be wrong with a packet of media. Nothing here leaves the session: it counts them.

RtpError
├── TooShortError     fewer bytes than a field or header needs
└── FieldError        a field with a value that the RFC does not allow there
"""

from __future__ import annotations


class RtpError(ValueError):
    """A datagram that is not what it should be; `name` is the word it is counted under."""

    name = "malformed"


class TooShortError(RtpError):
    """Fewer bytes than needed: "header size insufficient: 4 < 12"."""

    name = "too_short"

    def __init__(self, what: str, size: int, needed: int) -> None:
        super().__init__(f"{what} size insufficient: {size} < {needed}")
        self.what, self.size, self.needed = what, size, needed


class FieldError(RtpError):
    """A value that the RFC does not allow: "version: 1 is not 2"."""

    name = "bad_field"

    def __init__(self, what: str, found: int, wanted: str) -> None:
        super().__init__(f"{what}: {found} is not {wanted}")
        self.what, self.found, self.wanted = what, found, wanted
