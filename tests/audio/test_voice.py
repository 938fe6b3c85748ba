"""The gate before a speech recogniser: which stretches of sound are utterances."""

from __future__ import annotations

import numpy as np
import pytest

from audio.voice import LONGEST, PAUSE, Gate

RATE = 8000


def sound(seconds: float, level: float = 3000.0) -> np.ndarray:
    chance = np.random.default_rng(1)
    return chance.normal(0, level, round(seconds * RATE)).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return sound(seconds, 20.0)


def heard(*parts: np.ndarray, piece: int = 160) -> list[tuple[float, float]]:
    gate = Gate()
    line = np.concatenate(parts)
    ended = []
    for at in range(0, len(line), piece):
        ended += gate.feed(line[at : at + piece])
    return [(round(one.start, 1), round(one.end, 1)) for one in (*ended, *gate.finish())]


def test_a_sentence_begins_a_little_before_it_is_loud_and_ends_with_its_sound():
    [(start, end)] = heard(silence(1.0), sound(2.0), silence(1.0))
    assert (start, end) == (0.8, 3.0)


def test_short_pauses_are_of_the_sentence_and_long_ones_part_it():
    assert len(heard(sound(1.0), silence(PAUSE - 0.1), sound(1.0), silence(1.0))) == 1
    assert len(heard(sound(1.0), silence(PAUSE + 0.1), sound(1.0), silence(1.0))) == 2


def test_silence_and_clicks_are_nothing():
    assert heard(silence(3.0)) == []
    assert heard(silence(1.0), sound(0.06), silence(1.0)) == []


def test_what_is_said_without_a_pause_is_cut():
    cuts = heard(sound(3 * LONGEST))
    assert len(cuts) >= 3
    assert all(end - start <= LONGEST + 0.1 for start, end in cuts)


def test_the_line_may_close_in_the_middle():
    assert heard(silence(0.5), sound(1.0)) == [(0.3, 1.5)]


@pytest.mark.parametrize("piece", [1, 97, 160, 8000])
def test_how_the_audio_is_divided_is_no_matter(piece: int):
    parts = (silence(0.5), sound(0.7), silence(0.8), sound(0.3), silence(0.7))
    assert heard(*parts, piece=piece) == heard(*parts)
