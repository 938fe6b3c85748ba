"""The caller's number: as the network asserts it, or as the caller says (RFC 3325, RFC 3261 20.20).

A trusted peer's P-Asserted-Identity comes first, then its Remote-Party-ID (an expired draft that
trunks still send); from anybody else only From counts, which anybody can write.
"""

from __future__ import annotations

import re

from hotline.telephony.sip.message import Message, parse_name

ASSERTED = ("P-Asserted-Identity", "Remote-Party-ID")
LONGEST = 64
_NUMBER = re.compile(r"\+?[0-9*#\-.() ]+")


def number_of(request: Message, trusted: bool) -> str:
    """The caller's number, `""` for one who is anonymous or has none."""
    if trusted:
        for header in ASSERTED:
            for value in request.headers(header):
                name = parse_name(value)
                if name is not None and name.user:
                    return _plain(name.user)
    user = request.from_.user
    return "" if user.lower() == "anonymous" else _plain(user)


def _plain(user: str) -> str:
    """A telephone number without its visual separators (RFC 3966 5.1.1) and parameters."""
    user = user.split(";")[0][:LONGEST]
    return re.sub(r"[\-.() ]", "", user) if _NUMBER.fullmatch(user) else user
