"""A caller's ear without a prompt pack: speech recognition of whatever a foreign hotline says.

    mu-law --Gate--> utterances --recogniser, beside the call--> text --> Heard
           --Recogniser--> tones                                     --> HeardTone

It knows texts, not prompts, and it knows them late: at the end of an utterance, when the recogniser
is done with it. Utterances keep their order, and tones are not taken for speech. Music has no
meaning here; whatever is recognised in it is not believed (`audio.whisper.credible`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotDoneError

from audio import g711
from audio.pack import Pack
from audio.recognise import Recogniser
from audio.voice import Gate, Utterance
from hotline.callers import hearing as hear
from hotline.switch.events import Event

Recognise = Callable[[bytes, str], "Future[str]"]
"""(A-law, language) -> the text, later; "" when it is none."""

LAST_WORDS = 20.0
"""Seconds to wait, when the line is closed, for what was said last."""
SILENCE = 0.5
"""Seconds after which it is silent."""
_TONES = Pack()
"""Nothing but tones."""
_FULL_WIDTH = str.maketrans({",": "，", "?": "？", "!": "！", ":": "：", ";": "；", " ": ""})


class SpeechEar:
    """One caller's hearing during one call. Feed it every 20 ms; it never waits while the call
    lasts."""

    def __init__(
        self,
        recognise: Recognise,
        language: str = "zh-CN",
        *,
        call: str = "",
        listens_for_silence: bool = False,
    ) -> None:
        self._recognise, self._language, self._call = recognise, language, call
        self._for_silence = listens_for_silence
        self._gate = Gate()
        self._tones = Recogniser(_TONES)
        self._tone: tuple[float, float] = (0.0, 0.0)  # the last tone, from and to
        self._sounding = False
        self._silent = False
        self._jobs: deque[tuple[float, Future[str]]] = deque()
        self._offset = 0.0
        self._now = 0.0

    def hear(self, ulaw: bytes, now: float) -> list[Event]:
        """What is noticed with this audio, the last of which was heard at instant `now`."""
        if not ulaw:
            return self._texts()
        pcm = g711.ulaw_decode(ulaw)
        self._now = now
        out: list[Event] = []
        heard = self._tones.feed(pcm)
        self._offset = now - self._tones.now
        for one in heard:
            if one.kind == "tone":
                self._tone = (one.start, one.end if one.final else float("inf"))
                if not one.final and not one.id.startswith("tone:dtmf"):
                    name = one.id.removeprefix("tone:")
                    out.append(hear.HeardTone(now, self._call, name, self._offset + one.start))
        for utterance in self._gate.feed(pcm):
            self._submit(utterance)
        return [*out, *self._silence(), *self._texts()]

    def finish(self, now: float) -> list[Event]:
        """The line is closed: what was said last, as far as it is known in time."""
        self._now = now
        for utterance in self._gate.finish():
            self._submit(utterance)
        for _, job in self._jobs:
            try:
                job.exception(LAST_WORDS)
            except NotDoneError:
                break
        return self._texts()

    def _submit(self, utterance: Utterance) -> None:
        """To the recogniser, unless it was a tone."""
        start, end = self._tone
        shared = min(end, utterance.end) - max(start, utterance.start)
        if shared > (utterance.end - utterance.start) / 2:
            return
        alaw = g711.alaw_encode(utterance.pcm)
        self._jobs.append((self._offset + utterance.start, self._recognise(alaw, self._language)))

    def _texts(self) -> list[Event]:
        """What has been recognised by now, in the order in which it was said."""
        out: list[Event] = []
        while self._jobs and self._jobs[0][1].done():
            began, job = self._jobs.popleft()
            if text := written(job.result(), self._language):
                template = text.replace("{", "{{").replace("}", "}}")
                out.append(
                    hear.Heard(
                        self._now,
                        self._call,
                        f"“{text}”",
                        template,
                        language=self._language,
                        began=began,
                        whole=True,
                    )
                )
        return out

    def _silence(self) -> list[Event]:
        if not self._for_silence:
            return []
        quiet = self._gate.now - self._gate.quiet_since
        if self._gate.sounding and not quiet and not self._sounding:
            self._sounding, self._silent = True, False
            return [hear.SoundStarted(self._now, self._call)]
        if quiet >= SILENCE and not self._silent:
            self._sounding, self._silent = False, True
            return [hear.HeardSilence(self._now, self._call, quiet)]
        return []


def written(text: str, language: str) -> str:
    """As scenarios write it: Chinese with full-width marks and without spaces."""
    text = " ".join(text.split())
    return text.translate(_FULL_WIDTH) if language.startswith("zh") else text
