"""Which clips are being played, heard from 8 kHz audio alone.

    sound -> [ nothing known ] --match--> [ following a clip ] --its end-----> [ nothing known ]
                   ^    |                        |  ^
                   |    +- silence, tones,       |  | matches again (packets were lost)
                   |       unknown sound         v  |
                   +---- 0.4 s do not match -- [ in doubt ] --another clip---> [ following ... ]

While nothing is known, each 60 ms are looked up in the index (`audio.fingerprint`); a clip is known
about 0.4 s after its start. While a clip is followed, 80 ms at a time are compared with the clip
itself, which costs next to nothing and finds its end, or where it was cut off, to 10 ms.

Instants are seconds of audio fed. The results do not depend on how the audio is divided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from audio import tones
from audio.fingerprint import (
    HOP,
    LAG,
    PRINT,
    QUIET,
    VERIFY,
    Floats,
    Index,
    Match,
    correlate,
    rms,
)
from audio.pack import Clip, Pack
from audio.wav import RATE

__all__ = ["Heard", "Recogniser", "sequence"]

_HOPS = 6
_STEP = _HOPS * HOP
"""Samples looked up at once: 60 ms."""
_AHEAD = (_HOPS - 1) * HOP + max(PRINT, VERIFY + LAG)
"""Samples needed to look up a step."""
_BLOCK = RATE * 8 // 100
"""Samples compared at once while a clip is followed."""
_AGREE = 0.5
"""Least correlation of a block: two of its four packets may be lost."""
_WORSE = 0.3
"""By how much the agreement of one block may be worse than that of another clip."""
_CLEARLY = 0.04
"""By how much the agreement in total may be; the right clip has 0.95 to 1."""
_MEMORY = 0.5
"""Seconds over which the total agreement is averaged."""
_SURE = 0.985
"""Correlation of the right clip when no packet was lost."""
_SURELY = 0.9
"""Correlation with which a clip in doubt is found again; half as much audio as `VERIFY` once took a
like vowel of the next prompt for it."""
_DOUBT = RATE * 2 // 5
"""Samples after which a clip that no longer matches is over."""
_LEAD = RATE // 4
"""Samples by which a clip may seem to begin before the last sound ended."""
_MIDWAY = RATE * 6 // 10
"""Samples after the last sound at which a clip may be known by its middle."""
_SILENCE = RATE // 2
_UNKNOWN = RATE
_SHIFT = RATE // 4
"""A clip found again at most this far from where it should be has lost packets, not restarted."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something heard; reported once when it is certain and once more, `final`, when it ends."""

    kind: str
    """``clip``, ``music``, ``tone``, ``silence`` or ``unknown``."""
    id: str
    """Of the clip, or the tone's (``tone:ringback``); empty for silence and unknown sound."""
    start: float
    """Seconds."""
    end: float
    """Seconds; so far, unless final."""
    final: bool


@dataclass(slots=True)
class _Track:
    """A clip being followed, or several with the same beginning."""

    matches: list[Match]
    verified: int
    """Sample up to which it has been compared."""
    good: int
    """Sample up to which it matched."""
    reported: bool = False
    strikes: int = 0
    doubt_until: int = 0
    since: int = 0
    """Sample before which something else was heard: a loop that is joined begins there."""

    @property
    def match(self) -> Match:
        return self.matches[0]

    def end_of(self, match: Match) -> int | None:
        """Sample at which the clip ends by itself."""
        return None if match.entry.loops else match.start + len(match.entry.pcm)


@dataclass(slots=True)
class _Run:
    """A stretch without clip: silence, unknown sound, or a tone."""

    kind: str
    id: str
    start: int
    end: int
    reported: bool = False


_INDEXES: WeakKeyDictionary[Pack, dict[tuple[str | None, tuple[str, ...]], Index]] = (
    WeakKeyDictionary()
)


