"""Session timers (RFC 4028): so that a call whose other end died does not last for ever.

|--- interval / 2 ---> refresh by the refresher (UPDATE or re-INVITE, section 7.4, 10)
|--- interval - min(32 s, interval / 3) ---> BYE by the other side, if no refresh came
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hotline.telephony.sip.message import Message, parameters_of

INTERVAL = 1800
"""Seconds between refreshes that we propose (the RFC's recommendation)."""
SHORTEST = 90
"""The RFC's own lower bound for Min-SE (section 5)."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """What was agreed on: every `interval` seconds, by us or by them."""

    interval: int
    ours: bool

    @property
    def due(self) -> float:
        """Seconds after which to refresh (ours) or to give up (theirs)."""
        if self.ours:
            return self.interval / 2
        return self.interval - min(32.0, self.interval / 3)


def asked(message: Message) -> tuple[int, str]:
    """Session-Expires of a message: seconds (0 for none) and refresher (uac, uas or `""`)."""
    value = message.header("Session-Expires")
    found = re.match(r"\s*(\d{1,9})\b", value, re.ASCII)
    named = parameters_of(value[found.end() :] if found else "").get("refresher", "").lower()
    return (int(found[1]) if found else 0), named if named in ("uac", "uas") else ""


def agree(request: Message) -> tuple[Refresh, str]:
    """As the called side (section 9): what holds, and the Session-Expires of our 2xx."""
    interval, refresher = asked(request)
    knows = "timer" in request.tokens("Supported")
    interval = max(interval or INTERVAL, SHORTEST, request.number("Min-SE") or 0)
    # a caller that does not know session timers cannot refresh: then we do
    refresher = (refresher or "uac") if knows else "uas"
    return Refresh(interval, refresher == "uas"), f"{interval};refresher={refresher}"


def agreed(response: Message) -> Refresh | None:
    """As the calling side (section 7.2): what the 2xx says; None if it says nothing."""
    interval, refresher = asked(response)
    if not interval:
        return None
    return Refresh(max(interval, SHORTEST), refresher != "uas")
