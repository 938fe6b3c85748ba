"""Render the prompt pack: ``python -m audio.build --book FILE... [--check] [--prune]``.

    books, words, greetings -> literals --+
    formatters.pieces --------------------+-> jobs -> engine, chain -> <language>/<name>.wav
    music.compose ------------------------+                        -> manifest.json

A clip is rendered when its cache key is new: the key digests the sounds (text, lexicon and
wording), engine, voice, speed and the version of the chain. Each file is written under a temporary
name first, and the manifest every few clips, so an interrupted build continues where it was.

``--check`` renders nothing and tells what is missing or out of date (exit code 1).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from audio import lexicon, wav
from audio.formatters import LANGUAGES, pieces
from audio.pack import BUILT_IN, ClipInfo, clip_name, read_manifest
from audio.template import Literal, clip_key, parse

if TYPE_CHECKING:
    from audio.speech import Kokoro

__all__ = ["GREETINGS", "Job", "book_texts", "build", "clauses", "jobs", "outdated", "takes"]

VOICES = {"zh-CN": "zf_xiaoxiao", "en-US": "af_heart"}

GREETINGS: tuple[tuple[str, str], ...] = (
    ("zh-CN", "您好，请问有什么可以帮您？"),
    ("zh-CN", "感谢您的来电，再见。"),
    ("zh-CN", "您好，我已记录您的情况，会尽快为您处理。"),
    ("zh-CN", "请您稍等，我帮您查询一下。"),
    ("zh-CN", "请问还有其他可以帮您的吗？"),
    ("en-US", "Hello, how may I help you?"),
    ("en-US", "Thank you for calling. Goodbye."),
    ("en-US", "I have taken down your request. We will handle it as soon as possible."),
    ("en-US", "One moment, please. I will check that for you."),
    ("en-US", "Is there anything else I can do for you?"),
)
"""What simulated agents say."""


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to make."""

    language: str
    text: str
    kind: str
    """``literal``, ``piece`` or ``music``."""

    @property
    def name(self) -> str:
        """File name without suffix."""
        return clip_name(self.kind, self.text)


@dataclass(frozen=True, slots=True)
class Retake:
    """How a clip is made that came out badly the ordinary way."""

    say: str = ""
    """Other wording for the same sounds; empty for the text itself."""
    speed: float = 1.0
    voice: str = ""
    after: str = ""
    """Words spoken before it and cut off, because a lone syllable loses its tone."""


@lru_cache(maxsize=1)
def retakes() -> dict[tuple[str, str], Retake]:
    """``retakes.json``: language -> text -> how it is made."""
    rows = json.loads(Path(__file__).with_name("retakes.json").read_text("utf-8"))
    return {
        (language, text): Retake(**{name: value for name, value in row.items() if name != "why"})
        for language, texts in rows.items()
        for text, row in texts.items()
    }


# ------------------------------------------------------------------------------- what is wanted


def book_texts(paths: Iterable[Path | None]) -> Iterator[tuple[str, str]]:
    """(language, template) of every prompt and word of menu books; None is the default book."""
    import menus.loader
    import menus.services

    for path in paths:
        book = menus.loader.load(path)
        for prompt in book.prompts():
            for texts in (prompt.long, prompt.short or {}):
                yield from texts.items()
    for language in LANGUAGES:
        for phrase in menus.services.phrases(language):
            yield language, phrase


def jobs(texts: Iterable[tuple[str, str]]) -> list[Job]:
    """Every clip for (language, template) pairs, with all pieces, greetings and the music."""
    wanted: dict[tuple[str, str], Job] = {}
    for language, template in (*texts, *GREETINGS):
        for part in parse(template):
            key = clip_key(part.text) if isinstance(part, Literal) else ""
            if key:
                wanted.setdefault((language, key), Job(language, key, "literal"))
    for language in LANGUAGES:
        for piece in pieces(language):
            # a piece wins over an equal literal: its melody fits the numbers around it
            wanted[language, piece] = Job(language, piece, "piece")
    return [*wanted.values(), Job("", "hold", "music")]


def outdated(wanted: Iterable[Job], folder: Path = BUILT_IN) -> list[Job]:
    """The jobs whose clip is absent, or was made from something else."""
    rows = {(row.language, row.name): row for row in read_manifest(folder)}

    def fresh(job: Job) -> bool:
        row = rows.get((job.language, job.name))
        return row is not None and row.key == cache_key(job) and _path(folder, job).exists()

    return [job for job in wanted if not fresh(job)]


