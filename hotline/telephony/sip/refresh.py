"""Session timers (RFC 4028): so that a call whose other end died does not last for ever.

|--- interval / 2 ---> refresh by the refresher (UPDATE or re-INVITE, section 7.4, 10)
|--- interval - min(32 s, interval / 3) ---> BYE by the other side, if no refresh came
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip.core import SUPPORTED, Core
from hotline.telephony.sip.message import Header, Message, parameters_of
from hotline.telephony.sip.within import Within

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


class Refreshed(Within):
    """A call with its session timer."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._timer: TimerHandle | None = None
        self._peer_allows: frozenset[str] = frozenset()

    @abstractmethod
    def _reinvite(self) -> None:
        """Refresh with a re-INVITE, unless one is on its way or nothing was agreed on."""

    def _stop(self) -> None:
        """See `Within`."""
        self._agree_interval(None)

    def _note(self, message: Message) -> None:
        """What the peer allows and when it wants to hear of us next."""
        if message.header("Allow"):
            self._peer_allows = message.tokens("Allow")
        if not message.code:
            self._agree_interval(agree(message)[0])

    def _session_expires(self, request: Message) -> list[Header]:
        require = [("Require", "timer")] * ("timer" in request.tokens("Supported"))
        return [*require, ("Session-Expires", agree(request)[1])]

    def _our_interval(self) -> list[Header]:
        return [("Session-Expires", str(INTERVAL)), ("Min-SE", str(SHORTEST))]

    def _agree_interval(self, interval: Refresh | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if interval is not None:
            due = self._refresh if interval.ours else self._expired
            self._timer = self._later(interval.due, due)

    def _refresh(self) -> None:
        """10: an UPDATE without an offer where the peer knows it, else a re-INVITE."""
        if not self._settled:
            return
        if "update" in self._peer_allows:
            assert self.dialog is not None
            headers = [("Contact", self.core.contact(self.dialog.next_hop()))]
            headers += [("Supported", SUPPORTED), *self._our_interval()]
            self._within("UPDATE", headers, heard=self._refreshed)
        else:
            self._reinvite()

    def _refreshed(self, response: Message) -> None:
        self._heard(response)
        if 200 <= response.code < 300:
            self._agree_interval(agreed(response))

    def _expired(self) -> None:
        if self._settled:
            self._bye()
            self._finish(by_peer=True, code=408, reason="the session was not refreshed")