def _index(pack: Pack, language: str | None, extra: tuple[Clip, ...]) -> Index:
    """One index per pack and choice, shared by all listeners."""
    cache = _INDEXES.setdefault(pack, {})
    at = (language, tuple(clip.id for clip in extra))
    if at not in cache:
        cache[at] = Index(pack, language, extra)
    return cache[at]


class Recogniser:
    """Listens to one direction of one call."""

    def __init__(self, pack: Pack, language: str | None = None, extra: Iterable[Clip] = ()) -> None:
        """`extra`: clips beyond the pack's own, such as `Pack.stand_ins` of a book."""
        self._index = _index(pack, language, tuple(extra))
        self._buffer: Floats = np.zeros(LAG, dtype=np.float32)
        self._base = -LAG  # sample number of the buffer's first
        self._cursor = 0  # sample up to which all is decided
        self._ended = 0  # sample at which the last clip ended
        self._track: _Track | None = None
        self._run: _Run | None = None
        self._tone = _ToneListener()
        self._out: list[Heard] = []

    @property
    def now(self) -> float:
        """Seconds of audio fed."""
        return (self._base + len(self._buffer)) / RATE

    @property
    def confirmed(self) -> float:
        """Seconds of audio up to which the present clip has matched; 0 when there is none."""
        return self._track.good / RATE if self._track is not None else 0.0

    def feed(self, pcm: NDArray[np.int16]) -> list[Heard]:
        """More audio, of any length; returns what has become known by it."""
        self._buffer = np.concatenate([self._buffer, pcm.astype(np.float32)])
        while self._advance():
            pass
        behind = min(self._cursor, self._track.good if self._track else self._cursor) - RATE // 4
        if behind - self._base > RATE:
            self._buffer = self._buffer[behind - self._base :]
            self._base = behind
        out, self._out = self._out, []
        return out

    def finish(self) -> list[Heard]:
        """The audio ends here: decide what is still open."""
        end = self._base + len(self._buffer)
        out = self.feed(np.zeros(_AHEAD + _DOUBT + _BLOCK, dtype=np.int16))
        if self._track is not None:
            self._close_track(min(self._track.good, end))
        self._close_run(min(self._run.end, end) if self._run else end)
        out += [replace(heard, end=min(heard.end, end / RATE)) for heard in self._out]
        self._out = []
        return [heard for heard in out if heard.start < end / RATE]

    # --------------------------------------------------------------------------------- progress

    def _advance(self) -> bool:
        """One step, if there is audio enough for it."""
        if self._track is not None and not self._track.doubt_until:
            return self._follow(self._track)
        return self._listen()

    def _samples(self, start: int, length: int) -> Floats:
        return self._buffer[max(0, start - self._base) : start - self._base + length]

    def _available(self, until: int) -> bool:
        return until <= self._base + len(self._buffer)

    # -------------------------------------------------------------------------- following a clip

    def _follow(self, track: _Track) -> bool:
        ends = [end for match in track.matches if (end := track.end_of(match)) is not None]
        if min(ends, default=track.verified + 1) <= track.verified:
            return self._finish_if_over(track)
        until = min([track.verified + _BLOCK, *(end for end in ends if end > track.verified)])
        if not self._available(until):
            return False
        heard = self._samples(track.verified, until - track.verified)
        scores = [_agreement(match, track.verified, heard) for match in track.matches]
        best = max((score for score in scores if score is not None), default=None)
        if best is not None and best < _AGREE:
            self._strike(track, until)
            return True
        # of several with like beginnings those fall out that fit clearly worse, also in total
        weight = len(heard) / RATE
        alive = []
        for match, score in zip(track.matches, scores, strict=True):
            if best is None or (score is not None and score > best - _WORSE):
                total = (
                    match.score
                    if score is None
                    else ((match.score * _MEMORY + score * weight) / (_MEMORY + weight))
                )
                alive.append(replace(match, score=total))
        top = max(match.score for match in alive)
        self._narrow(track, [match for match in alive if match.score > top - _CLEARLY])
        if best is not None:
            track.strikes = 0
        if track.strikes == 0:
            track.good = until
        track.verified = until
        self._finish_if_over(track)
        return True

    def _narrow(self, track: _Track, alive: list[Match]) -> None:
        """Fewer clips fit; the first report comes when one is left."""
        track.matches = alive
        if len(alive) == 1 and not track.reported:
            self._report_track(track)

    def _finish_if_over(self, track: _Track) -> bool:
        """At the end of one clip: it is over, unless a longer one with the same beginning goes on.

        Whether it goes on is heard in the next block. False: there is not yet audio enough.
        """
        over = [
            match
            for match in track.matches
            if (end := track.end_of(match)) is not None and end <= track.verified
        ]
        longer = [match for match in track.matches if match not in over]
        if over and longer:
            if not self._available(track.verified + _BLOCK):
                return False
            heard = self._samples(track.verified, _BLOCK)
            on = [
                match for match in longer if (_agreement(match, track.verified, heard) or 0.0) > 0.8
            ]
            if on:
                self._narrow(track, on)
                return True
        if over:
            track.matches = over[:1]
            self._close_track(track.verified)
        return True

    def _strike(self, track: _Track, until: int) -> None:
        """A block does not match; the second in a row puts the clip in doubt."""
        track.strikes += 1
        near_end = track.end_of(track.match)
        track.verified = until
        if track.strikes < 2 and (near_end is None or until < near_end):
            return
        track.good = self._last_agreement(track)
        track.doubt_until = track.good + _DOUBT
        self._cursor = track.good

    def _last_agreement(self, track: _Track) -> int:
        """The sample, to 10 ms, at which the clip stopped matching."""
        match, last = track.match, track.good
        for at in range(track.good, track.verified, HOP):
            heard = self._samples(at, 2 * HOP)
            if (_agreement(match, at, heard) or 0.0) >= _AGREE:
                last = at + HOP
            elif at - last > 4 * HOP:
                break
        return last

    def _report_track(self, track: _Track) -> None:
        track.reported = True
        self._out.append(self._heard(track, track.verified, final=False))

    def _heard(self, track: _Track, end: int, *, final: bool) -> Heard:
        entry, start = track.match.entry, max(track.match.start, track.since)
        return Heard(entry.kind, entry.id, start / RATE, end / RATE, final)

    def _close_track(self, end: int) -> None:
        track = self._track
        assert track is not None
        if not track.reported:
            self._report_track(track)
        self._out.append(self._heard(track, end, final=True))
        self._track, self._cursor, self._ended = None, end, end

    # ----------------------------------------------------------------------------- nothing known

    def _listen(self) -> bool:
        if not self._available(self._cursor + _AHEAD):
            return False
        track = self._track
        if track is not None and self._resumes(track):
            return True
        step = self._samples(self._cursor, _STEP)
        found = self._search(self._cursor)
        if found:
            # a like-sounding clip may match before the right one begins: look on for a better one,
            # the longer the less sure this one is
            for ahead in range(1, 5):
                if ahead > 1 and max(match.score for match in found) > _SURE:
                    break
                if not self._available(self._cursor + ahead * _STEP + _AHEAD):
                    return False
                found += self._search(self._cursor + ahead * _STEP)
            self._start_track(_distinct(found))
            return True
        self._classify(step)
        self._cursor += _STEP
        if track is not None and self._track is track and self._cursor >= track.doubt_until:
            self._end_doubt(track)
        return True

    def _search(self, start: int) -> list[Match]:
        """Clips that begin, or go on, within the step from `start`.

        On a line a clip begins where the last sound ended. Two clips with the same sentence sound
        the same there, so one that would have begun earlier is believed only after a while in
        which nothing else was found: then the listener has joined in its middle.
        """
        if rms(self._samples(start, _STEP + PRINT)) < QUIET:
            return []
        samples = self._samples(start - LAG, LAG + _AHEAD)
        found = self._index.search(samples, start - LAG, _HOPS)
        begin = self._ended if self._track is None else self._track.good
        if self._run is not None and self._run.kind == "silence":
            begin = max(begin, self._run.end)
        likely = [match for match in found if match.entry.loops or match.start >= begin - _LEAD]
        return found if not likely and start - begin > _MIDWAY else likely

    def _resumes(self, track: _Track) -> bool:
        """In doubt, and the clip matches again where it should be, or a little off.

        Off: packets were left out, or added, and not replaced.
        """
        match = track.match
        heard = self._samples(self._cursor, VERIFY)
        expected = self._cursor - match.start
        first = max(0, expected - _SHIFT)
        nearby = match.entry.part(first, expected - first + VERIFY + _SHIFT)
        if rms(heard) < 4 * QUIET or len(nearby) < len(heard):
            return False
        score, lag = correlate(nearby, heard)
        if score < _SURELY:
            return False
        start = self._cursor - first - lag
        track.matches = [replace(match, start=start)]
        track.doubt_until = track.strikes = 0
        track.verified = track.good = self._cursor + len(heard)
        self._run = None
        self._finish_if_over(track)
        return True

    def _start_track(self, same: list[Match]) -> None:
        best = same[0]
        if self._track is not None:
            self._end_doubt(self._track)
        self._out += self._tone.stop()
        self._close_run(max(best.start, self._cursor - _STEP))
        known = min(match.at + match.length for match in same)
        since = self._cursor if best.entry.loops else 0
        self._track = _Track(same, known, known, since=since)
        if len(same) == 1:
            self._report_track(self._track)
        self._finish_if_over(self._track)

    def _end_doubt(self, track: _Track) -> None:
        """The clip was cut off where it stopped matching; what followed has been looked at."""
        cursor = self._cursor
        self._close_track(track.good)
        self._cursor = cursor

    # ------------------------------------------------------------------ silence, tones, unknown

    def _classify(self, step: Floats) -> None:
        """Silence, a steady tone, or unknown sound: runs of steps alike."""
        now, label = self._cursor, self._tone.label(step)
        self._out += self._tone.step(label, now, now + _STEP)
        if self._tone.holds:
            self._close_run(now)
            return
        run = self._run
        if label == "" and run is not None and run.kind == "unknown":
            if now + _STEP - run.end < _SILENCE:
                return  # a pause within it
            now = run.end
            self._close_run(now)
        kind = "silence" if label == "" else "unknown"
        if self._run is None or self._run.kind != kind:
            self._close_run(now)
            self._run = _Run(kind, "", now, now)
        self._run.end = self._cursor + _STEP
        self._report_run(self._run)

    def _report_run(self, run: _Run) -> None:
        least = _SILENCE if run.kind == "silence" else _UNKNOWN
        if not run.reported and run.end - run.start >= least:
            run.reported = True
            self._out.append(Heard(run.kind, run.id, run.start / RATE, run.end / RATE, False))

    def _close_run(self, end: int) -> None:
        run, self._run = self._run, None
        if run is not None and run.reported:
            end = min(end, run.end) if run.kind == "unknown" else end
            self._out.append(Heard(run.kind, run.id, run.start / RATE, end / RATE, True))


