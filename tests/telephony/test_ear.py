"""The ear: what is recognised in the audio is what the memory line would have told.

The same instructions go to a memory line and to the media engine with an ear at its other end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.pack import Pack
from hotline.callers import hearing as hear
from hotline.callers.hearing import Canon
from hotline.callers.line import MemoryLine
from hotline.switch import actions as do
from hotline.switch.clock import VirtualClock
from hotline.switch.events import Event
from hotline.telephony.ear import Ear, digits_of
from hotline.telephony.engine import Engine
from hotline.telephony.media import EngineMedia
from tests.telephony.doubles import FakeExchange, HandClock

PACK = Pack.load()
ANNOUNCEMENT = hear.ANNOUNCEMENT
TABLE = {
    ("greeting", "zh-CN"): "你用电，我用心，国家电网95598为您服务。",
    ("main", "zh-CN"): "转人工请按0，返回上级请按星号键，重听请按9。",
    ("main", "en-US"): "For an agent, press 0. To go back, press star. To listen again, press 9.",
    ("short", "zh-CN"): "结束服务请挂机。",
    ("balance", "zh-CN"): "您的账户余额为{balance:amount}。短信接收余额请按1，结束服务请按井号键。",
    ("done", "zh-CN"): "尾号{tail:digits}的户号已订阅电子账单。",
    ("already", "zh-CN"): "尾号{tail:digits}的户号已经订阅过电子账单。",
    ("order", "zh-CN"): "复电申请已在处理，工单号{order:order}。",
    (ANNOUNCEMENT, "zh-CN"): "您好！{agent:agent}号客服专员为您服务。",
    (ANNOUNCEMENT, "en-US"): "Hello! Agent {agent:agent} at your service.",
}
VALUES = {"balance": 12856, "tail": "01", "order": "202511250001", "agent": "10234"}
CANON = Canon(TABLE)
CALL = "c1"


def prompt(name: str, language: str = "zh-CN") -> do.Prompt:
    text = TABLE[name, language]
    values = tuple((slot, value) for slot, value in VALUES.items() if "{" + slot in text)
    return do.Prompt(name, text, language, values)


class Listener:
    """A caller that only listens."""

    number = area = ""
    over = hears_early = False

    def __init__(self, silence: bool, to_end: bool) -> None:
        self.listens_for_silence, self.listens_to_end = silence, to_end
        self.heard: list[Event] = []

    def handle(self, event: Event) -> list[do.Action]:
        if isinstance(event, hear.OffHook):
            return [do.Dial()]
        self.heard.append(event)
        return []


Script = list[tuple[float, Callable[[object], None]]]
"""(seconds to wait before it, what to tell the media port)"""


def play(number: int, what: do.Playable) -> Callable[[object], None]:
    return lambda media: media.play(CALL, number, what)


def stop(number: int) -> Callable[[object], None]:
    return lambda media: media.stop(CALL, number)


def in_memory(script: Script, **listens: bool) -> list[Event]:
    def render(what: do.Prompt) -> tuple[float, tuple[tuple[str, str], ...]]:
        rendering = PACK.render(what.text, dict(what.values), what.language)
        return rendering.duration, rendering.spoken

    clock, exchange = VirtualClock(), FakeExchange()
    exchange.clock = clock
    tones = {name: PACK.tone(name).duration for name in ("beep", "busy", "ringback")}
    line = MemoryLine(render, canon=CANON, tones=tones)
    line.connect(exchange)
    listener = Listener(**listens)
    line.place(listener, CALL)
    line.answer(CALL)
    for wait, instruct in script:
        clock.run(clock.now() + wait)
        instruct(line)
    clock.run(clock.now() + 20.0)
    return [event for event in listener.heard if not isinstance(event, hear.LineAnswered)]


def by_ear(script: Script, silence: bool = False, to_end: bool = False) -> list[Event]:
    class Line:
        codec = "PCMU"

        def send_frame(self, frame: bytes) -> None:
            heard.extend(ear.hear(frame, clock.now()))

        def clear(self) -> None: ...

        def mark(self, name: str) -> None: ...

        def close(self, code: int, reason: str) -> None: ...

    heard: list[Event] = []
    clock = HandClock()
    ear = Ear(
        PACK, TABLE, canon=CANON, call=CALL, listens_for_silence=silence, listens_to_end=to_end
    )
    media = EngineMedia(Engine(clock), PACK, FakeExchange())
    media.add_line(CALL, Line())
    media.answer(CALL)
    for wait, instruct in script:
        clock.run(wait)
        instruct(media)
    clock.run(20.0)
    return heard + ear.finish(clock.now())


def alike(event: Event) -> Event:
    """Without the instants, which differ by the time that recognition takes."""
    if isinstance(event, hear.HeardSilence):
        return replace(event, at=0.0, seconds=0.0)
    return replace(event, at=0.0, began=0.0) if hasattr(event, "began") else replace(event, at=0.0)


def both(script: Script, **listens: bool) -> tuple[list[Event], list[Event]]:
    return (
        [
            alike(event)
            for event in in_memory(script, **{"silence": False, "to_end": False} | listens)
        ],
        [alike(event) for event in by_ear(script, **listens)],
    )


SCRIPTS: dict[str, Script] = {
    "one prompt": [(0.5, play(1, prompt("greeting")))],
    "a short one": [(0.5, play(1, prompt("short")))],
    "prompts with pauses": [(0.5, play(1, prompt("greeting"))), (8.0, play(2, prompt("main")))],
    "cut off before it is noticed": [(0.5, play(1, prompt("greeting"))), (0.7, stop(1))],
    "cut off after": [(0.5, play(1, prompt("greeting"))), (1.5, stop(1))],
    "replaced": [(0.5, play(1, prompt("greeting"))), (1.6, play(2, prompt("main")))],
    "repeated from the start": [(0.5, play(1, prompt("main"))), (1.6, play(2, prompt("main")))],
    "with values": [(0.5, play(1, prompt("balance")))],
    "with values, cut off": [(0.5, play(1, prompt("order"))), (2.4, stop(1))],
    "ending in digits": [(0.5, play(1, prompt("order"))), (12.0, play(2, prompt("main")))],
    "an agent": [(0.5, play(1, prompt(ANNOUNCEMENT)))],
    "an agent cut off": [(0.5, play(1, prompt(ANNOUNCEMENT))), (1.6, stop(1))],
    "an agent in English": [(0.5, play(1, prompt(ANNOUNCEMENT, "en-US")))],
    "English": [(0.5, play(1, prompt("main", "en-US")))],
    "music": [(0.5, play(1, do.Music())), (6.0, stop(1))],
    "music too short": [(0.5, play(1, do.Music())), (0.6, stop(1))],
    "music, message, music": [
        (0.5, play(1, do.Music())),
        (4.0, play(2, prompt("main"))),
        (9.0, play(3, do.Music())),
    ],
    "a beep": [(0.5, play(1, do.Tone("beep")))],
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
@pytest.mark.parametrize("to_end", [False, True])
def test_the_ear_hears_what_the_memory_line_tells(script, to_end):
    memory, ear = both(script, to_end=to_end)
    assert ear == memory


def test_ring_back_is_noticed_once():
    memory, ear = both([(0.5, play(1, do.Tone("ringback")))])
    assert ear == memory


def test_a_beginning_that_two_prompts_share_is_named_when_they_part():
    memory, ear = both([(0.5, play(1, prompt("already")))])
    assert ear == memory
    assert ear[-1].prompt == "already"
    assert dict(ear[-1].values)["tail"]


def test_silence_is_told_to_who_listens_for_it():
    script = [(0.5, play(1, prompt("greeting"))), (8.0, play(2, prompt("main")))]
    memory, ear = both(script, silence=True)
    assert [type(event) for event in ear] == [type(event) for event in memory]
    silent = next(
        event for event in by_ear(script, silence=True) if isinstance(event, hear.HeardSilence)
    )
    ended = silent.at - silent.seconds
    duration = PACK.render(TABLE["greeting", "zh-CN"], {}, "zh-CN").duration
    assert ended == pytest.approx(0.5 + duration, abs=0.3)


def test_it_notices_in_time_and_knows_when_a_sound_began():
    script = [(0.5, play(1, prompt("greeting")))]
    [memory], [ear] = in_memory(script, silence=False, to_end=False), by_ear(script)
    assert ear.began == pytest.approx(memory.began, abs=0.1)
    assert 0.0 <= ear.at - memory.at <= 0.3


NAMES = ["greeting", "main", "short", "balance", ANNOUNCEMENT]


@settings(max_examples=8, deadline=None)
@given(story=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=5))
def test_any_order_of_prompts_and_music_is_heard_alike(story):
    script: Script = [(0.5, lambda media: None)]
    number = 0
    for name, music in story:
        number += 1
        what = prompt(name)
        script.append((0.0, play(number, what)))
        wait = PACK.render(what.text, dict(what.values), "zh-CN").duration + 1.0
        if music:
            number += 1
            script += [(wait, play(number, do.Music())), (3.0, stop(number))]
            wait = 1.0
        script.append((wait, lambda media: None))
    memory, ear = both(script)
    assert ear == memory


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("幺零二三四", "10234"),
        ("一二三", "123"),
        ("one zero two", "102"),
        ("nine oh one", "901"),
        ("10234", "10234"),
        ("", ""),
    ],
)
def test_numbers_are_read_back_as_digits(said, digits):
    assert digits_of(said) == digits
