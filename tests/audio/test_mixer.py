"""Mixing: sums, saturation, and everybody but oneself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import g711, mixer


def pcm(*samples: int) -> NDArray[np.int16]:
    return np.array(samples, dtype=np.int16)


def test_sum_saturates_and_pads() -> None:
    assert list(mixer.mix(pcm(30000, -30000, 5), pcm(30000, -30000))) == [32767, -32768, 5]
    assert len(mixer.mix()) == 0


def test_each_leg_of_a_conference_hears_the_others() -> None:
    heard = mixer.conference({"a": pcm(1, 2), "b": pcm(10, 20), "c": pcm(100)})
    assert {name: list(samples) for name, samples in heard.items()} == {
        "a": [110, 20],
        "b": [101, 2],
        "c": [11, 22],
    }


@given(st.lists(st.lists(st.integers(-32768, 32767), max_size=6), min_size=1, max_size=5))
def test_conference_is_the_mix_of_the_others(legs: list[list[int]]) -> None:
    arrays = {number: pcm(*leg) for number, leg in enumerate(legs)}
    length = max(len(leg) for leg in legs)
    for name, samples in mixer.conference(arrays).items():
        others = mixer.mix(*(leg for other, leg in arrays.items() if other != name))
        assert list(samples) == [*others, *[0] * (length - len(others))]


def test_octets_are_mixed_as_samples() -> None:
    loud = g711.ulaw_encode(pcm(8000, 8000))
    silent = g711.ulaw_encode(pcm(0, 0))
    heard = mixer.conference_ulaw({"caller": loud, "agent": loud, "coach": silent})
    assert heard["caller"] == loud
    assert abs(g711.ulaw_sample(heard["coach"][0]) - 16000) < 600
