"""`EngineMedia`: the media port of the exchange for calls with real audio.

    exchange --play, stop, bridge, ...--> EngineMedia --octets--> Engine --frames--> Transport
    exchange <--PlaybackFinished--------- EngineMedia

It knows calls and playables; the engine knows legs and octets; the transport knows a wire. The
voice is the prompt pack's: a prompt is rendered to clips, joined once and kept for next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import Playable
from hotline.switch.events import Party
from hotline.telephony.engine import Engine, log_error
from hotline.telephony.leg import QUIET, Leg, Speech, Transport, join
from hotline.telephony.recording import NOTICE, Shelf, Tape
from hotline.telephony.rtp.stream import Codec

BUSY_PERIODS = 3
"""Periods of busy tone that a rejected caller hears before the line is closed (our choice)."""
HUNG_UP = 1000
"""WebSocket close code of an ordinary end."""
INTERNAL_ERROR = 1011
"""WebSocket close code of a fault of ours."""

log = logging.getLogger(__name__)


class Rendered(Protocol):
    """What a pack makes of a template."""

    @property
    def clips(self) -> Sequence[Any]:
        """The clips to play, in order."""
        ...


class Voice(Protocol):
    """The part of `audio.pack.Pack` that speaks."""

    def render(self, template: str, values: Mapping[str, object], language: str) -> Rendered:
        """Clips for a template with its values."""
        ...

    def ulaw(self, clip: Any) -> bytes:
        """A clip's mu-law octets."""
        ...

    def alaw(self, clip: Any) -> bytes:
        """A clip's A-law octets."""
        ...

    def music(self) -> Any:
        """The waiting music, which loops."""
        ...

    def tone(self, name: str) -> Any:
        """One period of a named tone."""
        ...


class Exchange(Protocol):
    """The part of `hotline.switch.exchange.Exchange` that media needs."""

    def post(self, event: ev.Event) -> None:
        """Take in an event."""
        ...


class Line:
    """One call's transport, and its leg once it has audio."""

    __slots__ = (
        "agent",
        "answered",
        "early",
        "leg",
        "part",
        "play",
        "refused",
        "tape",
        "transport",
        "waits",
    )

    def __init__(
        self,
        transport: Transport,
        answered: Callable[[], None] | None,
        refused: Callable[[str], None] | None,
        early: Callable[[], bool] | None,
    ) -> None:
        self.transport, self.answered, self.refused = transport, answered, refused
        self.early = early
        """to be called before anything is played that is not to be answered first; whether it is
        heard then"""
        self.leg: Leg | None = None
        self.agent = ""
        """whom it is joined with, once he has audio"""
        self.play = 0
        self.part: Callable[[], None] | None = None
        self.tape: Tape | None = None
        self.waits = False
        """whether nothing may be sent yet"""


class DeskLeg:
    """An agent's own audio, and the call that he last spoke with on it."""

    __slots__ = ("call", "leg")

    def __init__(self, leg: Leg) -> None:
        self.leg, self.call = leg, ""


