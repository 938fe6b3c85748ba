"""What holds beside the story: `always` and `never`, judged as the call goes on.

heard_agent_within   asked ------ at most so long ------> the announcement begins
                     `asked` is the last key before `transfer` or music was heard, else the
                     beginning of that sound. A caller who hangs up, or books a call-back,
                     asks no longer; a line closed by the hotline without an agent fails.
silence_longer_than  counted while the hotline has the word, not during a conversation
"""

from __future__ import annotations

from hotline.callers.matching import Thing, is_prompt, satisfies
from hotline.callers.scenario import Watch

WAITING_PROMPTS = ("transfer", "queue")
"""Prompts (and those below them) that belong to asking for an agent, not to the menus."""
BOOKED_PROMPTS = ("queue.callback",)
"""Prompts after which a caller no longer waits for an agent."""
SLACK = 2.0
"""Seconds after the limit at which an agent not heard yet is told as a failure."""


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
        "_wanted",
        "agent_limit",
        "failed",
        "silence_limit",
    )

    def __init__(self, watches: tuple[Watch, ...]) -> None:
        self.failed: list[Watch] = []
        self._active = [w for w in watches if w.kind != "max_menu_depth"]
        self._wanted = [w for w in watches if w.when == "always" and w.kind == "hear"]
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
                self._too_late(waited)
        elif thing.kind == "music":
            self._asking.waiting(began)
        elif thing.kind == "prompt":
            self._asking.heard(ids, began)
        for watch in self._first:
            if watch.what is not None and not satisfies(thing, watch.what, ids):
                self._fail(watch)
        self._first = []
        self.heard(thing, ids)

    def heard(self, thing: Thing, ids: tuple[str, ...]) -> None:
        """A thing was noticed, or more of it is known now."""
        for watch in [w for w in self._active if w.kind == "hear"]:
            if watch.what is not None and satisfies(thing, watch.what, ids):
                if watch.when == "never":
                    self._fail(watch)
                elif watch in self._wanted:
                    self._wanted.remove(watch)

    def still_waiting(self, at: float) -> None:
        """The time for an agent is over."""
        if self._asking.asked is not None:
            self._too_late(at - self._asking.asked)

    def silent(self, seconds: float) -> None:
        """It has been silent for `seconds`."""
        for watch in [w for w in self._active if w.kind == "silence_longer_than"]:
            if seconds >= watch.limit - 1e-9:
                self._fail(watch)

    def closed(self, *, by_caller: bool) -> None:
        """The line is closed; a hotline that closes it instead of an agent is too late."""
        if not by_caller and self._asking.asked is not None:
            self._too_late(float("inf"))
        self._asking.reset()

    def over(self) -> None:
        """The story is over: what had to be heard and was not has failed."""
        self.failed += self._wanted
        self._wanted = []

    def _too_late(self, waited: float) -> None:
        for watch in [w for w in self._active if w.kind == "heard_agent_within"]:
            if waited > watch.limit + 1e-9:
                self._fail(watch)

    def _fail(self, watch: Watch) -> None:
        if watch in self._active:
            self._active.remove(watch)
            self.failed.append(watch)