def _agreement(match: Match, at: int, heard: Floats) -> float | None:
    """Correlation of a block with the clip's; None when the clip is silent there, as it should."""
    reference = match.entry.part(at - match.start, len(heard))
    heard = heard[: len(reference)]
    own, other = rms(reference), rms(heard)
    if own < 4 * QUIET:
        # pauses: nothing to correlate; they must only be quiet
        return None if other < max(4 * QUIET, 3 * own) else 0.0
    if other < QUIET / 4:
        return 0.0
    return float(np.dot(reference, heard)) / (len(reference) * own * other)


def _distinct(found: list[Match]) -> list[Match]:
    """The best match and those that only more sound can tell from it, best first.

    One clip may match several times, periods of the voice apart: its best place counts.
    """
    found = sorted(found, key=lambda match: -match.score)
    places: dict[str, Match] = {}
    for match in found:
        if match.score > found[0].score - _CLEARLY and abs(match.start - found[0].start) <= _STEP:
            places.setdefault(match.entry.id, match)
    return list(places.values())


def sequence(heard: Iterable[Heard]) -> tuple[str, ...]:
    """Ids of the clips in the order they were heard, from any mixture of reports."""
    return tuple(one.id for one in heard if one.kind == "clip" and not one.final)


# ------------------------------------------------------------------------------- steady tones


