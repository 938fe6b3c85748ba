"""SIP messages: reading what came in, writing what goes out (RFC 3261 sections 7, 18, 19, 20).

    datagram ---> read ---> Message                       all that routing needs, checked once
                    |-----> Flawed(code, phrase, message)  can be answered, and how (8.2, 21.4)
                    `-----> UnreadableError                cannot even be answered: drop and count

The grammar is the library's (`sipmessage`); here are the laws around it: sizes, folding, which
headers must be there and only once, whose values must agree. Nothing here raises anything else,
whatever the bytes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import sipmessage
from sipmessage import URI, Via

LARGEST = 65_535
"""Bytes of a message: what a UDP datagram can hold (18.1.1); over TCP the same."""
LARGEST_HEAD = 16_384
"""Bytes of start line and headers (our choice; 8 Vias and a digest take about 2,000)."""
LARGEST_BODY = 32_768
"""Bytes of a body (our choice; an SDP offer takes about 300)."""
MAGIC = "z9hG4bK"
"""Every branch of RFC 3261 begins with it (8.1.1.7)."""
LARGEST_SEQUENCE = 2**31 - 1
"""8.1.1.5: a CSeq number fits in 31 bits."""
LONGEST_URI = 1024
"""Characters of a URI that we would call (our choice)."""
MAX_FORWARDS = 70

ONLY_ONCE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")
"""Headers that may not be repeated (7.3.1; the torture of RFC 4475 3.3.8)."""

PHRASES = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 408: "Request Timeout", 413: "Request Entity Too Large",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension",
    422: "Session Interval Too Small", 423: "Interval Too Brief", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
    491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented",
    503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
    513: "Message Too Large", 603: "Decline",
}  # fmt: skip
"""Reason phrases of RFC 3261 section 21 and its extensions."""

_START = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]{1,64}) (\S{1,2048}) SIP/(\d{1,3}\.\d{1,3})")
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_FOLD = re.compile(rb"\r\n[ \t]+")
_BARE = re.compile(rb"[\x00\r\n]")
_FOREIGN = re.compile("[\udc80-\udcff]")
"""Bytes that are no UTF-8, as Python keeps them."""
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[^",<]+|.', re.DOTALL)
_NAME_ADDRESS = re.compile(
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"\s?|(?P<name>[^"<>]*))<(?P<uri>[^<>]+)>'
)
_ADDRESS = re.compile(r'(?P<uri>[^\s;<>",]+)')
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*))?\s*')
_HEAD_NAMES = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}


class Hop(NamedTuple):
    """Where a message came from or goes to. `flow` is the TCP connection's number, 0 for none."""

    transport: str
    host: str
    port: int
    flow: int = 0

    @property
    def reliable(self) -> bool:
        """Whether the transport repeats by itself (17: no timers A, E, G then)."""
        return self.transport != "UDP"


class SipError(Exception):
    """Root of this package's errors."""


