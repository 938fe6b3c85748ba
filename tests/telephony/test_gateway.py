"""The gateway: connections become calls, and every ending is told exactly once."""

from __future__ import annotations

import gc
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Party
from hotline.telephony.connection import STALLED, START_WITHIN
from hotline.telephony.engine import Engine
from hotline.telephony.gateway import Gateway
from hotline.telephony.leg import TICK
from hotline.telephony.media import EngineMedia
from hotline.telephony.twilio import TwilioProtocol
from tests.telephony.doubles import FakeExchange, FakeVoice, HandClock
from tests.telephony.test_twilio import START, messages, payload, say


class FakeWire:
    """A connection whose client reads, until `stuck`."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.texts: list[dict[str, object]] = []
        self.ended: list[tuple[object, ...]] = []
        self.stuck = False
        self._pending = 0

    def start(self, protocol: TwilioProtocol) -> None:
        self.protocol = protocol

    def write_frame(self, frame: bytes) -> None:
        assert not self.ended, "a frame after the close"
        self.frames.append(frame)
        self._pending += 300 * self.stuck

    def write_text(self, message: str) -> None:
        assert not self.ended, "a message after the close"
        self.texts.append(json.loads(message))

    def pending(self) -> int:
        return self._pending

    def close(self, code: int, reason: str) -> None:
        self.ended.append((code, reason))

    def abort(self) -> None:
        self.ended.append(("abort",))


class Office:
    def __init__(self, **options) -> None:
        self.clock = HandClock()
        self.exchange = FakeExchange()
        self.media = EngineMedia(Engine(self.clock), FakeVoice())
        numbers = iter(range(10_000))
        self.gateway = Gateway(
            self.exchange, self.media, make_id=lambda: f"c{next(numbers)}", **options
        )

    def connect(self):
        wire = FakeWire()
        return self.gateway.open(wire), wire

    def call(self):
        connection, wire = self.connect()
        connection.message(say(event="connected"))
        connection.message(json.dumps(START))
        return connection, wire


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_call_arrives_with_what_the_start_said(office):
    office.call()
    assert office.exchange.posted == [
        ev.CallArrived(0.0, "c0", "13800138000", "95598", "上海", "websocket", "")
    ]
    assert office.gateway.calls == 1


def test_keys_and_audio_reach_the_exchange_and_the_media(office):
    connection, _ = office.call()
    office.media.answer("c0")
    heard = []
    office.media.listen("c0", heard.append)
    office.clock.run(1.0)
    connection.message(say(event="dtmf", dtmf={"digit": "#"}))
    connection.message(say(event="media", media=payload(b"\x01\x02")))
    connection.message(say(event="mark", mark={"name": "play-1"}))
    assert office.exchange.posted[1:] == [ev.KeyPressed(1.0, "c0", "#")]
    assert heard == [b"\x01\x02"]
    assert connection.played == "play-1"


def test_the_caller_hears_prompts_marks_and_a_clear(office):
    _, wire = office.call()
    office.media.play("c0", 1, do.Prompt("p", "a"))
    office.clock.run(0.2)
    office.media.play("c0", 2, do.Prompt("p", "a" * 100))
    office.clock.run(0.2)
    office.media.stop("c0", 2)
    assert len(wire.frames) == pytest.approx(0.4 / TICK, abs=1)
    assert [text["event"] for text in wire.texts] == ["mark", "clear"]


def hang_up(office, connection):
    connection.message(say(event="stop"))


def mangle(office, connection):
    connection.message("{")


def close(office, connection):
    connection.gone(1000, clean=True)


def vanish(office, connection):
    connection.gone(1006, clean=False)


ENDINGS = {hang_up: Party.CALLER, close: Party.CALLER, mangle: Party.NETWORK, vanish: Party.NETWORK}


def silent(office):
    pass


def answered(office):
    office.media.answer("c0")


def prompt(office):
    office.media.play("c0", 1, do.Prompt("p", "a" * 100))


def music(office):
    office.media.play("c0", 1, do.Music())


def talking(office):
    office.media.answer("c0")
    office.media.bridge("c0", "a1")
    office.media.speak("c0", do.Prompt("p", "a" * 100))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("phase", [silent, answered, prompt, music, talking])
def test_a_client_that_goes_in_any_phase_has_hung_up_once_and_leaves_nothing(office, phase, ending):
    connection, wire = office.call()
    phase(office)
    office.clock.run(0.1)
    ending(office, connection)
    frames = len(wire.frames)
    for again in ENDINGS:
        again(office, connection)
    office.clock.run(1.0)
    [hung_up] = office.exchange.of(ev.HungUp)
    assert (hung_up.call, hung_up.by) == ("c0", ENDINGS[ending])
    assert len(wire.frames) == frames
    assert office.media.engine.legs == 0
    assert office.gateway.calls == 0
    assert not office.gateway.connections


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_client_that_goes_before_its_start_was_no_call(office, ending):
    connection, _ = office.connect()
    ending(office, connection)
    assert office.exchange.posted == []
    assert not office.gateway.connections


def test_when_the_hotline_hangs_up_nobody_else_has(office):
    connection, wire = office.call()
    office.media.answer("c0")
    office.media.hang_up("c0", "goodbye")
    assert wire.ended == [(1000, "goodbye")]
    for ending in ENDINGS:
        ending(office, connection)
    assert office.exchange.of(ev.HungUp) == []
    assert wire.ended == [(1000, "goodbye")]


def test_a_broken_message_is_counted_and_closed_with_its_reason(office):
    connection, wire = office.call()
    connection.message(b"\x00")
    assert [code for code, _ in wire.ended] == [1003]
    assert office.gateway.counted["refused"] == 1


def test_a_client_that_never_starts_is_closed_in_time(office):
    _, wire = office.connect()
    office.clock.run(START_WITHIN - 0.1)
    assert wire.ended == []
    office.clock.run(0.2)
    assert [code for code, _ in wire.ended] == [1008]
    assert office.gateway.counted["refused"] == 1
    _, kept = office.call()
    office.clock.run(START_WITHIN * 2)
    assert kept.ended == []


def test_a_client_that_does_not_read_is_dropped_with_bounded_memory(office):
    _, wire = office.call()
    _, read = office.call()
    office.media.answer("c0")
    office.media.answer("c1")
    wire.stuck = True
    office.clock.run(60.0)
    assert wire.ended == [("abort",)]
    assert wire.pending() <= STALLED + 300
    [hung_up] = office.exchange.of(ev.HungUp)
    assert (hung_up.call, hung_up.by) == ("c0", Party.NETWORK)
    assert len(read.frames) == pytest.approx(60.0 / TICK, abs=1)
    assert office.gateway.counted["stalled"] == 1


def test_one_call_too_many_is_told_to_come_back():
    office = Office(limit=2)
    first, _ = office.call()
    office.call()
    _, refused = office.call()
    assert [code for code, _ in refused.ended] == [1013]
    assert office.gateway.counted["over_limit"] == 1
    first.gone(1000, clean=True)
    _, welcome = office.call()
    assert welcome.ended == []
    assert [event.call for event in office.exchange.of(ev.CallArrived)] == ["c0", "c1", "c2"]


def test_while_draining_calls_go_on_and_new_ones_are_refused(office):
    _, going_on = office.call()
    office.gateway.drain()
    _, refused = office.call()
    assert [code for code, _ in refused.ended] == [1012]
    assert going_on.ended == []
    assert office.gateway.calls == 1


def test_a_fault_of_the_hotline_ends_only_this_call_and_shows_no_digit(office, caplog):
    connection, wire = office.call()
    number = "13900000000"

    def fault(event: ev.Event) -> None:
        if isinstance(event, ev.KeyPressed):
            raise RuntimeError(number)

    office.exchange.on_post = fault
    connection.message(say(event="dtmf", dtmf={"digit": "1"}))
    assert [code for code, _ in wire.ended] == [1011]
    assert [event.by for event in office.exchange.of(ev.HungUp)] == [Party.SYSTEM]
    assert "RuntimeError" in caplog.text
    assert number not in caplog.text
    office.call()
    assert office.gateway.calls == 1


@given(conversation=st.lists(messages, max_size=12), answer=st.booleans())
def test_no_conversation_raises_or_leaves_a_call_behind(conversation, answer):
    office = Office()
    connection, wire = office.call()
    if answer:
        office.media.answer("c0")
    for message in conversation:
        connection.message(message)
        office.clock.run(TICK)
    connection.gone(1006, clean=False)
    assert len(office.exchange.of(ev.HungUp)) == 1
    assert len(wire.ended) <= 1
    assert office.media.engine.legs == 0


def test_a_client_finds_its_own_call_by_its_stream_and_nobody_elses(office):
    connection, _ = office.call()
    office.connect()
    assert office.gateway.call_of("MZ12") == connection.call == "c0"
    assert office.gateway.call_of("MZ13") == ""
    assert office.gateway.call_of("") == ""
    connection.gone(1000, clean=True)
    assert office.gateway.call_of("MZ12") == ""


def test_a_call_leaves_nothing_for_the_collector_of_garbage(office):
    # which would stop the audio of all calls: what belongs to a call goes when the call goes
    def whole_call() -> None:
        connection, _ = office.call()
        call = office.exchange.of(ev.CallArrived)[-1].call
        office.media.answer(call)
        office.media.play(call, 1, do.Music("waiting"))
        office.clock.run(0.1)
        connection.message(say(event="stop"))
        office.clock.run(START_WITHIN + STALLED)

    whole_call()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        whole_call()
        gc.collect()
        left = {type(thing).__name__ for thing in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left & {"Connection", "TwilioProtocol", "Line", "Leg", "Sound"}
