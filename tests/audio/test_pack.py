"""The pack's rendering: literals, pieces, stand-ins, recordings, and what it must not import."""

import subprocess
import sys
from pathlib import Path

import pytest

from audio import g711, tones, wav
from audio.formatters import FormatError
from audio.pack import Pack, estimate

ZH = "zh-CN"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack.load()


def test_a_slot_is_said_in_pieces_and_reported_by_name(pack: Pack) -> None:
    rendering = pack.render("您的余额为{balance:amount}。", {"balance": 12856}, ZH)
    assert rendering.spoken == (("balance", "一百二十八元五角六分"),)
    assert [clip.text for clip in rendering.clips] == [
        "您的余额为",
        "一百",
        "二十八元",
        "五角六分",
    ]
    assert rendering.duration == pytest.approx(sum(clip.duration for clip in rendering.clips))
    english = pack.render("Wait {n:minutes}.", {"n": 2}, "en-US")
    assert english.spoken == (("n", "two minutes"),)


def test_renderings_without_slots_are_cached(pack: Pack) -> None:
    assert pack.render("您好。", {}, ZH) is pack.render("您好。", {"unused": 1}, ZH)


def test_equal_keys_of_different_types_do_not_share_a_reading(pack: Pack) -> None:
    assert pack.render("{n:count}", {"n": 1}, ZH).spoken == (("n", "一"),)
    with pytest.raises(FormatError):
        pack.render("{n:count}", {"n": True}, ZH)
    with pytest.raises(FormatError):
        pack.render("{n:count}", {"n": 1.0}, ZH)


def test_a_missing_value_is_named(pack: Pack) -> None:
    with pytest.raises(KeyError, match="no value for slot 'n'; values given: m"):
        pack.render("{n:count}", {"m": 1}, ZH)


def test_an_unrecorded_text_gets_a_beep_of_its_own_and_the_time_it_would_take(pack: Pack) -> None:
    texts = ["这一句从来没有录过音。", "这一句也从来没有录过音。"]
    first, second = (pack.render(text, {}, ZH).clips[0] for text in texts)
    assert first.id.startswith("missing:")
    assert first.id != second.id
    assert first.duration == pytest.approx(estimate(texts[0]), abs=0.001)
    assert 10 / 4.2 <= first.duration <= 10 / 4.2 + 0.1
    octets = pack.alaw(first)
    assert len(octets) == round(first.duration * wav.RATE)
    assert octets[:3000] != pack.alaw(second)[:3000]
    assert set(octets[2600:]) == {g711.ALAW_SILENCE}  # after the two beeps only silence
    assert pack.ulaw(first) == octets.translate(g711.ALAW_TO_ULAW)
    assert pack.ulaw(first) is pack.ulaw(first)


def test_missing_lists_each_lacking_literal_once(pack: Pack) -> None:
    book = [(ZH, "全新提示语一{n:count}。"), (ZH, "全新提示语一，"), ("en-US", "A brand new text.")]
    lacking = pack.missing(book)
    assert [(language, text) for language, text, _ in lacking] == [
        (ZH, "全新提示语一"),
        ("en-US", "A brand new text."),
    ]
    assert [clip.text for clip in pack.stand_ins(book)] == [text for _, text, _ in lacking]


def test_recordings_win_and_are_found_by_text_or_name(tmp_path: Path, pack: Pack) -> None:
    [(_, _, name)] = pack.missing([(ZH, "第二句从未录过。")])
    wav.write_alaw(tmp_path / ZH / "第一句从未录过.wav", bytes([0xAA]) * 800)
    wav.write_alaw(tmp_path / ZH / f"{name}.wav", bytes([0x2A]) * 1600)
    wav.write_alaw(tmp_path / ZH / "三元.wav", bytes([0x2A]) * 400)
    mine = Pack.load(tmp_path)
    assert mine.missing([(ZH, "第一句从未录过，{n:count}"), (ZH, "第二句从未录过。")]) == []
    rendering = mine.render("第一句从未录过。第二句从未录过。", {}, ZH)
    assert rendering.clips[0].id.startswith("missing:")  # one literal, not two sentences
    [clip] = mine.render("第二句从未录过。", {}, ZH).clips
    assert (clip.duration, mine.alaw(clip)) == (0.2, bytes([0x2A]) * 1600)
    [*_, yuan] = mine.render("{b:amount}", {"b": 300}, ZH).clips
    assert mine.alaw(yuan) == bytes([0x2A]) * 400


def test_earlier_folders_win_and_absent_ones_are_reported(tmp_path: Path) -> None:
    for folder, octet in (("a", 0xAA), ("b", 0x2A)):
        wav.write_alaw(tmp_path / folder / ZH / "您好.wav", bytes([octet]) * 80)
    pack = Pack.load(tmp_path / "a", tmp_path / "b")
    [clip] = pack.render("您好。", {}, ZH).clips
    assert pack.alaw(clip) == bytes([0xAA]) * 80
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Pack.load(tmp_path / "nowhere")


def test_tones_need_no_files(pack: Pack) -> None:
    assert pack.tone("ringback").duration == 5.0
    assert pack.alaw(pack.tone("busy")) == tones.tone(tones.BUSY)
    assert len(pack.alaw(pack.tone("dtmf-#"))) == 1600


def test_rendering_imports_neither_numpy_nor_audio() -> None:
    """The simulation's path: a fresh interpreter renders without any audio library."""
    code = (
        "import sys; from audio.pack import Pack; pack = Pack.load();"
        "r = pack.render('余额{b:amount}。', {'b': 5}, 'zh-CN'); assert r.duration > 0.5;"
        "print([m for m in ('numpy', 'pydub', 'soundfile', 'soxr') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