class UnreadableError(SipError):
    """Not a SIP message that could be answered: `why` in a few words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Flawed(UnreadableError):  # noqa: N818 - it is an answer as much as an error
    """A request that deserves the answer `code`; `message` is as much of it as could be read."""

    def __init__(self, code: int, why: str, message: Message) -> None:
        super().__init__(why)
        self.code, self.message = code, message


class Name(NamedTuple):
    """The value of From, To, Contact and their like: an address with display name and tag."""

    uri: str
    tag: str = ""
    display: str = ""

    @property
    def user(self) -> str:
        """The user part, or the number of a tel URI; `""` where there is none."""
        uri = parse_uri(self.uri)
        return (uri.user or "") if uri is not None else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its essentials read once. `code` is 0 in a request; `method` is the CSeq's in
    a response."""

    raw: sipmessage.Request | sipmessage.Response
    source: Hop
    method: str
    code: int
    via: Via
    call_id: str
    from_: Name
    to: Name
    sequence: int
    fields: Mapping[str, list[str]]
    """lower-cased name of a header -> its lines, in order"""

    @property
    def uri(self) -> URI:
        """The Request-URI."""
        assert isinstance(self.raw, sipmessage.Request)
        return self.raw.uri

    @property
    def body(self) -> bytes:
        """The body."""
        return self.raw.body

    @property
    def branch(self) -> str:
        """The branch of the topmost Via."""
        return parameter(self.via.parameters, "branch") or ""

    @property
    def sent_by(self) -> tuple[str, int]:
        """Host and port of the topmost Via (17.2.3)."""
        return self.via.host.lower(), self.via.port or 5060

    def header(self, name: str) -> str:
        """The first value of a header, `""` if it is not there."""
        lines = self.fields.get(name.lower())
        return lines[0] if lines else ""

    def lines(self, name: str) -> Sequence[str]:
        """The lines of a header as they came."""
        return self.fields.get(name.lower(), ())

    def headers(self, name: str) -> list[str]:
        """All values of a list header, also those joined by commas, in order."""
        return [item for line in self.lines(name) for item in split(line)]

    def tokens(self, name: str) -> frozenset[str]:
        """The lower-cased option tags or methods that a header lists."""
        return frozenset(item.lower() for item in self.headers(name))

    def number(self, name: str) -> int | None:
        """A header that is a whole number (up to ten digits: 32 bits), without parameters."""
        value = self.header(name).split(";")[0].split("(")[0].strip()
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 11 else None

    def contact(self) -> URI | None:
        """The address of the first Contact, if it is one that can be called."""
        found = self.headers("Contact")
        name = parse_name(found[0]) if found else None
        return parse_uri(name.uri) if name is not None else None


# --- pieces of headers -------------------------------------------------------------------------


def split(value: str) -> list[str]:
    """A comma-separated header value, minding quotes and angle brackets (7.3.1)."""
    if "," not in value:  # nearly always
        return [whole] if (whole := value.strip()) else []
    items, current = [], ""
    for piece in _PIECES.findall(value):
        if piece == ",":
            items.append(current.strip())
            current = ""
        else:
            current += piece
    items.append(current.strip())
    return [item for item in items if item]


def parameter(parameters: sipmessage.Parameters, name: str) -> str | None:
    """A parameter, whose name is compared without case (7.3.1); `""` if it has no value."""
    for key, value in parameters.items():
        if key.lower() == name:
            return value or ""
    return None


def parameters_of(text: str) -> dict[str, str]:
    """`;name=value` pairs with lower-cased names; what is not one is passed over."""
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        for name, value in _PARAMETER.findall(text)
    }


def parse_name(value: str) -> Name | None:
    """A name-addr or addr-spec (20.10) of any URI scheme, display name in any script."""
    found = _NAME_ADDRESS.match(value) or _ADDRESS.match(value)
    if found is None or not _SCHEME.match(found["uri"]):
        return None
    groups = found.groupdict()
    display = groups.get("quoted") or (groups.get("name") or "").strip()
    rest = value[found.end() :].strip()
    if _PARAMETER.sub("", rest):
        return None
    tag = parameters_of(rest).get("tag", "")
    if _FOREIGN.search(found["uri"]):
        return None
    return None if tag and not _TOKEN.fullmatch(tag) else Name(found["uri"], tag, display)


def parse_uri(text: str) -> URI | None:
    """A sip or tel URI; None for what is not one, or of another scheme."""
    if len(text) > LONGEST_URI:
        return None
    try:
        uri = URI.parse(text)
    except (ValueError, TypeError):  # the library's parameters cannot be named `self`
        return None
    return None if uri.port is not None and not 0 < uri.port < 65_536 else uri