class _ToneListener:
    """Ring-back, busy and keys, by frequency and cadence.

    ring-back  on ####............   known after 0.5 s on
    busy       on ##..##..##..##..   known when the second burst follows the first
    key        on ##                 known at once
    """

    def __init__(self) -> None:
        time = np.arange(_STEP) / RATE
        self._hertz = (
            450.0,
            *(tones.DTMF[key][0] for key in "147*"),
            *(tones.DTMF[key][1] for key in "123A"),
        )
        self._basis = np.exp(-2j * np.pi * np.outer(self._hertz, time)).astype(np.complex64)
        self._id = ""
        self._start = 0
        self._on: int | None = None  # start of the present burst
        self._off = 0  # end of the last burst
        self._burst = 0  # samples of the last burst
        self._odd = 0  # steps in a row that are neither tone nor silence

    @property
    def holds(self) -> bool:
        """Whether the present stretch belongs to a tone, its pauses included."""
        return bool(self._id) or self._on is not None or self._burst > 0

    def label(self, step: Floats) -> str:
        """`450`, a key such as `dtmf-5`, `?` for other sound, empty for silence."""
        level = rms(step)
        if level < QUIET:
            return ""
        power = 2 * np.abs(self._basis[:, : len(step)] @ step / len(step)) ** 2 / level**2
        if power[0] > 0.55:
            return "450"
        low, high = int(np.argmax(power[1:5])), int(np.argmax(power[5:9]))
        if min(power[1 + low], power[5 + high]) > 0.12 and power[1 + low] + power[5 + high] > 0.55:
            return "dtmf-" + ("123A", "456B", "789C", "*0#D")[low][high]
        return "?"

    def step(self, label: str, start: int, end: int) -> list[Heard]:
        """One more step with its label."""
        self._odd = self._odd + 1 if label == "?" else 0
        if label == "450":
            return self._burst_step(start, end)
        if label.startswith("dtmf"):
            if self._id == f"tone:{label}":
                self._off = end
                return []
            return [*self.stop(), *self._begin(f"tone:{label}", start, end)]
        if self._on is not None:
            self._burst, self._on = self._off - self._on, None
        wait = {"": 0.6, "tone:ringback": 4.6, "tone:busy": 0.6}.get(self._id, 0.0) * RATE
        if self._odd > 1 or end - self._off > wait:
            return self.stop()
        return []

    def _burst_step(self, start: int, end: int) -> list[Heard]:
        said: list[Heard] = []
        if self._id.startswith("tone:dtmf"):
            said = self.stop()
        if self._on is None:
            gap, self._on = start - self._off, start
            short = _near(self._burst) and _near(gap)
            if short and self._id != "tone:busy":
                begun = self._off - self._burst
                said += [*self.stop(), *self._begin("tone:busy", begun, end)]
                self._on = start
        self._off = end
        if end - self._on > RATE * 0.5 and self._id != "tone:ringback":
            begun = self._on
            said += [*self.stop(), *self._begin("tone:ringback", begun, end)]
            self._on = begun
        return said

    def _begin(self, id: str, start: int, end: int) -> list[Heard]:
        self._id, self._start, self._off = id, start, end
        return [Heard("tone", id, start / RATE, end / RATE, False)]

    def stop(self) -> list[Heard]:
        """Another sound begins, or the cadence is broken: the tone ended with its last burst."""
        id, self._id = self._id, ""
        self._on, self._burst, self._odd = None, 0, 0
        return [Heard("tone", id, self._start / RATE, self._off / RATE, True)] if id else []


def _near(samples: int) -> bool:
    """About 0.35 s, as seen in steps of 60 ms."""
    return 0.22 * RATE <= samples <= 0.48 * RATE
