"""What holds beside the story: `always` and `never`, judged as the call goes on.

heard_agent_within   asked ------ at most so long ------> the announcement begins
                     `asked` is the last key before `transfer` or music was heard, else the
                     beginning of that sound. A caller who hangs up, or books a call-back,
                     asks no longer; a line closed by the hotline without an agent fails.
silence_longer_than  counted while the hotline has the word, not during a conversation
hear ... before/after  judged only if that other thing is heard; counts what was heard until, or
                     from then on
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hotline.callers.explaining import Ids, described, near_miss
from hotline.callers.matching import Thing, is_prompt, satisfies
from hotline.callers.scenario import Watch
from menus.wording import Both

WAITING_PROMPTS = ("transfer", "queue")
"""Prompts (and those below them) that belong to asking for an agent, not to the menus."""
BOOKED_PROMPTS = ("queue.callback",)
"""Prompts after which a caller no longer waits for an agent."""
SLACK = 2.0
"""Seconds after the limit at which an agent not heard yet is told as a failure."""


class Broken(NamedTuple):
    """A watch that does not hold, and why."""

    watch: Watch
    why: Both


class Tally:
    """How often what one `hear` watch is about was heard in the part of the call it is about."""

    __slots__ = ("_counted", "closed", "count", "open", "watch")

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.open = watch.after is None
        self.closed = False
        self.count = 0
        self._counted: set[int] = set()

    def take(self, thing: Thing, ids: tuple[str, ...]) -> None:
        """A thing was noticed, or more of it is known now."""
        watch = self.watch
        if self.closed or watch.what is None or id(thing) in self._counted:
            return
        if watch.before is not None and satisfies(thing, watch.before, ids):
            self.closed = True
        elif not self.open:
            assert watch.after is not None
            self.open = satisfies(thing, watch.after, ids)
        elif satisfies(thing, watch.what, ids):
            self._counted.add(id(thing))
            self.count += 1

    @property
    def judged(self) -> bool:
        """Whether what it depends on was heard."""
        return self.open and (self.closed or self.watch.before is None)


class Asking:
    """When the caller asked for an agent and has not heard one yet. Instants in seconds."""

    __slots__ = ("_key", "asked")

    def __init__(self) -> None:
        self._key: float | None = None
        self.asked: float | None = None

    def pressed(self, at: float) -> None:
        """A key may be the request."""
        if self.asked is None:
            self._key = at

    def heard(self, ids: tuple[str, ...], began: float) -> bool:
        """A prompt began; true if now the caller is asking and was not before."""
        if any(is_prompt(name, ids) for name in BOOKED_PROMPTS):
            self.reset()
            return False
        if any(is_prompt(name, ids) for name in WAITING_PROMPTS):
            return self.waiting(began)
        if self.asked is None:
            self._key = None
        return False

    def waiting(self, began: float) -> bool:
        """Music or a transfer prompt began; true if now the caller is asking."""
        if self.asked is not None:
            return False
        self.asked = began if self._key is None else self._key
        return True

    def agent(self, began: float) -> float | None:
        """An agent was heard: seconds since asking, None if nobody asked."""
        asked = self.asked
        if asked is None:
            asked = self._key
        self.reset()
        return None if asked is None else began - asked

    def reset(self) -> None:
        """Nobody is asking any more."""
        self._key = self.asked = None


class Watchers:
    """The watches of one caller; those that have just failed are in `failed`, each once."""

    __slots__ = (
        "_active",
        "_asking",
        "_first",
        "_tallies",
        "agent_limit",
        "failed",
        "silence_limit",
    )

    def __init__(self, watches: tuple[Watch, ...]) -> None:
        self.failed: list[Broken] = []
        self._active = [w for w in watches if w.kind != "max_menu_depth"]
        self._tallies = [Tally(w) for w in watches if w.kind == "hear"]
        self._first = [w for w in watches if w.kind == "first"]
        self._asking = Asking()
        self.agent_limit = min(
            (w.limit for w in watches if w.kind == "heard_agent_within"), default=None
        )
        self.silence_limit = min(
            (w.limit for w in watches if w.kind == "silence_longer_than"), default=None
        )

    @property
    def asked(self) -> float | None:
        """Since when the caller waits for an agent."""
        return self._asking.asked

    def pressed(self, at: float) -> None:
        """The caller pressed a key."""
        self._asking.pressed(at)

    def began(self, thing: Thing, ids: tuple[str, ...], began: float) -> None:
        """A sound that began at `began` was noticed: is it about an agent?"""
        if thing.kind == "agent":
            waited = self._asking.agent(began)
            if waited is not None:
                self._too_late(waited, _came)
        elif thing.kind == "music":
            self._asking.waiting(began)
        elif thing.kind == "prompt":
            self._asking.heard(ids, began)
        if self._first:
            for watch in self._first:
                if watch.what is not None and not satisfies(thing, watch.what, ids):
                    name = described(thing)
                    self._fail(
                        watch, Both(f"最先听到的是{name.zh}", f"the first sound was {name.en}")
                    )
            self._first = []
        self.heard(thing, ids)

    def heard(self, thing: Thing, ids: tuple[str, ...]) -> None:
        """A thing was noticed, or more of it is known now."""
        for tally in self._tallies:
            before = tally.count
            tally.take(thing, ids)
            if tally.count == before:
                continue
            watch = tally.watch
            if watch.before is None and watch.at_most is not None and tally.count > watch.at_most:
                self._fail(watch, _heard_again(thing, tally.count))

    def still_waiting(self, at: float) -> None:
        """The time for an agent is over."""
        if self._asking.asked is not None:
            self._too_late(at - self._asking.asked, _nobody)

    def silent(self, seconds: float) -> None:
        """It has been silent for `seconds`."""
        for watch in [w for w in self._active if w.kind == "silence_longer_than"]:
            if seconds >= watch.limit - 1e-9:
                why = Both(f"已静音 {seconds:.1f} 秒", f"it was silent for {seconds:.1f} s")
                self._fail(watch, why)

    def closed(self, *, by_caller: bool) -> None:
        """The line is closed; a hotline that closes it instead of an agent is too late."""
        if not by_caller and self._asking.asked is not None:
            self._too_late(float("inf"), _closed)
        self._asking.reset()

    def over(self, things: Sequence[Thing], duration: float, ids: Ids) -> None:
        """The story is over after `duration` seconds: judge what only the whole call shows."""
        for tally in self._tallies:
            self._judge(tally, things, ids)
        for watch in list(self._active):
            if watch.kind == "last":
                self._judge_last(watch, things, ids)
            elif watch.kind == "ends_within" and duration > watch.limit + 1e-9:
                self._fail(
                    watch, Both(f"共用 {duration:.1f} 秒", f"the whole took {duration:.1f} s")
                )

    def _judge(self, tally: Tally, things: Sequence[Thing], ids: Ids) -> None:
        watch, count = tally.watch, tally.count
        if not tally.judged or watch.what is None:
            return
        if watch.at_most is not None and count > watch.at_most:
            self._fail(watch, Both(f"听到 {count} 次", f"it was heard {count} times"))
        elif watch.when == "always" and count < watch.at_least:
            near = None if count else near_miss(things, watch.what, ids)
            why = (
                Both(f"只听到 {count} 次", f"it was heard {count} times only")
                if count
                else Both("没有听到", "it was not heard")
            )
            if near is not None:
                why = Both(f"{why.zh}；{near.zh}", f"{why.en}; {near.en}")
            self._fail(watch, why)

    def _judge_last(self, watch: Watch, things: Sequence[Thing], ids: Ids) -> None:
        last = next((t for t in reversed(things) if t.kind not in ("hangup", "silence")), None)
        if last is None:
            self._fail(watch, Both("什么也没有听到", "nothing was heard"))
        elif watch.what is not None and not satisfies(last, watch.what, ids(last)):
            name = described(last)
            self._fail(watch, Both(f"最后听到的是{name.zh}", f"the last sound was {name.en}"))

    def _too_late(self, waited: float, why: Callable[[float], Both]) -> None:
        for watch in [w for w in self._active if w.kind == "heard_agent_within"]:
            if waited > watch.limit + 1e-9:
                self._fail(watch, why(waited))

    def _fail(self, watch: Watch, why: Both) -> None:
        if watch in self._active:
            self._active.remove(watch)
            self.failed.append(Broken(watch, why))


def _came(waited: float) -> Both:
    return Both(
        f"要求人工 {waited:.1f} 秒后才听到专员", f"an agent was heard {waited:.1f} s after asking"
    )


def _nobody(waited: float) -> Both:
    return Both(
        f"要求人工 {waited:.1f} 秒后仍无专员", f"no agent was heard {waited:.1f} s after asking"
    )


def _closed(waited: float) -> Both:
    return Both("热线没有接通专员就挂机了", "the hotline hung up instead of an agent")


def _heard_again(thing: Thing, count: int) -> Both:
    name = described(thing)
    if count == 1:
        return Both(f"听到了{name.zh}", f"it was heard: {name.en}")
    return Both(f"第 {count} 次听到{name.zh}", f"heard for the {count}. time: {name.en}")
