"""The call machine: `Call.handle(event) -> actions`, pure, one per call.

    CallArrived -> greeting -> menu <-> speaking/collecting/requesting -> waiting -> announcing
         |            ^                                             ^                   |
         +- ringing --+                              transfer       +---- talking <-----+
                                                                             |
                                             closing <- survey <-------------+

This file holds the state of a call and the few things every phase does: speak, be interrupted,
set a timer, tell somebody. What the phases do is in `ivr.navigation` (the book) and `ivr.handover`
(agents, survey, closing); the reactions table there says which event means what in which phase.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, JOURNAL, Action
from hotline.switch.events import Event, Party
from ivr import phases
from ivr.collector import Collector
from ivr.phases import EVENTS
from ivr.speech import Speaker
from menus.model import Book, PromptText, Step

Calendar = Callable[[float], tuple[int, float]]
"""instant on the call clock -> (ISO weekday, seconds after local midnight)"""


def always_monday_noon(at: float) -> tuple[int, float]:
    """The calendar of a hotline that was given none: opening hours never matter."""
    return 1, 43200.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds a call allows others: a service to answer, a called customer to pick up."""

    service_timeout: float = 5.0
    dial_timeout: float = 30.0


class Call:
    """One call through one book. Feed it events in order; it never looks anywhere else.

    `speaker` may be shared by all calls of a book, and so may `calendar` and `settings`.
    """

    __slots__ = (
        "agent",
        "area",
        "book",
        "bulletin_due",
        "calendar",
        "collector",
        "failures",
        "hops",
        "id",
        "language",
        "now",
        "number",
        "out",
        "path",
        "play_id",
        "playing",
        "playlist",
        "queue_wait",
        "request",
        "score",
        "service_request",
        "settings",
        "silences",
        "speaker",
        "state",
        "step",
        "swallow",
        "then",
        "typed",
        "values",
        "visited",
        "waiting_menu",
    )

    def __init__(
        self,
        book: Book,
        *,
        speaker: Speaker | None = None,
        calendar: Calendar = always_monday_noon,
        settings: Settings | None = None,
    ) -> None:
        self.book = book
        self.speaker = speaker or Speaker(book.language)
        self.calendar = calendar
        self.settings = settings or Settings()
        self.state = phases.ARRIVED
        self.id = self.number = self.area = self.agent = ""
        self.now = 0.0
        self.out: list[Action] = []
        self.language = book.language
        self.path: tuple[tuple[str, str], ...] = ()
        """menus from the start to here, each with the language spoken in it"""
        self.values: dict[str, str] = {}
        self.visited: set[str] = set()
        self.typed: deque[str] = deque()
        """keys typed ahead of a prompt that must not be interrupted, or before its menu came"""
        self.play_id = 0
        self.playing: tuple[do.Playable, bool] | None = None
        self.playlist: deque[tuple[do.Playable, bool]] = deque()
        self.swallow: tuple[str, float] | None = None
        """a terminator that is still to come, and until when: input was complete without it"""
        self.silences = self.failures = 0
        """the two counters of the present menu or step: no input, and wrong keys"""
        self.step: Step | None = None
        self.collector: Collector | None = None
        self.request = 0
        self.service_request = 0
        self.bulletin_due: int | None = None
        self.then: Callable[[Call], None] | None = None
        """what to do when the present speech is over, where the phase alone does not say"""
        self.queue_wait: ev.Queued | None = None
        self.waiting_menu = False
        self.score: int | None = None
        self.hops = 0

    def handle(self, event: Event) -> Sequence[Action]:
        """What the call does about `event`. Events that mean nothing now are harmless."""
        self.now = event.at
        out: list[Action] = []
        self.out = out
        self.hops = 0
        kind = type(event)
        if kind is ev.PlaybackFinished:
            self._playback_finished(event.play)  # type: ignore[attr-defined]
        elif kind is ev.KeyPressed and self._swallowed(event.key):  # type: ignore[attr-defined]
            pass
        else:
            reaction = REACTIONS.get((self.state, kind)) or ANY_PHASE.get(kind)
            if reaction is not None:
                reaction(self, event)
        return out

    def _swallowed(self, key: str) -> bool:
        """Whether `key` only ends an input that its length had ended already."""
        expected, self.swallow = self.swallow, None
        return expected is not None and key == expected[0] and self.now <= expected[1]

    # --- speaking ----------------------------------------------------------------------------

    def text(self, source: PromptText, *, short: bool = False) -> tuple[do.Playable, bool]:
        """`source` in the call's language with the call's values, ready for `say`."""
        prompt = self.speaker.prompt(source, self.language, self.values, short=short)
        return prompt, source.interruptible

    def say(self, what: Iterable[tuple[do.Playable, bool]]) -> None:
        """Play these one after the other instead of whatever is playing."""
        self.playlist = deque(what)
        self._next()

    def music(self) -> None:
        """Soft music until something else is said (clause 5.2.6.4)."""
        self.say([(do.Music(), True)])

    def interrupt(self) -> bool:
        """A key was pressed: silence at once (5.2.6.3) unless a legal notice is being read.

        True if nothing is playing any more, so that the key may be obeyed now.
        """
        if self.playing is None:
            return True
        if not self.playing[1]:
            return False
        self.out.append(do.StopPlay(self.play_id))
        self.playing = None
        # Notices still to come must be heard in full, whatever was pressed.
        self.playlist = deque(item for item in self.playlist if not item[1])
        if self.playlist:
            self._next()
            return False
        return True

    def _next(self) -> None:
        if not self.playlist:
            self.playing = None
            return
        self.playing = self.playlist.popleft()
        self.play_id += 1
        self.out.append(do.Play(self.play_id, self.playing[0]))

    def _playback_finished(self, play: int) -> None:
        if play != self.play_id or self.playing is None:
            return  # late: that play was interrupted or replaced
        self.playing = None
        if self.playlist:
            self._next()
            return
        then, self.then = self.then, None
        if then is not None:
            then(self)
            return
        quiet = AFTER_SPEECH.get(self.state)
        if quiet is not None:
            quiet(self)

    # --- small words -------------------------------------------------------------------------

    def move(self, trigger: str) -> None:
        """Change phase by the table; an impossible move is a bug and raises `MachineError`."""
        EVENTS[trigger].trigger(self)

    def timer(self, name: str, seconds: float) -> None:
        """Start (or restart) timer `name`."""
        self.out.append(do.StartTimer(name, seconds))

    def no_timer(self, name: str) -> None:
        """Stop timer `name`."""
        self.out.append(do.CancelTimer(name))

    def tell(self, event: Event) -> None:
        """Say something to the ACD."""
        self.out.append(do.Tell(ACD, event))

    def note(self, event: Event) -> None:
        """Write a fact into the journal."""
        self.out.append(do.Tell(JOURNAL, event))

    def speak_language(self, language: str) -> None:
        """From here on speak `language`."""
        if language != self.language:
            self.language = language
            self.note(ev.LanguageChanged(self.now, self.id, language))

    def close(self, by: Party, reason: str = "") -> None:
        """The last thing a call does."""
        self.move("end")
        self.tell(ev.CallClosed(self.now, self.id, by, reason))


Reaction = Callable[[Call, Event], None]
REACTIONS: dict[tuple[str, type[Event]], Reaction] = {}
"""(phase, event) -> what the call does; filled by `ivr.navigation` and `ivr.handover`"""
ANY_PHASE: dict[type[Event], Reaction] = {}
AFTER_SPEECH: dict[str, Callable[[Call], None]] = {}
"""phase -> what follows when all has been said"""
