"""A scripted caller's telephone, without any I/O; here on a Media Streams line.

    caller --Dial, Press, Speak, LeaveCall--> Desk --press, speak, leave--> Handset --text--> line
    caller <--LineAnswered, Heard, ...-- Desk <-- Ear <-- Playout <-- Handset <--text-- line

The `Desk` is one caller (a player or a persona) with its timers; a `Telephone` is one call, a
`Handset` one in the Media Streams format (`hotline.telephony.sip.telephone` is another). Who drives
them brings the line: `hotline.telephony.caller` a WebSocket, `hotline.telephony.loopback` a gateway
in the same process.
"""

from __future__ import annotations

import json
import secrets
from abc import ABC, abstractmethod
from base64 import b64encode
from binascii import a2b_base64
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from audio.pack import Pack
from hotline.callers import hearing as hear
from hotline.callers.hearing import Caller, Canon
from hotline.switch import actions as do
from hotline.switch.actions import CALLER, Action
from hotline.switch.events import Event, MediaQuality, Party, TimerFired
from hotline.switch.ports import TimerHandle
from hotline.telephony.ear import Ear, PromptTable
from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME, TICK, Leg, Listener
from hotline.telephony.playout import Playout
from hotline.telephony.rtp.stream import Codec

LAST_WORDS = 1.0
"""Seconds of audio still in the buffer that are heard although the line is closed."""


class Line(Protocol):
    """What carries one call's messages. Neither method waits or raises."""

    def send(self, message: str) -> None:
        """Take a message for the server."""
        ...

    def hang_up(self) -> None:
        """Close after what was sent."""
        ...


class Hearing(Protocol):
    """What a telephone hears with: `ear.Ear`, `speech.SpeechEar`."""

    def hear(self, ulaw: bytes, now: float) -> list[Event]:
        """What is noticed with this audio, the last of which was heard at instant `now`."""
        ...

    def finish(self, now: float) -> list[Event]:
        """The line is closed: what is noticed by that."""
        ...


MakeEar = Callable[["Desk", str], Hearing]
"""(who listens, the call) -> its ear."""


def ear_of_pack(desk: Desk, call: str) -> Ear:
    """An ear that recognises the desk's pack."""
    return Ear(
        desk.pack,
        desk.table,
        canon=desk.canon,
        call=call,
        listens_for_silence=desk.caller.listens_for_silence,
        listens_to_end=desk.caller.listens_to_end,
    )


