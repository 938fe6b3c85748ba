"""Where in which clip a stretch of sound may lie: the index behind `audio.recognise`.

    160 ms of sound  ->  14 frames x 16 bands of log power, mean removed, unit length  (a print)
    each clip        ->  prints at its beginning, 80 ms later (if the first packet is lost), and
                         every 0.4 s (if the listener joins, or rejoins, in the middle); short
                         ones every 0.12 s
    a listened print ->  one matrix product with all of them gives the likely places
    a likely place   ->  cross-correlation of the samples themselves settles it, to the sample

The print only has to put the right place among the first few: hops are 10 ms apart, so it is up to
5 ms off. The correlation is decisive: the same words spoken twice by one voice reach 0.5, the clip
itself 0.95 and more, after transcoding and with a lost packet too. Both ignore the gain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from audio import g711
from audio.pack import Clip, Pack
from audio.wav import RATE

__all__ = ["HOP", "LAG", "PRINT", "VERIFY", "Entry", "Index", "Match", "correlate", "rms"]

Pcm = NDArray[np.int16]
Floats = NDArray[np.float32]

HOP = RATE // 100
"""Samples between frames."""
_WINDOW = 256
_FRAMES, _BANDS = 14, 16
PRINT = (_FRAMES - 1) * HOP + _WINDOW
"""Samples under one print: 162 ms."""
VERIFY = RATE // 4
"""Samples that must correlate."""
LAG = 56
"""Samples that a place may be off either way: half a hop, and what the print blurs."""
_PACKET = RATE // 50
_SPACING = RATE * 2 // 5
_QUARTERS = range(0, VERIFY, VERIFY // 4)

QUIET = 32768 * 10 ** (-50 / 20)
"""rms under which a frame is silence: 30 dB under speech, above the noise of either law."""
_ALIKE = 0.62
"""Least product of two prints worth a correlation."""
_SAME = 0.85
"""Least correlation of the samples of one clip."""
_CANDIDATES, _MANY = 6, 32
_CLOSE = 0.88
"""Product of two prints that only the same sounds by the same voice reach."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip with its samples."""

    id: str
    kind: str
    """``clip``, ``music`` or ``tone``."""
    pcm: Pcm = field(repr=False, compare=False)
    loops: bool = False

    def part(self, start: int, length: int) -> Floats:
        """Samples from `start`, around the end if it loops; shorter at the end if it does not."""
        if self.loops:
            return np.take(self.pcm, np.arange(start, start + length), mode="wrap").astype(
                np.float32
            )
        return self.pcm[start : start + length].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Match:
    """A clip found in what was heard."""

    entry: Entry
    start: int
    """Sample of what was heard at which the clip began, or would have begun."""
    at: int
    """Sample of what was heard from which it was matched."""
    length: int
    """Samples matched."""
    score: float
    """Correlation, 0 to 1."""


def rms(samples: NDArray[np.generic]) -> float:
    """Root mean square, in units of a sample."""
    if len(samples) == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float32))))


def _band_matrix() -> Floats:
    """Power of 129 bins to 16 overlapping bands, 200-3600 Hz, wider as they go up."""
    edges = 200 * (3600 / 200) ** (np.linspace(0, 1, _BANDS + 2) ** 0.8)
    hertz = np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW
    bands = np.zeros((len(hertz), _BANDS), dtype=np.float32)
    for band in range(_BANDS):
        low, mid, high = edges[band : band + 3]
        bands[:, band] = np.clip(
            np.minimum((hertz - low) / (mid - low), (high - hertz) / (high - mid)), 0, None
        )
        nearest = int(np.argmin(np.abs(hertz - mid)))
        bands[nearest, band] = max(bands[nearest, band], 0.5)  # low bands are narrower than a bin
    return bands


_HANN = np.hanning(_WINDOW).astype(np.float32)
_MATRIX = _band_matrix()


def _log_bands(frames: Floats) -> Floats:
    """Log power of frames (n x 256) in bands (n x 16)."""
    spectrum = np.fft.rfft(frames * _HANN, axis=-1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    logs: Floats = np.log10(power @ _MATRIX + 1.0)
    return logs


def _prints(logs: Floats) -> Floats:
    """Rows of 14 x 16 log powers as prints of unit length: gain and floor removed."""
    rows = logs.reshape(len(logs), -1)
    rows = np.maximum(rows, rows.max(axis=1, keepdims=True) - 4.5)
    rows = rows - rows.mean(axis=1, keepdims=True)
    unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-6)
    return unit


