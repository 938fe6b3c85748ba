"""What is believed of a speech recogniser, and what is said where there is none."""

from __future__ import annotations

import sys

import pytest

from audio.speech import SpeechError
from audio.whisper import PLAIN_HINT, Whisper, credible


def test_speech_is_believed():
    assert credible("您好，请问有什么可以帮您？", PLAIN_HINT, no_speech=0.1, mean_log=-0.3)


@pytest.mark.parametrize(
    "echo", ["以下是普通话的句子。", "以下是普通话的句子", "普通话的句子,", "。"]
)
def test_a_hypothesis_that_echoes_the_prompt_is_not(echo: str):
    assert not credible(echo, PLAIN_HINT)


def test_silence_a_guess_and_a_text_that_goes_in_circles_are_not():
    assert not credible("谢谢观看", PLAIN_HINT, no_speech=0.9, mean_log=-1.4)
    assert not credible("字幕——" * 40, PLAIN_HINT, repeats=20.0)


def test_a_sure_text_is_believed_although_it_was_quiet():
    assert credible("再见", PLAIN_HINT, no_speech=0.9, mean_log=-0.2)


def test_without_the_extra_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(SpeechError, match=r"\[hearing\]"):
        Whisper()
