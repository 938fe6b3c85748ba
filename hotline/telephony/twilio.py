"""The message format of Twilio Media Streams, hotline's side, without any I/O.

    caller's side                                   hotline
    connected   {protocol, version}
    start       {streamSid, customParameters, mediaFormat}
    media       {payload: base64 mu-law, any length}   media  160 bytes every 20 ms
    dtmf        {digit}                                clear  on barge-in
    mark        {name}: the echo                       mark   after each prompt
    stop                                               (hangs up by closing with 1000)

Text in, events out: `TwilioProtocol.receive`. It never raises. A message that breaks the format
gives one `Refused` with the close code of RFC 6455 section 7.4.1 and a reason, and from then on
nothing more: the driver must close the connection with them.

    1003  binary message, or audio that is not mu-law at 8 kHz
    1007  not UTF-8, not JSON, or not base64
    1008  a message that is well formed but out of order, incomplete or unknown
    1009  a message longer than the limit
"""

from __future__ import annotations

import json
import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE_LIMIT = 65_536
"""Characters in one message (6 s of audio); longer ones are refused with 1009."""
KEYS = frozenset("0123456789*#ABCD")
_NUMBER = re.compile(r"[\w+*#:@.;=\-]{0,64}", re.ASCII)
_NAME = re.compile(r"[\w .,:()/\-]{0,64}")
_SID = re.compile(r"[\w.:\-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Started:
    """The call begins. `number`, `dialled` and `area` come from `customParameters`."""

    stream: str
    number: str = ""
    dialled: str = "95598"
    area: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audio:
    """Mu-law octets of any length from the caller."""

    ulaw: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """A DTMF key."""

    digit: str


@dataclass(frozen=True, slots=True)
class MarkEchoed:
    """The caller has heard everything up to our mark `name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The caller's side ends the stream."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side broke the format: close with `code` and `reason`."""

    code: int
    reason: str


Heard = Started | Audio | Key | MarkEchoed | Stopped | Refused


class _FormatError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class TwilioProtocol:
    """One connection. `started` and `over` tell where in the conversation it stands."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self.stream = ""
        self.started = False
        self.over = False
        self._head = self._tail = ""

    # --- in ----------------------------------------------------------------------------------

    def receive(self, message: str | bytes) -> Heard | None:
        """What one message says; None for nothing of interest. Bytes are a binary message."""
        if self.over:
            return None
        try:
            return self._receive(message)
        except _FormatError as bad:
            return self.refuse(bad.code, bad.reason)

    def refuse(self, code: int, reason: str) -> Refused:
        """End the conversation for a reason of the driver's own (a time limit, too many calls)."""
        self.over = True
        return Refused(code, reason)

    def _receive(self, message: str | bytes) -> Heard | None:
        if not isinstance(message, str):
            raise _FormatError(1003, "binary message; this endpoint speaks JSON text")
        if len(message) > self._limit:
            raise _FormatError(1009, f"message longer than {self._limit} characters")
        try:
            content = json.loads(message)
        except (ValueError, RecursionError):
            raise _FormatError(1007, "message is not JSON") from None
        if not isinstance(content, dict):
            raise _FormatError(1008, "message is not a JSON object")
        event = content.get("event")
        read = _READ.get(event) if isinstance(event, str) else None
        if read is None:
            raise _FormatError(1008, "unknown event; known are " + ", ".join(sorted(_READ)))
        if not self.started and event not in ("connected", "start", "stop"):
            raise _FormatError(1008, f"{event} before start")
        return read(self, content)

    def _connected(self, content: Mapping[str, Any]) -> None:
        if self.started:
            raise _FormatError(1008, "connected after start")

    def _start(self, content: Mapping[str, Any]) -> Started:
        if self.started:
            raise _FormatError(1008, "second start")
        start = _object(content, "start")
        _check_format(start.get("mediaFormat", {}))
        stream = start.get("streamSid", content.get("streamSid", ""))
        parameters = start.get("customParameters", {})
        if not isinstance(parameters, dict):
            raise _FormatError(1008, "start.customParameters is not an object")
        stream = _text(stream or "MZ0", _SID, "streamSid")
        number = _text(parameters.get("from", ""), _NUMBER, "customParameters.from")
        dialled = _text(parameters.get("dialled", "95598"), _NUMBER, "customParameters.dialled")
        area = _text(parameters.get("area", ""), _NAME, "customParameters.area")
        self.stream, self.started = stream, True
        self._head = f'{{"event":"media","streamSid":"{stream}","media":{{"payload":"'
        self._tail = '"}}'
        rest = {
            name: value
            for name, value in parameters.items()
            if isinstance(value, str) and name not in ("from", "dialled", "area")
        }
        return Started(stream, number, dialled, area, rest)

    def _media(self, content: Mapping[str, Any]) -> Audio:
        payload = _object(content, "media").get("payload")
        if not isinstance(payload, str):
            raise _FormatError(1008, "media.payload is missing")
        try:
            return Audio(a2b_base64(payload, strict_mode=True))
        except (Base64Error, ValueError):
            raise _FormatError(1007, "media.payload is not base64") from None

    def _dtmf(self, content: Mapping[str, Any]) -> Key:
        digit = _object(content, "dtmf").get("digit")
        if not isinstance(digit, str) or digit not in KEYS:
            raise _FormatError(1008, "dtmf.digit is not one of 0-9 * # A-D")
        return Key(digit)

    def _mark(self, content: Mapping[str, Any]) -> MarkEchoed:
        name = _object(content, "mark").get("name")
        if not isinstance(name, str):
            raise _FormatError(1008, "mark.name is missing")
        return MarkEchoed(name)

    def _stop(self, content: Mapping[str, Any]) -> Stopped:
        self.over = True
        return Stopped()

    # --- out ---------------------------------------------------------------------------------

    @property
    def head(self) -> str:
        """What stands before the base64 of every media message of this call."""
        return self._head

    @property
    def tail(self) -> str:
        """What stands after it."""
        return self._tail

    def media(self, frame: bytes) -> str:
        """Audio for the caller."""
        return self._head + b2a_base64(frame, newline=False).decode("ascii") + self._tail

    def mark(self, name: str) -> str:
        """A mark after the audio sent so far; it comes back when that has been heard."""
        return json.dumps({"event": "mark", "streamSid": self.stream, "mark": {"name": name}})

    def clear(self) -> str:
        """Drop what is buffered."""
        return json.dumps({"event": "clear", "streamSid": self.stream})


_READ: dict[str, Callable[[TwilioProtocol, Mapping[str, Any]], Heard | None]] = {
    "media": TwilioProtocol._media,
    "dtmf": TwilioProtocol._dtmf,
    "mark": TwilioProtocol._mark,
    "start": TwilioProtocol._start,
    "connected": TwilioProtocol._connected,
    "stop": TwilioProtocol._stop,
}
"""How each event is read; a table of bound methods would be a ring in each connection."""


def _object(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    if not isinstance(value, dict):
        raise _FormatError(1008, f"{name} is not an object")
    return value


def _text(value: Any, pattern: re.Pattern[str], name: str) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise _FormatError(1008, f"{name} is not a short plain text")
    return value


def _check_format(media: Any) -> None:
    """Absent fields mean the format's own default, which is what we speak."""
    if not isinstance(media, dict):
        raise _FormatError(1008, "start.mediaFormat is not an object")
    found = (
        media.get("encoding", "audio/x-mulaw"),
        str(media.get("sampleRate", 8000)),
        str(media.get("channels", 1)),
    )
    if found != ("audio/x-mulaw", "8000", "1"):
        raise _FormatError(1003, "audio must be audio/x-mulaw, 8000 Hz, 1 channel")
