"""The prompt pack: a template and its values in, the clips that say it and their duration out.

    audio/pack/manifest.json          every clip: name, language, text, kind, samples, cache key ...
    audio/pack/<language>/<name>.wav  8 kHz mono A-law; <name> is l-, p- or m- and a digest

Order of sources: the user's recording folders, as given; then the pack that ships with this
package; then a stand-in, a soft double beep with the duration the words would take. So a book
without a single recording still runs, and `Pack.missing` lists what to record.

A recording folder holds ``<language>/<text>.wav`` (the words of the clip, without punctuation) or
``<language>/<name>.wav`` with the name `missing` gives. Recordings win over the pack.

`render` touches no audio and imports nothing beyond the standard library: a simulation of
thousands of calls a second asks it for durations only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from audio import g711, tones, wav
from audio.formatters import join, spoken
from audio.template import Literal, Slot, clip_key, parse

__all__ = ["BUILT_IN", "Clip", "ClipInfo", "Pack", "Rendering", "clip_name", "estimate"]

BUILT_IN = Path(__file__).with_name("pack")
"""The folder of the pack that ships with the package."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One piece of audio that is played as a whole."""

    id: str
    """``<language>/<name>``, ``tone:<name>``, ``music:<name>`` or ``missing:<digest>``."""
    language: str
    text: str
    duration: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """One row of ``manifest.json``."""

    name: str
    language: str
    text: str
    kind: str
    """``literal``, ``piece`` or ``music``."""
    samples: int
    key: str
    """What the audio was made from: see `audio.build`."""
    voice: str
    digest: str
    """sha256 of the A-law octets."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A template with its values, ready to play."""

    clips: tuple[Clip, ...]
    duration: float
    """Seconds, the sum over the clips."""
    spoken: tuple[tuple[str, str], ...]
    """(slot name, what is said for it), in the order of the template."""


def clip_name(kind: str, text: str) -> str:
    """The file name of a clip, without suffix: stable, short, plain ASCII."""
    return f"{kind[0]}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


_HAN = re.compile(r"[\u3400-\u9fff]|[0-9]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’\-]*|[0-9]")
_PAUSE = re.compile(r"[，。；：？！,.;:?!]")


def estimate(text: str) -> float:
    """Seconds a text takes to say: 4.2 Chinese syllables or 2.6 English words a second.

    A little slower than the voices of the pack; a pause within the text adds a quarter second.
    """
    syllables, words = len(_HAN.findall(text)), len(_WORD.findall(_HAN.sub("", text)))
    pauses = len(_PAUSE.findall(text[:-1]))
    return max(0.4, syllables / 4.2 + words / 2.6 + pauses * 0.25)


