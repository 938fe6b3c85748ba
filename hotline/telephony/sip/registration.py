"""Our own registration with somebody else's registrar (RFC 3261 section 10.2).

REGISTER --401--> with digest --200 expires=E--> again after 0.8 * E ... --> expires=0 at the end
                              `--423 Min-Expires--> again with that
"""

from __future__ import annotations

from sipmessage import URI

from hotline.switch.ports import TimerHandle
from hotline.telephony.sip.core import Core
from hotline.telephony.sip.dialog import hop_of
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Registered, Unregistered
from hotline.telephony.sip.message import (
    MAX_FORWARDS,
    Header,
    Message,
    parameters_of,
    parse_name,
    write,
)

AGAIN = 0.8
"""Share of the granted time after which to register anew."""
PATIENCE = 30.0
"""Seconds until the next try after a failure that may pass (our choice)."""
HOPELESS = frozenset({401, 403, 404, 407})
"""Refusals that trying again would not change."""


class Registration:
    """One address of record, kept registered until `end`."""

    def __init__(self, core: Core, registrar: URI, credentials: Credentials, seconds: int) -> None:
        self.address = f"sip:{credentials.user}@{registrar.host}"
        self._core, self._registrar, self._credentials = core, registrar, credentials
        self._seconds, self._hop = seconds, hop_of(registrar)
        self._call_id, self._tag = core.token(), core.token()
        self._sequence = 0
        self._timer: TimerHandle | None = None
        self._ending = False

    def begin(self) -> None:
        """Register now."""
        self._core.request(
            "REGISTER", self._hop, self._build, self._heard, self._silent, self._credentials
        )

    def end(self) -> None:
        """Take the registration back."""
        self._ending, self._seconds = True, 0
        if self._timer is not None:
            self._timer.cancel()
        self.begin()

    def _build(self, via: str, more: list[Header]) -> bytes:
        """10.2: the same Call-ID for all, CSeq growing."""
        self._sequence += 1
        head: list[Header] = [("Via", via), ("Max-Forwards", str(MAX_FORWARDS))]
        head += [("From", f"<{self.address}>;tag={self._tag}"), ("To", f"<{self.address}>")]
        head += [("Call-ID", self._call_id), ("CSeq", f"{self._sequence} REGISTER")]
        head += [("Contact", self._core.contact(self._hop)), ("Expires", str(self._seconds))]
        return write(f"REGISTER {self._registrar} SIP/2.0", [*head, *more])

    def _heard(self, response: Message) -> None:
        if response.code < 200:
            return
        if self._ending:
            self._core.tell(Unregistered(self.address, response.code))
        elif response.code < 300:
            granted = self._granted(response)
            self._core.tell(Registered(self.address, granted))
            self._again(AGAIN * granted)
        elif response.code == 423 and (least := response.number("Min-Expires")):
            self._seconds = max(least, self._seconds + 1)
            self.begin()
        else:
            self._core.tell(Unregistered(self.address, response.code))
            if response.code not in HOPELESS:
                self._again(PATIENCE)

    def _silent(self) -> None:
        self._core.tell(Unregistered(self.address, 408))
        if not self._ending:
            self._again(PATIENCE)

    def _granted(self, response: Message) -> int:
        """The time given to our own Contact (10.2.4), else Expires, else what we asked for."""
        contact = self._core.contact(self._hop)
        ours = parse_name(contact)
        for value in response.headers("Contact"):
            name = parse_name(value)
            if name is not None and ours is not None and name.uri == ours.uri:
                said = parameters_of(value[value.rfind(">") + 1 :]).get("expires", "")
                if said.isascii() and said.isdecimal() and len(said) < 10:
                    return max(1, int(said))
        return max(1, response.number("Expires") or self._seconds)

    def _again(self, seconds: float) -> None:
        clock = self._core.clock
        self._timer = clock.call_at(clock.now() + seconds, self.begin)
