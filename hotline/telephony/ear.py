"""A caller's ear on a network line: audio in, the hearing events of the memory line out.

    mu-law --Recogniser--> clips, music, tones, silence --Reader--> prompts, values --> Heard ...

What counts as heard is said in `hotline.callers.hearing`: `AUDIBLE` seconds of a sound, or all of
it; values only when the prompt was heard to its end. Here is how that is decided from clips:

    clip a1    [-----------------]                        a prompt of two clips
    clip a2                       [---------]
    named            ^ by the first clip that only this prompt has
    noticed                 ^ named, and AUDIBLE seconds of it matched
    whole                                   ^ read to its last clip, and that one to its end

It notices a little later than the memory line does (recognition needs 0.1 to 0.5 s), but the same
things in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from audio import g711
from audio.pack import Pack
from audio.reader import Reader, Reading
from audio.recognise import Heard, Recogniser
from hotline.callers import hearing as hear
from hotline.callers.hearing import ANNOUNCEMENT, AUDIBLE, Canon, Values
from hotline.switch.events import Event

PromptTable = Mapping[tuple[str, str], str]
"""(prompt id, language) -> template: everything that may be said on the line."""

SHORT = 0.15
"""Seconds that the recognised end of a clip may lie before its real end."""

_DIGITS = {
    **dict(zip("零幺一二两三四五六七八九", "011223456789", strict=True)),
    **{digit: digit for digit in "0123456789"},
}
_WORDS = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}


def digits_of(said: str) -> str:
    """The number that was read out digit by digit, in Mandarin or English."""
    if any(char in _DIGITS for char in said):
        return "".join(_DIGITS.get(char, "") for char in said)
    return "".join(_WORDS.get(word, "") for word in said.lower().replace("-", " ").split())


@dataclass(slots=True)
class _Clip:
    id: str
    start: float
    end: float | None = None
    whole: bool = False


@dataclass(slots=True)
class _Prompt:
    """A prompt as it is being heard. `over`: no more clips of it will come."""

    clips: list[_Clip]
    name: str = ""
    values: Values = ()
    complete: bool = False
    over: bool = False
    noticed: bool = False

    @property
    def began(self) -> float:
        return self.clips[0].start


@dataclass(slots=True)
class _Sound:
    """Music or a tone being heard."""

    kind: str
    name: str
    start: float
    noticed: bool = False


@dataclass(slots=True)
class _Follower:
    """Attributes clips to prompts, in the order they were said."""

    reader: Reader
    open: list[_Prompt] = field(default_factory=list)
    """prompts whose end has not been told yet"""
    _present: _Prompt | None = None
    _fed: list[_Clip] = field(default_factory=list)

    def clip(self, clip: _Clip) -> None:
        """The next clip began."""
        fed = [*self._fed, clip]
        unread = len(self.reader.unread)
        readings = self.reader.feed(clip.id)
        known = len(self.reader.unread) == unread
        pending = self.reader.pending
        tail = fed[len(fed) - pending :] if pending else []
        self._take(readings, tail or [clip])
        present = self._present
        if tail and (present is None or present.over or present.clips[0] is not tail[0]):
            self._cut_off()
            self._new(tail)
        elif present is not None and known and not any(clip is one for one in present.clips):
            present.clips.append(clip)
        self._fed = tail

    def flush(self) -> None:
        """Another sound, or silence: what was being read is over."""
        self._take(self.reader.flush(), self._fed[-1:])
        self._cut_off()
        self._fed = []

    def _take(self, readings: list[Reading], clips: list[_Clip]) -> None:
        """`clips`: where a prompt that is new in these readings begins."""
        for reading in readings:
            prompt = self._present
            if (
                prompt is None
                or prompt.over
                or not (prompt.name == "" or (reading.complete and reading.prompt == prompt.name))
            ):
                self._cut_off()
                prompt = self._new(clips)
            prompt.name, prompt.values = reading.prompt, reading.values
            prompt.complete = prompt.over = reading.complete

    def _new(self, clips: list[_Clip]) -> _Prompt:
        prompt = self._present = _Prompt(list(clips))
        self.open.append(prompt)
        return prompt

    def _cut_off(self) -> None:
        if self._present is not None:
            self._present.over = True


class Ear:
    """One caller's hearing during one call. Feed it every 20 ms, in real time or not.

    `words`: (language, text) of values that slots of kind `word` may hold. Those with a recording
    are known anyway; without one they sound like a double beep, which only this list explains.
    """

    def __init__(
        self,
        pack: Pack,
        table: PromptTable,
        *,
        canon: Canon | None = None,
        words: Iterable[tuple[str, str]] = (),
        call: str = "",
        listens_for_silence: bool = False,
        listens_to_end: bool = False,
    ) -> None:
        self._pack, self._table, self._call = pack, table, call
        self._canon = canon or Canon(table)
        self._for_silence, self._to_end = listens_for_silence, listens_to_end
        texts = [(language, text) for (_, language), text in table.items()]
        unrecorded = dict.fromkeys(pack.stand_ins(texts))
        unrecorded |= dict.fromkeys(
            clip
            for language, word in words
            if (clip := pack.clip_for(word, language)).id.startswith("missing:")
        )
        self._recogniser = Recogniser(pack, extra=tuple(unrecorded))
        reader = Reader(pack)
        for language in sorted({language for _, language in table}, reverse=True):
            reader.add(
                {id: text for (id, spoken), text in table.items() if spoken == language}, language
            )
        self._follower = _Follower(reader)
        self._clip: _Clip | None = None
        self._sound: _Sound | None = None
        self._quiet = True
        self._offset = 0.0
        self._now = 0.0
        self._out: list[Event] = []

    def hear(self, ulaw: bytes, now: float) -> list[Event]:
        """What is noticed with this audio, the last of which was heard at instant `now`."""
        if not ulaw:
            return []
        heard = self._recogniser.feed(g711.ulaw_decode(ulaw))
        self._offset, self._now = now - self._recogniser.now, now
        for one in heard:
            self._take(one)
        return self._progress()

    def finish(self, now: float) -> list[Event]:
        """The line is closed: decide what is still open."""
        length = self._recogniser.now
        heard = self._recogniser.finish()
        self._for_silence = False
        self._offset, self._now = now - length, now
        for one in heard:
            self._take(one)
        self._follower.flush()
        return self._progress()

    # --- what the recogniser says ------------------------------------------------------------

    def _take(self, heard: Heard) -> None:
        match heard.kind:
            case "clip":
                self._take_clip(heard)
            case "music" | "tone":
                self._take_sound(heard)
            case _ if not heard.final:
                self._follower.flush()
        if not heard.final:
            self._mind_silence(heard)

    def _take_clip(self, heard: Heard) -> None:
        if not heard.final:
            self._clip = _Clip(heard.id, heard.start)
            self._follower.clip(self._clip)
            return
        clip = self._clip
        if clip is not None and clip.id == heard.id:
            clip.end = heard.end
            length = self._pack.clip(clip.id).duration
            clip.whole = heard.end - heard.start >= length - SHORT
            self._clip = None

    def _take_sound(self, heard: Heard) -> None:
        name = "music" if heard.kind == "music" else heard.id.removeprefix("tone:")
        if name.startswith("dtmf"):
            return
        if not heard.final:
            self._follower.flush()
            self._sound = _Sound(heard.kind, name, heard.start)
        elif self._sound is not None and self._sound.name == name:
            period = self._pack.tone(name).duration if heard.kind == "tone" else AUDIBLE
            self._notice_sound(heard.end, min(AUDIBLE, period - SHORT))
            self._sound = None

    def _mind_silence(self, heard: Heard) -> None:
        quiet = heard.kind == "silence"
        if self._for_silence and quiet != self._quiet:
            if quiet:
                since = max(0.0, self._recogniser.now - heard.start)
                self._out.append(hear.HeardSilence(self._now, self._call, since))
            else:
                self._out.append(hear.SoundStarted(self._now, self._call))
        self._quiet = quiet

    # --- what the caller notices -------------------------------------------------------------

    def _progress(self) -> list[Event]:
        if self._sound is not None:
            music = self._sound.kind == "music"
            heard = self._recogniser.confirmed if music else self._recogniser.now
            self._notice_sound(heard, AUDIBLE)
        for prompt in list(self._follower.open):
            self._notice_prompt(prompt)
        out, self._out = self._out, []
        return out

    def _notice_sound(self, until: float, least: float) -> None:
        sound = self._sound
        if sound is None or sound.noticed or until - sound.start < least:
            return
        sound.noticed = True
        began = self._offset + sound.start
        if sound.kind == "music":
            self._out.append(hear.HeardMusic(self._now, self._call, sound.name, began))
        else:
            self._out.append(hear.HeardTone(self._now, self._call, sound.name, began))

    def _notice_prompt(self, prompt: _Prompt) -> None:
        last = prompt.clips[-1]
        ended = last.end is not None
        until = self._recogniser.confirmed if last is self._clip else last.end or last.start
        whole = prompt.complete and last.whole
        if (
            prompt.name
            and not prompt.noticed
            and until - prompt.began >= AUDIBLE
            and not (whole and not prompt.values)
        ):
            prompt.noticed = True
            self._tell(prompt, whole=False)
        if whole and (prompt.values or self._to_end or not prompt.noticed):
            self._tell(prompt, whole=True)
        if whole or (ended and prompt.over):
            self._follower.open.remove(prompt)

    def _tell(self, prompt: _Prompt, *, whole: bool) -> None:
        language = self._pack.clip(prompt.clips[0].id).language
        template = self._table.get((prompt.name, language), "")
        began = self._offset + prompt.began
        values = prompt.values if whole else ()
        if prompt.name == ANNOUNCEMENT:
            number = digits_of(dict(values).get("agent", ""))
            self._out.append(
                hear.HeardAgent(
                    self._now, self._call, number, template, values, language, began, whole
                )
            )
            return
        known = self._canon.id_of(prompt.name, template, language)
        self._out.append(
            hear.Heard(self._now, self._call, known, template, values, language, began, whole)
        )
