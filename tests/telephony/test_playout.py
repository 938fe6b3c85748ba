"""The caller's ear: real time out of audio that comes ahead, late, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony import playout
from hotline.telephony.leg import FRAME, SILENCE
from hotline.telephony.playout import AHEAD, PATIENCE, Playout


def ticks(ear: Playout, count: int) -> tuple[bytes, list[str]]:
    heard, marks = b"", []
    for _ in range(count):
        frame, names = ear.tick()
        heard += frame
        marks += names
    return heard, marks


def test_nothing_sent_is_silence_in_real_time():
    assert ticks(Playout(), 10) == (SILENCE * 10, [])


@given(lengths=st.lists(st.integers(0, 2000), min_size=1, max_size=20))
def test_audio_of_any_length_sent_at_once_is_heard_whole_and_at_20_ms_a_tick(lengths):
    ear = Playout()
    said = bytes(number % 251 for number in range(sum(lengths)))
    at = 0
    for length in lengths:
        ear.audio(said[at : at + length])
        at += length
    heard, _ = ticks(ear, len(said) // FRAME + 2 * PATIENCE + 4)
    assert heard.strip(b"\xff") == said.strip(b"\xff")
    assert all(len(ear.tick()[0]) == FRAME for _ in range(3))


@given(waits=st.lists(st.integers(0, PATIENCE), min_size=20, max_size=60))
def test_frames_that_come_a_little_late_leave_no_hole(waits):
    ear = Playout()
    heard, said = b"", b""
    for number, wait in enumerate(waits):
        frame = bytes([number % 250]) * FRAME
        said += frame
        ear.audio(frame)
        heard += ticks(ear, min(wait, PATIENCE))[0] if number > AHEAD else b""
    heard += ticks(ear, 3 * len(waits))[0]
    assert heard.strip(b"\xff") == said.strip(b"\xff")


def test_a_long_pause_is_silence_after_the_patience_is_over():
    ear = Playout()
    ear.audio(b"\x01" * FRAME * 4)
    ticks(ear, 4)
    waiting = [ear.tick()[0] for _ in range(PATIENCE + 3)]
    assert waiting == [b""] * PATIENCE + [SILENCE] * 3


def test_a_mark_comes_back_when_its_place_has_been_heard():
    ear = Playout()
    ear.audio(b"\x01" * FRAME * 3)
    ear.mark("one")
    ear.audio(b"\x02" * FRAME * 2)
    ear.mark("two")
    echoes = [ear.tick()[1] for _ in range(6)]
    assert echoes == [[], [], ["one"], [], ["two"], []]


def test_a_mark_in_an_empty_buffer_comes_back_at_the_next_tick():
    ear = Playout()
    ear.mark("one")
    assert ear.tick() == (SILENCE, ["one"])


def test_clear_drops_what_was_not_heard_and_gives_back_its_marks():
    ear = Playout()
    ear.audio(b"\x01" * FRAME * 500)
    ear.mark("one")
    ear.mark("two")
    assert ear.seconds == 10.0
    ticks(ear, 3)
    assert ear.clear() == ["one", "two"]
    assert ear.seconds == 0.0
    heard, marks = ticks(ear, 20)
    assert (set(heard), marks) == ({0xFF}, [])
    ear.audio(b"\x02" * FRAME * 3)
    assert b"\x02" * FRAME * 3 in ticks(ear, 5)[0]


def test_the_buffer_is_bounded(monkeypatch):
    monkeypatch.setattr(playout, "LIMIT", 1000)
    ear = Playout()
    for _ in range(10):
        ear.audio(b"\x01" * 300)
    assert ear.seconds * 8000 <= 1000
    assert ear.dropped == 7 * 300
