"""Stand-ins for the telephony tests: a clock moved by hand, a line that writes down, a voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from types import SimpleNamespace

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.telephony.leg import Listener
from hotline.telephony.rtp.profile import transcode
from hotline.telephony.rtp.stream import Codec


class HandClock:
    """Runs callbacks in order; `stall` lets time pass in which nothing ran (a busy machine)."""

    def __init__(self) -> None:
        self._now = 0.0
        self._number = 0
        self._heap: list[tuple[float, int, list[Callable[[], None] | None]]] = []

    def now(self) -> float:
        return self._now

    def call_at(self, instant: float, callback: Callable[[], None]) -> SimpleNamespace:
        self._number += 1
        cell: list[Callable[[], None] | None] = [callback]
        heappush(self._heap, (instant, self._number, cell))
        return SimpleNamespace(cancel=lambda: cell.__setitem__(0, None))

    @property
    def waiting(self) -> int:
        return sum(cell[0] is not None for _, _, cell in self._heap)

    def run(self, seconds: float) -> None:
        until = self._now + seconds
        while self._heap and self._heap[0][0] <= until:
            instant, _, cell = heappop(self._heap)
            self._now = max(self._now, instant)
            if cell[0] is not None:
                cell[0]()
        self._now = max(self._now, until)

    def stall(self, seconds: float) -> None:
        self._now += seconds


@dataclass
class Tape:
    """A transport that writes down what it is told, and when."""

    clock: HandClock
    codec: Codec = "PCMU"
    heard: Listener | None = None
    sent: list[tuple[float, bytes]] = field(default_factory=list)
    said: list[tuple[object, ...]] = field(default_factory=list)

    def send_frame(self, frame: bytes) -> None:
        self.sent.append((self.clock.now(), frame))

    def listen(self, heard: Listener | None) -> None:
        self.heard = heard

    def clear(self) -> None:
        self.said.append(("clear", len(self.sent)))

    def mark(self, name: str) -> None:
        self.said.append(("mark", name, len(self.sent)))

    def quality(self) -> ev.MediaQuality:
        return ev.MediaQuality(self.codec, len(self.sent), 0)

    def close(self, code: int, reason: str) -> None:
        self.said.append(("close", code, reason))

    @property
    def audio(self) -> bytes:
        return b"".join(frame for _, frame in self.sent)

    @property
    def instants(self) -> list[float]:
        return [instant for instant, _ in self.sent]


@dataclass(frozen=True)
class FakeClip:
    id: str
    octets: bytes


class FakeVoice:
    """Says a template as its characters: each a clip of 400 octets, so never whole frames."""

    def render(self, template: str, values: Mapping[str, object], language: str) -> SimpleNamespace:
        text = template.format(**values)
        return SimpleNamespace(clips=[FakeClip(c, bytes([ord(c) % 128]) * 400) for c in text])

    def ulaw(self, clip: FakeClip) -> bytes:
        return clip.octets

    def alaw(self, clip: FakeClip) -> bytes:
        return transcode(clip.octets, "PCMU", "PCMA")

    def music(self) -> FakeClip:
        return FakeClip("music", bytes(range(100)) * 5)

    def tone(self, name: str) -> FakeClip:
        return FakeClip(name, bytes([len(name)]) * 800)


def octets(text: str) -> bytes:
    """What `FakeVoice` says for `text`."""
    return b"".join(bytes([ord(c) % 128]) * 400 for c in text)


class FakeExchange:
    """Keeps what is posted; `on_post` may answer through the media."""

    def __init__(self) -> None:
        self.posted: list[ev.Event] = []
        self.measured: list[ev.MediaReport] = []
        self.on_post: Callable[[ev.Event], None] = lambda event: None

    def post(self, event: ev.Event) -> None:
        if isinstance(event, ev.MediaReport):
            self.measured.append(event)
            return
        self.posted.append(event)
        self.on_post(event)

    def of(self, kind: type[ev.Event]) -> list[ev.Event]:
        return [event for event in self.posted if type(event) is kind]


PROMPT = do.Prompt("greeting", "abc")