class Desk:
    """One caller with its timers, and the telephone of its present call.

    `telephone` makes one for each call, `dial` connects it; `over()` is called once, when the
    caller will do nothing more, or `failed(error)` when the caller itself is at fault.
    """

    def __init__(
        self,
        caller: Caller,
        pack: Pack,
        table: PromptTable,
        engine: Engine,
        *,
        dial: Callable[[Any], None],
        over: Callable[[], None],
        failed: Callable[[Exception], None] | None = None,
        canon: Canon | None = None,
        telephone: Callable[[Desk], Telephone] | None = None,
        ear: MakeEar | None = None,
    ) -> None:
        self._telephone = telephone or Handset
        self.ear = ear or ear_of_pack
        self.caller, self.pack, self.table, self.engine = caller, pack, table, engine
        self.canon = canon or Canon(table)
        self.clock = engine.clock
        self._dial, self._over, self._failed = dial, over, failed
        self._handset: Telephone | None = None
        self._timers: dict[str, TimerHandle] = {}
        self._inbox: deque[Event] = deque()
        self._busy = False

    def lift(self) -> None:
        """The story begins."""
        self.tell(hear.OffHook(self.clock.now(), ""))

    def put_down(self) -> None:
        """Nothing more: no timers, no call."""
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        handset, self._handset = self._handset, None
        if handset is not None:
            handset.leave()

    def tell(self, event: Event) -> None:
        """Hand the caller an event and do what it wants, one event at a time."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self._hand_over(self._inbox.popleft())
        finally:
            self._busy = False

    def _hand_over(self, event: Event) -> None:
        if self.caller.over:
            return
        try:
            for action in self.caller.handle(event):
                self._perform(action)
        except Exception as error:
            self.fail(error)
            return
        if self.caller.over:
            self.put_down()
            self._over()

    def fail(self, error: Exception) -> None:
        """The caller itself is at fault: end everything, and say so."""
        self.put_down()
        if self._failed is None:
            raise error
        self._failed(error)

    def closed(self, handset: Telephone, event: hear.LineClosed) -> None:
        """The other side closed the line of `handset`."""
        if self._handset is handset:
            self._handset = None
            self.tell(event)

    def _perform(self, action: Action) -> None:
        handset = self._handset
        match action:
            case do.StartTimer(timer=timer, seconds=seconds):
                self._start_timer(timer, seconds)
            case do.CancelTimer(timer=timer):
                if handle := self._timers.pop(timer, None):
                    handle.cancel()
            case do.Press(key=key) if handset is not None:
                handset.press(key)
            case do.Speak(what=what) if handset is not None:
                handset.speak(what)
            case do.LeaveCall() if handset is not None:
                self._handset = None
                handset.leave()
            case do.Dial():
                if handset is not None:
                    handset.leave()
                self._handset = self._telephone(self)
                self._dial(self._handset)

    def _start_timer(self, timer: str, seconds: float) -> None:
        if running := self._timers.pop(timer, None):
            running.cancel()

        def fire() -> None:
            self._timers.pop(timer, None)
            stream = self._handset.stream if self._handset is not None else ""
            self.tell(TimerFired(self.clock.now(), stream, timer, CALLER))

        self._timers[timer] = self.clock.call_at(self.clock.now() + seconds, fire)


class Telephone(ABC):
    """One call of a `Desk`, on whatever line: what is heard on it, and how it ends.

    A kind of telephone says `press` and `leave`, and hands over what it hears.
    """

    def __init__(self, desk: Desk) -> None:
        self.stream = f"MZ{secrets.token_hex(16)}"
        self.answered = False
        """whether the other side has answered"""
        self.left = False
        """whether the caller has hung up"""
        self._desk = desk
        self._leg: Leg | None = None
        self._ear = desk.ear(desk, self.stream)

    @property
    def caller(self) -> Caller:
        """Who sits at it."""
        return self._desk.caller

    @abstractmethod
    def press(self, key: str) -> None:
        """Send a DTMF key."""

    @abstractmethod
    def leave(self) -> None:
        """Hang up: nothing is heard from now on."""

    def speak(self, what: do.Prompt) -> None:
        """Say something into the line."""
        if self._leg is not None:
            pack = self._desk.pack
            clips = pack.render(what.text, dict(what.values), what.language).clips
            self._leg.play(b"".join(map(pack.ulaw, clips)))

    def answer_heard(self) -> None:
        """The other side has answered: tell, once."""
        if not self.answered:
            self.answered = True
            self._desk.tell(hear.LineAnswered(self._desk.clock.now(), self.stream))

    def hear(self, ulaw: bytes) -> None:
        """20 ms, or none at all, reach the ear."""
        try:
            events = self._ear.hear(ulaw, self._desk.clock.now())
        except Exception as error:
            self._desk.fail(error)
            return
        for event in events:
            if not self.left:
                self._desk.tell(event)

    def close_line(self, by: Party, reason: str) -> None:
        """The other side closed the line: what was heard last, then that."""
        now = self._desk.clock.now()
        for event in self._ear.finish(now):
            self._desk.tell(event)
        self._desk.closed(self, hear.LineClosed(now, self.stream, by, reason))

    def detach(self) -> None:
        """No more audio."""
        if self._leg is not None:
            self._desk.engine.detach(self._leg)
            self._leg = None


class Handset(Telephone):
    """A telephone on a Media Streams line. A `Transport` of our media clock.

    The driver calls `begin(line)` when connected, `message` for what comes, `ended` at the end.
    """

    codec: Codec = "PCMU"
    """the law of the Media Streams format"""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._line: Line | None = None
        self._playout = Playout()
        self._chunk = 0

    # --- what the caller does ----------------------------------------------------------------

    def press(self, key: str) -> None:
        """Send a DTMF key."""
        self._send("dtmf", {"track": "inbound_track", "digit": key})

    def leave(self) -> None:
        """Hang up: nothing is heard from now on."""
        if self.left:
            return
        self._send("stop", {"callSid": self.stream})
        self.left = True
        self.detach()
        if self._line is not None:
            self._line.hang_up()

    # --- the line ----------------------------------------------------------------------------

    def begin(self, line: Line) -> None:
        """The line is connected: announce the call, begin to send and to hear."""
        self._line = line
        if self.left:
            line.hang_up()
            return
        caller = self._desk.caller
        line.send('{"event": "connected", "protocol": "Call", "version": "1.0.0"}')
        self._send(
            "start",
            {
                "streamSid": self.stream,
                "callSid": self.stream,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"from": caller.number, "area": caller.area},
            },
        )
        self._leg = self._desk.engine.attach(self)

    def message(self, message: str | bytes) -> None:
        """What a server of the format says; anything else is passed over."""
        if self.left:
            return
        try:
            content = json.loads(message)
            event = content["event"]
            if event == "media":
                self._playout.audio(a2b_base64(content["media"]["payload"]))
            elif event == "mark":
                self._playout.mark(str(content["mark"]["name"]))
            elif event == "clear":
                self._echo(self._playout.clear())
        except (ValueError, TypeError, LookupError, RecursionError):
            return
        if event == "media":
            self.answer_heard()

    def ended(self, code: int | None, reason: str) -> None:
        """The server closed the line: hear its last words, then tell."""
        self.detach()
        if self.left:
            return
        for _ in range(round(LAST_WORDS / TICK)):
            if self._playout.seconds * 8000 < FRAME:
                break
            self.hear(self._playout.tick()[0])
        by = Party.SYSTEM if code in (1000, 1001) else Party.NETWORK
        self.close_line(by, reason or (f"closed with {code}" if code else "connection lost"))

    # --- the transport of our media clock ----------------------------------------------------

    def send_frame(self, frame: bytes) -> None:
        """20 ms pass: our audio out, theirs into the ear."""
        self._chunk += 1
        self._send(
            "media",
            {
                "track": "inbound",
                "chunk": str(self._chunk),
                "timestamp": str(round(self._chunk * TICK * 1000)),
                "payload": b64encode(frame).decode("ascii"),
            },
        )
        heard, marks = self._playout.tick()
        self._echo(marks)
        if self.answered:
            self.hear(heard)

    def listen(self, heard: Listener | None) -> None:
        """Part of `Transport`; what comes goes to the ear."""

    def clear(self) -> None:
        """Part of `Transport`; a telephone has nothing to say here."""

    def mark(self, name: str) -> None:
        """Part of `Transport`; a telephone has nothing to say here."""

    def quality(self) -> MediaQuality:
        """Frames out; what came is the playout's affair."""
        return MediaQuality(self.codec, self._chunk, 0)

    def close(self, code: int, reason: str) -> None:
        """Part of `Transport`."""
        self.leave()

    # --- inside ------------------------------------------------------------------------------

    def _echo(self, names: list[str]) -> None:
        for name in names:
            self._send("mark", {"name": name})

    def _send(self, event: str, body: dict[str, Any]) -> None:
        if self._line is not None and not self.left:
            message = {"event": event, "streamSid": self.stream, event: body}
            self._line.send(json.dumps(message))
