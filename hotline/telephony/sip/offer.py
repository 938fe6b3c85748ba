"""Offer and answer (RFC 3264): which codec, which payload numbers, which way, to what address.

    we are called:   their offer --answer()--> our answer         at once, no state between
    we call:         offer() --> our offer --agreed()--> Stream    `pending` in between

G.711 only (payloads 8 and 0, RFC 3551), with telephone-event (RFC 4733) under any number. Hold is
a direction (sendonly, inactive) or, from old telephones, the address 0.0.0.0.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from hotline.telephony.rtp.stream import Stream
from hotline.telephony.sip import sdp
from hotline.telephony.sip.sdp import Description, Media, Origin

STATIC = {"8": "PCMA", "0": "PCMU"}
"""RFC 3551 table 4: payload numbers that need no rtpmap."""
EVENTS = 101
"""The payload number that our own offers give telephone-event."""
PTIME = 0.020
"""Seconds in a packet, unless the peer asks for another length."""
LONGEST_PTIME = 0.200

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
NOWHERE = ("0.0.0.0", "::")


class NotAcceptableError(ValueError):
    """Nothing in the offer that we speak: 488, with a Warning (20.43) that says why."""

    def __init__(self, why: str, warning: int = 399) -> None:
        super().__init__(why)
        self.why, self.warning = why, warning


@dataclass(frozen=True, slots=True)
class Choice:
    """The stream chosen from a description: its place, its codec and where it goes."""

    index: int
    codec: str
    payload: int
    event_payload: int | None
    ptime: float
    remote: tuple[str, int]
    direction: str

    def stream(self, ours: str) -> Stream:
        """What the media engine is told. `ours` is the direction that we said ourselves."""
        parked = self.remote[0] in NOWHERE
        return Stream(
            codec="PCMA" if self.codec == "PCMA" else "PCMU",
            payload=self.payload,
            event_payload=self.event_payload,
            ptime=self.ptime,
            remote=self.remote,
            send=not parked and "send" in ours and "recv" in self.direction,
            receive="recv" in ours and "send" in self.direction,
        )


def choose(description: Description) -> Choice:
    """The first usable audio stream of a description; raises `NotAcceptableError`."""
    why = NotAcceptableError("no audio stream", 304)
    for index, media in enumerate(description.media):
        if media.kind != "audio" or not media.port:
            continue
        if media.protocol not in ("RTP/AVP", "RTP/AVPF"):
            why = NotAcceptableError(f"only plain RTP is spoken, not {media.protocol}", 302)
            continue
        names = _codecs(media)
        codec = next((n for n in media.formats if names.get(n) in ("PCMA", "PCMU")), None)
        if codec is None:
            why = NotAcceptableError("only G.711 is spoken (PCMA/8000, PCMU/8000)", 305)
            continue
        events = next((n for n in media.formats if names.get(n) == "TELEPHONE-EVENT"), None)
        remote = (_address(media.host or description.host), media.port)
        return Choice(
            index,
            names[codec],
            int(codec),
            int(events) if events else None,
            _ptime(media),
            remote,
            _direction(media, description),
        )
    raise why


def _codecs(media: Media) -> dict[str, str]:
    """Format -> name in capitals, of those at 8,000 Hz with one channel."""
    names = dict(STATIC)
    for value in media.values("rtpmap"):
        found = re.fullmatch(r"(\d{1,3}) ([\w.\-]+)/(\d+)(?:/1)?", value.strip(), re.ASCII)
        if found and int(found[1]) < 128:
            names[found[1]] = found[2].upper() if found[3] == "8000" else ""
    return names


def _address(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise NotAcceptableError("the media address is not numeric", 301) from None
    if address.is_multicast:
        raise NotAcceptableError("multicast is not spoken", 330)
    return str(address)


def _direction(media: Media, description: Description) -> str:
    """6.1: the stream's own, or the session's, or both ways."""
    for attributes in (media.attributes, description.attributes):
        for name, _ in attributes:
            if name in DIRECTIONS:
                return name
    return "sendrecv"


def _ptime(media: Media) -> float:
    """Seconds of audio in the packets that the peer would like to get."""
    for name in ("ptime", "maxptime"):
        for value in media.values(name):
            if re.fullmatch(r"\d{1,3}(\.\d+)?", value.strip(), re.ASCII):
                wanted = float(value) / 1000
                if name == "ptime" and 0.010 <= wanted <= LONGEST_PTIME:
                    return wanted
                if name == "maxptime" and 0.010 <= wanted < PTIME:
                    return wanted
    return PTIME


class Negotiation:
    """The offers and answers of one call, from our side.

    `address` is where our media listens; `session` numbers our descriptions (`o=`); without
    `events` our first offer leaves telephone-event out. After `answer`
    or `agreed`, `stream` holds what was agreed on.
    """

    def __init__(self, address: tuple[str, int], session: int, *, events: bool = True) -> None:
        self._address = address
        self._events = EVENTS if events else None
        self._origin = Origin(session, 0, address[0])
        self._said: tuple[Media, ...] = ()
        self._pending: tuple[Media, ...] | None = None
        self.direction = "sendrecv"
        """what we would like: `sendonly` or `inactive` to put the peer on hold"""
        self.stream: Stream | None = None
        self.local = b""
        """our latest description"""

    @property
    def pending(self) -> bool:
        """Whether our own offer waits for its answer."""
        return self._pending is not None

    def offer(self) -> bytes:
        """Our offer: both laws of G.711, or once agreed what was agreed on."""
        said = self.stream
        formats = ("8", "0") if said is None else (str(said.payload),)
        names = [STATIC.get(f, said.codec if said else "") for f in formats]
        events = self._events if said is None else said.event_payload
        media = self._audio(list(zip(formats, names, strict=True)), events, self.direction)
        # 8: no stream may be left out of a later offer; those that were refused stay refused
        streams = [m if not m.port else media for m in self._said] or [media]
        self._pending = tuple(streams)
        return self._describe(self._pending)

    def withdraw(self) -> None:
        """Our offer was refused: all stays as it was (8)."""
        self._pending = None

    def agreed(self, body: bytes) -> Stream:
        """The peer's answer to our offer; raises `NotAcceptableError` or `SdpError`."""
        try:
            return self.foreseen(body)
        finally:
            self.settle()

    def foreseen(self, body: bytes) -> Stream:
        """The answer in a provisional response, which the final one may still replace."""
        assert self._pending is not None, "an answer comes after offer()"
        choice = choose(sdp.parse(body))
        ours = next(m for m in self._pending if m.port)
        self.stream = choice.stream(_direction(ours, _NOTHING))
        return self.stream

    def settle(self) -> None:
        """Our offer has its answer."""
        if self._pending is not None:
            self._said, self._pending = self._pending, None

    def answer(self, body: bytes) -> bytes:
        """Our answer to the peer's offer; raises `NotAcceptableError` or `SdpError`, and then
        nothing has changed."""
        theirs = sdp.parse(body)
        choice = choose(theirs)
        direction = _meet(choice.direction, self.direction)
        codec = [(str(choice.payload), choice.codec)]
        audio = self._audio(codec, choice.event_payload, direction)
        self._said = tuple(
            audio if index == choice.index else replace(media, port=0, host="", attributes=())
            for index, media in enumerate(theirs.media)
        )
        self.stream = choice.stream(direction)
        return self._describe(self._said)

    def _audio(self, codecs: list[tuple[str, str]], events: int | None, direction: str) -> Media:
        maps = [("rtpmap", f"{number} {name}/8000") for number, name in codecs]
        formats = [number for number, _ in codecs]
        if events is not None:
            formats.append(str(events))
            maps += [("rtpmap", f"{events} telephone-event/8000"), ("fmtp", f"{events} 0-15")]
        attributes = (*maps, ("ptime", "20"), (direction, ""))
        return Media("audio", self._address[1], "RTP/AVP", tuple(formats), "", attributes)

    def _describe(self, media: tuple[Media, ...]) -> bytes:
        """8: the version grows by one when anything has changed, and only then."""
        description = Description(self._origin, media, self._address[0])
        if sdp.write(description) != self.local:
            self._origin = replace(self._origin, version=self._origin.version + 1)
            description = replace(description, origin=self._origin)
            self.local = sdp.write(description)
        return self.local


_NOTHING = Description(Origin(0, 0, ""), ())


def _meet(theirs: str, ours: str) -> str:
    """6.1: what we may answer to their direction, given what we want."""
    send = "recv" in theirs and "send" in ours
    receive = "send" in theirs and "recv" in ours
    return {(True, True): "sendrecv", (True, False): "sendonly", (False, True): "recvonly"}.get(
        (send, receive), "inactive"
    )