def is_address(host: str) -> bool:
    """Whether a host is given as a number (with or without brackets), not as a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def unspoken(uri: URI) -> str | None:
    """The transport that a URI wants and that we do not have (RFC 3263 4.1), None if we have it."""
    named = (parameter(uri.parameters, "transport") or "udp").upper()
    if uri.scheme == "sips":
        return "TLS"
    return None if named in ("UDP", "TCP") else named


def _parse_via(value: str) -> Via | None:
    try:
        via = Via.parse(value)
    except (ValueError, TypeError):
        return None
    return None if via.port is not None and not 0 < via.port < 65_536 else via


# --- reading -----------------------------------------------------------------------------------


def read(data: bytes, source: Hop) -> Message:
    """One whole message as it came from `source`; raises `Flawed` or `UnreadableError`."""
    if len(data) > LARGEST:
        raise UnreadableError(f"message too large: {len(data)} > {LARGEST} bytes")
    head, blank, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not blank or len(head) > LARGEST_HEAD:
        raise UnreadableError("no end of headers within the allowed size")
    if _BARE.search(_FOLD.sub(b" ", head).replace(b"\r\n", b"")):
        raise UnreadableError("a bare CR, LF or NUL among the headers")
    # names in an old script (GB 18030, Latin-1) are given back byte by byte as they came
    lines = _FOLD.sub(b" ", head).decode("utf-8", "surrogateescape").split("\r\n")
    if _FOREIGN.search(lines[0]):
        raise UnreadableError("the start line is not UTF-8")
    raw, flaw = _start_line(lines[0], body)
    fields, other = _fields(lines[1:])
    return _essentials(raw, fields, flaw or other, source)


_Raw = sipmessage.Request | sipmessage.Response
_Flaw = tuple[int, str] | None
_Fields = dict[str, list[str]]


def _start_line(line: str, body: bytes) -> tuple[_Raw, _Flaw]:
    if status := _STATUS.fullmatch(line):
        return sipmessage.Response(int(status[1]), status[2] or "", body), None
    start = _START.fullmatch(line)
    if start is None:
        # RFC 4475 3.1.2.8: more than one space, or an unescaped one in the URI
        if found := re.match(r"([A-Z]{1,32})\s.*SIP/2\.0\s*$", line):
            return _request(found[1], body), (400, "malformed request line")
        raise UnreadableError("neither a request nor a response")
    method, address, version = start.groups()
    if version != "2.0":
        return _request(method, body), (505, f"SIP/{version}")
    if not address.lower().startswith(("sip:", "tel:")) and _SCHEME.match(address):
        # 8.2.2.1; sips would need TLS
        return _request(method, body), (416, "only sip and tel URIs")
    uri = parse_uri(address[:4].lower() + address[4:])
    if uri is None:
        return _request(method, body), (400, "malformed Request-URI")
    return sipmessage.Request(method, uri, body), None


def _request(method: str, body: bytes) -> sipmessage.Request:
    return sipmessage.Request(method, URI("sip", "invalid"), body)


def _fields(lines: Iterable[str]) -> tuple[_Fields, _Flaw]:
    flaw: _Flaw = None
    fields: _Fields = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not _TOKEN.fullmatch(name):
            flaw = (400, "malformed header")
            continue
        name = sipmessage.message.COMPACT_FORMS.get(name.lower(), name).lower()
        if name not in ("from", "to"):
            value = _FOREIGN.sub("\N{REPLACEMENT CHARACTER}", value)
        fields.setdefault(name, []).append(value.strip())
    for once in ONLY_ONCE:
        if len(fields.get(once, ())) > 1:
            flaw = flaw or (400, f"more than one {_HEAD_NAMES.get(once, once.title())}")
    return fields, flaw


def _essentials(raw: _Raw, fields: _Fields, flaw: _Flaw, source: Hop) -> Message:
    """Read what every message must have (8.1.1) and judge it (8.2.2, 18.3)."""
    vias = split(fields["via"][0]) if "via" in fields else []
    via = _parse_via(vias[0]) if vias else None
    if via is None:
        raise UnreadableError("no usable Via")

    def first(name: str) -> str:
        return fields[name][0] if name in fields else ""

    request = isinstance(raw, sipmessage.Request)
    from_ = parse_name(first("from"))
    to = parse_name(first("to"))
    found = re.fullmatch(r"(\d{1,12})\s+(\S+)", first("cseq"), re.ASCII)
    sequence, named = (int(found[1]), found[2]) if found else (-1, "")
    method = raw.method if isinstance(raw, sipmessage.Request) else named
    code = raw.code if isinstance(raw, sipmessage.Response) else 0
    call_id = first("call-id")
    message = Message(
        raw, source, method, code, via, call_id, from_ or Name(""), to or Name(""), sequence, fields
    )
    flaw = flaw or _missing(message, from_, to, named) or _length(message)
    if flaw is None:
        return message
    if not request or method == "ACK":  # 17: neither is ever answered
        raise UnreadableError(flaw[1])
    raise Flawed(*flaw, message)


def _missing(message: Message, from_: Name | None, to: Name | None, named: str) -> _Flaw:
    if not message.call_id or " " in message.call_id:
        return 400, "Call-ID missing or malformed"
    if from_ is None or to is None:
        return 400, "From or To missing or malformed"
    if not 0 <= message.sequence <= LARGEST_SEQUENCE or message.method != named:
        return 400, "CSeq missing, malformed, or of another method"
    if not message.code and message.header("Max-Forwards"):
        hops = message.number("Max-Forwards")
        if hops is None or hops > 255:
            return 400, "Max-Forwards is not a number up to 255"
    return None


def _length(message: Message) -> _Flaw:
    """18.3: bytes beyond Content-Length are dropped, missing ones are an error."""
    stated = message.header("Content-Length")
    length = message.number("Content-Length") if stated else len(message.body)
    if length is None or length > len(message.body):
        return 400, "Content-Length does not fit"
    if length > LARGEST_BODY:
        return 513, f"body larger than {LARGEST_BODY} bytes"
    message.raw.body = message.body[:length]
    return None


# --- writing -----------------------------------------------------------------------------------

Header = tuple[str, str]


def write(start: str, headers: Iterable[Header], body: bytes = b"") -> bytes:
    """A message's bytes; Content-Length is added."""
    lines = [start, *(f"{name}: {value}" for name, value in headers if value)]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("utf-8", "surrogateescape") + body


