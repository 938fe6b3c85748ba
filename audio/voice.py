r"""Utterances in a stream of sound: an energy gate with hysteresis.

    level   ____/~~~~\_/~~~~~~~~\____________
    open        |<- an utterance  ->|<-PAUSE->|  told here

A pause shorter than `PAUSE` belongs to the utterance; one that goes on for `LONGEST` is cut, at the
first quiet frame after `LONGEST - SEARCH` if there is one. The figures are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.fingerprint import rms
from audio.wav import RATE

__all__ = ["Gate", "Utterance"]

FRAME = RATE // 50
"""Samples that are judged at once: 20 ms."""
LOUD = 32768 * 10 ** (-40 / 20)
"""rms of a frame that is sound: 20 dB under speech of -20 dBFS."""
AT_LEAST = 6
"""Loud frames without which it was a click."""
LEAD = 10
"""Frames before the first loud one that belong to it: soft consonants."""
PAUSE = 0.6
LONGEST, SEARCH = 15.0, 5.0

Pcm = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of sound; instants in seconds of audio fed."""

    start: float
    end: float
    pcm: Pcm


class Gate:
    """Feed it audio of any length; it hands over each utterance when that has ended."""

    def __init__(self) -> None:
        self._rest: Pcm = np.zeros(0, dtype=np.int16)
        self._frames: list[Pcm] = []
        self._loud = 0  # loud frames of the present utterance
        self._quiet = 0  # quiet frames in a row
        self._fed = 0  # frames judged

    @property
    def now(self) -> float:
        """Seconds of audio judged."""
        return self._fed * FRAME / RATE

    @property
    def sounding(self) -> bool:
        """Whether an utterance is going on."""
        return self._loud >= AT_LEAST

    @property
    def quiet_since(self) -> float:
        """Since when it has been quiet, in seconds of audio fed."""
        return self.now - self._quiet * FRAME / RATE

    def feed(self, pcm: Pcm) -> list[Utterance]:
        """More audio; the utterances that ended in it."""
        samples = np.concatenate([self._rest, pcm])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        ended = (self._frame(samples[at : at + FRAME]) for at in range(0, whole, FRAME))
        return [utterance for utterance in ended if utterance is not None]

    def finish(self) -> list[Utterance]:
        """The audio ends here."""
        utterance = self._cut() if self.sounding else None
        return [utterance] if utterance is not None else []

    def _frame(self, frame: Pcm) -> Utterance | None:
        self._fed += 1
        loud = rms(frame) >= LOUD
        self._quiet = 0 if loud else self._quiet + 1
        self._frames.append(frame)
        if loud:
            self._loud += 1
            seconds = len(self._frames) * FRAME / RATE
            return self._cut() if seconds >= LONGEST else None
        if not self._loud:
            del self._frames[:-LEAD]
            return None
        if not self.sounding and self._quiet * FRAME / RATE >= PAUSE:
            self._forget()  # a click
            return None
        long = len(self._frames) * FRAME / RATE >= LONGEST - SEARCH
        return self._cut() if long or self._quiet * FRAME / RATE >= PAUSE else None

    def _cut(self) -> Utterance:
        pcm = np.concatenate(self._frames)
        end = self.quiet_since
        start = self.now - len(pcm) / RATE
        self._forget()
        return Utterance(start, max(start, end), pcm)

    def _forget(self) -> None:
        self._frames, self._loud = [], 0
