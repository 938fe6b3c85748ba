"""The scripted caller over a network: a scenario's player at a WebSocket telephone.

    player --Dial, Press, Speak, LeaveCall--> Desk --connected, start, media, dtmf, stop--> server
    player <--LineAnswered, Heard, ...-- Ear <--20 ms-- Playout <--media, mark, clear------- server

It speaks to any server of the Media Streams format, paced or faster than real time, and knows what
it hears from the audio alone, so a scenario gives the transcript that it gives in memory. Silence
goes out every 20 ms, as from a telephone; all callers of a process share one media clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from audio.pack import Pack
from hotline.callers import hearing as hear
from hotline.callers.hearing import Canon
from hotline.callers.player import Player
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.switch import actions as do
from hotline.switch.actions import CALLER, Action
from hotline.switch.chance import Chance
from hotline.switch.clock import WallClock
from hotline.switch.events import Event, Party, TimerFired
from hotline.switch.ports import TimerHandle
from hotline.telephony.ear import Ear, PromptTable
from hotline.telephony.engine import FRAME, TICK, Engine, Leg
from hotline.telephony.playout import Playout

ANSWER_WITHIN = 10.0
"""Seconds until a target that gives no sign of life counts as unreachable."""
LAST_WORDS = 1.0
"""Seconds of audio still in the buffer that are heard although the line is closed."""
BACKLOG = 500
"""Messages waiting to be sent (10 s) beyond which our own audio is left out."""


class UnreachableError(RuntimeError):
    """Nobody answers at `url`; the message is one line with a remedy."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url} does not answer: {why}; is the hotline running there "
                         "(`hotline serve` prints `ready ...` with its address)?")
        self.url, self.why = url, why


async def call(
    scenario: Scenario,
    url: str,
    pack: Pack,
    table: PromptTable,
    *,
    canon: Canon | None = None,
    chance: Chance | None = None,
    timeout: float = ANSWER_WITHIN,
    engine: Engine | None = None,
) -> Verdict:
    """Play `scenario` against the server at `url` in real time and return its verdict.

    `table` is everything the hotline may say; `engine` the media clock to share between callers.
    The verdict's `calls` are the `streamSid`s used. Raises `UnreachableError`.
    """
    canon = canon or Canon(table)
    player = Player(scenario, chance, canon)
    desk = Desk(player, url, pack, table, canon, timeout, engine or wall_engine())
    return await desk.run()


def wall_engine() -> Engine:
    """A media clock on the running event loop, for any number of callers."""
    loop = asyncio.get_running_loop()
    return Engine(WallClock(loop.time, loop.call_later))


