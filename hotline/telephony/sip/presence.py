"""When a user's telephones come and go: what the registrar knows, told as it changes.

REGISTER (the first telephone) -> UserThere      un-REGISTER, expiry, lost connection -> UserGone
"""

from __future__ import annotations

from collections.abc import Callable

from hotline.switch.ports import Clock, TimerHandle
from hotline.telephony.sip.events import Output, UserGone, UserThere
from hotline.telephony.sip.registrar import Registrar


class Presence:
    """Watches `registrar` on `clock` and gives `tell` each change, once."""

    def __init__(self, registrar: Registrar, clock: Clock, tell: Callable[[Output], None]) -> None:
        self._registrar, self._clock, self._tell = registrar, clock, tell
        self._there: dict[str, TimerHandle] = {}

    def look(self, user: str) -> None:
        """Something about `user` may have changed."""
        timer = self._there.pop(user, None)
        if timer is not None:
            timer.cancel()
        bindings = self._registrar.where(user, self._clock.now())
        if bindings:
            last = max(binding.expires for binding in bindings)
            self._there[user] = self._clock.call_at(last, lambda: self.look(user))
        if bool(bindings) != (timer is not None):
            self._tell(UserThere(user) if bindings else UserGone(user))

    def look_at_all(self) -> None:
        """A connection is lost, and some telephones with it."""
        for user in list(self._there):
            self.look(user)