def respond(
    request: Message,
    code: int,
    *,
    tag: str = "",
    phrase: str = "",
    headers: Sequence[Header] = (),
    body: bytes = b"",
) -> bytes:
    """A response to `request` (8.2.6): Vias, From, To, Call-ID and CSeq as they came, `tag` added
    to a To that has none."""
    to = request.header("To")
    if tag and not request.to.tag:
        to += f";tag={tag}"
    vias = request.headers("Via")
    head: list[Header] = [("Via", str(received(request.via, request.source)))]
    head += [("Via", via) for via in vias[1:]]
    head += [("From", request.header("From")), ("To", to), ("Call-ID", request.call_id)]
    head += [("CSeq", request.header("CSeq")), *headers]
    return write(f"SIP/2.0 {code} {phrase or PHRASES.get(code, 'Unknown')}", head, body)


def received(via: Via, source: Hop) -> Via:
    """The Via with `received` (18.2.1) and, where asked for, `rport` (RFC 3581) filled in."""
    kept = {name: value for name, value in via.parameters.items() if name.lower() != "received"}
    for name in kept:
        if name.lower() == "rport":
            kept[name] = str(source.port)
    if via.host.strip("[]").lower() != source.host.lower() or "rport" in map(str.lower, kept):
        kept["received"] = source.host
    return replace(via, parameters=sipmessage.Parameters(**kept))


def response_hop(request: Message) -> Hop:
    """Where the response goes (18.2.2, RFC 3581 4): back to the host that sent the request, on the
    connection it came by, or to the port it names. `maddr` is not followed: it could name anybody.
    """
    source = request.source
    if source.reliable or parameter(request.via.parameters, "rport") is not None:
        return source
    return source._replace(port=request.via.port or 5060)