def _path(folder: Path, job: Job) -> Path:
    return folder / (job.language or "music") / f"{job.name}.wav"


# -------------------------------------------------------------------------------- how it is made


def clauses(text: str, language: str) -> list[tuple[str, float]]:
    """The text in parts that are spoken on their own, with the pause (s) after each.

    The engine makes hardly any pause at a Chinese comma; a caller who must choose a key needs one.
    English pauses well within a sentence.
    """
    chinese = language.startswith("zh")
    marks = "。！？；，：" if chinese else ".!?;"
    tokens = re.findall(rf"[^{marks}]+[{marks}]*\s*", text)
    found: list[tuple[str, float]] = []
    for token in tokens:
        mark = token.strip()[-1]
        pause = {"，": 0.16, "：": 0.16, ",": 0.16}.get(mark, 0.3 if mark in marks else 0.0)
        # a fragment of one word sounds lost: it stays with its neighbour
        if found and (_joins(found[-1], token) if chinese else len(found[-1][0]) < 60):
            found[-1] = (found[-1][0] + token, pause)
        else:
            found.append((token, pause))
    return [(clause.strip(), pause) for clause, pause in found]


def _joins(before: tuple[str, float], token: str) -> bool:
    return before[1] < 0.3 and (_short(before[0]) or _short(token))


def _short(text: str) -> bool:
    return len(re.findall(r"[\u3400-\u9fff0-9]", text)) < 4


@dataclass(frozen=True, slots=True)
class Take:
    """One utterance of the engine."""

    sound: str
    """Phonemes."""
    pause: float
    """Seconds of silence after it."""
    voice: str


def takes(job: Job, retake: Retake | None = None) -> list[Take]:
    """The utterances of a clip in order; the words before a cut come first."""
    retake = retake or retakes().get((job.language, job.text), Retake())
    found: list[Take] = []
    for clause, pause in clauses(retake.say or job.text, job.language):
        # an English sentence in a Chinese prompt is spoken by the English voice
        foreign = job.language.startswith("zh") and not re.search(r"[\u3400-\u9fff0]", clause)
        language = "en-US" if foreign and re.search(r"[A-Za-z]{2}", clause) else job.language
        if language != job.language:
            clause = clause.translate(str.maketrans("，。", ",."))
        voice = retake.voice if retake.voice and language == job.language else VOICES[language]
        found.append(Take(_closed(lexicon.phonemes(clause, language)), pause, voice))
    if retake.after:
        before = lexicon.phonemes(retake.after, job.language) + " "
        found.insert(0, Take(before, 0.0, found[0].voice))
    return found


def _closed(sound: str) -> str:
    """With a full stop for a comma at the end, after which the engine adds a sound of its own."""
    sound = sound.rstrip(" ,;:")
    return sound if sound[-1:] in ".!?" else sound + "."