def heard_prints(samples: Floats, hops: int) -> Floats:
    """Prints at `hops` consecutive hops of (hops - 1) * HOP + PRINT samples."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::HOP]
    logs = _log_bands(frames[: hops + _FRAMES - 1])
    stacked = np.lib.stride_tricks.sliding_window_view(logs, _FRAMES, axis=0)[:hops]
    return _prints(np.ascontiguousarray(stacked.transpose(0, 2, 1)))


class Index:
    """All clips of a pack that may be heard; built once, shared by every listener."""

    def __init__(self, pack: Pack, language: str | None = None, extra: Iterable[Clip] = ()) -> None:
        entries = list(_entries(pack, language, extra))
        self.entries: tuple[Entry, ...] = tuple(entries)
        places = [(number, at) for number, entry in enumerate(entries) for at in _places(entry)]
        self._owner = np.array([number for number, _ in places], dtype=np.int32)
        self._offset = np.array([at for _, at in places], dtype=np.int64)
        self._table = self._build(entries, places)

    @staticmethod
    def _build(entries: list[Entry], places: list[tuple[int, int]]) -> Floats:
        """Prints of all places as columns."""
        if not places:
            return np.zeros((_FRAMES * _BANDS, 0), dtype=np.float32)
        within = (np.arange(_FRAMES) * HOP)[:, None] + np.arange(_WINDOW)
        rows = []
        for first in range(0, len(places), 256):
            chunk = places[first : first + 256]
            samples = np.stack([_padded(entries[number], at) for number, at in chunk])
            rows.append(_prints(_log_bands(samples[:, within])))
        return np.ascontiguousarray(np.concatenate(rows).T)

    def search(self, samples: Floats, origin: int, hops: int) -> list[Match]:
        """Clips that begin, or go on, at one of `hops` hops, best first.

        `samples` begins LAG before the first hop and reaches PRINT, or VERIFY + LAG, beyond the
        last; `origin` is the number of its first sample.
        """
        prints = heard_prints(samples[LAG:], hops)
        alike = prints @ self._table
        best_hop = np.argmax(alike, axis=0)
        best = alike[best_hop, np.arange(alike.shape[1])]
        likely = np.flatnonzero(best > _ALIKE)
        likely = likely[np.argsort(-best[likely])]
        # the many pieces that begin with the same word have prints as good as the right one
        many = len(likely) > 0 and best[likely[0]] > _CLOSE
        likely = likely[: _MANY if many else _CANDIDATES]
        found = (
            self._verify(samples, origin, LAG + int(best_hop[place]) * HOP, int(place))
            for place in likely
        )
        matches = sorted(filter(None, found), key=lambda match: -match.score)
        # two prints of one clip may both match
        return list({(match.entry.id, match.start): match for match in reversed(matches)}.values())[
            ::-1
        ]

    def _verify(self, samples: Floats, origin: int, hop: int, place: int) -> Match | None:
        entry, offset = self.entries[self._owner[place]], int(self._offset[place])
        reference = entry.part(offset, VERIFY)
        first = hop - LAG
        score, lag = correlate(samples[first : hop + len(reference) + LAG], reference)
        if score < _SAME:
            return None
        at = origin + first + lag
        return Match(entry, at - offset, at, len(reference), score)


def correlate(samples: Floats, reference: Floats) -> tuple[float, int]:
    """Greatest normalised correlation of a reference within longer samples, and where."""
    if len(samples) < len(reference):
        return 0.0, 0
    products = np.correlate(samples, reference, mode="valid")
    squares = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    energy = squares[len(reference) :] - squares[: -len(reference)]
    own = float(np.dot(reference, reference))
    scores = products / np.sqrt(energy * own + 1.0)
    lag = int(np.argmax(scores))
    return float(scores[lag]), lag


def _arrived(samples: Floats) -> Floats | None:
    """1 for samples that arrived, 0 for those of one or two lost packets; None if none were lost.

    A lost packet is heard as exact silence (0, or 8 in A-law) between sounds; a longer stretch, or
    one at the edge, may be a pause.
    """
    quiet = np.abs(samples) <= 8
    edges = np.flatnonzero(np.diff(quiet))
    if len(edges) < 2:
        return None
    mask = None
    first = 0 if not quiet[0] else 1  # edges alternate: into silence, out of silence
    for begin, end in zip(edges[first::2], edges[first + 1 :: 2], strict=False):
        if _PACKET * 3 // 4 <= end - begin <= _PACKET * 5 // 2:
            mask = np.ones(len(samples), dtype=np.float32) if mask is None else mask
            mask[begin + 1 : end + 1] = 0
    return mask


def _places(entry: Entry) -> Iterator[int]:
    """Samples of a clip at which it can be recognised."""
    length = len(entry.pcm)
    yield 0
    if entry.loops:
        yield from range(_SPACING // 2, length, _SPACING // 2)
        return
    if entry.id.startswith("missing:"):  # its two beeps name it together only
        return
    candidates: tuple[int, ...] = (HOP * 8, *range(_SPACING, length, _SPACING))
    if length < 3 * _SPACING:  # pieces have fewer chances to be found again
        candidates = tuple(range(HOP * 8, length, HOP * 12))
    for at in candidates:
        # sound throughout: the first syllable after a pause is much like many others
        quarters = (rms(entry.pcm[at + part : at + part + VERIFY // 4]) for part in _QUARTERS)
        if at + VERIFY <= length and min(quarters) > 3 * QUIET:
            yield at


def _padded(entry: Entry, at: int) -> Floats:
    part = entry.part(at, PRINT)
    return np.pad(part, (0, PRINT - len(part)))


def _entries(pack: Pack, language: str | None, extra: Iterable[Clip]) -> Iterator[Entry]:
    seen: set[str] = set()
    for clip in (*pack.clips(language), *extra):
        named, _, name = clip.id.partition(":")
        periodic = named == "tone" and (name in ("ringback", "busy") or name.startswith("dtmf"))
        if clip.id in seen or periodic:  # steady tones are told by frequency and cadence
            continue
        seen.add(clip.id)
        kind = named if named in ("tone", "music") else "clip"
        pcm = g711.alaw_decode(pack.alaw(clip))
        if len(pcm) >= PRINT // 2:
            yield Entry(clip.id, kind, pcm, loops=kind == "music")
