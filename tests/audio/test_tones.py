"""Tones: frequency, cadence and level, measured from the audio."""

import numpy as np
import pytest

from audio import g711, tones


def level(pcm: np.ndarray) -> float:
    return float(10 * np.log10(np.mean((pcm / 32768.0) ** 2) + 1e-12))


def loudest(pcm: np.ndarray, count: int) -> list[float]:
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    peaks = [
        at
        for at in range(1, len(spectrum) - 1)
        if spectrum[at - 1] < spectrum[at] >= spectrum[at + 1]
    ]
    peaks.sort(key=lambda at: -spectrum[at])
    return sorted(at * 8000 / len(pcm) for at in peaks[:count])


@pytest.mark.parametrize(("name", "on", "off"), [("ringback", 1.0, 4.0), ("busy", 0.35, 0.35)])
def test_cadence_of_china(name: str, on: float, off: float) -> None:
    pcm = g711.alaw_decode(tones.tone(tones.TONES[name]))
    edge = round(on * 8000)
    assert len(pcm) == edge + round(off * 8000)
    assert level(pcm[:edge]) == pytest.approx(tones.LEVEL, abs=0.5)
    assert level(pcm[edge:]) < -65
    assert loudest(pcm[:edge], 1) == [pytest.approx(450, abs=3)]


@pytest.mark.parametrize("key", tones.DTMF)
def test_keys_have_their_two_frequencies(key: str) -> None:
    pcm = g711.alaw_decode(tones.tone(tones.dtmf(key)))[:800]
    assert loudest(pcm, 2) == [pytest.approx(hertz, abs=10) for hertz in tones.DTMF[key]]
    assert level(pcm) == pytest.approx(tones.LEVEL, abs=0.6)


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="keys are 123A"):
        tones.dtmf("x")


def test_no_tone_clicks_or_clips() -> None:
    for cadence in tones.TONES.values():
        pcm = g711.alaw_decode(tones.tone(cadence)).astype(int)
        assert abs(pcm[0]) < 500
        assert np.max(np.abs(pcm)) < 20000


def test_stand_ins_differ_by_text_and_keep_their_length() -> None:
    heads = {tones.stand_in(f"missing:{number}", 8000)[:2400] for number in range(300)}
    assert len(heads) == 300
    assert len(tones.stand_in("x", 100)) == 100
