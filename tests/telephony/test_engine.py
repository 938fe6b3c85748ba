"""The media clock: absolute deadlines, phases, lateness, and what a leg sends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import g711
from hotline.telephony.engine import PHASES, SLOT, Engine, Statistics
from hotline.telephony.leg import (
    FRAME,
    INBOX_FRAMES,
    QUIET,
    SILENCE,
    TICK,
    Inbox,
    Sound,
    Speech,
    join,
    mix,
    mix_all,
)
from tests.telephony.doubles import HandClock, Tape


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def engine(clock: HandClock) -> Engine:
    return Engine(clock)


def grid(instants: list[float], origin: float) -> list[float]:
    """Distance of each instant from the slot grid, in seconds."""
    return [
        abs((instant - origin) / SLOT - round((instant - origin) / SLOT)) * SLOT
        for instant in instants
    ]


# --- pacing --------------------------------------------------------------------------------------


def test_a_leg_gets_fifty_frames_a_second_exactly_20_ms_apart(clock, engine):
    tape = Tape(clock)
    engine.attach(tape)
    clock.run(10.0)
    assert len(tape.sent) == pytest.approx(500, abs=1)
    assert np.diff(tape.instants) == pytest.approx([TICK] * (len(tape.sent) - 1))
    assert set(map(len, (frame for _, frame in tape.sent))) == {FRAME}


def test_calls_are_spread_evenly_over_the_phases(clock, engine):
    tapes = [Tape(clock) for _ in range(10)]
    for tape in tapes:
        engine.attach(tape)
    clock.run(1.0)
    by_phase = [0] * PHASES
    for tape in tapes:
        by_phase[round(tape.instants[0] / SLOT) % PHASES] += 1
    assert sorted(by_phase) == [2, 2, 3, 3]


def test_a_phase_freed_by_a_departure_is_filled_again(clock, engine):
    legs = [engine.attach(Tape(clock)) for _ in range(PHASES)]
    engine.detach(legs[2])
    engine.detach(legs[2])
    assert engine.legs == PHASES - 1
    assert engine.attach(Tape(clock)).phase == legs[2].phase


def test_without_legs_the_clock_sleeps_and_starts_again(clock, engine):
    leg = engine.attach(Tape(clock))
    clock.run(0.1)
    engine.detach(leg)
    clock.run(0.1)
    assert clock.waiting == 0
    tape = Tape(clock)
    engine.attach(tape)
    clock.run(1.0)
    assert len(tape.sent) == pytest.approx(50, abs=1)


@given(
    stalls=st.lists(st.tuples(st.floats(0.0, 0.3), st.floats(0.0, 0.5)), max_size=8),
    calls=st.integers(1, 9),
)
def test_whatever_the_lateness_no_frame_is_early_and_none_comes_in_a_burst(stalls, calls):
    clock = HandClock()
    engine = Engine(clock)
    tapes = [Tape(clock) for _ in range(calls)]
    for tape in tapes:
        engine.attach(tape)
    for stall, run in stalls:
        clock.stall(stall)
        clock.run(run)
    clock.run(0.1)
    for tape in tapes:
        first = tape.instants[0]
        for number, instant in enumerate(tape.instants):
            # never more than a tick ahead of the schedule that the first frame set
            assert instant >= first + (number - 1) * TICK - 1e-9
        pairs = zip(tape.instants, tape.instants[2:], strict=False)
        assert all(later - earlier >= TICK - 1e-9 for earlier, later in pairs)
    assert engine.statistics.frames == sum(len(tape.sent) for tape in tapes)


def test_a_stall_is_skipped_and_counted_and_the_grid_is_kept(clock, engine):
    tape = Tape(clock)
    engine.attach(tape)
    clock.run(0.2)
    before = len(tape.sent)
    clock.stall(0.112)  # five and a half ticks pass unnoticed
    clock.run(0.0)
    assert len(tape.sent) - before == 1  # one late frame, no burst
    clock.run(1.0)
    assert engine.statistics.skipped == 4
    assert engine.statistics.late == 1
    assert engine.statistics.stalls == 1
    assert 100 < engine.statistics.as_dict()["latest_ms"] <= 112
    assert max(grid(tape.instants[before + 1 :], tape.instants[0])) < 1e-6
    statistics = engine.statistics
    assert statistics.frames + statistics.skipped == pytest.approx(1.312 / TICK, abs=1)


def test_a_stall_loses_nothing_of_what_is_said(clock, engine):
    tape = Tape(clock)
    said = bytes(range(128)) * 50
    leg = engine.attach(tape)
    leg.play(said)
    clock.run(0.2)
    clock.stall(0.15)
    clock.run(2.0)
    assert said in tape.audio


def test_one_broken_transport_stops_neither_the_clock_nor_the_others(clock, engine):
    class Broken(Tape):
        def send_frame(self, frame: bytes) -> None:
            raise RuntimeError("the socket is gone")

    engine.attach(Broken(clock))
    tape = Tape(clock)
    engine.attach(tape)
    clock.run(1.0)
    assert len(tape.sent) == pytest.approx(50, abs=1)
    assert engine.statistics.broken == 1
    assert engine.legs == 1


def test_a_raising_listener_at_the_end_of_a_sound_stops_only_its_own_leg(clock, engine, caplog):
    account = "4403001122334455"

    def fail() -> None:
        raise ValueError(account)

    other = Tape(clock)
    engine.attach(Tape(clock)).play(b"\x01" * FRAME, ended=fail)
    engine.attach(other)
    clock.run(1.0)
    assert engine.legs == 1
    assert len(other.sent) == pytest.approx(50, abs=1)
    assert "ValueError" in caplog.text
    assert account not in caplog.text


def test_statistics_tell_the_spacing():
    statistics = Statistics()
    statistics.spacing[20] = 99
    statistics.spacing[45] = 1
    assert statistics.percentile(0.5) == 21
    assert statistics.percentile(0.99) == 21
    assert statistics.percentile(1.0) == 46
    assert Statistics().percentile(0.99) == 0
    assert statistics.as_dict()["spacing_p50_ms"] == 21


# --- what a leg sends ----------------------------------------------------------------------------


def test_a_silent_leg_sends_mu_law_silence(clock, engine):
    tape = Tape(clock)
    engine.attach(tape)
    clock.run(0.2)
    assert set(tape.audio) == {0xFF}
    assert g711.ulaw_sample(0xFF) == 0


def test_a_sound_is_sent_whole_once_and_ends_a_tick_after_its_last_frame(clock, engine):
    tape, ended = Tape(clock), []
    leg = engine.attach(tape)
    said = bytes(range(100)) * 5  # 500 octets: three frames and a bit
    leg.play(said, ended=lambda: ended.append((clock.now(), len(tape.sent))))
    clock.run(0.5)
    assert tape.audio.startswith(said)
    assert set(tape.audio[len(said) :]) == {0xFF}
    assert ended == [(pytest.approx(tape.instants[3] + TICK), 4)]


def test_what_follows_a_sound_begins_without_a_gap(clock, engine):
    tape = Tape(clock)
    leg = engine.attach(tape)
    leg.play(b"\x01" * FRAME * 2, ended=lambda: leg.play(b"\x02" * FRAME))
    clock.run(0.5)
    assert tape.audio.startswith(b"\x01" * FRAME * 2 + b"\x02" * FRAME + SILENCE)


def test_an_empty_sound_ends_at_once(clock, engine):
    ended = []
    engine.attach(Tape(clock)).play(b"", ended=lambda: ended.append(clock.now()))
    clock.run(0.1)
    assert len(ended) == 1


def test_a_stop_silences_the_next_frame_and_clears_once(clock, engine):
    tape = Tape(clock)
    leg = engine.attach(tape)
    leg.play(b"\x01" * FRAME * 100)
    clock.run(0.1)
    frames = len(tape.sent)
    leg.stop()
    leg.stop()
    clock.run(0.1)
    assert tape.said == [("clear", frames)]
    assert {frame for _, frame in tape.sent[frames:]} == {SILENCE}


@given(length=st.integers(1, 700), frames=st.integers(1, 30))
def test_a_loop_has_no_seam(length, frames):
    octets = bytes(number % 251 for number in range(length))
    sound = Sound(Speech.ulaw(octets), loop=True)
    heard = b"".join(sound.frame() for _ in range(frames))
    assert heard == (octets * (frames * FRAME // length + 1))[: frames * FRAME]


# --- several sources -----------------------------------------------------------------------------


def tone(amplitude: int) -> bytes:
    wave = amplitude * np.sin(np.arange(FRAME) * 2 * np.pi / 20)
    return g711.ulaw_encode(wave.astype(np.int16))


def test_mixing_adds_samples_and_clips():
    one, two = g711.ulaw_decode(tone(4000)), g711.ulaw_decode(tone(8000))
    both = g711.ulaw_decode(mix([tone(4000), tone(8000)]))
    assert np.abs(both.astype(int) - (one.astype(int) + two)).max() < 600  # one step of mu-law
    loud = g711.ulaw_decode(mix([tone(30000), tone(30000)]))
    assert loud.max() > 31000  # clipped, not wrapped round
    assert (loud[:10] >= 0).all()


def test_nothing_to_mix_is_silence_and_one_source_is_untouched():
    assert mix([]) == SILENCE
    assert mix([tone(5000)]) == tone(5000)


def test_a_voice_is_heard_over_the_music_and_both_go_on(clock, engine):
    tape, ended = Tape(clock), []
    leg = engine.attach(tape)
    leg.play(tone(2000), loop=True)
    leg.say(tone(6000) * 3, lambda: ended.append(True))
    clock.run(0.2)
    frames = [frame for _, frame in tape.sent]
    assert frames[:3] == [mix([tone(2000), tone(6000)])] * 3
    assert frames[5] == tone(2000)
    assert ended == [True]


def test_music_loses_nothing_when_a_voice_over_it_ends(clock, engine):
    tape = Tape(clock)
    leg = engine.attach(tape)
    music = bytes(range(1, 101)) * 80
    leg.play(music)
    leg.say(b"\xff" * FRAME * 3)  # a voice that is silent leaves the music as it is
    clock.run(0.5)
    assert music[4 * FRAME : 20 * FRAME] in tape.audio


@given(
    groups=st.lists(
        st.lists(st.binary(min_size=FRAME, max_size=FRAME), min_size=1, max_size=4), max_size=5
    ),
    codec=st.sampled_from(["PCMU", "PCMA"]),
)
def test_all_legs_of_a_phase_are_mixed_at_once_as_each_would_be_alone(groups, codec):
    decode = g711.ulaw_decode if codec == "PCMU" else g711.alaw_decode
    encode = g711.ulaw_encode if codec == "PCMU" else g711.alaw_encode
    together = mix_all(groups, codec)
    assert len(together) == len(groups)
    for frames, mixed in zip(groups, together, strict=True):
        total = sum(decode(frame).astype(int) for frame in frames)
        assert mixed == encode(np.clip(total, -32768, 32767).astype(np.int16))


def test_a_leg_speaks_the_law_of_its_transport_and_follows_its_change(clock, engine):
    tape = Tape(clock, codec="PCMA")
    leg = engine.attach(tape)
    clock.run(0.1)
    assert set(tape.audio) == {0xD5}
    said = bytes(range(100)) * 80
    leg.play(said)
    clock.run(0.3)
    frames = len(tape.sent)
    tape.codec = "PCMU"
    clock.run(0.5)
    later = b"".join(frame for _, frame in tape.sent[frames:])
    assert said.translate(g711.ULAW_TO_ALAW)[: FRAME * 10] in tape.audio
    assert later[: FRAME * 10] in said


def test_legs_of_either_law_mix_in_their_own(clock, engine):
    tapes = [Tape(clock, codec=codec) for codec in ("PCMU", "PCMA")]
    for tape in tapes:
        leg = engine.attach(tape)
        leg.play(tone(2000), loop=True)
        leg.say(tone(6000) * 5)
    clock.run(0.1)
    loudest = [
        np.abs(decode(tape.audio).astype(int)).max()
        for tape, decode in zip(tapes, (g711.ulaw_decode, g711.alaw_decode), strict=True)
    ]
    assert loudest == [pytest.approx(8000, abs=500)] * 2
    assert QUIET["PCMA"] not in {frame for _, frame in tapes[1].sent[1:4]}


def test_what_has_come_is_read_before_a_slot_and_what_was_gathered_sent_behind_it(clock, engine):
    order = []
    engine.before_slot.append(lambda: order.append("read"))
    engine.after_slot.append(lambda: order.append("flush"))

    class Noting(Tape):
        def send_frame(self, frame: bytes) -> None:
            order.append("send")

    engine.attach(Noting(clock))
    clock.run(0.0)
    assert order == ["read", "send", "flush"]


def test_two_voices_speak_one_after_the_other_until_hushed(clock, engine):
    tape = Tape(clock)
    leg = engine.attach(tape)
    leg.say(b"\x01" * FRAME)
    leg.say(b"\x02" * FRAME * 50)
    clock.run(0.1)
    leg.hush()
    clock.run(0.1)
    assert tape.audio.startswith(b"\x01" * FRAME + b"\x02" * FRAME)
    assert tape.sent[-1][1] == SILENCE


@given(lengths=st.lists(st.integers(1, 500), max_size=30))
def test_audio_of_any_frame_length_crosses_a_bridge_in_order(lengths):
    clock = HandClock()
    engine = Engine(clock)
    caller, agent = Tape(clock), Tape(clock)
    left, right = engine.attach(caller), engine.attach(agent)
    join(left, right)
    said = bytes(number % 251 for number in range(sum(lengths)))
    at = 0
    for length in lengths:
        left.receive(said[at : at + length])
        at += length
        clock.run(length / 8000)
    clock.run(0.5)
    heard = b"".join(frame for _, frame in agent.sent if frame != SILENCE)
    assert heard == said[: len(heard)]
    assert len(said) - len(heard) < 2 * FRAME  # what is too little to start again
    assert left.heard == len(said)
    assert set(caller.audio) <= {0xFF}


def test_parted_legs_no_longer_hear_each_other(clock, engine):
    caller, agent = Tape(clock), Tape(clock)
    left, right = engine.attach(caller), engine.attach(agent)
    part = join(left, right)
    right.receive(b"\x01" * FRAME * 3)
    clock.run(0.1)
    assert b"\x01" in caller.audio
    part()
    before = len(caller.sent)
    right.receive(b"\x01" * FRAME * 3)
    clock.run(0.1)
    assert {frame for _, frame in caller.sent[before:]} == {SILENCE}


def test_a_talker_who_sends_faster_than_real_time_fills_no_memory():
    inbox = Inbox()
    for _ in range(1000):
        inbox.put(b"\x01" * 1000)
    frames = []
    while frame := inbox.frame():
        frames.append(frame)
    assert len(frames) <= INBOX_FRAMES
    assert inbox.dropped + len(frames) * FRAME == 1_000_000


def test_an_inbox_that_ran_dry_waits_for_two_frames_again():
    inbox = Inbox()
    inbox.put(b"\x01" * FRAME)
    assert inbox.frame() == b""
    inbox.put(b"\x01" * FRAME)
    assert [len(inbox.frame()) for _ in range(3)] == [FRAME, FRAME, 0]
    inbox.put(b"\x01" * FRAME)
    assert inbox.frame() == b""
