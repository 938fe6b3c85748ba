"""Words for the tests of the ACD: a tiny hotline around it that runs its timers."""

from __future__ import annotations

import heapq
from collections import defaultdict

from agents.acd import Acd
from agents.policies import Policy
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from hotline.switch import events as ev
from hotline.switch.actions import CancelTimer, StartTimer, Tell


def people(count: int = 2, **fields) -> list[AgentProfile]:
    return [AgentProfile(f"a{n}", f"{1000 + n}", **fields) for n in range(1, count + 1)]


class Desk:
    """An ACD with a clock. `said` is everything told, as (to, event), in order."""

    def __init__(self, roster, policy: Policy = Policy(), sign_in: bool = True, **settings):  # noqa: B008
        self.acd = Acd(roster, AcdSettings(**settings), policy)
        self.now = 0.0
        self.said: list[tuple[str, ev.Event]] = []
        self.actions: list = []
        self.timers: dict[str, float] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._tick = 0
        self.state: dict[str, ev.AgentState] = defaultdict(lambda: ev.AgentState.OFFLINE)
        self._do(self.acd.start(0.0))
        if sign_in:
            for profile in roster:
                self.come(profile.id)

    # --- doing -----------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> list[tuple[str, ev.Event]]:
        mark = len(self.said)
        self._do(self.acd.handle(event))
        return self.said[mark:]

    def _do(self, actions) -> None:
        for action in actions:
            self.actions.append(action)
            match action:
                case Tell(to, event):
                    self.said.append((to, event))
                    if isinstance(event, ev.AgentStateChanged):
                        self.state[event.agent] = event.state
                case StartTimer(timer, seconds):
                    self._tick += 1
                    self.timers[timer] = self._tick
                    heapq.heappush(self._heap, (self.now + seconds, self._tick, timer))
                case CancelTimer(timer):
                    self.timers.pop(timer, None)

    def wait(self, seconds: float) -> list[tuple[str, ev.Event]]:
        mark, end = len(self.said), self.now + seconds
        while self._heap and self._heap[0][0] <= end:
            instant, tick, timer = heapq.heappop(self._heap)
            if self.timers.get(timer) == tick:
                del self.timers[timer]
                self.now = instant
                self.post(ev.TimerFired(instant, "", timer, "acd"))
        self.now = end
        return self.said[mark:]

    # --- words -----------------------------------------------------------------------------------

    def come(self, agent):
        self.post(ev.AgentSignedIn(self.now, "", agent))
        return self.post(ev.AgentReady(self.now, "", agent))

    def arrive(self, call, **fields):
        return self.post(ev.CallArrived(self.now, call, **fields))

    def ask(self, call, skill="", language="zh-CN", priority=0, request=1, **arrival):
        if call not in self.acd.homes:
            self.arrive(call, **arrival)
        return self.post(ev.AgentRequested(self.now, call, request, skill, language, priority))

    def answer(self, call):
        made = self.offer_of(call)
        return self.post(ev.OfferAnswered(self.now, call, made.agent, made.offer))

    def finish(self, agent, to="survey", reason="", call=""):
        return self.post(ev.AgentFinished(self.now, call, agent, to, reason))

    def close(self, call):
        return self.post(ev.CallClosed(self.now, call))

    def wrapped(self, agent):
        return self.post(ev.WrapUpDone(self.now, "", agent))

    # --- seeing ----------------------------------------------------------------------------------

    def told(self, to, kind, call=None):
        return [
            e for t, e in self.said if t == to and isinstance(e, kind) and call in (None, e.call)
        ]

    def offer_of(self, call) -> ev.OfferMade:
        ended = {e.offer for e in self.told("call", ev.OfferEnded, call)}
        ended |= {e.offer for e in self.told("journal", ev.OfferEnded, call)}
        (live,) = [e for e in self.told("call", ev.OfferMade, call) if e.offer not in ended]
        return live

    def rung(self, call) -> list[str]:
        return [e.agent for e in self.told("call", ev.OfferMade, call)]


def kinds(said, to=None):
    return [type(event).__name__ for address, event in said if to in (None, address)]