class Desk:
    """One player with its telephone and its timers."""

    def __init__(
        self,
        player: Player,
        url: str,
        pack: Pack,
        table: PromptTable,
        canon: Canon,
        timeout: float,
        engine: Engine,
    ) -> None:
        self.player, self.url, self.pack, self.table = player, url, pack, table
        self.canon, self.timeout, self.engine = canon, timeout, engine
        self.clock = engine.clock
        self.reached = False
        """whether any call of this player was answered with audio"""
        self._phone: Phone | None = None
        self._timers: dict[str, TimerHandle] = {}
        self._phones: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()

    async def run(self) -> Verdict:
        """Lift the receiver; returns when the story is over and the line closed."""
        try:
            self.tell(hear.OffHook(self.clock.now(), ""))
            return await self._over
        finally:
            for handle in self._timers.values():
                handle.cancel()
            if self._phone is not None:
                self._phone.leave()
            if self._phones:
                await asyncio.wait(self._phones, timeout=2.0)
            for task in self._phones:
                task.cancel()

    def tell(self, event: Event) -> None:
        """Hand the player an event and do what it wants."""
        if self._over.done():
            return
        try:
            for action in self.player.handle(event):
                self._perform(action)
        except Exception as error:
            self.fail(error)
            return
        if self.player.verdict is not None and not self._over.done():
            self._over.set_result(self.player.verdict)

    def fail(self, error: Exception) -> None:
        """The call cannot be made: end the scenario with `error`."""
        if not self._over.done():
            self._over.set_exception(error)

    def closed(self, phone: Phone, event: hear.LineClosed) -> None:
        """The other side closed the line of `phone`."""
        if self._phone is phone:
            self._phone = None
            self.tell(event)

    def _perform(self, action: Action) -> None:
        match action:
            case do.StartTimer(timer=timer, seconds=seconds):
                self._start_timer(timer, seconds)
            case do.CancelTimer(timer=timer):
                if handle := self._timers.pop(timer, None):
                    handle.cancel()
            case do.Press(key=key) if self._phone is not None:
                self._phone.press(key)
            case do.Speak(what=what) if self._phone is not None:
                self._phone.speak(what)
            case do.LeaveCall() if self._phone is not None:
                phone, self._phone = self._phone, None
                phone.leave()
            case do.Dial():
                self._dial()

    def _start_timer(self, timer: str, seconds: float) -> None:
        if running := self._timers.pop(timer, None):
            running.cancel()

        def fire() -> None:
            self._timers.pop(timer, None)
            stream = self._phone.stream if self._phone is not None else ""
            self.tell(TimerFired(self.clock.now(), stream, timer, CALLER))

        self._timers[timer] = self.clock.call_at(self.clock.now() + seconds, fire)

    def _dial(self) -> None:
        if self._phone is not None:
            self._phone.leave()
        phone = self._phone = Phone(self)
        task = asyncio.create_task(phone.run())
        self._phones.add(task)
        task.add_done_callback(self._phones.discard)


