"""Keys by their tones (Q.23, Q.24): all of them, from 40 ms on, and never in what is spoken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import g711, tones
from audio.pack import Pack
from hotline.telephony.rtp.inband import BLOCK, Detector

RATE = 8000


def pressed(
    key: str, *, seconds: float = 0.05, dbfs: float = -12.0, twist: float = 0.0, lead: int = 0
) -> np.ndarray:
    """A key with both tones at `dbfs` rms (the high one `twist` dB stronger), and silence around."""
    low, high = tones.DTMF[key]
    t = np.arange(round(seconds * RATE)) / RATE
    amplitude = 10 ** (dbfs / 20) * 32768 * np.sqrt(2)
    wave = np.sin(2 * np.pi * low * t) + 10 ** (twist / 20) * np.sin(2 * np.pi * high * t)
    return np.concatenate((np.zeros(lead), amplitude * wave, np.zeros(480)))


def heard(pcm: np.ndarray, packet: int = 160) -> str:
    octets = g711.alaw_encode(np.clip(pcm, -32768, 32767).astype(np.int16))
    detector = Detector()
    pieces = (octets[at : at + packet] for at in range(0, len(octets), packet))
    return "".join(detector.feed(piece, "PCMA") for piece in pieces)


@pytest.mark.parametrize("key", tones.DTMF)
@pytest.mark.parametrize("level", [-9.0, -20.0, -30.0])
def test_every_key_of_40_ms_is_heard_once_wherever_it_begins(key, level):
    for lead in range(0, BLOCK, 17):
        assert heard(pressed(key, seconds=0.04, dbfs=level, lead=lead)) == key


@pytest.mark.parametrize("key", tones.DTMF)
def test_a_long_press_is_one_key_and_a_second_press_a_second(key):
    assert heard(pressed(key, seconds=1.0)) == key
    assert heard(np.concatenate([pressed(key)] * 3)) == key * 3


@pytest.mark.parametrize("key", tones.DTMF)
def test_a_click_of_20_ms_is_no_key(key):
    for lead in range(0, BLOCK, 17):
        assert heard(pressed(key, seconds=0.02, lead=lead)) == ""


@settings(max_examples=40)
@given(keys=st.text("0123456789*#ABCD", max_size=6), packet=st.integers(1, 500))
def test_the_division_into_packets_does_not_matter(keys, packet):
    pcm = np.concatenate([np.zeros(1), *(pressed(key) for key in keys)])
    assert heard(pcm, packet) == keys


@pytest.mark.parametrize("twist", [-6.0, 6.0])
def test_telephones_may_send_one_tone_stronger(twist):
    assert heard(pressed("5", twist=twist, dbfs=-20)) == "5"


def test_noise_does_not_hide_a_key():
    noise = np.random.default_rng(1).normal(0, 10 ** (-30 / 20) * 32768, 4000)
    for key in tones.DTMF:
        pcm = pressed(key, seconds=0.08, dbfs=-15)
        assert heard(pcm + noise[: len(pcm)]) == key


@pytest.mark.parametrize("name", ["ringback", "busy", "beep", "error"])
def test_no_tone_of_the_network_is_a_key(name):
    pack = Pack.load()
    assert Detector().feed(pack.ulaw(pack.tone(name)), "PCMU") == ""


def test_nothing_that_is_ever_spoken_or_played_is_taken_for_a_key():
    """Talk-off: half an hour of prompts in two languages, and the hold music."""
    pack = Pack.load()
    seconds = 0.0
    for clip in pack.clips():
        if not clip.id.startswith("tone:"):
            assert Detector().feed(pack.alaw(clip), "PCMA") == "", clip.text
            seconds += clip.duration
    assert seconds > 600
