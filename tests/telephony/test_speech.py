"""The ear without a prompt pack: texts in order, tones, silence, and the recogniser's time."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np

from audio import g711
from audio.pack import Pack
from audio.tones import TONES, tone
from hotline.callers import hearing as hear
from hotline.switch.events import Event
from hotline.telephony.speech import SpeechEar, written

PACK = Pack.load()
FRAME = 160


def speech(text: str) -> np.ndarray:
    return g711.alaw_decode(PACK.alaw(PACK.clip_for(text, "zh-CN")))


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * 8000), dtype=np.int16)


class Recogniser:
    """Somebody else's: it is told beforehand what it will hear, and when it is done."""

    def __init__(self, *texts: str, at_once: bool = True) -> None:
        self.texts, self.at_once = list(texts), at_once
        self.jobs: list[Future[str]] = []

    def __call__(self, alaw: bytes, language: str) -> Future[str]:
        job: Future[str] = Future()
        self.jobs.append(job)
        if self.at_once:
            self.done(len(self.jobs) - 1)
        return job

    def done(self, number: int) -> None:
        self.jobs[number].set_result(self.texts[number])


def listen(ear: SpeechEar, *parts: np.ndarray, start: float = 0.0) -> list[Event]:
    ulaw = g711.ulaw_encode(np.concatenate(parts))
    out: list[Event] = []
    for at in range(0, len(ulaw), FRAME):
        out += ear.hear(ulaw[at : at + FRAME], start + at / 8000)
    return out


def test_a_sentence_is_heard_with_its_text_and_when_it_began():
    ear = SpeechEar(Recogniser("您好,请问有什么可以帮您?"))
    [heard] = listen(ear, quiet(1.0), speech("您好，请问有什么可以帮您？"), quiet(1.0))
    assert isinstance(heard, hear.Heard)
    assert heard.template == "您好，请问有什么可以帮您？"
    assert heard.whole
    assert 0.7 < heard.began < 1.1


def test_sentences_keep_their_order_although_the_first_took_longer():
    recogniser = Recogniser("一", "二", at_once=False)
    ear = SpeechEar(recogniser)
    said = (speech("您好。"), quiet(1.0), speech("感谢您的来电，再见。"), quiet(1.0))
    assert listen(ear, *said) == []
    recogniser.done(1)
    assert listen(ear, quiet(0.1)) == []
    recogniser.done(0)
    assert [event.template for event in listen(ear, quiet(0.1))] == ["一", "二"]


def test_what_is_no_speech_is_nothing():
    assert listen(SpeechEar(Recogniser("")), speech("您好。"), quiet(1.0)) == []


def test_a_tone_is_a_tone_and_goes_to_no_recogniser():
    busy = g711.alaw_decode(tone(TONES["busy"]))
    recogniser = Recogniser("嘟嘟", "嘟嘟", "嘟嘟", "嘟嘟", "嘟嘟", "嘟嘟")
    events = listen(SpeechEar(recogniser), *[busy] * 6, quiet(1.0))
    assert [event.tone for event in events if isinstance(event, hear.HeardTone)] == ["busy"]
    assert not any(isinstance(event, hear.Heard) for event in events)


def test_silence_is_told_to_whom_it_matters():
    said = (quiet(1.0), speech("您好。"), quiet(2.0))
    events = listen(SpeechEar(Recogniser(""), listens_for_silence=True), *said)
    assert [type(event) for event in events] == [
        hear.HeardSilence,
        hear.SoundStarted,
        hear.HeardSilence,
    ]
    assert listen(SpeechEar(Recogniser("")), *said) == []


def test_the_last_words_are_heard_although_the_line_is_closed():
    ear = SpeechEar(Recogniser("再见。"))
    assert listen(ear, speech("感谢您的来电，再见。")) == []
    assert [event.template for event in ear.finish(3.0)] == ["再见。"]


def test_chinese_is_written_as_scenarios_write_it_and_english_as_it_is():
    assert written(" 您好, 请 讲! ", "zh-CN") == "您好，请讲！"
    assert written(" Good  morning, caller! ", "en-US") == "Good morning, caller!"
