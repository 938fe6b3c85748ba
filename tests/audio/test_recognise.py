"""Hearing the pack back: every clip, joined numbers, tones, music, interruption, lost packets."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import g711, wav
from audio.build import clauses
from audio.pack import BUILT_IN, Clip, Pack, read_manifest
from audio.reader import Reader
from audio.recognise import Heard, Recogniser, sequence

PACK = Pack.load()
ROWS = [row for row in read_manifest(BUILT_IN) if row.kind != "music"]
CLIPS = [PACK.clip(f"{row.language}/{row.name}") for row in ROWS]
ZH = "zh-CN"

Pcm = NDArray[np.int16]


def sound(clip: Clip, gain: float = 0.0) -> Pcm:
    """The clip after A-law, mu-law and a gain in dB."""
    louder = g711.ulaw_decode(PACK.ulaw(clip)).astype(float) * 10 ** (gain / 20)
    return np.clip(np.round(louder), -32768, 32767).astype(np.int16)


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * 8000), dtype=np.int16)


def line(*parts: Pcm) -> Pcm:
    """What arrives: joined, and once more through A-law."""
    return g711.alaw_decode(g711.alaw_encode(np.concatenate(parts)))


def listen(
    pcm: Pcm, *, packet: int = 160, language: str | None = None, extra: Iterable[Clip] = ()
) -> list[tuple[float, Heard]]:
    """(seconds fed by then, report) of everything heard."""
    recogniser = Recogniser(PACK, language, extra)
    reports: list[tuple[float, Heard]] = []
    for at in range(0, len(pcm), packet):
        fed = (at + packet) / 8000
        reports += [(fed, heard) for heard in recogniser.feed(pcm[at : at + packet])]
    reports += [(len(pcm) / 8000, heard) for heard in recogniser.finish()]
    return reports


def hear(pcm: Pcm, **how: object) -> list[Heard]:
    return [heard for _, heard in listen(pcm, **how)]  # type: ignore[arg-type]


def final(heard: list[Heard], kind: str = "clip") -> list[Heard]:
    return [one for one in heard if one.final and one.kind == kind]


def shared_beginning(clip: Clip) -> float:
    """Seconds, at most, that another clip sounds the same: whole clauses with the same words."""
    shared = 0
    for other in CLIPS:
        if other is not clip and other.language == clip.language:
            length = 0
            for (mine, _), (theirs, _) in zip(
                clauses(clip.text, clip.language), clauses(other.text, clip.language), strict=False
            ):
                if mine != theirs:
                    break
                length += len(mine)
            shared = max(shared, length)
    return clip.duration * shared / len(clip.text)


@pytest.mark.parametrize("part", range(8))
def test_every_clip_is_heard_within_a_second_at_its_place(part: int) -> None:
    chance = np.random.default_rng(part)
    for clip in CLIPS[part::8]:
        offset, gain = float(chance.integers(0, 4000)) / 8000, float(chance.uniform(-6, 6))
        reports = listen(line(silence(offset), sound(clip, gain), silence(0.6)))
        heard = [one for _, one in reports]
        assert sequence(heard) == (clip.id,), clip.text
        known = next(fed for fed, one in reports if one.id == clip.id)
        if known - offset > min(1.0, clip.duration + 0.7):
            assert 0 < shared_beginning(clip) >= known - offset - 1.0, clip.text
        [end] = final(heard)
        assert end.start == pytest.approx(offset, abs=0.001), clip.text
        assert end.end == pytest.approx(offset + clip.duration, abs=0.03), clip.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(
    fen=st.integers(0, 99_999_999),
    account=st.from_regex(r"[0-9]{10,13}", fullmatch=True),
    energy=st.decimals(0, 99999, places=2),
    moment=st.datetimes(),
    language=st.sampled_from(["zh-CN", "en-US"]),
    gain=st.floats(-6, 6),
    packet=st.sampled_from([80, 160, 240, 1000]),
)
def test_joined_numbers_are_read_back_exactly(
    fen: int,
    account: str,
    energy: object,
    moment: object,
    language: str,
    gain: float,
    packet: int,
) -> None:
    table = {"bill": "{balance:amount}{used:kwh}{when:datetime}{account:account}"}
    values = {"balance": fen, "account": account, "used": energy, "when": moment}
    rendering = PACK.render(table["bill"], values, language)
    pcm = line(silence(0.11), *(sound(clip, gain) for clip in rendering.clips), silence(0.4))
    heard = hear(pcm, packet=packet)
    assert sequence(heard) == tuple(clip.id for clip in rendering.clips)
    reader = Reader(PACK, table, language)
    readings = [one for clip in sequence(heard) for one in reader.feed(clip)] + reader.flush()
    assert readings[-1].complete
    assert readings[-1].values == rendering.spoken


def test_the_division_into_packets_does_not_matter() -> None:
    pcm = line(silence(0.2), sound(CLIPS[3]), sound(CLIPS[40], -4), silence(1.0))
    whole = hear(pcm, packet=len(pcm))
    assert [hear(pcm, packet=size) for size in (1, 77, 160, 4000)] == [whole] * 4


def long_clips(language: str = ZH) -> list[Clip]:
    return [clip for clip in CLIPS if clip.duration > 3 and clip.language == language]


@pytest.mark.parametrize("cut", [0.7, 1.2, 2.0])
def test_an_interrupted_prompt_is_named_and_its_end_found(cut: float) -> None:
    for clip in long_clips()[::7]:
        pcm = line(silence(0.3), sound(clip)[: round(cut * 8000)], silence(1.5))
        heard = hear(pcm)
        assert sequence(heard) == (clip.id,)
        [end] = final(heard)
        # in a pause of the clip nobody can hear when it stopped
        assert 0.3 + cut - 0.45 <= end.end <= 0.3 + cut + 0.3


def test_a_prompt_cut_by_another_is_followed_by_it() -> None:
    first, second, *_ = long_clips()
    pcm = line(sound(first)[:9600], sound(second)[:16000], sound(first), silence(1))
    heard = hear(pcm)
    assert sequence(heard) == (first.id, second.id, first.id)
    ends = [one.end for one in final(heard)]
    assert ends == [pytest.approx(end, abs=0.1) for end in (1.2, 3.2, 3.2 + first.duration)]


@pytest.mark.parametrize("cut", [0.34, 0.36, 0.38])
def test_a_cut_prompt_does_not_go_on_in_a_like_vowel_of_the_next(cut: float) -> None:
    first = PACK.clip_for("转人工请按0，返回上级请按星号键，重听请按9。", ZH)
    place, because = PACK.clip_for("城西区", ZH), PACK.clip_for("因", ZH)
    pcm = line(sound(first)[: round(cut * 8000)], sound(place), sound(because), silence(1))
    assert sequence(hear(pcm)) == (first.id, place.id, because.id)


def test_a_prompt_that_starts_again_is_heard_twice() -> None:
    clip = long_clips()[0]
    pcm = line(sound(clip)[:9600], sound(clip), silence(1))
    assert sequence(hear(pcm)) == (clip.id, clip.id)


@pytest.mark.parametrize("seed", range(4))
def test_lost_packets_do_not_matter(seed: int) -> None:
    chance = np.random.default_rng(seed)
    for clip in long_clips()[seed::12]:
        pcm = line(silence(0.2), sound(clip), silence(1))
        for packet in np.flatnonzero(chance.random(len(pcm) // 160) < 0.02):
            pcm[packet * 160 : (packet + 1) * 160] = 0
        assert sequence(hear(pcm)) == (clip.id,), clip.text


def test_packets_left_out_move_the_clip_but_do_not_end_it() -> None:
    clip = long_clips()[2]
    pcm = line(sound(clip), silence(1))
    pcm = np.concatenate([pcm[:8000], pcm[8320:12000], pcm[12160:]])
    assert sequence(hear(pcm)) == (clip.id,)


def test_joining_in_the_middle_names_the_prompt() -> None:
    clip = long_clips()[1]
    assert sequence(hear(line(sound(clip)[11111:], silence(1)))) == (clip.id,)


def test_music_is_known_anywhere_and_followed_over_its_seam() -> None:
    music = g711.alaw_decode(PACK.alaw(PACK.music()))
    for start in (0.0, 5.3, 33.3, 37.0):
        turned = np.roll(music, -round(start * 8000))[:64000]
        heard = hear(line(silence(0.5), turned, sound(CLIPS[0]), silence(1)))
        [end] = final(heard, "music")
        assert end.id == "music:hold"
        assert (end.start, end.end) == (pytest.approx(0.5, abs=0.1), pytest.approx(8.5, abs=0.1))
        assert sequence(heard) == (CLIPS[0].id,)


def tone(name: str) -> Pcm:
    return g711.alaw_decode(PACK.alaw(PACK.tone(name)))


def test_ringback_and_busy_are_told_by_their_cadence() -> None:
    ring = hear(line(silence(0.1), tone("ringback"), tone("ringback")[:8000], silence(7)))
    assert [(one.kind, one.id, one.final) for one in ring][:2] == [
        ("tone", "tone:ringback", False),
        ("tone", "tone:ringback", True),
    ]
    assert final(ring, "tone")[0].end == pytest.approx(6.1, abs=0.07)
    busy = hear(line(silence(0.1), *[tone("busy")] * 5, silence(2)))
    assert [one.id for one in busy if one.kind == "tone"] == ["tone:busy"] * 2
    assert final(busy, "tone")[0].start == pytest.approx(0.1, abs=0.07)


def test_an_agent_who_answers_ends_the_ringing() -> None:
    greeting = PACK.render("您好，请问有什么可以帮您？", {}, ZH).clips[0]
    heard = hear(
        line(tone("ringback"), tone("ringback")[:8000], silence(0.7), sound(greeting), silence(1))
    )
    assert [one.id for one in heard if not one.final and one.kind != "silence"] == [
        "tone:ringback",
        greeting.id,
    ]


def test_keys_and_beeps() -> None:
    heard = hear(
        line(
            silence(0.2),
            *(tone(f"dtmf-{key}") for key in "15#0"),
            tone("beep"),
            silence(0.5),
            tone("error"),
            silence(1),
        )
    )
    assert [one.id for one in heard if one.kind == "tone" and not one.final] == [
        "tone:dtmf-1",
        "tone:dtmf-5",
        "tone:dtmf-#",
        "tone:dtmf-0",
        "tone:beep",
        "tone:error",
    ]


def test_silence_and_foreign_sound_are_neither() -> None:
    chance = np.random.default_rng(1)
    noise = np.clip(chance.normal(0, 2500, 24000), -32768, 32767).astype(np.int16)
    backwards = sound(long_clips()[0])[::-1]
    heard = hear(line(silence(2), noise, silence(2), backwards, silence(1)))
    assert {one.kind for one in heard} == {"silence", "unknown"}
    [first, second] = final(heard, "unknown")
    assert (first.start, first.end) == (pytest.approx(2, abs=0.1), pytest.approx(5, abs=0.1))
    assert second.start == pytest.approx(7, abs=0.1)


def test_unrecorded_prompts_are_told_apart_by_their_beeps() -> None:
    book = [(ZH, f"第{number}条从来没有录过的提示语，请稍候。") for number in range(120)]
    stand_ins = PACK.stand_ins(book)
    assert len(stand_ins) == 120
    for clip in stand_ins[::3]:
        heard = hear(line(silence(0.17), sound(clip, -3), silence(0.5)), extra=stand_ins)
        assert sequence(heard) == (clip.id,)


def test_clips_with_the_same_beginning_are_named_when_they_differ(tmp_path_factory: object) -> None:
    """Two recordings of a user that share their first 1.5 s."""
    folder = tmp_path_factory.mktemp("recordings")  # type: ignore[attr-defined]
    one, two, *_ = long_clips()
    head = PACK.alaw(one)[:12000]
    wav.write_alaw(folder / ZH / "甲.wav", head + PACK.alaw(one)[12000:20000])
    wav.write_alaw(folder / ZH / "乙.wav", head + PACK.alaw(two)[8000:20000])
    wav.write_alaw(folder / ZH / "短.wav", head)
    mine = Pack.load(folder)
    for text in "甲乙短":
        clip = mine.clip_for(text, ZH)
        pcm = line(silence(0.25), g711.alaw_decode(mine.alaw(clip)), silence(1))
        recogniser = Recogniser(mine, ZH)
        reports = [
            (at / 8000, heard)
            for at in range(0, len(pcm), 160)
            for heard in recogniser.feed(pcm[at : at + 160])
        ]
        assert sequence([heard for _, heard in reports]) == (clip.id,), text
        assert min(fed for fed, heard in reports if heard.kind == "clip") >= 1.7


def test_numbers_survive_lost_packets() -> None:
    """One packet in a hundred is lost; of some 380 joined clips at most two are missed."""
    chance = np.random.default_rng(11)
    missed = heard_clips = 0
    for _ in range(30):
        values = {
            "fen": int(chance.integers(0, 10**8)),
            "account": "".join(map(str, chance.integers(0, 10, 13))),
        }
        rendering = PACK.render("{fen:amount}{account:account}", values, ZH)
        pcm = line(silence(0.1), *(sound(clip) for clip in rendering.clips), silence(0.5))
        for packet in np.flatnonzero(chance.random(len(pcm) // 160) < 0.01):
            pcm[packet * 160 : (packet + 1) * 160] = 0
        wanted = [clip.id for clip in rendering.clips]
        got = list(sequence(hear(pcm)))
        heard_clips += len(wanted)
        missed += (
            len(wanted) - sum(a == b for a, b in zip(wanted, got, strict=False))
            if (len(got) == len(wanted))
            else 1
        )
    assert heard_clips > 300
    assert missed <= 2
