"""Which part of a message's body describes its session (RFC 3261 7.4, 20.11; RFC 5621).

application/sdp                          the body
multipart/mixed, -alternative            the first part that is application/sdp, not too deep
anything with handling=optional          nothing: it may be passed over
anything else                            `UnknownBodyError`: 415

Trunks of carriers send multipart with ISUP or location objects beside the SDP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hotline.telephony.sip.core import SDP
from hotline.telephony.sip.message import Message, parameters_of

ACCEPT = f"{SDP}, multipart/mixed, multipart/alternative"
"""What we say we can read."""
DEEPEST = 3
MOST_PARTS = 16
"""Bounds of multipart bodies (our choice)."""


class UnknownBodyError(ValueError):
    """A body that must be understood and is not."""


def description(message: Message) -> bytes:
    """The session description in the body, `b""` if there is none. Raises UnknownBodyError."""
    if not message.body:
        return b""
    encoding = message.header("Content-Encoding").strip().lower()
    if encoding in ("", "identity"):
        found = _find(message.header("Content-Type"), message.body, DEEPEST)
        if found is not None:
            return found
    handling = parameters_of(message.header("Content-Disposition")).get("handling", "")
    if handling.lower() == "optional":
        return b""
    raise UnknownBodyError(message.header("Content-Type"))


def described(message: Message) -> bytes:
    """The same where nothing can be refused (responses, ACK): what is not understood is no
    description, and what does not say what it is counts as one."""
    if not message.header("Content-Type"):
        return message.body
    try:
        return description(message)
    except UnknownBodyError:
        return b""


def _find(kind: str, body: bytes, deep: int) -> bytes | None:
    name = kind.split(";")[0].strip().lower()
    if name == SDP:
        return body
    boundary = parameters_of(kind).get("boundary", "")
    if deep and boundary and name in ("multipart/mixed", "multipart/alternative"):
        for inner, part in _parts(body, boundary):
            if (found := _find(inner, part, deep - 1)) is not None:
                return found
    return None


def _parts(body: bytes, boundary: str) -> Iterator[tuple[str, bytes]]:
    """Content type and body of each part (RFC 2046 5.1.1); the last one is closed by `--`."""
    mark = b"\r\n--" + boundary.encode("utf-8", "replace")
    for piece in (b"\r\n" + body).split(mark, MOST_PARTS)[1:]:
        if piece.startswith(b"--"):
            return
        head, blank, part = piece.partition(b"\r\n\r\n")
        found = re.search(rb"(?im)^(?:content-type|c)[ \t]*:[ \t]*(.+?)[ \t]*\r?$", head)
        if blank and found:
            yield found[1].decode("ascii", "replace"), part
