"""The media port: what the exchange asks for is what is on the line, and it hears when it ended."""

from __future__ import annotations

import logging

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Party
from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME, SILENCE, TICK
from hotline.telephony.media import BUSY_PERIODS, EngineMedia
from tests.telephony.doubles import FakeExchange, FakeVoice, HandClock, Tape, octets

CALL = "c1"


class Desk:
    """One call on one line, with everything around it."""

    def __init__(self, **options) -> None:
        self.clock = HandClock()
        self.exchange = FakeExchange()
        self.media = EngineMedia(Engine(self.clock), FakeVoice(), self.exchange, **options)
        self.tape = Tape(self.clock)
        self.media.add_line(CALL, self.tape)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def prompt(text: str, **values: object) -> do.Prompt:
    return do.Prompt("p", text, values=tuple(values.items()))


def test_nothing_is_sent_before_the_call_is_answered(desk):
    desk.clock.run(1.0)
    assert desk.tape.sent == []
    desk.media.answer(CALL)
    desk.clock.run(1.0)
    assert set(desk.tape.audio) == {0xFF}


def test_a_prompt_is_heard_with_its_values_marked_and_reported_once(desk):
    desk.media.answer(CALL)
    desk.media.play(CALL, 7, prompt("x{n}", n=12))
    desk.clock.run(1.0)
    said = octets("x12")
    assert desk.tape.audio.startswith(said)
    frames = -(-len(said) // FRAME)
    assert desk.tape.said == [("mark", "play-7", frames)]
    [finished] = desk.exchange.posted
    assert (finished.call, finished.play) == (CALL, 7)
    assert finished.at == pytest.approx(desk.tape.instants[0] + frames * TICK)


def test_the_next_prompt_follows_without_a_gap(desk):
    def next_prompt(event: ev.Event) -> None:
        if event.play == 1:
            desk.media.play(CALL, 2, prompt("bb"))

    desk.exchange.on_post = next_prompt
    desk.media.play(CALL, 1, prompt("aa"))
    desk.clock.run(0.5)
    assert desk.tape.audio.startswith(octets("aa") + octets("bb"))
    assert [event.play for event in desk.exchange.posted] == [1, 2]


def test_a_new_prompt_replaces_the_old_one_which_never_ends(desk):
    desk.media.play(CALL, 1, prompt("a" * 50))
    desk.clock.run(0.1)
    desk.media.play(CALL, 2, prompt("b"))
    desk.clock.run(2.0)
    assert [event.play for event in desk.exchange.posted] == [2]


@pytest.mark.parametrize("wait", [0.0, 0.004, 0.013, 0.0199, 0.5])
def test_a_stop_is_silent_at_the_next_tick_whenever_it_comes(desk, wait):
    desk.media.play(CALL, 1, prompt("a" * 100))
    desk.clock.run(0.1 + wait)
    desk.media.stop(CALL, 1)
    stopped = desk.clock.now()
    desk.clock.run(1.0)
    after = [(instant, frame) for instant, frame in desk.tape.sent if instant > stopped]
    assert {frame for _, frame in after} == {SILENCE}
    assert after[0][0] - stopped <= TICK + 1e-9
    assert [word[0] for word in desk.tape.said] == ["clear"]
    assert desk.exchange.posted == []


def test_stopping_a_play_that_is_over_or_replaced_does_nothing(desk):
    desk.media.play(CALL, 1, prompt("a"))
    desk.clock.run(0.5)
    desk.media.stop(CALL, 1)
    desk.media.play(CALL, 2, prompt("b" * 100))
    desk.media.stop(CALL, 1)
    desk.clock.run(0.5)
    assert [word[0] for word in desk.tape.said] == ["mark"]
    assert desk.tape.sent[-1][1] == octets("b" * 2)[:FRAME]


def test_music_goes_on_until_it_is_stopped(desk):
    desk.media.play(CALL, 1, do.Music())
    desk.clock.run(30.0)
    assert desk.exchange.posted == []
    assert SILENCE not in {frame for _, frame in desk.tape.sent}
    desk.media.stop(CALL, 1)
    desk.clock.run(0.1)
    assert desk.tape.sent[-1][1] == SILENCE


def test_a_tone_is_one_period(desk):
    desk.media.play(CALL, 1, do.Tone("beep"))
    desk.clock.run(1.0)
    assert desk.tape.audio.rstrip(b"\xff") == bytes([4]) * 800
    assert len(desk.exchange.of(ev.PlaybackFinished)) == 1


@pytest.mark.parametrize("what", [prompt("{absent}"), prompt("{n:!!}", n=1), prompt("{")])
def test_what_cannot_be_spoken_is_reported_and_the_call_goes_on(desk, what, caplog):
    with caplog.at_level(logging.ERROR):
        desk.media.play(CALL, 1, what)
    desk.clock.run(0.2)
    assert [event.play for event in desk.exchange.posted] == [1]
    assert "p cannot be played" in caplog.text


def test_a_hang_up_closes_the_line_and_is_not_reported_as_the_callers(desk):
    desk.media.play(CALL, 1, prompt("a" * 100))
    desk.clock.run(0.1)
    frames = len(desk.tape.sent)
    desk.media.hang_up(CALL, "goodbye")
    desk.media.hang_up(CALL, "goodbye")
    desk.clock.run(1.0)
    assert desk.tape.said == [("close", 1000, "goodbye")]
    assert len(desk.tape.sent) == frames
    assert desk.exchange.posted == []
    assert desk.media.engine.legs == 0


def test_a_rejected_caller_hears_busy_and_is_closed(desk):
    desk.media.reject(CALL, "trunks")
    desk.clock.run(5.0)
    assert desk.tape.audio == bytes([4]) * 800 * BUSY_PERIODS
    assert desk.tape.said == [("close", 1000, "busy: trunks")]
    assert desk.exchange.posted == []


def test_everything_asked_for_a_call_that_is_gone_does_nothing(desk):
    desk.media.play(CALL, 1, prompt("a" * 100))
    desk.media.remove_line(CALL)
    desk.media.remove_line(CALL)
    desk.media.answer(CALL)
    desk.media.reject(CALL, "trunks")
    desk.media.play(CALL, 2, prompt("a"))
    desk.media.stop(CALL, 2)
    desk.media.speak(CALL, prompt("a"))
    desk.media.bridge(CALL, "a1")
    desk.media.unbridge(CALL, "a1")
    desk.media.hang_up(CALL, "")
    desk.media.heard(CALL, b"\x00" * 10)
    desk.clock.run(1.0)
    assert (desk.tape.sent, desk.tape.said, desk.exchange.posted) == ([], [], [])
    assert desk.media.engine.legs == 0


def test_a_simulated_agent_is_heard_and_stops_when_the_bridge_ends(desk):
    desk.media.answer(CALL)
    desk.media.bridge(CALL, "a1")
    desk.media.speak(CALL, prompt("v"))
    desk.clock.run(0.5)
    assert octets("v") in desk.tape.audio
    assert [word[:2] for word in desk.tape.said] == [("mark", "voice")]
    desk.media.speak(CALL, prompt("w" * 100))
    desk.clock.run(0.1)
    desk.media.unbridge(CALL, "a1")
    desk.clock.run(0.1)
    assert desk.tape.sent[-1][1] == SILENCE


def test_caller_and_live_agent_hear_each_other_only_while_bridged(desk):
    headset = Tape(desk.clock)
    agent = desk.media.add_desk("a1", headset)
    desk.media.answer(CALL)
    for _ in range(2):  # bridging twice must not double anything
        desk.media.bridge(CALL, "a1")
    for _ in range(10):
        desk.media.heard(CALL, b"\x01" * FRAME)
        agent.receive(b"\x02" * FRAME)
        desk.clock.run(TICK)
    desk.media.unbridge(CALL, "a1")
    assert headset.audio.count(b"\x01") == pytest.approx(10 * FRAME, abs=2 * FRAME)
    assert desk.tape.audio.count(b"\x02") == pytest.approx(10 * FRAME, abs=2 * FRAME)
    sent = len(desk.tape.sent)
    agent.receive(b"\x02" * FRAME * 5)
    desk.clock.run(0.2)
    assert {frame for _, frame in desk.tape.sent[sent:]} == {SILENCE}
    desk.media.remove_desk("a1")
    desk.media.remove_desk("a1")
    assert desk.media.engine.legs == 1


def test_a_caller_who_leaves_a_bridge_leaves_the_agent_in_silence(desk):
    headset = Tape(desk.clock)
    desk.media.add_desk("a1", headset)
    desk.media.answer(CALL)
    desk.media.bridge(CALL, "a1")
    desk.media.remove_line(CALL)
    desk.clock.run(0.1)
    assert set(headset.audio) == {0xFF}


def test_what_the_caller_says_goes_to_who_listens(desk):
    heard = []
    desk.media.answer(CALL)
    desk.media.listen(CALL, heard.append)
    desk.media.heard(CALL, b"\x01\x02")
    assert heard == [b"\x01\x02"]


def test_a_call_back_needs_a_dialler():
    desk = Desk()
    desk.media.dial_out(CALL, "1")
    [failed] = desk.exchange.posted
    assert (type(failed), failed.by) == (ev.HungUp, Party.NETWORK)
    dialled = []
    desk = Desk(dialler=lambda call, number: dialled.append((call, number)))
    desk.media.dial_out(CALL, "1")
    assert dialled == [(CALL, "1")]
    assert desk.exchange.posted == []


def test_a_fault_while_audio_is_served_ends_the_call_instead_of_leaving_it_mute(desk):
    def fault(event: ev.Event) -> None:
        if isinstance(event, ev.PlaybackFinished):
            raise RuntimeError("a machine is broken")

    desk.exchange.on_post = fault
    desk.media.play(CALL, 1, prompt("a"))
    desk.clock.run(0.5)
    assert desk.tape.said[-1] == ("close", 1011, "internal error")
    assert [event.by for event in desk.exchange.of(ev.HungUp)] == [Party.SYSTEM]
    assert desk.media.engine.legs == 0
