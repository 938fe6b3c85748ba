"""Journals written by hand: a cursor in time, one method per thing that happens on a call."""

from dataclasses import dataclass

from hotline.standard.call_checks import check_call
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import OfferOutcome, Party
from hotline.switch.record import Entry, fold

GREETING = "你用电，我用心，国家电网95598为您服务。"
ANNOUNCEMENT = "您好！{agent:agent}号客服专员为您服务。"
CLOSING = "结束服务请挂机。"
WORDS = {"greeting": GREETING, "agent.announcement": ANNOUNCEMENT, "closing": CLOSING}


@dataclass
class Agent:
    """An agent's profile as the checks read it."""

    number: str = "1001"
    languages: tuple = ("zh-CN",)
    putonghua: str | None = "二级乙等"
    training_passed: bool = True
    minority_seat: bool = False


class Journal:
    """Write a call: each method adds entries at the present instant and returns the journal."""

    def __init__(self, call="c1", at=100.0):
        self.call, self.at, self.entries = call, at, []
        self.plays = self.requests = self.offers = self.services = 0

    def add(self, to, event, /, **fields):
        self.entries.append(Entry(to, event(self.at, self.call, **fields)))
        return self

    def did(self, action):
        return self.add("journal", ev.Did, action=action)

    def wait(self, seconds):
        self.at += seconds
        return self

    # --- the line ---

    def arrive(self, number="13800138000"):
        self.add("acd", ev.CallArrived, number=number)
        return self.add("call", ev.CallArrived, number=number).did(do.Answer())

    def play(self, prompt, text=None, language="zh-CN", **values):
        self.plays += 1
        words = text if text is not None else WORDS.get(prompt, f"{prompt}。")
        what = do.Prompt(prompt, words, language, tuple(values.items()))
        return self.did(do.Play(self.plays, what))

    def music(self):
        self.plays += 1
        return self.did(do.Play(self.plays, do.Music()))

    def stop(self):
        return self.did(do.StopPlay(self.plays))

    def heard(self, seconds=3.0):
        """The present prompt is heard to its end."""
        return self.wait(seconds).add("call", ev.PlaybackFinished, play=self.plays)

    def say(self, prompt, text=None, seconds=3.0, **values):
        return self.play(prompt, text, **values).heard(seconds)

    def key(self, key="1"):
        return self.add("call", ev.KeyPressed, key=key)

    def caller_leaves(self):
        self.add("call", ev.HungUp, by=Party.CALLER)
        return self.closed(Party.CALLER)

    def closed(self, by=Party.SYSTEM, reason=""):
        return self.add("acd", ev.CallClosed, by=by, reason=reason)

    def hang_up(self, reason="finished"):
        return self.did(do.HangUp(reason)).closed(Party.SYSTEM, reason)

    # --- menus ---

    def greeted(self):
        return self.arrive().say("greeting")

    def menu(self, menu="main", depth=1, language="zh-CN"):
        return self.add("journal", ev.MenuEntered, menu=menu, depth=depth, language=language)

    def chosen(self, target, at_id="main", key="1"):
        return self.add("journal", ev.Chosen, at_id=at_id, key=key, target=target)

    def silence(self, count=1, at_id="main"):
        return self.add("journal", ev.NoInput, at_id=at_id, count=count)

    def last_resort(self, target="agent", at_id="main"):
        return self.add("journal", ev.LastResort, at_id=at_id, target=target)

    def step(self, step="look", service="outage_lookup", outcome="found", **values):
        self.services += 1
        self.add("journal", ev.StepEntered, step=step)
        self.did(do.CallService(self.services, service, {}))
        self.add("call", ev.ServiceReplied, request=self.services, outcome=outcome, values=values)
        fields = {"step": step, "outcome": outcome, "service": service}
        return self.add("journal", ev.StepFinished, solved=outcome == "found", **fields)

    # --- agents ---

    def ask(self, language="zh-CN", skill=""):
        self.requests += 1
        fields = {"request": self.requests, "skill": skill, "language": language}
        return self.add("acd", ev.AgentRequested, **fields)

    def queued(self):
        return self.add("call", ev.Queued, request=self.requests)

    def refused(self, reason):
        return self.add("call", ev.RequestRefused, request=self.requests, reason=reason)

    def offer(self, ring=3.0, outcome=OfferOutcome.ANSWERED, agent="a1"):
        self.offers += 1
        fields = {"request": self.requests, "offer": self.offers, "agent": agent}
        self.add("call", ev.OfferMade, **fields).wait(ring)
        return self.add("call", ev.OfferEnded, outcome=outcome, **fields)

    def connect(self, agent="a1", number="1001"):
        fields = {"request": self.requests, "agent": agent, "number": number}
        return self.add("call", ev.AgentConnected, **fields)

    def announce(self, number="1001", text=ANNOUNCEMENT, seconds=2.5):
        return self.say("agent.announcement", text, seconds, agent=number)

    def bridge(self, agent="a1"):
        return self.did(do.Bridge(agent))

    def speak(self, words, text="您好，请问有什么可以帮您？"):
        return self.did(do.Speak(do.Prompt(words, text), self.call))

    def waiting(self, ring=3.0, agent="a1"):
        """Ask, hear music at once, be answered by `agent`."""
        return self.ask().queued().music().offer(ring, agent=agent)

    def talking(self, ring=3.0, agent="a1", number="1001"):
        """All the way into a conversation that is in order."""
        waited = self.greeted().waiting(ring, agent)
        return waited.connect(agent, number).announce(number).bridge(agent)

    def agent_leaves(self, to="survey", reason="", agent="a1"):
        return self.add("call", ev.AgentLeft, agent=agent, to=to, reason=reason)

    def caller_ends_talk(self, agent="a1"):
        self.add("call", ev.HungUp, by=Party.CALLER)
        return self.add("acd", ev.TalkEnded, agent=agent, by=Party.CALLER).closed(Party.CALLER)

    # --- checking ---

    def record(self):
        return fold(self.entries)

    def results(self, edition=None, **context):
        return check_call(self.entries, self.record(), edition, **context)

    def verdicts(self, clause, rule, edition=None, **context):
        """What the rule says about this call: a list of ok or not, in order."""
        found = self.results(edition, **context)
        return [r.ok for r in found if (r.clause, r.rule) == (clause, rule)]