class EngineMedia:
    """Media of all calls on `engine`, speaking with `pack`.

    Made before the exchange, which needs it; call `connect(exchange)` before the first call.
    `dialler(call, number)` places call-backs where a medium can (SIP); without it they fail.
    `shelf` keeps recordings, from the end of the notice on; without it nothing is recorded.
    `refusals` (reason -> words) are heard by refused callers, where the line can play them.
    """

    def __init__(
        self,
        engine: Engine,
        pack: Voice,
        exchange: Exchange | None = None,
        *,
        dialler: Callable[[str, str], None] | None = None,
        shelf: Shelf | None = None,
        refusals: Mapping[str, do.Prompt] | None = None,
    ) -> None:
        self.engine = engine
        self._pack = pack
        self._exchange = exchange
        self.dialler = dialler
        self._shelf = shelf
        self._refusals = refusals or {}
        self._lines: dict[str, Line] = {}
        self._desks: dict[str, DeskLeg] = {}
        self._joined = lru_cache(maxsize=256)(self._join)

    def connect(self, exchange: Exchange) -> None:
        """Where events go from now on."""
        self._exchange = exchange

    # --- lines (for gateways) ----------------------------------------------------------------

    def add_line(
        self,
        call: str,
        transport: Transport,
        *,
        answered: Callable[[], None] | None = None,
        refused: Callable[[str], None] | None = None,
        early: Callable[[], bool] | None = None,
    ) -> None:
        """`call` is on `transport`; to be called before `CallArrived` is posted.

        Where signalling is apart from audio (SIP), `answered()` says that the call is taken and
        `refused(reason)` that it is not; without the latter a refused caller hears a busy tone.
        `early()` is called once before anything is played on a line that is not answered yet (RFC
        3960), and says whether the caller will hear it.
        """
        self._lines[call] = Line(transport, answered, refused, early)

    def wait(self, call: str) -> None:
        """Send the caller nothing before `proceed`: what is played until then begins there."""
        self._lines[call].waits = True

    def proceed(self, call: str) -> None:
        """The caller has proved to be where we send; nothing if the line is gone."""
        line = self._lines.get(call)
        if line is not None and line.waits:
            line.waits = False
            if line.leg is not None:
                self.engine.resume(line.leg)

    def remove_line(self, call: str) -> None:
        """The far end is gone; nothing if the line was released already."""
        line = self._lines.pop(call, None)
        if line is not None:
            self._silence(call, line)

    def heard(self, call: str, octets: bytes) -> None:
        """Audio of any length came from the caller, in the law of its line."""
        line = self._lines.get(call)
        if line is not None and line.leg is not None:
            line.leg.receive(octets)

    def listen(self, call: str, listener: Callable[[bytes], None]) -> None:
        """Hand every piece of the caller's audio to `listener`, in the law of its line."""
        self._leg(call, self._lines[call]).listen(listener)

    def add_desk(self, agent: str, transport: Transport) -> Leg:
        """A live agent's own audio; give what the agent says to `receive` of the leg."""
        leg = self.engine.attach(transport)
        self._desks[agent] = DeskLeg(leg)
        for call, line in self._lines.items():
            if line.agent == agent:  # he was joined before his telephone was answered
                self.bridge(call, agent)
        return leg

    def mute_desk(self, agent: str, *, on: bool) -> None:
        """Let nobody hear the agent (`on`), who has put his caller on hold; or again."""
        desk = self._desks.get(agent)
        if desk is not None:
            desk.leg.muted = on

    def remove_desk(self, agent: str) -> None:
        """The agent's audio is gone: note how it went."""
        desk = self._desks.pop(agent, None)
        if desk is None:
            return
        self.engine.detach(desk.leg)
        if desk.call:
            self._post(ev.MediaReport(self._now(), desk.call, desk.leg.transport.quality(), agent))

    # --- the media port ----------------------------------------------------------------------

    def answer(self, call: str) -> None:
        """Go off hook: from here on the caller is sent a frame every 20 ms."""
        line = self._lines.get(call)
        if line is not None:
            line.early = None
            if line.answered is not None:
                line.answered()
            self._leg(call, line)

    def reject(self, call: str, reason: str) -> None:
        """Say why, where there are words for it and the line can play them; then refuse."""
        line = self._lines.get(call)
        if line is None:
            return
        words = self._refusals.get(reason)
        if words is not None and (line.refused is None or self._early(line)):
            self._leg(call, line).play(
                self.speech(words), ended=lambda: self._refuse(call, line, reason)
            )
        else:
            self._refuse(call, line, reason)

    def _refuse(self, call: str, line: Line, reason: str) -> None:
        """By signalling, or with a busy tone before the line is closed."""
        if line.refused is not None:
            self.remove_line(call)
            line.refused(reason)
        else:
            busy = self._joined((self._pack.tone("busy"),) * BUSY_PERIODS)
            self._leg(call, line).play(busy, ended=lambda: self._release(call, f"busy: {reason}"))

    def _early(self, line: Line) -> bool:
        """Something is to be played: open the way for it before the answer, where there is one."""
        early, line.early = line.early, None
        return early is not None and early()

    def play(self, call: str, play: int, what: Playable) -> None:
        """Start `what` from the next tick on."""
        line = self._lines.get(call)
        if line is None:
            return
        line.play = play
        self._early(line)
        self._leg(call, line).play(
            self.speech(what),
            loop=isinstance(what, do.Music),
            ended=lambda: self._finished(call, line, play, what),
        )

    def stop(self, call: str, play: int) -> None:
        """Silence from the next tick on, and `clear` for what the far end has buffered."""
        line = self._lines.get(call)
        if line is not None and line.leg is not None and line.play == play:
            line.leg.stop()

    def speak(self, call: str, what: Playable) -> None:
        """An agent's voice to the caller, mixed with what else is on the line."""
        line = self._lines.get(call)
        if line is not None:
            self._leg(call, line).say(self.speech(what), lambda: line.transport.mark("voice"))

    def bridge(self, call: str, agent: str) -> None:
        """Join caller and agent. A simulated agent has no audio of its own but `speak`."""
        line, desk = self._lines.get(call), self._desks.get(agent)
        if line is None:
            return
        leg, line.agent = self._leg(call, line), agent
        if line.part is not None:
            line.part()
            line.part = None
        if desk is not None:
            line.part, desk.call = join(leg, desk.leg), call

    def unbridge(self, call: str, agent: str) -> None:
        """Part them; what the agent was saying stops."""
        line = self._lines.get(call)
        if line is not None and line.leg is not None:
            line.agent = ""
            line.leg.hush()
            if line.part is not None:
                line.part()
                line.part = None

    def hang_up(self, call: str, reason: str) -> None:
        """Release the line."""
        self._release(call, reason or "hung up")

    def dial_out(self, call: str, number: str) -> None:
        """Place a call-back through the dialler; without one it fails at once."""
        if self.dialler is not None:
            self.dialler(call, number)
        else:
            self._post(ev.HungUp(self._now(), call, Party.NETWORK, "no line to call out on"))

    # --- inside ------------------------------------------------------------------------------

    def _now(self) -> float:
        return self.engine.clock.now()

    def _post(self, event: ev.Event) -> None:
        assert self._exchange is not None, "connect(exchange) comes before the first call"
        self._exchange.post(event)

    def _leg(self, call: str, line: Line) -> Leg:
        if line.leg is None:
            line.leg = self.engine.attach(line.transport)
            if line.waits:
                self.engine.pause(line.leg)
            line.leg.failed = lambda: self._failed(call)
        return line.leg

    def _failed(self, call: str) -> None:
        """Something raised while the call's audio was served: end it rather than leave it mute."""
        line = self._lines.pop(call, None)
        if line is not None:
            line.transport.close(INTERNAL_ERROR, "internal error")
            try:
                self._post(ev.MediaReport(self._now(), call, line.transport.quality()))
                self._post(ev.HungUp(self._now(), call, Party.SYSTEM, "internal error"))
            except Exception as error:
                log_error(log, "a call could not be ended", error)

    def speech(self, what: Playable) -> Speech:
        """What is played for `what`. What cannot be spoken is a silence that ends at once."""
        try:
            match what:
                case do.Prompt(text=text, language=language, values=values):
                    clips = self._pack.render(text, dict(values), language).clips
                    return self._joined(tuple(clips))
                case do.Music():
                    return self._joined((self._pack.music(),))
                case do.Tone(id=name):
                    return self._joined((self._pack.tone(name),))
        except (LookupError, ValueError, OSError) as error:
            # the error's own text may hold a caller's values, which no log may show
            log.error("%s cannot be played: %s; see `hotline lint`", what.id, type(error).__name__)
            return Speech.ulaw(QUIET["PCMU"] if isinstance(what, do.Music) else b"")

    def _join(self, clips: tuple[Any, ...]) -> Speech:
        """One object for the same clips, so that each law is joined once for all calls. Reading
        the files now rather than at the first frame keeps their errors here."""
        for clip in clips:
            self._pack.alaw(clip)

        def joined(codec: Codec) -> bytes:
            return b"".join(map(self._pack.alaw if codec == "PCMA" else self._pack.ulaw, clips))

        return Speech(joined)

    def _finished(self, call: str, line: Line, play: int, what: Playable) -> None:
        if what.id == NOTICE and self._shelf is not None and line.tape is None:
            leg = self._leg(call, line)
            line.tape = Tape(leg, self._shelf.begin(call, line.transport.codec))
        line.transport.mark(f"play-{play}")
        self._post(ev.PlaybackFinished(self._now(), call, play))

    def _release(self, call: str, reason: str) -> None:
        line = self._lines.pop(call, None)
        if line is not None:
            self._silence(call, line)
            line.transport.close(HUNG_UP, reason)

    def _silence(self, call: str, line: Line) -> None:
        """The call's audio is over: note how it went."""
        self._post(ev.MediaReport(self._now(), call, line.transport.quality()))
        if line.tape is not None:
            line.tape.stop()
        if line.part is not None:
            line.part()
        if line.leg is not None:
            self.engine.detach(line.leg)
