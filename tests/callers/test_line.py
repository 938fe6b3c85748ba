"""The line in memory as the exchange sees it: the media port."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hotline.callers import hearing as hear
from hotline.callers.line import RING_LIMIT, MemoryLine
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import Action, Music, Prompt
from hotline.switch.clock import VirtualClock
from hotline.switch.events import Event, Party
from tests.callers.rig import BALANCE, GREETING, MAIN, render


class Ear:
    """A caller who notes all and does what the test says."""

    number, area = "13800138000", "1001"
    over = listens_for_silence = listens_to_end = hears_early = False

    def __init__(self, **reactions: Sequence[Action]) -> None:
        self.heard: list[Event] = []
        self.reactions = {"OffHook": (do.Dial(self.number),), **reactions}

    def handle(self, event: Event) -> Sequence[Action]:
        self.heard.append(event)
        return self.reactions.get(type(event).__name__, ())

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.heard]


class Switch:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.posted: list[Event] = []

    def post(self, event: Event) -> None:
        self.posted.append(event)

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.posted]


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def line(switch: Switch) -> MemoryLine:
    line = MemoryLine(render)
    line.connect(switch)
    return line


def placed(line: MemoryLine, **reactions: Sequence[Action]) -> Ear:
    ear = Ear(**reactions)
    line.place(ear, "c")
    line.answer("c")
    return ear


def test_a_call_arrives_with_what_the_network_tells(line: MemoryLine, switch: Switch) -> None:
    line.place(Ear(), "c", centre="north")
    assert switch.posted == [
        ev.CallArrived(0.0, "c", "13800138000", area="1001", medium="memory", centre="north")
    ]


def test_playback_finished_comes_at_the_end(line: MemoryLine, switch: Switch) -> None:
    placed(line)
    line.play("c", 1, MAIN)
    switch.clock.run()
    assert switch.posted[-1] == ev.PlaybackFinished(3.0, "c", 1)


def test_a_new_play_replaces_the_old_one(line: MemoryLine, switch: Switch) -> None:
    placed(line)
    line.play("c", 1, MAIN)
    switch.clock.run(2.0)
    line.play("c", 2, GREETING)
    switch.clock.run()
    finished = [e.play for e in switch.posted if isinstance(e, ev.PlaybackFinished)]
    assert finished == [2]


def test_stop_silences_only_the_play_it_names(line: MemoryLine, switch: Switch) -> None:
    placed(line)
    line.play("c", 2, MAIN)
    line.stop("c", 1)
    switch.clock.run(2.0)
    line.stop("c", 2)
    switch.clock.run()
    assert "PlaybackFinished" not in switch.names()


def test_music_never_ends(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line)
    line.play("c", 1, Music())
    switch.clock.run(10_000.0)
    assert ear.names()[-1] == "HeardMusic"
    assert "PlaybackFinished" not in switch.names()


def test_what_a_caller_hears_of_a_prompt_with_values(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line)
    line.play("c", 1, BALANCE)
    switch.clock.run()
    first, last = (e for e in ear.heard if isinstance(e, hear.Heard))
    assert (first.at, first.whole, first.values) == (1.0, False, ())
    assert (last.at, last.whole) == (3.0, True)
    assert last.values == (("balance", "一百二十八元五角六分"),)


def test_an_agents_voice_is_heard_but_nobody_waits_for_its_end(
    line: MemoryLine, switch: Switch
) -> None:
    ear = placed(line)
    line.play("c", 1, Music())
    line.bridge("c", "a1")
    line.speak("c", Prompt("agent.greeting", "您好。"))
    switch.clock.run()
    assert [e.prompt for e in ear.heard if isinstance(e, hear.Heard)] == ["agent.greeting"]
    assert "PlaybackFinished" not in switch.names()
    assert "HeardMusic" not in ear.names()


def test_a_caller_who_leaves_hears_no_more(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line, Heard=(do.LeaveCall(),))
    line.play("c", 1, MAIN)
    switch.clock.run()
    assert switch.posted[-1] == ev.HungUp(1.0, "c", Party.CALLER)
    assert line.open_calls == 0
    line.play("c", 2, MAIN)  # the hotline does not know yet: harmless
    line.hang_up("c", "")
    assert ear.names()[-1] == "Heard"


def test_the_hotline_hangs_up(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line)
    line.play("c", 1, MAIN)
    line.hang_up("c", "finished")
    switch.clock.run()
    assert ear.heard[-1] == hear.LineClosed(0.0, "c", Party.SYSTEM, "finished")
    assert "PlaybackFinished" not in switch.names()


def test_keys_go_to_the_exchange(line: MemoryLine, switch: Switch) -> None:
    placed(line, Heard=(do.Press("1"), do.Press("#")))
    line.play("c", 1, MAIN)
    switch.clock.run(1.0)
    assert [e.key for e in switch.posted if isinstance(e, ev.KeyPressed)] == ["1", "#"]


def test_a_key_that_changes_what_plays_does_not_disturb_the_caller(
    line: MemoryLine, switch: Switch
) -> None:
    """The hotline may answer a key within `post`; the caller sees one event after the other."""
    order: list[str] = []

    class Busy(Ear):
        def handle(self, event: Event) -> Sequence[Action]:
            order.append(f"+{type(event).__name__}")
            actions = super().handle(event)
            order.append(f"-{type(event).__name__}")
            return actions

    ear = Busy(Heard=(do.Press("1"), do.StartTimer("t", 1.0)))
    ear.listens_for_silence = True  # type: ignore[misc]
    line.place(ear, "c")
    line.answer("c")
    switch.post = lambda event: (  # type: ignore[method-assign, assignment]
        line.play("c", 2, GREETING) if isinstance(event, ev.KeyPressed) else None
    )
    line.connect(switch)
    line.play("c", 1, MAIN)
    switch.clock.run(1.5)
    assert all(order[i][1:] == order[i + 1][1:] for i in range(0, len(order), 2)), order


def test_busy(line: MemoryLine, switch: Switch) -> None:
    ear = Ear()
    line.place(ear, "c")
    line.reject("c", "trunks")
    switch.clock.run()
    assert ear.names() == ["OffHook", "HeardTone", "LineClosed"]
    assert line.open_calls == 0


def test_a_call_back_rings_until_it_is_answered(line: MemoryLine, switch: Switch) -> None:
    ear = placed(
        line, Rings=(do.StartTimer("up", 4.0),), TimerFired=(do.Answer(),), LineAnswered=()
    )
    line.hang_up("c", "")
    line.dial_out("back", ear.number)
    switch.clock.run()
    assert switch.posted[-1] == ev.AnsweredOut(4.0, "back")
    assert ear.heard[-1] == hear.LineAnswered(4.0, "back")


def test_a_call_back_that_nobody_answers(line: MemoryLine, switch: Switch) -> None:
    placed(line)
    line.hang_up("c", "")
    line.dial_out("back", "13800138000")
    switch.clock.run()
    assert switch.posted[-1] == ev.HungUp(RING_LIMIT, "back", Party.NETWORK, "no answer")


@pytest.mark.parametrize("number", ["13800138000", "10000"])
def test_a_busy_or_unknown_number_is_not_reached(
    line: MemoryLine, switch: Switch, number: str
) -> None:
    placed(line)  # its line is in use
    line.dial_out("back", number)
    assert isinstance(switch.posted[-1], ev.HungUp)
    assert switch.posted[-1].by is Party.NETWORK


def test_timers_of_a_caller(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line)
    ear.reactions["Heard"] = (
        do.StartTimer("a", 5.0),
        do.StartTimer("b", 1.0),
        do.StartTimer("a", 2.0),
        do.StartTimer("c", 1.0),
        do.CancelTimer("c"),
    )
    line.play("c", 1, MAIN)
    switch.clock.run()
    fired = [(e.timer, e.at) for e in ear.heard if isinstance(e, ev.TimerFired)]
    assert fired == [("b", 2.0), ("a", 3.0)]


def test_a_caller_who_is_over_is_forgotten(line: MemoryLine, switch: Switch) -> None:
    ear = placed(line)
    ear.reactions["Heard"] = (do.StartTimer("never", 5.0),)
    ear.over = True  # type: ignore[misc]
    line.play("c", 1, MAIN)
    switch.clock.run()
    assert "TimerFired" not in ear.names()
    assert line.open_calls == 0
    assert isinstance(switch.posted[-1], ev.HungUp)


def test_early_ears_hear_at_the_beginning(line: MemoryLine, switch: Switch) -> None:
    ear = Ear()
    ear.hears_early = True  # type: ignore[misc]
    line.place(ear, "c")
    line.answer("c")
    line.play("c", 1, BALANCE)
    switch.clock.run()
    heard = [e for e in ear.heard if isinstance(e, hear.Heard)]
    assert [e.at for e in heard] == [0.0]
    assert switch.posted[-1] == ev.PlaybackFinished(3.0, "c", 1)
