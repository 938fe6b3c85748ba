"""Recordings from a studio: found by their ids, checked by ear of machine, taken over as a whole.

    FOLDER/<language>/<clip name | words | prompt id>.wav
      -> check: format, level, clipping, silence at the ends, length, missing, superfluous
      -> OUT/<language>/<clip name>.wav, 8 kHz mono A-law, which `Pack.load(OUT)` reads

Nothing is written while there are findings, unless they are accepted; what cannot be read at all
is never accepted. OUT appears by one rename or not at all.
"""

from __future__ import annotations

import os
import shutil
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from audio import g711, wav
from audio.pack import clip_name, estimate
from audio.speech import LEVEL, active_level, trim
from audio.studio import Line, by_prompt, script

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from menus.model import Book

    Samples = NDArray[np.float32]

Rule = Literal[
    "format", "twice", "silent", "level", "clipping", "lead", "tail", "length", "missing", "unknown"
]
BLOCKING: frozenset[Rule] = frozenset({"format", "twice", "silent"})
"""Findings that are never accepted: there is nothing usable to take over."""
LEVEL_WITHIN = 5.0
"""dB around `audio.speech.LEVEL`; listeners notice about 3 (our choice)."""
LEAD_LIMIT, TAIL_LIMIT = 0.4, 0.6
"""Seconds of silence at either end that still sound like one sentence (our choice)."""
LENGTH_WITHIN = 2.2
"""How many times longer or shorter than the estimate a text may be (our choice)."""
FULL_SCALE = 0.98
CLIPPED_RUN = 4
"""So many samples at full scale in a row are a flattened peak."""