class Phone:
    """One call: the connection, what is heard on it, what is sent. A `Transport` of our engine."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.stream = f"MZ{secrets.token_hex(16)}"
        self._playout = Playout()
        self._ear = Ear(
            desk.pack, desk.table, canon=desk.canon, call=self.stream,
            listens_for_silence=desk.player.listens_for_silence,
            listens_to_end=desk.player.listens_to_end,
        )
        self._out: deque[str] = deque()
        self._wake = asyncio.Event()
        self._leg: Leg | None = None
        self._answered = False
        self._left = False
        self._chunk = 0

    # --- what the player does ----------------------------------------------------------------

    def press(self, key: str) -> None:
        """Send a DTMF key."""
        self._send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": key}})

    def speak(self, what: do.Prompt) -> None:
        """Say something into the line."""
        if self._leg is not None:
            clips = self.desk.pack.render(what.text, dict(what.values), what.language).clips
            self._leg.play(b"".join(map(self.desk.pack.ulaw, clips)))

    def leave(self) -> None:
        """Hang up: nothing is heard from now on."""
        if not self._left:
            self._send({"event": "stop", "stop": {"callSid": self.stream}})
            self._left = True
            self._wake.set()
            self._detach()

    # --- the transport of our media clock ----------------------------------------------------

    def send_frame(self, frame: bytes) -> None:
        """20 ms pass: our audio out, theirs into the ear."""
        self._chunk += 1
        if len(self._out) < BACKLOG:
            self._send({"event": "media", "media": {
                "track": "inbound", "chunk": str(self._chunk),
                "timestamp": str(round(self._chunk * TICK * 1000)),
                "payload": b64encode(frame).decode("ascii"),
            }})
        heard, marks = self._playout.tick()
        self._echo(marks)
        if self._answered:
            self._hear(heard)

    def clear(self) -> None:
        """Part of `Transport`; a telephone has nothing to say here."""

    def mark(self, name: str) -> None:
        """Part of `Transport`; a telephone has nothing to say here."""

    def close(self, code: int, reason: str) -> None:
        """Part of `Transport`."""
        self.leave()

    # --- the connection ----------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, talk until either side leaves. Never raises: the desk is told."""
        desk = self.desk
        try:
            line = await connect(desk.url, compression=None, open_timeout=desk.timeout,
                                 close_timeout=1.0, max_queue=4096)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ValueError) as error:
            self._unreachable(_why(error, desk.timeout))
            return
        sender = asyncio.create_task(self._sender(line))
        self._begin()
        sign_of_life = asyncio.get_running_loop().call_later(desk.timeout, self._no_sign, line)
        try:
            async for message in line:
                self._message(message)
        except ConnectionClosed:
            pass
        except Exception as error:
            desk.fail(error)
        finally:
            sign_of_life.cancel()
            self._detach()
            self._ended(line)
            sender.cancel()
            await line.close()

    def _begin(self) -> None:
        """Announce the call, and begin to send and to hear."""
        self._send({"event": "connected", "protocol": "Call", "version": "1.0.0"}, first=True)
        parameters = {"from": self.desk.player.number}
        if self.desk.player.area:
            parameters["area"] = self.desk.player.area
        self._send({
            "event": "start",
            "start": {
                "streamSid": self.stream, "callSid": self.stream, "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            },
        })
        if not self._left:
            self._leg = self.desk.engine.attach(self)

    async def _sender(self, line: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._out:
                    await line.send(self._out.popleft())
                if self._left:
                    await line.close()
                    return

    def _message(self, message: str | bytes) -> None:
        """What a server of the format says; anything else is passed over."""
        try:
            content = json.loads(message)
            event = content.get("event")
            body = content.get(event, {})
            if event == "media":
                self._media(a2b_base64(body["payload"]))
            elif event == "mark":
                self._playout.mark(str(body["name"]))
            elif event == "clear":
                self._echo(self._playout.clear())
        except (ValueError, TypeError, LookupError, AttributeError, Base64Error, RecursionError):
            return

    def _media(self, ulaw: bytes) -> None:
        self._playout.audio(ulaw)
        if not self._answered:
            self._answered = self.desk.reached = True
            if not self._left:
                self.desk.tell(hear.LineAnswered(self.desk.clock.now(), self.stream))

    def _hear(self, ulaw: bytes) -> None:
        for event in self._ear.hear(ulaw, self.desk.clock.now()):
            if not self._left:
                self.desk.tell(event)

    def _ended(self, line: ClientConnection) -> None:
        """The server closed the line: hear its last words, then tell."""
        if self._left:
            return
        for _ in range(round(LAST_WORDS / TICK)):
            if self._playout.seconds * 8000 < FRAME:
                break
            self._hear(self._playout.tick()[0])
        now = self.desk.clock.now()
        for event in self._ear.finish(now):
            self.desk.tell(event)
        code = line.close_code
        by = Party.SYSTEM if code in (1000, 1001) else Party.NETWORK
        reason = line.close_reason or (f"closed with {code}" if code else "connection lost")
        self.desk.closed(self, hear.LineClosed(now, self.stream, by, reason))

    def _no_sign(self, line: ClientConnection) -> None:
        if not self._answered and not self._left:
            self._unreachable(f"connected, but no audio came within {self.desk.timeout:g} s")

    def _unreachable(self, why: str) -> None:
        if not self._left:
            self.desk.fail(UnreachableError(_without_secrets(self.desk.url), why))

    def _echo(self, marks: list[str]) -> None:
        for name in marks:
            self._send({"event": "mark", "mark": {"name": name}})

    def _send(self, message: Mapping[str, Any], *, first: bool = False) -> None:
        if self._left:
            return
        text = json.dumps(message if first else {**message, "streamSid": self.stream})
        self._out.append(text)
        self._wake.set()

    def _detach(self) -> None:
        if self._leg is not None:
            self.desk.engine.detach(self._leg)
            self._leg = None


def _why(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection within {timeout:g} s"
    if isinstance(error, InvalidURI):
        return "that is not a WebSocket address such as ws://127.0.0.1:8095/media"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return " ".join(str(error).split()) or type(error).__name__


def _without_secrets(url: str) -> str:
    """The address as it may be shown: without user, password and query."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or 80}{parts.path}"
    except ValueError:
        return "the target"
