"""DTMF in INFO requests: the two body formats of the field (RFC 6086 leaves them outside its law).

application/dtmf-relay    Signal=5            application/dtmf    5
                          Duration=160
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KEYS = "0123456789*#ABCD"
_NAMED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}
"""Some senders give the event number of RFC 4733 for what is not a digit."""
TWICE_WITHIN = 0.5
"""Seconds: telephones that send a key both as an event and by INFO press it once."""


@dataclass(slots=True)
class Keypad:
    """One telephone's keys, whichever way they come."""

    key: str = ""
    by_info: bool = False
    at: float = float("-inf")

    def pressed(self, key: str, now: float, *, by_info: bool) -> bool:
        """Whether this is a key of its own, and not the latest one again by the other way."""
        same = key == self.key and by_info is not self.by_info and now - self.at < TWICE_WITHIN
        if not same:
            self.key, self.by_info, self.at = key, by_info, now
        return not same


def key_of(content_type: str, body: bytes) -> str | None:
    """The key that an INFO body says; None if it says none."""
    text = body.decode("ascii", "replace").strip()
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/dtmf-relay":
        found = re.match(r"signal[ \t]*=[ \t]*(\S{1,2})", text, re.IGNORECASE)
        signal = found[1] if found else ""
    elif kind == "application/dtmf":
        signal = text
    else:
        return None
    key = _NAMED.get(signal, signal.upper())
    return key if len(key) == 1 and key in KEYS else None


def relay(key: str, seconds: float) -> tuple[str, bytes]:
    """Content type and body of an INFO that says `key`, held for `seconds`."""
    return "application/dtmf-relay", f"Signal={key}\r\nDuration={seconds * 1000:.0f}\r\n".encode()
