"""A prompt pack of the user's own: what it gives to the ear, and what is said about a bad one."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from audio import prompt_pack
from audio.pack import Pack
from audio.prompt_pack import PackError
from audio.wav import write_alaw

OURS = Pack.load()


def record(folder: Path, name: str, text: str) -> None:
    write_alaw(folder / name, OURS.alaw(OURS.clip_for(text, "zh-CN")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path, "hello.wav", "您好。")
    record(tmp_path, "bye.wav", "感谢您的来电，再见。")
    record(tmp_path, "tail.wav", "尾号")
    return tmp_path


def table(folder: Path, *rows: str, header: str = "id,language,text,file") -> Path:
    (folder / "prompts.csv").write_text("\n".join((header, *rows)) + "\n", "utf-8")
    return folder


def wrong(folder: Path) -> str:
    with pytest.raises(PackError) as told:
        prompt_pack.load(folder)
    return str(told.value)


def test_prompts_pieces_and_joined_prompts(folder: Path):
    pack = prompt_pack.load(
        table(
            folder,
            "hello,,您好。,hello.wav",
            ",,尾号,tail.wav",
            ",,再见,bye.wav",
            "number,zh-CN,尾号{tail:digits}再见,",
        )
    )
    assert pack.table == {
        ("hello", "zh-CN"): "您好。",
        ("number", "zh-CN"): "尾号{tail:digits}再见",
    }
    said = pack.pack.render("尾号", {}, "zh-CN").clips
    assert pack.pack.ulaw(said[0]) == OURS.ulaw(OURS.clip_for("尾号", "zh-CN"))
    assert not pack.music


def test_nothing_of_our_own_pack_is_in_it(folder: Path):
    pack = prompt_pack.load(table(folder, "hello,,您好。,hello.wav"))
    assert {clip.text for clip in pack.pack.clips("zh-CN") if clip.language} == {"您好。"}


def test_waiting_music_is_not_a_prompt(folder: Path):
    pack = prompt_pack.load(table(folder, "hello,,您好。,hello.wav", "music,,音乐,bye.wav"))
    assert pack.music
    assert ("music", "zh-CN") not in pack.table
    assert pack.pack.music().duration == OURS.clip_for("感谢您的来电，再见。", "zh-CN").duration


def test_one_sentence_may_have_several_names(folder: Path):
    pack = prompt_pack.load(table(folder, "a,,您好。,hello.wav", "b,,您好。,hello.wav"))
    assert {prompt for prompt, _ in pack.table} == {"a", "b"}


def test_without_a_language_it_is_mandarin_and_the_byte_order_mark_of_excel_is_no_matter(folder):
    (folder / "prompts.csv").write_text("\ufeffid,text,file\nhello,您好。,hello.wav\n", "utf-8")
    assert prompt_pack.load(folder).table == {("hello", "zh-CN"): "您好。"}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["hello,,您好。,none.wav"], ["prompts.csv:2", "none.wav", "no such file"]),
        (["hello,,,hello.wav"], ["prompts.csv:2", "no text"]),
        (["hello,,您好。"], ["prompts.csv:2", "columns", "quotes"]),
        (["a,,您好。,hello.wav", "b,,您好。,bye.wav"], ["prompts.csv:3", "line 2", "same text"]),
        (["a,,您好。,hello.wav", "b,,再见。,hello.wav"], ["prompts.csv:3", "line 2", "same sound"]),
        (["a,,您好。,hello.wav", "a,,再见。,bye.wav"], ["prompts.csv:3", "twice"]),
        (["a,,尾号{n:digits},hello.wav"], ["prompts.csv:2", "joined from pieces"]),
        (["a,,尾号{n:digits}的,"], ["prompts.csv:2", "尾号", "no recording"]),
        (["a,,尾号{n:odd},"], ["prompts.csv:2", "unknown kind 'odd'"]),
        ([], ["prompts.csv", "no prompt"]),
    ],
)
def test_what_is_wrong_is_told_with_line_and_remedy(folder: Path, rows, says):
    told = wrong(table(folder, *rows))
    assert all(part in told for part in says), told


def test_everything_that_is_wrong_is_told_at_once(folder: Path):
    told = wrong(table(folder, "a,,一,x.wav", "b,,二,y.wav"))
    assert len(told.splitlines()) == 2


def test_unknown_and_missing_columns(folder: Path):
    assert "did you mean file?" in wrong(table(folder, header="id,text,fille"))
    assert "the column text is missing" in wrong(table(folder, header="id,file"))


def test_no_table_no_folder_and_no_unicode(tmp_path: Path):
    assert "no such file" in wrong(tmp_path / "none")
    (tmp_path / "prompts.csv").write_bytes("id,text,file\na,您好,a.wav\n".encode("gb18030"))
    assert "UTF-8" in wrong(tmp_path)


def test_a_recording_that_is_silent_or_of_another_kind(folder: Path):
    write_alaw(folder / "still.wav", b"\xd5" * 8000)
    (folder / "text.wav").write_text("not audio")
    told = wrong(table(folder, "a,,一,still.wav", "b,,二,text.wav"))
    assert "still.wav is too short, or silent" in told
    assert "text.wav cannot be read" in told


def test_a_studios_own_format_is_taken_or_the_remedy_told(folder: Path):
    tone = (8000 * np.sin(np.arange(16000) / 10)).astype("<i2")
    with wave.open(str(folder / "wide.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(tone.tobytes())
    table(folder, "a,,一,wide.wav")
    try:
        import soxr  # noqa: F401
    except ImportError:
        assert "install the extra" in wrong(folder)
    else:
        assert round(prompt_pack.load(folder).pack.find("一", "zh-CN").duration, 2) == 1.0
