"""What ships: every clip of the built-in pack measured, and playable without any audio program."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from audio import build, g711, judge, wav
from audio.formatters import LANGUAGES, pieces
from audio.pack import BUILT_IN, Clip, Pack, read_manifest
from audio.template import clip_key

PACK = Pack.load()
ROWS = read_manifest(BUILT_IN)
SPEECH = [row for row in ROWS if row.kind != "music"]


def clip(language: str, name: str) -> Clip:
    return PACK.clip(f"{language}/{name}")


def levels(pcm: np.ndarray, size: int = 40) -> np.ndarray:
    """rms of frames of 5 ms, of full scale."""
    whole = pcm[: len(pcm) // size * size].reshape(-1, size) / 32768.0
    return np.sqrt(np.mean(whole**2, axis=1))


def test_the_manifest_is_the_folder() -> None:
    listed = {f"{row.language or 'music'}/{row.name}.wav" for row in ROWS}
    present = {str(path.relative_to(BUILT_IN)) for path in BUILT_IN.glob("*/*.wav")}
    assert listed == present
    assert len(listed) == len(ROWS)


def test_every_file_is_what_the_manifest_says() -> None:
    assert build.damaged() == []


def test_the_pack_stays_small() -> None:
    assert sum(path.stat().st_size for path in BUILT_IN.rglob("*")) <= 20_000_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_piece_is_recorded(language: str) -> None:
    assert [piece for piece in pieces(language) if PACK.find(piece, language) is None] == []


def test_every_text_of_the_default_book_is_recorded() -> None:
    assert PACK.missing(build.book_texts([None])) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_levels_and_peaks(language: str) -> None:
    for row in SPEECH:
        if row.language == language:
            pcm = g711.alaw_decode(PACK.alaw(clip(language, row.name)))
            frames = levels(pcm)
            sounding = frames[frames > frames.max() * 10 ** (-30 / 20)]
            level = 20 * np.log10(np.sqrt(np.mean(sounding**2)))
            assert level == pytest.approx(-20, abs=3), row.text
            overall = 20 * np.log10(np.sqrt(np.mean((pcm / 32768.0) ** 2)))
            assert overall == pytest.approx(-20, abs=4), row.text
            assert np.max(np.abs(pcm.astype(int))) < 32000 * 0.9, row.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_silence_at_the_edges(language: str) -> None:
    for row in SPEECH:
        if row.language == language:
            frames = levels(g711.alaw_decode(PACK.alaw(clip(language, row.name))))
            loud = np.flatnonzero(frames > frames.max() * 10 ** (-34 / 20))
            lead, tail = loud[0] * 0.005, (len(frames) - 1 - loud[-1]) * 0.005
            # a soft s or f at the beginning is under the threshold and still heard
            assert lead <= 0.15, row.text
            assert tail <= (0.2 if row.kind == "piece" else 0.25), row.text
            edges = g711.alaw_decode(PACK.alaw(clip(language, row.name)))
            assert abs(int(edges[0])) < 600, row.text
            assert abs(int(edges[-1])) < 600, row.text


def test_it_plays_without_any_program_on_the_path() -> None:
    """No ffmpeg, sox or model: an empty PATH and a fresh interpreter."""
    code = (
        "from audio.pack import Pack; p = Pack.load();"
        "r = p.render('您的余额为{b:amount}', {'b': 12856}, 'zh-CN');"
        "print(sum(len(p.ulaw(c)) for c in r.clips) / 8000 - r.duration)"
    )
    environment = {**os.environ, "PATH": "", "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert abs(float(done.stdout)) < 1e-6


def test_durations_come_from_the_files() -> None:
    for row in ROWS[::25]:
        path = BUILT_IN / (row.language or "music") / f"{row.name}.wav"
        assert wav.read_header(path).samples == row.samples
        assert hashlib.sha256(wav.read_alaw(path)).hexdigest() == row.digest


# ---- what the recogniser heard, without the recogniser


def test_every_speech_clip_was_judged_as_it_is() -> None:
    judged = {(row.language, row.name): row.digest for row in judge.read_judged()}
    assert judged == {(row.language, row.name): row.digest for row in SPEECH}


def test_no_clip_is_misheard_without_a_reason() -> None:
    excused = judge.exceptions()
    over = [row for row in judge.read_judged() if row.error > judge.LIMIT]
    assert [row.text for row in over if (row.language, row.text) not in excused] == []
    assert all(len(why) > 20 for why in excused.values())
    # a reason that is no longer needed is removed
    assert set(excused) <= {(row.language, row.text) for row in over}


def test_literals_are_stored_under_their_keys() -> None:
    for row in SPEECH:
        assert row.kind == "piece" or clip_key(row.text) == row.text
