"""A small registrar (RFC 3261 section 10.3): where the telephones of known users are.

    REGISTER  Contact: <sip:1001@192.0.2.9:5062>;expires=300  ---> Binding, until then
    REGISTER  Contact: *, Expires: 0                          ---> none

Only authenticated users come here. A binding remembers where the request came from, which reaches
a telephone behind an address translator, and on a connection of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.telephony.sip.message import (
    Header,
    Hop,
    Message,
    parameters_of,
    parse_name,
    parse_uri,
)

LONGEST = 3600
"""Seconds for which we keep a binding at most, and when nothing is said (10.2.1.1)."""
SHORTEST = 30
"""10.3 step 7: who asks for less (but not 0) is told 423."""
TELEPHONES = 10
"""Bindings of one user (our choice)."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One telephone of a user. `expires` is an instant."""

    uri: str
    hop: Hop
    call_id: str
    sequence: int
    expires: float


class Registrar:
    """Bindings by user name."""

    def __init__(self) -> None:
        self._bindings: dict[str, dict[str, Binding]] = {}

    def where(self, user: str, now: float) -> list[Binding]:
        """The user's telephones, the latest first."""
        kept = {u: b for u, b in self._bindings.get(user, {}).items() if b.expires > now}
        if kept:
            self._bindings[user] = kept
        else:
            self._bindings.pop(user, None)
        return sorted(kept.values(), key=lambda binding: -binding.expires)

    def lost(self, flow: int) -> None:
        """A connection is gone, and the telephones on it with it."""
        for user, bindings in list(self._bindings.items()):
            kept = {uri: b for uri, b in bindings.items() if b.hop.flow != flow}
            self._bindings[user] = kept

    def register(self, request: Message, user: str, now: float) -> tuple[int, list[Header]]:
        """Take a REGISTER of `user` (10.3 steps 6 to 8): status and headers of the answer.
        Nothing is changed unless all of it can be."""
        contacts = request.headers("Contact")
        self.where(user, now)
        known = dict(self._bindings.get(user, {}))
        if "*" in contacts:
            if len(contacts) > 1 or request.number("Expires") != 0:
                return 400, []
            wanted: dict[str, Binding | None] = dict.fromkeys(known)
        else:
            wanted = {}
            for value in contacts:
                refused = self._contact(request, value, now, wanted)
                if refused:
                    return refused
        for uri, binding in wanted.items():
            old = known.get(uri)
            if old and old.call_id == request.call_id and request.sequence <= old.sequence:
                return 500, []  # 10.3 step 7: out of order
            if binding is None:
                known.pop(uri, None)
            else:
                known[uri] = binding
        if len(known) > TELEPHONES:
            return 403, []
        self._bindings[user] = known
        return 200, [
            ("Contact", f"<{b.uri}>;expires={b.expires - now:.0f}") for b in self.where(user, now)
        ]

    def _contact(
        self, request: Message, value: str, now: float, wanted: dict[str, Binding | None]
    ) -> tuple[int, list[Header]] | None:
        name = parse_name(value)
        uri = parse_uri(name.uri) if name is not None else None
        if uri is None or uri.scheme != "sip":
            return 400, []
        said = parameters_of(value[value.rfind(">") + 1 :]).get("expires", "")
        asked = request.number("Expires")
        seconds = LONGEST if asked is None else asked
        if said.isascii() and said.isdecimal() and len(said) < 10:
            seconds = int(said)
        if 0 < seconds < SHORTEST:
            return 423, [("Min-Expires", str(SHORTEST))]
        key = str(uri)
        expires = now + min(seconds, LONGEST)
        binding = Binding(key, request.source, request.call_id, request.sequence, expires)
        wanted[key] = binding if seconds else None
        return None
