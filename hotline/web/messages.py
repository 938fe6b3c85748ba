"""Journal entries as a page may show them: small JSON objects, digits and values masked.

`message(entry, book)` is pure. A message has `t` (what happened), `at` (seconds on the call
clock) and the fields of its kind:

    arrived   number (masked), area, medium      menu      id, depth, language
    answered                                     step      id
    key       key "•" (digits are never shown)   chosen    at_id, key, target, barged_in
    say       id, language, zh, en, play         stopped   play
    finished  play                               music | tone (id), play
    wrong | silent   at_id, count                last_resort at_id, target
    step_done id, outcome, solved                collected step, kind, ok
    request   request, skill, language           queued    position, wait
    offer     agent     offer_ended agent, outcome
    agent     agent, number                      bridged | unbridged | left
    voice     id, zh, en (an agent speaks)       refused   reason
    callback | survey score | blocked | closed by, reason
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Entry
from menus.model import Book, PromptText, Texts

Message = dict[str, Any]

MASK = "•"
PRIVATE = frozenset({"account", "phone", "digits"})
"""Kinds of spoken values (`audio.template`) of which a page shows only the end."""
SHOWN = 4
"""Characters at the end of a private value that stay visible."""
_TOKEN = re.compile(r"\{\{|\}\}|\{\s*(\w+)\s*(?::\s*(\w+)\s*)?\}")


def mask_number(number: str) -> str:
    """A telephone number as pages show it: `138****8000`; short ones wholly masked."""
    if len(number) < 7:
        return MASK * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def caption(template: str, values: Mapping[str, Any]) -> str:
    """The text of a prompt with its values, private ones masked, for reading along."""

    def fill(slot: re.Match[str]) -> str:
        if slot[1] is None:
            return slot[0][0]
        value = str(values.get(slot[1], ""))
        if slot[2] in PRIVATE and len(value) > SHOWN:
            return MASK * (len(value) - SHOWN) + value[-SHOWN:]
        return MASK * len(value) if slot[2] in PRIVATE else value

    return _TOKEN.sub(fill, template)


def of_language(texts: Texts, language: str) -> str:
    """The text in `language` (`zh`, `en`), whatever the region; empty if there is none."""
    return next((text for code, text in texts.items() if code.split("-")[0] == language), "")


def audio(quality: ev.MediaQuality) -> Message:
    """How a call's audio went; what was not measured is left out. Times in ms, loss in per cent."""
    expected = quality.received - quality.repeated + quality.lost
    lost = 100 * quality.lost / expected if expected and quality.jitter is not None else None
    figures = {
        "codec": quality.codec,
        "mos": quality.mos,
        "far_mos": quality.far_mos,
        "loss_percent": lost,
        "jitter_ms": None if quality.jitter is None else quality.jitter * 1000,
        "round_trip_ms": None if quality.round_trip is None else quality.round_trip * 1000,
        "sent": quality.sent,
        "received": quality.received,
    }
    return {
        name: round(value, 2) if isinstance(value, float) else value
        for name, value in figures.items()
        if value is not None
    }