class Finding(NamedTuple):
    """One thing about a recording. `value` is measured, `wanted` what it should be."""

    rule: Rule
    file: str
    text: str
    value: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a folder holds: clip file -> A-law octets, and what was found."""

    clips: Mapping[str, bytes]
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> bool:
        """Whether something cannot be taken over at all."""
        return any(finding.rule in BLOCKING for finding in self.findings)


def check(folder: Path, book: Book, *, partial: bool = False) -> Checked:
    """Check every WAV below `folder` against the texts of `book`.

    `partial`: clips without a recording are no findings. Raises `FileNotFoundError`.
    """
    if not folder.is_dir():
        raise FileNotFoundError(2, "no such folder of recordings", str(folder))
    lines = {line.file: line for line in script(book, numbers=True)}
    names = _names(lines, book)
    clips: dict[str, bytes] = {}
    findings: list[Finding] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".wav"):
        shown = path.relative_to(folder).as_posix()
        wanted = names.get((path.parent.name, path.stem))
        if wanted is None:
            findings.append(Finding("unknown", shown, "", path.stem, "a file name of the script"))
        elif wanted in clips:
            findings.append(Finding("twice", shown, lines[wanted].text, wanted, "one file"))
        else:
            octets, found = _one(path, shown, lines[wanted])
            findings += found
            if octets:
                clips[wanted] = octets
    if not partial:
        heard = {(finding.text) for finding in findings if finding.rule == "format"}
        findings += (
            Finding("missing", line.file, line.text, "-", f"{line.seconds:.1f} s")
            for line in lines.values()
            if line.kind != "piece" and line.file not in clips and line.text not in heard
        )
    return Checked(clips, tuple(findings))


def _names(lines: Mapping[str, Line], book: Book) -> dict[tuple[str, str], str]:
    """(language, any id under which a recording may come) -> file of its clip."""
    names: dict[tuple[str, str], str] = {}
    for (language, prompt), text in by_prompt(book).items():
        names[language, prompt] = f"{language}/{clip_name('literal', text)}.wav"
    for file, line in lines.items():
        for name in (line.name, line.text, line.text.rstrip("。？.?")):
            names[line.language, name] = file
    return names


def _one(path: Path, shown: str, line: Line) -> tuple[bytes, list[Finding]]:
    """The octets of one recording, and what is the matter with it."""
    try:
        octets = read_recording(path)
    except (wav.WavError, wave.Error, EOFError, OSError) as error:
        return b"", [Finding("format", shown, line.text, str(error), "8000 Hz, mono, PCM or A-law")]
    samples = _floats(octets)
    if not len(samples) or abs(samples).max() < 0.01:
        return b"", [Finding("silent", shown, line.text, f"{len(samples)} samples", "speech")]
    return octets, list(_heard(samples, shown, line))


def _floats(octets: bytes) -> Samples:
    import numpy as np

    return g711.alaw_decode(octets).astype(np.float32) / np.float32(32768)


def _heard(samples: Samples, shown: str, line: Line) -> Iterator[Finding]:
    """Level, clipping, silence at the ends and length."""
    level = active_level(samples, wav.RATE)
    if abs(level - LEVEL) > LEVEL_WITHIN:
        wanted = f"{LEVEL:.0f} ± {LEVEL_WITHIN:.0f} dBFS"
        yield Finding("level", shown, line.text, f"{level:.1f} dBFS", wanted)
    run = _longest_run(abs(samples) >= FULL_SCALE)
    if run >= CLIPPED_RUN:
        yield Finding("clipping", shown, line.text, f"{run} samples", "peaks below full scale")
    before, after = silences(samples)
    for rule, seconds, limit in (("lead", before, LEAD_LIMIT), ("tail", after, TAIL_LIMIT)):
        if seconds > limit:
            yield Finding(rule, shown, line.text, f"{seconds:.2f} s", f"< {limit} s")  # type: ignore[arg-type]
    spoken = len(samples) / wav.RATE - before - after
    about = estimate(line.text)
    if line.kind != "piece" and not about / LENGTH_WITHIN <= spoken <= about * LENGTH_WITHIN:
        yield Finding("length", shown, line.text, f"{spoken:.1f} s", f"about {about:.1f} s")


def silences(samples: Samples) -> tuple[float, float]:
    """Seconds of silence before and after the speech."""
    import numpy as np

    without_tail = len(trim(samples, wav.RATE, lead=len(samples) / wav.RATE, tail=0.0))
    without_lead = len(trim(samples[::-1], wav.RATE, lead=len(samples) / wav.RATE, tail=0.0))
    before, after = len(samples) - without_lead, len(samples) - without_tail
    return float(np.maximum(before, 0)) / wav.RATE, float(np.maximum(after, 0)) / wav.RATE


def _longest_run(flags: NDArray[np.bool_]) -> int:
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int(max(edges[1::2] - edges[::2], default=0))


# ------------------------------------------------------------------------------------ formats


def read_recording(path: Path) -> bytes:
    """A recording as 8 kHz A-law; other PCM formats are resampled where soxr is installed.

    Raises `wav.WavError`, `wave.Error`, `EOFError` or `OSError`.
    """
    try:
        return wav.read_alaw(path)
    except wav.WavError as error:
        return _resampled(path, error)


def _resampled(path: Path, why: wav.WavError) -> bytes:
    import numpy as np

    try:
        import soxr
    except ImportError:
        raise wav.WavError(
            f"{why}, or install the extra that resamples: pip install '.[speech]'"
        ) from None
    with wave.open(str(path)) as file:
        rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
        data = file.readframes(file.getnframes())
    if width not in (2, 3, 4) or not 8000 <= rate <= 192_000:
        raise why
    raw = np.frombuffer(data, dtype=np.uint8).reshape(-1, width)
    wide = np.zeros((len(raw), 4), dtype=np.uint8)
    wide[:, 4 - width :] = raw  # the sample in the upper octets of a 32-bit number
    mono = wide.view("<i4").reshape(-1, channels).mean(axis=1) / 2**31
    low = soxr.resample(mono, rate, wav.RATE, quality="VHQ")
    return g711.alaw_encode(np.clip(np.round(low * 32768), -32768, 32767).astype(np.int16))


# ------------------------------------------------------------------------------------ taking over


def take_over(checked: Checked, out: Path, *, force: bool = False) -> None:
    """Write the clips to a new folder `out`, by one rename. Raises `FileExistsError`."""
    if out.exists() and not force:
        raise FileExistsError(17, "exists; choose another folder, or say --force", str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        for file, octets in checked.clips.items():
            wav.write_alaw(part / file, octets)
        if out.exists():
            out.rename(old)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if old.exists() and not out.exists():  # the second rename failed: all as it was
            old.rename(out)
        shutil.rmtree(old, ignore_errors=True)
