"""Recordings from a studio: found by id, checked, and taken over as a whole or not at all."""

import sys
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from audio import wav
from audio.g711 import alaw_encode
from audio.pack import Pack, clip_name, estimate
from audio.recordings import Checked, check, take_over
from audio.studio import script, values
from menus.loader import loads
from menus.model import Book

BOOK = """\
version: 1
start: main
menus: {main: {prompt: "余额{balance:amount}。查询请按1。", keys: {"1": agent}}}
steps: {bye: {say: 再见，祝您生活愉快。, next: end}}
"""


@pytest.fixture(scope="module")
def book() -> Book:
    return loads(BOOK)


def speech(
    seconds: float, level: float = -20.0, lead: float = 0.05, tail: float = 0.1
) -> np.ndarray:
    """A buzz of the given level between silences, 16-bit."""
    at = np.arange(round(seconds * wav.RATE)) / wav.RATE
    tone = np.sin(2 * np.pi * 200 * at) + 0.5 * np.sin(2 * np.pi * 900 * at)
    tone *= 10 ** (level / 20) / np.sqrt(np.mean(tone**2))
    parts = [np.zeros(round(lead * wav.RATE)), tone, np.zeros(round(tail * wav.RATE))]
    return np.clip(np.concatenate(parts) * 32767, -32768, 32767).astype(np.int16)


def put(folder: Path, name: str, samples: np.ndarray) -> None:
    wav.write_alaw(folder / "zh-CN" / f"{name}.wav", alaw_encode(samples))


TEXT = "再见，祝您生活愉快。"
NAME = clip_name("literal", TEXT)
GOOD = speech(estimate(TEXT))


def rules(folder: Path, book: Book) -> list[str]:
    return [finding.rule for finding in check(folder, book, partial=True).findings]


def test_the_script_explains_the_pieces_of_a_sentence(book: Book) -> None:
    lines = {line.text: line for line in script(book) if line.language == "zh-CN"}
    assert lines["余额"].ends == "held"
    assert lines["余额"].sentence == "余额[balance]。查询请按1。"
    assert lines["余额"].prompts == ["main"]
    assert lines[TEXT].ends == "falls"
    assert lines[TEXT].file == f"zh-CN/{NAME}.wav"
    assert ("zh-CN", "amount", "12856", "一百二十八元五角六分") in set(values(book))


@pytest.mark.parametrize("name", [NAME, TEXT, TEXT.rstrip("。"), "bye"])
def test_a_recording_is_found_by_clip_words_or_prompt(
    name: str, book: Book, tmp_path: Path
) -> None:
    put(tmp_path / "in", name, GOOD)
    checked = check(tmp_path / "in", book, partial=True)
    assert not checked.findings
    take_over(checked, tmp_path / "out")
    clip = Pack.load(tmp_path / "out").clip_for(TEXT, "zh-CN")
    assert clip.id == f"zh-CN/{NAME}"


@pytest.mark.parametrize(
    ("rule", "samples"),
    [
        ("level", speech(estimate(TEXT), level=-35)),
        ("clipping", speech(estimate(TEXT), level=-1)),
        ("lead", speech(estimate(TEXT), lead=0.8)),
        ("tail", speech(estimate(TEXT), tail=1.5)),
        ("length", speech(0.5)),
        ("silent", np.zeros(8000, dtype=np.int16)),
    ],
)
def test_what_is_wrong_with_a_recording_is_named(
    rule: str, samples: np.ndarray, book: Book, tmp_path: Path
) -> None:
    put(tmp_path, NAME, samples)
    assert rule in rules(tmp_path, book)


def test_missing_unknown_and_double_recordings(book: Book, tmp_path: Path) -> None:
    put(tmp_path, NAME, GOOD)
    put(tmp_path, "bye", GOOD)
    put(tmp_path, "no-such", GOOD)
    found = check(tmp_path, book).findings
    assert {"twice", "unknown", "missing"} == {finding.rule for finding in found}
    assert "余额" in {finding.text for finding in found if finding.rule == "missing"}


def test_a_file_that_is_no_wav_blocks_everything(book: Book, tmp_path: Path) -> None:
    put(tmp_path, NAME, GOOD)
    (tmp_path / "zh-CN" / "余额.wav").write_bytes(b"RIFF....")
    checked = check(tmp_path, book, partial=True)
    assert checked.blocked
    assert [finding.rule for finding in checked.findings] == ["format"]


def test_nothing_is_half_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    take_over(Checked({"zh-CN/a.wav": b"\xd5" * 80}, ()), out)
    with pytest.raises(FileExistsError):
        take_over(Checked({"zh-CN/b.wav": b"\xd5"}, ()), out)
    written: list[Path] = []

    def fail_at_second(path: Path, octets: bytes) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)

    monkeypatch.setattr(wav, "write_alaw", fail_at_second)
    with pytest.raises(OSError, match="No space"):
        take_over(Checked({"a.wav": b"", "b.wav": b""}, ()), out, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in out.rglob("*.wav")] == ["a.wav"]


def test_a_studio_format_is_resampled_where_soxr_is_installed_and_else_refused(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zh-CN").mkdir()
    with wave.open(str(tmp_path / "zh-CN" / "bye.WAV"), "wb") as file:
        file.setparams((2, 3, 24000, 0, "NONE", ""))
        wide = np.repeat(GOOD.astype("<i4") * 256, 6).view(np.uint8).reshape(-1, 4)[:, :3]
        file.writeframes(wide.tobytes())
    monkeypatch.setitem(sys.modules, "soxr", None)
    (refused,) = check(tmp_path, book, partial=True).findings
    assert "24 bits" in refused.value
    assert "speech" in refused.value
    plain = SimpleNamespace(resample=lambda samples, rate, to, quality: samples[:: rate // to])
    monkeypatch.setitem(sys.modules, "soxr", plain)
    checked = check(tmp_path, book, partial=True)
    assert not checked.findings
    assert checked.clips[f"zh-CN/{NAME}.wav"] == alaw_encode(GOOD)
