"""The hold music: length, level, seam, and the same every time."""

import numpy as np
import pytest

from audio import g711, music
from audio.pack import Pack


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return g711.alaw_decode(music.compose()).astype(float)


def test_it_is_forty_seconds_at_its_level(samples: np.ndarray) -> None:
    assert len(samples) == 40 * 8000
    level = 20 * np.log10(np.sqrt(np.mean((samples / 32768) ** 2)))
    assert level == pytest.approx(music.LEVEL, abs=0.3)
    assert np.max(np.abs(samples)) < 20000


def test_the_seam_is_as_smooth_as_any_other_place(samples: np.ndarray) -> None:
    steps = np.abs(np.diff(np.concatenate([samples, samples[:1]])))
    assert steps[-1] <= np.percentile(steps, 99)
    edges = np.concatenate([samples[-800:], samples[:800]])
    around = samples[len(samples) // 2 : len(samples) // 2 + 1600]
    assert np.std(edges) == pytest.approx(np.std(around), rel=1.0)


def test_it_never_falls_silent(samples: np.ndarray) -> None:
    frames = samples.reshape(-1, 4000)
    assert np.sqrt(np.mean(frames**2, axis=1)).min() > 300


def test_the_pack_holds_this_composition() -> None:
    pack = Pack.load()
    assert pack.alaw(pack.music()) == music.compose()