def cache_key(job: Job) -> str:
    """Digest of everything that shapes the samples of a clip."""
    from audio import music, speech

    if job.kind == "music":
        parts: list[object] = ["music", job.text, music.VERSION]
    else:
        retake = retakes().get((job.language, job.text), Retake())
        parts = [
            [asdict(take) for take in takes(job)],
            job.kind,
            speech.ENGINE,
            speech.MODEL_SHA256,
            retake.speed,
            retake.after,
            speech.CHAIN,
        ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _voice(job: Job) -> str:
    retake = retakes().get((job.language, job.text), Retake())
    return retake.voice or VOICES.get(job.language, "")


PIECE_LEAD, PIECE_TAIL = 0.01, 0.045
"""Seconds of silence kept around a piece: joined pieces follow each other within a word."""


def render(job: Job, engine: Kokoro, retake: Retake | None = None) -> bytes:
    """A-law octets of one clip, made the way the table says unless another is given."""
    import numpy as np

    from audio import speech

    retake = retake or retakes().get((job.language, job.text), Retake())
    utterances = takes(job, retake)
    if retake.after:
        before, after = utterances
        said = engine.say([before.sound, after.sound], after.voice, retake.speed)
        samples = said.samples[speech.quietest(said.samples, said.starts[1]) :]
    else:
        parts = []
        for number, take in enumerate(utterances, start=1):
            audio = engine.say([take.sound], take.voice, retake.speed).samples
            audio = speech.trim(audio, speech.ENGINE_RATE, 0.02, 0.06)
            if len(utterances) > 1:  # two voices may differ in level
                audio = speech.levelled(audio, speech.ENGINE_RATE)
            rest = 0.0 if number == len(utterances) else max(0.0, take.pause - 0.08)
            silence = np.zeros(round(rest * speech.ENGINE_RATE), dtype=audio.dtype)
            parts += [audio, silence]
        samples = np.concatenate(parts)
    if job.kind == "piece":
        return speech.chain(samples, lead=PIECE_LEAD, tail=PIECE_TAIL)
    return speech.chain(samples)


def build(
    texts: Iterable[tuple[str, str]],
    folder: Path = BUILT_IN,
    *,
    prune: bool = False,
    only: str = "",
) -> int:
    """Render what is missing or outdated; returns how many clips were made.

    `texts` are (language, template) pairs; `only` restricts the work to a language or a kind;
    `prune` deletes the clips that nothing wants any more.
    """
    wanted = jobs(texts)
    todo = [job for job in outdated(wanted, folder) if only in ("", job.language, job.kind)]
    rows = {(row.language, row.name): row for row in read_manifest(folder)}
    if prune:
        keep = {(job.language, job.name) for job in wanted}
        gone = [rows.pop(at) for at in sorted(set(rows) - keep)]
        write_manifest(rows.values(), folder)  # first: whoever loads the pack now finds its files
        for row in gone:
            (folder / (row.language or "music") / f"{row.name}.wav").unlink(missing_ok=True)
    engine: Kokoro | None = None
    began = time.perf_counter()
    for number, job in enumerate(todo, start=1):
        if job.kind == "music":
            from audio import music

            octets = music.compose()
        else:
            if engine is None:
                from audio.speech import Kokoro

                engine = Kokoro()
            octets = render(job, engine)
        wav.write_alaw(_path(folder, job), octets)
        rows[job.language, job.name] = ClipInfo(
            job.name,
            job.language,
            job.text,
            job.kind,
            len(octets),
            cache_key(job),
            _voice(job),
            hashlib.sha256(octets).hexdigest(),
        )
        if number % 20 == 0 or number == len(todo):
            write_manifest(rows.values(), folder)
            elapsed = time.perf_counter() - began
            print(f"{number}/{len(todo)} clips, {elapsed:.0f} s", file=sys.stderr, flush=True)
    write_manifest(rows.values(), folder)
    return len(todo)


def write_manifest(rows: Iterable[ClipInfo], folder: Path) -> None:
    """One clip a line, ordered, so that a change of one clip is a change of one line."""
    ordered = sorted(rows, key=lambda row: (row.language, row.kind, row.text))
    lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in ordered)
    temporary = folder / ".manifest.json.part"
    folder.mkdir(parents=True, exist_ok=True)
    temporary.write_text(
        f'{{"rate": {wav.RATE}, "law": "alaw", "clips": [\n{lines}\n]}}\n', "utf-8"
    )
    temporary.replace(folder / "manifest.json")


def damaged(folder: Path = BUILT_IN) -> list[str]:
    """Names of clips whose audio is not what the manifest says."""
    found = []
    for row in read_manifest(folder):
        path = folder / (row.language or "music") / f"{row.name}.wav"
        octets = wav.read_alaw(path) if path.exists() else b""
        if hashlib.sha256(octets).hexdigest() != row.digest or len(octets) != row.samples:
            found.append(f"{row.language}/{row.name}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Entry point; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m audio.build", description=__doc__)
    parser.add_argument("--book", type=Path, action="append", help="menu book (default: built in)")
    parser.add_argument("--check", action="store_true", help="render nothing, list what is stale")
    parser.add_argument("--prune", action="store_true", help="delete clips that no text needs")
    parser.add_argument("--pieces", action="store_true", help="only pieces and music, no book")
    parser.add_argument("--only", default="", help="a language or a kind")
    options = parser.parse_args(arguments)
    from audio.speech import SpeechError

    try:
        texts = [] if options.pieces else list(book_texts(options.book or [None]))
        if options.check:
            stale, broken = outdated(jobs(texts)), damaged()
            for job in stale:
                print(f"stale {job.kind} {job.language} {job.text}")
            for name in broken:
                print(f"damaged {name}")
            print(f"{len(stale)} stale, {len(broken)} damaged")
            return 1 if stale or broken else 0
        made = build(texts, prune=options.prune, only=options.only)
    except (SpeechError, lexicon.LexiconError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{made} clips rendered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