class Wording:
    """Turns entries into messages; knows the texts of one book."""

    def __init__(self, book: Book) -> None:
        self._texts: dict[str, Texts] = {}
        for prompt in book.prompts():
            self._add(prompt)

    def _add(self, prompt: PromptText) -> None:
        self._texts[prompt.id] = prompt.long
        if prompt.short is not None:
            self._texts[f"{prompt.id}.short"] = prompt.short

    def message(self, entry: Entry) -> Message | None:
        """The message of one entry; None where a page has nothing to show."""
        event = entry.event
        # what is told to two machines is journalled twice; one message is enough
        build = _BUILDERS.get((entry.to, type(event))) or _BUILDERS.get(("", type(event)))
        if build is None:
            return None
        fields = build(self, event)
        return None if fields is None else {"at": round(event.at, 3), **fields}

    def did(self, event: ev.Did) -> Message | None:
        """What the hotline did to the outside world."""
        match event.action:
            case do.Play(play, do.Prompt() as prompt):
                return {"t": "say", "play": play, **self.words(prompt)}
            case do.Play(play, do.Music(name)):
                return {"t": "music", "id": name, "play": play}
            case do.Play(play, do.Tone(name)):
                return {"t": "tone", "id": name, "play": play}
            case do.StopPlay(play):
                return {"t": "stopped", "play": play}
            case do.Speak(what=prompt):
                return {"t": "voice", **self.words(prompt)}
            case do.Answer():
                return {"t": "answered"}
            case do.Bridge(agent):
                return {"t": "bridged", "agent": agent}
            case do.Unbridge(agent):
                return {"t": "unbridged", "agent": agent}
            case do.HangUp():
                return {"t": "hang_up"}
            case do.CallService(service=service):
                return {"t": "service", "service": service}
        return None

    def words(self, prompt: do.Prompt) -> Message:
        """What is spoken, and the book's words for it in the other language."""
        values = dict(prompt.values)
        spoken = prompt.language.split("-")[0]
        texts = self._texts.get(prompt.id, {})
        words = {code: caption(of_language(texts, code), values) for code in ("zh", "en")}
        words[spoken] = caption(prompt.text, values)
        return {"id": prompt.id, "language": prompt.language, "zh": words["zh"], "en": words["en"]}


def _plain(kind: str, *names: str) -> Callable[[Wording, Any], Message]:
    def build(_: Wording, event: Any) -> Message:
        return {"t": kind, **{name: getattr(event, name) for name in names}}

    return build


_BUILDERS: Mapping[tuple[str, type[ev.Event]], Callable[[Wording, Any], Message | None]] = {
    (do.CALL, ev.CallArrived): lambda _, e: {
        "t": "arrived",
        "number": mask_number(e.number),
        "area": e.area,
        "medium": e.medium,
    },
    ("", ev.CallBlocked): _plain("blocked", "reason"),
    (do.CALL, ev.KeyPressed): lambda _, e: {"t": "key", "key": MASK},
    (do.CALL, ev.PlaybackFinished): _plain("finished", "play"),
    ("", ev.Did): Wording.did,
    ("", ev.MenuEntered): lambda _, e: {
        "t": "menu",
        "id": e.menu,
        "depth": e.depth,
        "language": e.language,
    },
    ("", ev.StepEntered): lambda _, e: {"t": "step", "id": e.step},
    ("", ev.Chosen): _plain("chosen", "at_id", "key", "target", "barged_in"),
    ("", ev.WrongKey): _plain("wrong", "at_id", "count"),
    ("", ev.NoInput): _plain("silent", "at_id", "count"),
    ("", ev.LastResort): _plain("last_resort", "at_id", "target"),
    ("", ev.Collected): _plain("collected", "step", "kind", "ok"),
    ("", ev.StepFinished): lambda _, e: {
        "t": "step_done",
        "id": e.step,
        "outcome": e.outcome,
        "solved": e.solved,
    },
    ("", ev.LanguageChanged): _plain("language", "language"),
    (do.ACD, ev.AgentRequested): _plain("request", "request", "skill", "language"),
    (do.CALL, ev.Queued): lambda _, e: {
        "t": "queued",
        "position": e.position,
        "wait": e.expected_wait,
    },
    (do.CALL, ev.RequestRefused): _plain("refused", "reason"),
    (do.CALL, ev.OfferMade): _plain("offer", "agent"),
    (do.CALL, ev.OfferEnded): _plain("offer_ended", "agent", "outcome"),
    (do.CALL, ev.AgentConnected): _plain("agent", "agent", "number"),
    (do.CALL, ev.AgentLeft): _plain("left", "to"),
    (do.ACD, ev.TalkEnded): _plain("talk_ended", "by"),
    (do.ACD, ev.RequestWithdrawn): _plain("withdrawn", "reason"),
    (do.CALL, ev.CallbackBooked): _plain("callback"),
    ("", ev.SurveyAnswered): _plain("survey", "score"),
    ("", ev.MediaReport): lambda _, e: {
        "t": "media",
        **({"agent": e.agent} if e.agent else {}),
        **audio(e.quality),
    },
    (do.ACD, ev.CallClosed): _plain("closed", "by", "reason"),
}
