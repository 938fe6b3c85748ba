"""Telephones of a load: those of the scripted callers, with a look at how the audio went.

Everything here runs once a tick and call, so it does next to nothing:

    tick   1  2  3  4  5  6  7  8        counted by our own media clock, not by arrival, so that a
    came   x  x  -  -  -  -  -  x        driver that comes late does not see gaps of its own making
                           ^ GAP           counted when audio goes on

A server that sends ahead of time has no gap while the telephone still has something to play; one
that sends nothing while it has nothing to say has gaps there.
"""

from __future__ import annotations

from audio import g711
from audio.fingerprint import QUIET, rms
from hotline.callers.player import Player
from hotline.load.observed import Observed
from hotline.switch.events import Event
from hotline.telephony.handset import Desk, Handset, Hearing, Line, MakeEar, ear_of_pack
from hotline.telephony.leg import FRAME, TICK
from hotline.telephony.sip.events import Ended, MediaAgreed
from hotline.telephony.sip.telephone import SipTelephone

GAP = 0.1
"""Seconds without audio, between audio, that count as a gap: what a jitter buffer of ours bridges
(our choice)."""
AT_ONCE = 10 * FRAME
"""Octets that the ear hears at once (0.2 s). Recognition costs a third of what it does frame by
frame, and is told as much later; when a sound began is known all the same."""


class LoadEar:
    """An ear for many calls: hears in blocks, notes the first sound, sleeps when nothing matters.
    A scenario's player hears every frame, as it does alone."""

    def __init__(self, ear: Hearing, observed: Observed) -> None:
        self._ear, self._observed = ear, observed
        self._block = FRAME if isinstance(observed.caller, Player) else AT_ONCE
        self._waiting = bytearray()

    def hear(self, ulaw: bytes, now: float) -> list[Event]:
        """What is noticed with this audio, the last of which was heard at instant `now`."""
        observed = self._observed
        if observed.audio is None and ulaw and rms(g711.ulaw_decode(ulaw)) > QUIET:
            observed.audio = now
        if observed.deaf:
            return []
        self._waiting += ulaw
        return self._all(now) if len(self._waiting) >= self._block else []

    def finish(self, now: float) -> list[Event]:
        """The line is closed: what is noticed by that."""
        if self._observed.deaf:
            return []
        return [*self._all(now), *self._ear.finish(now)]

    def _all(self, now: float) -> list[Event]:
        octets = bytes(self._waiting)
        self._waiting.clear()
        return self._ear.hear(octets, now)


def load_ear(ear: MakeEar | None) -> MakeEar:
    """The ear for the callers of a load, made of the one they would have alone."""
    make = ear or ear_of_pack

    def of(desk: Desk, call: str) -> Hearing:
        caller = desk.caller
        assert isinstance(caller, Observed)
        return LoadEar(make(desk, call), caller)

    return of


class Gaps:
    """The gaps of one call: `tick(came)` every 20 ms, with a number that grows with audio."""

    __slots__ = ("_before", "_observed", "_still")

    def __init__(self, observed: Observed) -> None:
        self._observed, self._still, self._before = observed, 0, 0

    def tick(self, came: int) -> None:
        """20 ms pass."""
        if came == self._before:
            self._still += self._before > 0
            return
        self._before, self._observed.flowed = came, True
        if self._still * TICK >= GAP:
            observed = self._observed
            observed.gaps += 1
            observed.longest_gap = max(observed.longest_gap, self._still * TICK)
        self._still = 0


class LoadHandset(Handset):
    """A telephone on a Media Streams line."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        assert isinstance(desk.caller, Observed)
        self.observed = desk.caller
        self._gaps = Gaps(self.observed)
        self._came = 0

    def begin(self, line: Line) -> None:
        """The line is connected."""
        super().begin(line)
        if self._leg is not None:
            self._leg.monitors.append(self._tick)

    def message(self, message: str | bytes) -> None:
        """What the server says."""
        super().message(message)
        self._came += 1

    def ended(self, code: int | None, reason: str) -> None:
        """The server closed the line."""
        if not self.left:
            self.observed.code = code or 0
        super().ended(code, reason)

    def _tick(self, frame: bytes) -> None:
        if self._playout.seconds >= TICK:
            self._came += 1  # nothing need come while there is something to play
        self._gaps.tick(self._came)


class LoadSipTelephone(SipTelephone):
    """A telephone on SIP."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        assert isinstance(desk.caller, Observed)
        self.observed = desk.caller
        self._gaps = Gaps(self.observed)
        self._watched = False

    def agreed(self, event: MediaAgreed) -> None:
        """Audio can go both ways."""
        super().agreed(event)
        if self._leg is not None and not self._watched:
            self._watched = True
            self._leg.monitors.append(self._tick)

    def ended(self, event: Ended) -> None:
        """The other side ended the call, or refused it."""
        if not self.left:
            self.observed.code = event.code
            if event.code:
                self.observed.why = f"{event.code} {event.reason}".strip()
        super().ended(event)

    def _tick(self, frame: bytes) -> None:
        port = self._port
        if port is not None and self.answered:
            self._gaps.tick(port.session.reception.received)

    def _let_go(self) -> None:
        if self._port is not None:
            quality = self._port.quality()
            self.observed.mos = quality.mos
            self.observed.lost = quality.lost + quality.late
        super()._let_go()
