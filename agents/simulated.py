"""A simulated agent: a pure machine that answers, speaks, ends calls and wraps up.

    OfferMade      ring drawn   AgentConnected   AgentBridged       talk drawn          wrap drawn
        |~~~~~~~~~~~~~|---------------|---------------|-----------------|------------------|
                OfferAnswered     (announcement)   greeting       AgentFinished       WrapUpDone
                                                                or the caller left

Draws are named: purpose `answers`, `ring`, `ending`, `talk`, `wrap_up`; the key is
`<call>/<request>`, and for the first two also `/<agent>`, because a redirected call must not meet
the same luck again. Timers belong to the agent, so they carry no call; only one runs at a time, and
one that comes late, from an earlier call, means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.behaviours import Behaviour
from agents.roster import MANDARIN, AgentProfile
from hotline.switch import events as ev
from hotline.switch.actions import ACD, Action, CancelTimer, Prompt, Speak, StartTimer, Tell
from hotline.switch.chance import Chance
from hotline.switch.events import OfferOutcome

WORDS: Mapping[str, Mapping[str, str]] = {
    "agent.greeting": {
        "zh-CN": "您好，请问有什么可以帮您？",
        "en-US": "Hello, how may I help you?",
    },
    "agent.warning.1": {"zh-CN": "这里是供电服务热线，请您说明用电需求。"},
    "agent.warning.2": {"zh-CN": "请您文明用语，不要占用供电服务热线。"},
    "agent.warning.3": {"zh-CN": "如您继续，我将结束本次通话。"},
    "agent.silent.1": {"zh-CN": "您好，请问听得到吗？"},
    "agent.silent.2": {"zh-CN": "您好，请问您需要什么帮助？"},
    "agent.silent.3": {"zh-CN": "您好，请您讲话。"},
    "agent.silent.4": {"zh-CN": "很抱歉，听不到您的声音，请您稍后再拨，再见。"},
}
"""What simulated agents say, in our words; Mandarin where a language has none."""

LADDERS: Mapping[str, tuple[str, ...]] = {
    "harassment": ("agent.warning.1", "agent.warning.2", "agent.warning.3"),
    "silent": ("agent.silent.1", "agent.silent.2", "agent.silent.3", "agent.silent.4"),
}


class SimulatedAgent:
    """One agent of the roster, working as `behaviour` says. Address: `agent:<id>`."""

    def __init__(self, profile: AgentProfile, behaviour: Behaviour, chance: Chance) -> None:
        self.profile = profile
        self.behaviour = behaviour
        self.chance = chance
        self.call = ""
        """the call now ringing, spoken with or wrapped up"""
        self._offer = 0
        self._key = ""
        self._language = MANDARIN
        self._talking = False
        self._greeted = False
        self._ladder: list[str] = []
        self._ending = ""
        self._resting = False
        """a break was approved, now or after the call: do not come back by oneself"""
        self._running = ""
        """name of the timer that runs"""
        self._handlers: dict[type[ev.Event], Callable[[Any], list[Action]]] = {
            ev.OfferMade: self._rung,
            ev.CallbackDue: self._reserved,
            ev.OfferEnded: self._offer_ended,
            ev.AgentConnected: self._connected,
            ev.AgentBridged: self._bridged,
            ev.TalkEnded: self._left,
            ev.BreakDecided: self._break_decided,
            ev.TimerFired: self._timer,
        }
        self._timers: dict[str, Callable[[float], list[Action]]] = {
            "ring": self._take,
            "greet": self._greet,
            "talk": self._say_goodbye,
            "ladder": self._next_rung,
            "wait": self._give_up_waiting,
            "wrap": self._wrapped,
            "back": lambda at: [Tell(ACD, ev.AgentReady(at, "", self.profile.id))],
        }

    def handle(self, event: ev.Event) -> Sequence[Action]:
        """Consume one event told to this agent, or one of his own timers."""
        handler = self._handlers.get(type(event))
        return () if handler is None else handler(event)

    def _timer(self, event: ev.TimerFired) -> list[Action]:
        if event.timer != self._running:
            return []
        self._running = ""
        return self._timers[event.timer](event.at)

    def _start(self, timer: str, seconds: float) -> StartTimer:
        self._running = timer
        return StartTimer(timer, seconds)

    def _stop(self) -> list[Action]:
        running, self._running = self._running, ""
        return [CancelTimer(running)] if running else []

    def _draw(self, purpose: str, key: str = "") -> float:
        return self.chance.uniform(purpose, key or self._key)

    # --- ringing -------------------------------------------------------------------------------

    def _rung(self, event: ev.OfferMade) -> list[Action]:
        self.call, self._offer, self._language = event.call, event.offer, event.language
        self._key = f"{event.call}/{event.request}"
        self._resting = False
        mine = f"{self._key}/{self.profile.id}"
        actions = self._stop()  # a wrap-up that the ACD cut short
        if self.behaviour.answers == 1 or self._draw("answers", mine) < self.behaviour.answers:
            seconds = self.behaviour.ring.quantile(self._draw("ring", mine))
            actions.append(self._start("ring", seconds))
        return actions

    def _reserved(self, event: ev.CallbackDue) -> list[Action]:
        self._language = event.language
        return self._stop()

    def _take(self, at: float) -> list[Action]:
        return [Tell(ACD, ev.OfferAnswered(at, self.call, self.profile.id, self._offer))]

    def _offer_ended(self, event: ev.OfferEnded) -> list[Action]:
        if event.offer != self._offer:
            return []
        self._offer = 0
        if event.outcome is OfferOutcome.ANSWERED:
            return []
        actions = self._stop()
        mine = event.outcome in (OfferOutcome.NO_ANSWER, OfferOutcome.DECLINED)
        if mine and self.behaviour.back_after is not None and not self._resting:
            actions.append(self._start("back", self.behaviour.back_after))
        return actions

    def _break_decided(self, event: ev.BreakDecided) -> list[Action]:
        self._resting = event.approved
        return self._stop() if event.approved and self._running == "back" else []

    # --- talking -------------------------------------------------------------------------------

    def _connected(self, event: ev.AgentConnected) -> list[Action]:
        self.call, self._talking, self._greeted = event.call, True, False
        self._key = f"{event.call}/{event.request}"
        return [*self._stop(), self._start("greet", self.behaviour.greets_after)]

    def _bridged(self, event: ev.AgentBridged) -> list[Action]:
        if self._greeted or not self._talking or event.call != self.call:
            return []
        return [*self._stop(), *self._greet(event.at)]

    def _greet(self, at: float) -> list[Action]:
        self._greeted = True
        self._ending = self._draw_ending()
        self._ladder = list(LADDERS.get(self._ending, ()))
        begin = (
            self._start("ladder", self.behaviour.pause)
            if self._ladder
            else self._start("talk", self.behaviour.talk.quantile(self._draw("talk")))
        )
        return [self._speak("agent.greeting"), begin]

    def _draw_ending(self) -> str:
        endings = self.behaviour.endings
        if len(endings) == 1:
            return endings[0][0]
        left = self._draw("ending") * sum(weight for _, weight in endings)
        for ending, weight in endings:
            left -= weight
            if left < 0:
                return ending
        return endings[-1][0]

    def _speak(self, words: str) -> Speak:
        texts = WORDS[words]
        language = self._language if self._language in texts else MANDARIN
        return Speak(Prompt(words, texts[language], language), self.call)

    def _say_goodbye(self, at: float) -> list[Action]:
        if self._ending == "wait":
            return [self._start("wait", self.behaviour.waits_at_most)]
        return self._finish(at, self._ending)

    def _give_up_waiting(self, at: float) -> list[Action]:
        return self._finish(at, "survey")

    def _next_rung(self, at: float) -> list[Action]:
        if not self._ladder:
            return self._finish(at, "hang_up", self._ending)
        words = self._ladder.pop(0)
        return [self._speak(words), self._start("ladder", self.behaviour.pause)]

    def _finish(self, at: float, to: str, reason: str = "") -> list[Action]:
        finished = ev.AgentFinished(at, self.call, self.profile.id, to, reason)
        return [Tell(ACD, finished), *self._wrap_up(at)]

    def _left(self, event: ev.TalkEnded) -> list[Action]:
        """The caller is gone."""
        if not self._talking or event.call != self.call:
            return []
        return [*self._stop(), *self._wrap_up(event.at)]

    # --- after the call ------------------------------------------------------------------------

    def _wrap_up(self, at: float) -> list[Action]:
        self._talking = False
        seconds = self.behaviour.wrap_up.quantile(self._draw("wrap_up"))
        return [self._start("wrap", seconds)] if seconds > 0 else self._wrapped(at)

    def _wrapped(self, at: float) -> list[Action]:
        return [Tell(ACD, ev.WrapUpDone(at, "", self.profile.id))]
