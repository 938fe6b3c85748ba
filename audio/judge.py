"""Listen to the pack with a speech recogniser and count what it mishears.

Run it with ``python -m audio.judge``; with ``--retake`` it also tries other ways of making the
clips that fail (`audio.build.Retake`) and writes the best into ``retakes.json``.

Long literals are heard alone. Short ones and words are heard as callers hear them, within a prompt
of the default book; pieces are heard as numbers are, joined, behind words that usually precede
them. A clip counts with its best sentence, because its neighbours' faults are not its own, and a
sentence with the better of two hearings (with and without a hint at the subject).

    Mandarin   share of syllables misheard, as pinyin *without* tones (the recogniser writes
               characters, and homophones with the right sound are its choice, not our fault)
    English    share of words misheard

The result is ``pack/judged.json``, one row a clip with the sha256 of its audio, so that a test
without any recogniser can tell that what was judged is what ships. Errors over `LIMIT` fail unless
``judge_exceptions.json`` gives a reason. The recogniser errs too: it is Whisper base, 8 bit.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from audio import formatters, g711, lexicon
from audio.pack import BUILT_IN, Clip, ClipInfo, Pack
from audio.speech import SpeechError
from audio.template import Slot, parse
from audio.whisper import PLAIN_HINT, Whisper

__all__ = [
    "LIMIT",
    "Ear",
    "Judge",
    "Judged",
    "distance",
    "error",
    "exceptions",
    "read_judged",
    "sentences",
    "units",
]

LIMIT = 0.15
"""Greatest share of syllables or words misheard."""
JUDGED = BUILT_IN / "judged.json"
EXCEPTIONS = Path(__file__).with_name("judge_exceptions.json")


@dataclass(frozen=True, slots=True)
class Judged:
    """How one clip was heard."""

    language: str
    name: str
    text: str
    digest: str
    """sha256 of the A-law octets, as in the manifest."""
    said: str
    """The clip's words, or the sentence it was heard in."""
    heard: str
    error: float
    """Share of syllables or words."""


# -------------------------------------------------------------------------------------- counting


def units(text: str, language: str) -> list[str]:
    """What is compared: toneless pinyin in Chinese (幺 as 一, 您 as 你), lower-case words else."""
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    if language.startswith("zh"):
        foreign = [word.lower() for word in re.findall(r"[A-Za-z]+", plain)]
        plain = re.sub(r"([0-9]+)[:：]([0-9]{2})", r"\1点\2分", plain)
        plain = re.sub(r"([0-9]+)\.([0-9]+)", _chinese_decimal, plain)
        # the recogniser writes 你 for 您, whatever it hears
        plain = plain.replace("幺", "一").replace("您", "你")
        return [*lexicon.syllables(plain), *foreign]
    plain = re.sub(r"([0-9]+):([0-9]{2})", _english_time, plain)
    plain = re.sub(r"([0-9]+)\.([0-9]+)", _english_decimal, plain)
    plain = re.sub(r"\b([0-9]{1,2})(?:st|nd|rd|th)\b", _english_ordinal, plain)
    said = lexicon.readable(plain, language).lower().replace("-", " ")
    said = re.sub(r"\biii\b", "three", re.sub(r"\bii\b", "two", said))
    said = re.sub(r"\b([ap])\.? ?m\b\.?", r"\1m", said)
    return re.findall(r"[a-z0-9']+", said)


def _chinese_decimal(match: re.Match[str]) -> str:
    whole, decimals = match.groups()
    said = "".join(formatters.spoken("count", whole, "zh-CN"))
    return said + "点" + "".join("零一二三四五六七八九"[int(digit)] for digit in decimals)


def _english_decimal(match: re.Match[str]) -> str:
    whole, decimals = match.groups()
    digits = formatters.spoken("digits", decimals, "en-US")
    return " ".join((*formatters.spoken("count", whole, "en-US"), "point", *digits))


def _english_time(match: re.Match[str]) -> str:
    hour, minute = match.groups()
    said = formatters.spoken("count", int(hour), "en-US")
    if minute == "00":
        return " ".join((*said, "o'clock"))
    oh = ("oh",) if minute[0] == "0" else ()
    return " ".join((*said, *oh, *formatters.spoken("count", int(minute), "en-US")))