class Pack:
    """Clips by language and text, from several folders. Make one with `Pack.load`."""

    def __init__(self) -> None:
        self._clips: dict[tuple[str, str], Clip] = {}
        self._recordings: dict[tuple[str, str], Clip] = {}
        self._found: dict[tuple[str, str], Clip | None] = {}
        self._by_id: dict[str, Clip] = {}
        self._files: dict[str, Path] = {}
        self._infos: dict[str, ClipInfo] = {}
        self._alaw: dict[str, bytes] = {}
        self._ulaw: dict[str, bytes] = {}
        self._fixed: dict[tuple[str, str], Rendering] = {}
        self._plans: dict[tuple[str, str], tuple[Clip | Slot, ...]] = {}
        self._said: dict[tuple[str, object, str], tuple[tuple[Clip, ...], str]] = {}
        for name, cadence in tones.TONES.items():
            self._add_tone(name, cadence)
        for key in tones.DTMF:
            self._add_tone(f"dtmf-{key}", tones.dtmf(key))

    @classmethod
    def load(cls, *extra_dirs: str | Path) -> Pack:
        """The built-in pack under the user's recordings; the first folder given wins."""
        pack = cls()
        for folder in extra_dirs:
            pack._add_recordings(Path(folder))
        pack._add_manifest(BUILT_IN)
        return pack

    def add(self, text: str, language: str, alaw: bytes) -> Clip:
        """A clip that lies in memory; it wins over every other one that says `text`."""
        key = clip_key(text) or text
        duration = len(alaw) / wav.RATE
        clip = Clip(f"{language}/{clip_name('literal', key)}", language, key, duration)
        self._recordings[language, key] = self._by_id[clip.id] = clip
        self._alaw[clip.id] = alaw
        return clip

    def add_music(self, alaw: bytes, name: str = "hold") -> Clip:
        """Waiting music that lies in memory."""
        clip = Clip(f"music:{name}", "", name, len(alaw) / wav.RATE)
        self._by_id[clip.id], self._alaw[clip.id] = clip, alaw
        return clip

    # ------------------------------------------------------------------------------- contents

    def clips(self, language: str | None = None) -> Iterator[Clip]:
        """Every clip with a recording; those without language (music, tones) come always."""
        for clip in self._by_id.values():
            if language in (None, clip.language) or not clip.language:
                yield clip

    def clip(self, id: str) -> Clip:
        """The clip of an id; raises KeyError."""
        return self._by_id[id]

    def info(self, clip: Clip) -> ClipInfo | None:
        """The manifest's row of a clip of the built-in pack."""
        return self._infos.get(clip.id)

    def find(self, text: str, language: str) -> Clip | None:
        """The clip that says a text, which may be a literal or a piece."""
        at = (language, text)
        if at not in self._found:
            key = clip_key(text)
            names = (
                text,
                key,
                key.rstrip("。？.?"),
                clip_name("literal", key),
                clip_name("piece", text),
            )
            recorded = (self._recordings.get((language, name)) for name in names)
            self._found[at] = next(filter(None, recorded), None) or (
                self._clips.get(at) or self._clips.get((language, key))
            )
        return self._found[at]

    def clip_for(self, text: str, language: str) -> Clip:
        """The clip that is played for a text: a recording, or a stand-in."""
        return self.find(text, language) or self._stand_in(clip_key(text) or text, language)

    def texts(self, language: str) -> dict[str, str]:
        """Clip id -> what it says, for every text the pack knows, recordings included."""
        known = {clip.id: clip.text for clip in self.clips(language) if clip.language}
        for spoken_language, text in self._clips:
            if spoken_language == language:
                known[self.clip_for(text, language).id] = text
        return known

    def music(self, name: str = "hold") -> Clip:
        """Hold music; it loops without a seam."""
        return self._by_id[f"music:{name}"]

    def tone(self, name: str) -> Clip:
        """One period of ``ringback``, ``busy``, ``beep``, ``error`` or ``dtmf-<key>``."""
        return self._by_id[f"tone:{name}"]

    def missing(self, book_texts: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
        """(language, text, name) of each clip that (language, template) pairs need and lack.

        A recording saved as ``<language>/<name>.wav`` or ``<language>/<text>.wav`` fills the gap.
        """
        lacking: dict[tuple[str, str], str] = {}
        for language, template in book_texts:
            for part in parse(template):
                key = clip_key(part.text) if isinstance(part, Literal) else ""
                if key and self.find(key, language) is None:
                    lacking[language, key] = clip_name("literal", key)
        return [(language, text, name) for (language, text), name in lacking.items()]

    def stand_ins(self, book_texts: Iterable[tuple[str, str]]) -> list[Clip]:
        """The clips that will be heard for what `missing` lists."""
        return [self.clip_for(text, language) for language, text, _ in self.missing(book_texts)]

    # -------------------------------------------------------------------------------- rendering

    def render(self, template: str, values: Mapping[str, object], language: str) -> Rendering:
        """The clips for a template; raises `FormatError` for a bad value, KeyError for none."""
        at = (template, language)
        fixed = self._fixed.get(at)
        if fixed is not None:
            return fixed
        plan = self._plans.get(at)
        if plan is None:
            plan = self._plan(template, language)
        clips: list[Clip] = []
        said: list[tuple[str, str]] = []
        duration = 0.0
        for part in plan:
            if isinstance(part, Slot):
                played, text = self._say(part, values, language)
                said.append((part.name, text))
                clips += played
                for clip in played:
                    duration += clip.duration
            else:
                clips.append(part)
                duration += part.duration
        rendering = Rendering(tuple(clips), duration, tuple(said))
        if not said:
            self._fixed[at] = rendering
        return rendering

    def _plan(self, template: str, language: str) -> tuple[Clip | Slot, ...]:
        """The template with its literals looked up; silent literals are left out."""
        plan: list[Clip | Slot] = []
        for part in parse(template):
            if isinstance(part, Slot):
                plan.append(part)
            elif key := clip_key(part.text):
                plan.append(self.clip_for(key, language))
        self._plans[template, language] = tuple(plan)
        return tuple(plan)

    def _say(
        self, slot: Slot, values: Mapping[str, object], language: str
    ) -> tuple[tuple[Clip, ...], str]:
        if slot.name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise KeyError(f"no value for slot {slot.name!r}; values given: {known}")
        value = values[slot.name]
        # floats and booleans equal integers as dictionary keys, but are not spoken alike
        at = (slot.kind, value if isinstance(value, (str, int)) else repr(value), language)
        known_said = self._said.get(at)
        if known_said is not None and not isinstance(value, bool):
            return known_said
        said = spoken(slot.kind, value, language)
        clips = tuple(self.clip_for(text, language) for text in said)
        if len(self._said) > 65536:  # bounded: balances and accounts rarely repeat
            self._said.clear()
        self._said[at] = clips, join(said, language)
        return self._said[at]

    def _stand_in(self, text: str, language: str) -> Clip:
        id = f"missing:{_digest(f'{language} {text}')}"
        clip = Clip(id, language, text, round(estimate(text) * wav.RATE) / wav.RATE)
        return self._by_id.setdefault(id, clip)

    # ------------------------------------------------------------------------------------ audio

    def alaw(self, clip: Clip) -> bytes:
        """The clip as A-law octets, read once."""
        octets = self._alaw.get(clip.id)
        if octets is None:
            octets = self._alaw[clip.id] = self._read(clip)
        return octets

    def ulaw(self, clip: Clip) -> bytes:
        """The clip as mu-law octets, read and translated once."""
        octets = self._ulaw.get(clip.id)
        if octets is None:
            octets = self._ulaw[clip.id] = self.alaw(clip).translate(g711.ALAW_TO_ULAW)
        return octets

    def _read(self, clip: Clip) -> bytes:
        if clip.id.startswith("tone:"):
            return tones.tone(_cadence(clip.id[5:]))
        if clip.id.startswith("missing:"):
            return tones.stand_in(clip.id, round(clip.duration * wav.RATE))
        return wav.read_alaw(self._files[clip.id])

    # ---------------------------------------------------------------------------------- sources

    def _add_tone(self, name: str, cadence: tones.Cadence) -> None:
        duration = tones.tone_samples(cadence) / wav.RATE
        self._by_id[f"tone:{name}"] = Clip(f"tone:{name}", "", name, duration)

    def _add_recordings(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FileNotFoundError(f"recording folder {folder} does not exist")
        for path in sorted(folder.glob("*/*.wav")):
            language, name = path.parent.name, path.stem
            clip = Clip(f"{language}/{name}", language, name, wav.read_header(path).duration)
            if (language, name) not in self._recordings:
                self._recordings[language, name] = self._by_id[clip.id] = clip
                self._files[clip.id] = path

    def _add_manifest(self, folder: Path) -> None:
        for info in read_manifest(folder):
            id = f"music:{info.text}" if info.kind == "music" else f"{info.language}/{info.name}"
            clip = Clip(id, info.language, info.text, info.samples / wav.RATE)
            if clip.language:
                self._clips[clip.language, clip.text] = clip
            self._infos[id] = info
            if id not in self._files:  # a recording under the same name wins
                self._by_id[id] = clip
                self._files[id] = folder / (info.language or "music") / f"{info.name}.wav"


def _cadence(name: str) -> tones.Cadence:
    return tones.dtmf(name[5:]) if name.startswith("dtmf-") else tones.TONES[name]


def read_manifest(folder: Path) -> list[ClipInfo]:
    """The rows of a pack's manifest; none when the pack has not been built."""
    path = folder / "manifest.json"
    if not path.exists():
        return []
    return [ClipInfo(**row) for row in json.loads(path.read_text("utf-8"))["clips"]]
