"""Session descriptions (RFC 8866): reading and writing, nothing of their meaning (see `offer`).

v=0                                    o=- 17 1 IN IP4 192.0.2.1     who, which, which version
c=IN IP4 192.0.2.1                     t=0 0
m=audio 40000 RTP/AVP 8 0 101          one per stream: kind, port, protocol, formats
a=rtpmap:101 telephone-event/8000      attributes of the stream above them, or of all
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

LONGEST_LINE = 1024
MOST_LINES = 400
"""Our choice; a browser's offer has about 60 lines."""
MOST_MEDIA = 16

Attribute = tuple[str, str]

_LINE = re.compile(r"([a-z])=(.*)")
_MEDIA = re.compile(r"(\w+) (\d{1,5})(?:/\d+)? ([\w/]+) (\S.*)", re.ASCII)
_CONNECTION = re.compile(r"IN (IP[46]) ([0-9A-Za-z.:\-]{1,255})(?:/\d+)*", re.ASCII)
_ORIGIN = re.compile(r"(\S+) (\d{1,20}) (\d{1,20}) IN (IP[46]) (\S+)", re.ASCII)


class SdpError(ValueError):
    """A description that cannot be read: line number (from 1) and what is wrong with it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"SDP line {line}: {why}")
        self.line, self.why = line, why


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made it (5.2). `version` grows with every change of the session `session`."""

    session: int
    version: int
    host: str
    user: str = "-"


@dataclass(frozen=True, slots=True)
class Media:
    """One stream: an `m=` line and what belongs to it. `host` is its own `c=`, `""` for none."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    host: str = ""
    attributes: tuple[Attribute, ...] = ()

    def values(self, name: str) -> list[str]:
        """The values of all attributes called `name`."""
        return [value for key, value in self.attributes if key == name]

    def has(self, name: str) -> bool:
        """Whether an attribute is there, with or without a value."""
        return any(key == name for key, _ in self.attributes)


@dataclass(frozen=True, slots=True)
class Description:
    """A whole session description."""

    origin: Origin
    media: tuple[Media, ...]
    host: str = ""
    attributes: tuple[Attribute, ...] = ()


@lru_cache(64)
def parse(body: bytes) -> Description:
    """Read a description; raises `SdpError`, nothing else. Lines may end in LF alone (5).

    An offer is asked for twice: whether it can be taken, and when it is. So it is remembered.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise SdpError(1, "not UTF-8") from None
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MOST_LINES:
        raise SdpError(MOST_LINES, f"more than {MOST_LINES} lines")
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line) if len(line) <= LONGEST_LINE else None
        if found is None:
            raise SdpError(number, "not `letter=value`")
        if number == 1 and line != "v=0":
            raise SdpError(1, "must be v=0")
        reader.take(number, found[1], found[2])
    return reader.description(len(lines))


class _Reader:
    """Takes the lines one by one; an attribute belongs to the stream above it."""

    def __init__(self) -> None:
        self._origin: Origin | None = None
        self._host = ""
        self._attributes: list[Attribute] = []
        self._media: list[Media] = []

    def take(self, number: int, letter: str, value: str) -> None:
        """One line."""
        match letter:
            case "o":
                self._origin = _origin(number, value)
            case "c":
                self._connection(number, value)
            case "m":
                self._media.append(_media(number, value))
                if len(self._media) > MOST_MEDIA:
                    raise SdpError(number, f"more than {MOST_MEDIA} streams")
            case "a":
                name, _, rest = value.strip().partition(":")
                self._attribute((name, rest))

    def _connection(self, number: int, value: str) -> None:
        found = _CONNECTION.fullmatch(value)
        if found is None:
            raise SdpError(number, "connection is not `IN IP4 ADDRESS` or `IN IP6 ADDRESS`")
        if self._media:
            self._media[-1] = replace(self._media[-1], host=found[2])
        else:
            self._host = found[2]

    def _attribute(self, attribute: Attribute) -> None:
        if self._media:
            media = self._media[-1]
            self._media[-1] = replace(media, attributes=(*media.attributes, attribute))
        else:
            self._attributes.append(attribute)

    def description(self, lines: int) -> Description:
        """All that was taken."""
        if self._origin is None:
            raise SdpError(lines, "no o= line")
        media = tuple(self._media)
        return Description(self._origin, media, self._host, tuple(self._attributes))


def _origin(number: int, value: str) -> Origin:
    found = _ORIGIN.fullmatch(value)
    if found is None:
        raise SdpError(number, "origin is not `USER SESSION VERSION IN IP4 ADDRESS`")
    return Origin(int(found[2]), int(found[3]), found[5], found[1])


def _media(number: int, value: str) -> Media:
    found = _MEDIA.fullmatch(value)
    if found is None or int(found[2]) > 65_535:
        raise SdpError(number, "stream is not `KIND PORT PROTOCOL FORMATS`")
    return Media(found[1], int(found[2]), found[3], tuple(found[4].split()))


def write(description: Description) -> bytes:
    """The description's bytes."""
    origin = description.origin
    lines = [
        "v=0",
        f"o={origin.user} {origin.session} {origin.version} IN {_family(origin.host)} "
        f"{origin.host}",
        "s=-",
    ]
    lines += [f"c=IN {_family(description.host)} {description.host}"] * bool(description.host)
    lines += ["t=0 0", *map(_attribute_line, description.attributes)]
    for media in description.media:
        lines.append(f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}")
        lines += [f"c=IN {_family(media.host)} {media.host}"] * bool(media.host)
        lines += map(_attribute_line, media.attributes)
    return "".join(f"{line}\r\n" for line in lines).encode()


def _attribute_line(attribute: Attribute) -> str:
    name, value = attribute
    return f"a={name}:{value}" if value else f"a={name}"


def _family(host: str) -> str:
    return "IP6" if ":" in host else "IP4"