def _english_ordinal(match: re.Match[str]) -> str:
    day = int(match.group(1))
    return formatters.spoken("date", f"2025-01-{day:02d}", "en-US")[1] if 0 < day < 32 else ""


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Least number of changed, missing and added units (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for number, unit in enumerate(said, start=1):
        before, row[0] = row[0], number
        for at, other in enumerate(heard, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (unit != other))
    return row[-1]


def error(said: str, heard: str, language: str) -> float:
    """Share of units misheard; the kinder reading of written digits counts."""
    wanted = units(said, language)
    readings = [heard]
    if re.search(r"[0-9]", heard) and language.startswith("zh"):
        readings.append(heard.translate(str.maketrans("0123456789", "零一二三四五六七八九")))
    elif re.search(r"[0-9]", heard):
        # years in pairs, and digits that were run together
        readings.append(re.sub(r"\b([12][0-9])([0-9]{2})\b", r"\1 \2", heard))
        readings.append(re.sub(r"([0-9])(?=[0-9])", r"\1 ", heard))
    return min(
        distance(wanted, units(reading, language)) / max(1, len(wanted)) for reading in readings
    )


# --------------------------------------------------------------------------------------- hearing

_BEFORE = {
    "zh-CN": {
        "digits": "工单号",
        "quantity": "您的账户余额为",
        "date": "最近一次抄表日期",
        "time": "营业时间",
    },
    "en-US": {"digits": "The order number is", "quantity": "Your balance is"},
}
"""Literals of the default book that precede numbers; where one is gone, numbers stand alone."""


def sentences(language: str) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    """(group, values as pieces) that together contain every piece of a language; two values each,
    because a recogniser needs some context."""
    waiting: dict[str, tuple[str, ...]] = {}
    for kind, value in _examples():
        said = formatters.spoken(kind, value, language)
        group = {"account": "digits", "date": "date", "time": "time"}.get(kind, "quantity")
        before = waiting.pop(kind, None)
        if before is None:
            waiting[kind] = said
        else:
            yield group, (before, said)


def _examples() -> Iterator[tuple[str, object]]:
    for first in range(0, 100, 5):  # every pair of digits once, well mixed
        yield "account", "".join(f"{37 * (first + step) % 100:02d}" for step in range(5))
    yield from (("account", f"{digit}{digit}{(digit + 3) % 10}") for digit in range(10))
    for number in range(100):
        yield "amount", 100 * number + number
        yield "amount", 100 * (100 * (number % 9 + 1) + number) + (7 * number + 9) % 100
        yield "kwh", number
        yield "kwh", f"{1000 * (number % 9 + 1) + 100 + number}"
        yield "count", number + 200
        yield "minutes", number
    yield from (("amount", fen) for fen in range(1, 100))
    yield from (("count", number) for number in (*range(10, 20), 3 * 10**8 + 5, 5 * 10**9, 7))
    for number in range(1, 10):
        yield "kwh", f"{number}0{number}.{number}"
        yield "kwh", f"{number * 10}.{number}{10 - number}"
        yield "kwh", f"{number}000"
        yield "kwh", f"{number}00"
        yield "amount", number * 10000
        yield "amount", number * 100000
        yield "amount", -number * 100000000 - 123400
        yield "count", number * 10000 + 10 + number
        yield "minutes", number * 100 + 11
    yield from (("kwh", value) for value in ("20000", "300000000", "5.05", "7.0305"))
    yield from (
        ("amount", value) for value in (2000000, 10000000000, 200, 3 * 10**11 + 4500, 7 * 10**11)
    )
    for day in range(62):
        yield "date", f"{2010 + day % 34}-{day % 12 + 1:02d}-{day % 28 + 1:02d}"
    yield from (("date", f"20{25 + day % 10}-0{day % 3 * 2 + 1}-{day}") for day in (29, 30, 31))
    yield from (("date", f"{year}-05-06") for year in (1998, 1907, 2003, 1900))
    for minute in range(60):
        yield "time", f"{minute % 24:02d}:{minute:02d}"
    yield from (("time", f"{hour:02d}:00") for hour in range(24))


class Ear(Whisper):
    """Whisper base, given two hearings."""

    def best(self, octets: bytes, said: str, language: str) -> tuple[str, float]:
        """What was heard and the share misheard; a second hearing, with a hint, if it is not right.

        The hint names the subject, not the words; without it the recogniser falls into traditional
        characters and other worlds, with it it hears the hint's words where there are none.
        """
        plain = PLAIN_HINT if language.startswith("zh") else None
        heard = self.hear(octets, language, plain)
        share = error(said, heard, language)
        if share > 0:
            again = self.hear(octets, language, _HINTS[language])
            if (other := error(said, again, language)) < share:
                return again, other
        return heard, share


_HINTS = {
    "zh-CN": "国家电网供电服务热线：停电报修、工单查询、户号、电费账单、业务办理、客服专员。",
    "en-US": "The power hotline of State Grid: outages, accounts, orders, bills in yuan.",
}


# --------------------------------------------------------------------------------------- judging

_SHORT = 7
"""Syllables or words; a literal below this is heard within a prompt."""
_VALUES: dict[str, tuple[object, ...]] = {
    "account": ("3101234567",),
    "phone": ("13800138000",),
    "digits": ("4567", "8032"),
    "order": ("251125000123",),
    "amount": (12856, 30750),
    "date": ("2025-11-25", "2026-03-08"),
    "time": ("08:30", "17:30"),
    "datetime": ("2025-11-25T14:30",),
    "kwh": ("320", "1286"),
    "agent": ("1023",),
    "count": (3, 12),
    "minutes": (5,),
}
"""What the slots of the prompts are filled with."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to hear: what is said, by which clips."""

    language: str
    said: str
    clips: tuple[Clip, ...]
    rest: int = 0
    """After how many clips a quarter second of silence comes (between two values); 0 for none."""


class Judge:
    """Judges the clips of a pack, the best sentence of each clip counting."""

    def __init__(self, pack: Pack, ear: Ear, known: Iterable[Judged] = ()) -> None:
        self.pack = pack
        self.ear = ear
        digests = {(info.language, info.name): info.digest for info in self._infos(pack)}
        self.rows = {
            (row.language, row.name): replace(
                row, error=round(error(row.said, row.heard, row.language), 4)
            )
            for row in known
            if digests.get((row.language, row.name)) == row.digest
        }
        self._heard: set[tuple[str, str]] = set()
        self.sentences: dict[tuple[str, str], Sentence] = {}
        """The best sentence of each clip heard in this run."""

    @staticmethod
    def _infos(pack: Pack) -> list[ClipInfo]:
        infos = (pack.info(clip) for clip in pack.clips())
        return [info for info in infos if info is not None and info.kind != "music"]

    def run(self, texts: Iterable[tuple[str, str]]) -> None:
        """Everything: alone, within prompts, within numbers; then other company for the bad."""
        texts = list(texts)
        for info in self._infos(self.pack):
            long = len(units(info.text, info.language)) >= _SHORT
            if info.kind == "literal" and long and (info.language, info.name) not in self.rows:
                clip = self.pack.clip(f"{info.language}/{info.name}")
                self._hear(Sentence(info.language, info.text, (clip,)))
        for least in (float("inf"), LIMIT):
            for sentence in (*self._prompts(texts), *self._numbers()):
                if any(self._error(clip) >= least for clip in sentence.clips):
                    self._hear(sentence)
        for sentence in self._companies(texts):
            if any(self._error(clip) > LIMIT for clip in sentence.clips):
                self._hear(sentence)
        for info in self._infos(self.pack):  # short, and in no prompt
            if (info.language, info.name) not in self.rows:
                clip = self.pack.clip(f"{info.language}/{info.name}")
                self._hear(Sentence(info.language, info.text, (clip,)))

    def _error(self, clip: Clip) -> float:
        """The best so far; greater than infinity, so to say, for a clip not heard yet."""
        info = self.pack.info(clip)
        if info is None:
            return 0.0
        row = self.rows.get((info.language, info.name))
        return row.error if row else float("inf")

    def _hear(self, sentence: Sentence) -> None:
        if (sentence.language, sentence.said) in self._heard:
            return
        heard, share = self.ear.best(self.octets(sentence), sentence.said, sentence.language)
        print(f"{share:4.0%} {sentence.said} | {heard}", file=sys.stderr, flush=True)
        for clip in sentence.clips:
            info = self.pack.info(clip)
            if info is not None and share < self._error(clip):
                self.sentences[info.language, info.name] = sentence
                self.rows[info.language, info.name] = Judged(
                    info.language,
                    info.name,
                    info.text,
                    info.digest,
                    sentence.said,
                    heard,
                    round(share, 4),
                )
        self._heard.add((sentence.language, sentence.said))
        if len(self._heard) % 25 == 0:  # an interrupted run continues here
            write_judged(self.rows.values())

    def octets(self, sentence: Sentence, instead: Mapping[str, bytes] | None = None) -> bytes:
        """A-law of a sentence, with other audio for some clip ids."""
        parts = [(instead or {}).get(clip.id) or self.pack.alaw(clip) for clip in sentence.clips]
        if sentence.rest:
            parts.insert(sentence.rest, bytes([g711.ALAW_SILENCE]) * 2000)
        return b"".join(parts)

    def _prompts(self, texts: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
        """The prompts with slots, filled; each word in the slots that have its subject's name."""
        import menus.services

        for language, template in texts:
            slots = [part for part in parse(template) if isinstance(part, Slot)]
            subjects = {"status": ("outage", "order"), "area_name": ("area",)}
            for turn in range(7 if any(slot.kind == "word" for slot in slots) else 2):
                values: dict[str, object] = {}
                for slot in slots:
                    choice: Sequence[object] = _VALUES.get(slot.kind, ())
                    if slot.kind == "word":
                        wanted = subjects.get(slot.name, (slot.name,))
                        choice = [
                            row[language]
                            for code, row in menus.services.WORDS.items()
                            if code.split(".")[0] in wanted
                        ] or menus_words(language)
                    values[slot.name] = choice[turn % len(choice)]
                if slots:
                    yield self._rendered(template, values, language)

    def _companies(self, texts: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
        """Prompts of the book with the numbers in which the bad pieces occur, three of each."""
        templates = [
            (language, template, slots)
            for language, template in texts
            if (slots := [part for part in parse(template) if isinstance(part, Slot)])
            and len(template) < 70
        ]
        for language in formatters.LANGUAGES:
            for kind, value in _examples():
                said = formatters.spoken(kind, value, language)
                clips = [self.pack.clip_for(piece, language) for piece in said]
                if not any(self._error(clip) > LIMIT for clip in clips):
                    continue
                asked = ("account", "digits", "order") if kind == "account" else (kind,)
                fitting = [
                    (template, slots)
                    for other, template, slots in templates
                    if other == language and any(slot.kind in asked for slot in slots)
                ]
                for template, slots in fitting[:3]:
                    values: dict[str, object] = {
                        slot.name: value
                        if slot.kind in asked
                        else _VALUES.get(slot.kind, menus_words(language))[0]
                        for slot in slots
                    }
                    yield self._rendered(template, values, language)

    def _rendered(self, template: str, values: dict[str, object], language: str) -> Sentence:
        rendering = self.pack.render(template, values, language)
        said = dict(rendering.spoken)
        words = [
            said[part.name] if isinstance(part, Slot) else part.text for part in parse(template)
        ]
        return Sentence(
            language, ("" if language.startswith("zh") else " ").join(words), rendering.clips
        )

    def _numbers(self) -> Iterator[Sentence]:
        for language in formatters.LANGUAGES:
            for group, values in sentences(language):
                before = self.pack.find(_BEFORE[language].get(group, ""), language)
                clips = [before] if before else []
                for value in values:
                    clips += [self.pack.clip_for(piece, language) for piece in value]
                text = "，".join(formatters.join(value, language) for value in values)
                said = f"{before.text}，{text}" if before else text
                rest = len(clips) - len(values[-1])
                yield Sentence(language, said, tuple(clips), rest)


def menus_words(language: str) -> tuple[str, ...]:
    """Phrases that books may put into slots."""
    import menus.services

    return tuple(menus.services.phrases(language))


def read_judged(path: Path = JUDGED) -> list[Judged]:
    """The rows of the last judgement; none when there was none."""
    if not path.exists():
        return []
    return [Judged(**row) for row in json.loads(path.read_text("utf-8"))["clips"]]


def exceptions() -> dict[tuple[str, str], str]:
    """(language, text) -> why an error over the limit is accepted."""
    table = json.loads(EXCEPTIONS.read_text("utf-8")) if EXCEPTIONS.exists() else {}
    return {
        (language, text): why for language, texts in table.items() for text, why in texts.items()
    }


def write_judged(rows: Iterable[Judged], path: Path = JUDGED) -> None:
    """One clip a line, ordered."""
    ordered = sorted(rows, key=lambda row: (row.language, row.name))
    lines = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in ordered)
    path.write_text(
        '{"measure": "share of toneless pinyin syllables (zh-CN) or words (en-US) misheard by '
        f'Whisper base, int8", "limit": {LIMIT}, "clips": [\n{lines}\n]}}\n',
        "utf-8",
    )


def main(arguments: list[str] | None = None) -> int:
    """Entry point; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m audio.judge", description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what has been judged before")
    parser.add_argument("--retake", action="store_true", help="try to improve what fails")
    options = parser.parse_args(arguments)
    from audio.build import book_texts

    try:
        judge = Judge(Pack.load(), Ear(), [] if options.all else read_judged())
        judge.run(book_texts([None]))
        write_judged(judge.rows.values())
        if options.retake:
            from audio.retake import retake

            retake(judge)
    except (SpeechError, lexicon.LexiconError) as problem:
        print(problem, file=sys.stderr)
        return 2
    rows, excused = list(judge.rows.values()), exceptions()
    failed = [row for row in rows if row.error > LIMIT and (row.language, row.text) not in excused]
    for row in sorted(failed, key=lambda row: -row.error):
        print(f"{row.error:.0%} {row.language} {row.text}: heard {row.heard} for {row.said}")
    mean = sum(row.error for row in rows) / max(1, len(rows))
    print(f"{len(rows)} clips, mean error {mean:.1%}, {len(failed)} over {LIMIT:.0%}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
