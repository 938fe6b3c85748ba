"""A tiny hotline for tests of callers: it plays a fixed list and reacts to keys as told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hotline.callers.hearing import Canon, Values
from hotline.callers.line import MemoryLine
from hotline.callers.player import Player
from hotline.callers.reading import parse
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.switch import events as ev
from hotline.switch.actions import Music, Playable, Prompt, Tone
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.record import Entry

GREETING = Prompt("greeting", "你好，国家电网95598为您服务。")
MAIN = Prompt("main", "报修请按1，转人工服务请按0。")
BALANCE = Prompt("balance", "余额{balance:amount}。", values=(("balance", 12856),))
AGENT = Prompt(
    "agent.announcement", "您好！{agent:agent}号客服专员为您服务。", values=(("agent", "1001"),)
)
CLOSING = Prompt("closing", "结束服务请挂机。")
SHORT = Prompt("blip", "嘟")
MUSIC, BUSY = Music(), Tone("busy")

DURATIONS = {"blip": 0.5}
SPOKEN = {
    "balance": (("balance", "一百二十八元五角六分"),),
    "agent.announcement": (("agent", "幺零零幺"),),
}


def render(prompt: Prompt) -> tuple[float, Values]:
    return DURATIONS.get(prompt.id, 3.0), SPOKEN.get(prompt.id, ())


Reaction = Callable[["StubHotline", ev.Event], None]


class StubHotline:
    """Plays `script` from the start of each call; `on_key[key]` is played instead when pressed."""

    def __init__(
        self,
        script: Sequence[Playable | str] = (GREETING, MAIN),
        on_key: Mapping[str, Sequence[Playable | str]] | None = None,
        *,
        answers: bool = True,
        canon: Canon | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.canon = canon or Canon()
        self.line = MemoryLine(render, canon=self.canon)
        self.line.connect(self)
        self.script, self.on_key, self.answers = script, on_key or {}, answers
        self.events: list[ev.Event] = []
        self.rest: list[Playable | str] = []
        self.play = 0
        self.call = ""

    def post(self, event: ev.Event) -> None:
        self.events.append(event)
        match event:
            case ev.CallArrived(call=call) if self.answers:
                self.call = call
                self.line.answer(call)
                self.rest = list(self.script)
                self._next()
            case ev.KeyPressed(key=key) if key in self.on_key:
                self.line.stop(self.call, self.play)
                self.rest = list(self.on_key[key])
                self._next()
            case ev.PlaybackFinished(play=play) if play == self.play:
                self._next()

    def _next(self) -> None:
        if not self.rest:
            return
        what = self.rest.pop(0)
        match what:
            case "hang up":
                self.line.hang_up(self.call, "finished")
            case "bridge":
                self.line.bridge(self.call, "a1")
                self._next()
            case str():
                seconds = float(what)  # wait, then go on
                self.clock.call_at(self.clock.now() + seconds, self._next)
            case Music():
                self.play += 1
                self.line.play(self.call, self.play, what)
                self._next()
            case _:
                self.play += 1
                self.line.play(self.call, self.play, what)

    def keys(self) -> str:
        return "".join(e.key for e in self.events if isinstance(e, ev.KeyPressed))

    def entries(self, call: str) -> Sequence[Entry]:
        return [Entry("call", e) for e in self.events if e.call == call]

    def left(self, kind: str) -> list[Mapping[str, object]]:
        return []


def scenario(text: str) -> Scenario:
    return parse(text, "test.yaml")[0]


def story(*steps: str, extra: str = "") -> Scenario:
    lines = "\n".join(f"  - {step}" for step in steps)
    return scenario(f"scenario: s\nstory:\n{lines}\n{extra}")


def play(what: Scenario, hotline: StubHotline, limit: int = 10_000) -> Verdict:
    player = Player(what, Chance(1 if what.seed is None else what.seed), hotline.canon)
    hotline.line.place(player, "c1")
    for _ in range(limit):
        if player.over or not hotline.clock.step():
            break
    if not player.over:
        hotline.line.stop_caller(player, "nothing is left that could happen")
    assert player.verdict is not None
    return player.verdict


def lines(verdict: Verdict) -> list[str]:
    return [" ".join(line.split()) for line in verdict.transcript.text().splitlines()]
