"""A call's journal as lines for the terminal: who did what and when. Digits are masked.

    00:00.0  来电      138****8000
    00:03.2  播报      fault  停电信息查询请按1，...
    00:05.0  按键      •

Wording and masks are those of the web pages (`hotline.web.messages`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import CALL
from hotline.switch.record import Entry
from hotline.web.messages import Message, Wording, caption
from menus.model import Book

_LABELS: Mapping[str, tuple[str, str]] = {
    "arrived": ("来电", "rings"),
    "blocked": ("遇忙", "blocked"),
    "answered": ("应答", "answers"),
    "say": ("播报", "says"),
    "music": ("音乐", "music"),
    "tone": ("信号音", "tone"),
    "stopped": ("打断", "cut off"),
    "key": ("按键", "pressed"),
    "menu": ("菜单", "menu"),
    "step": ("步骤", "step"),
    "step_done": ("步骤完成", "step done"),
    "service": ("查询", "asks"),
    "chosen": ("选择", "chose"),
    "wrong": ("错键", "wrong key"),
    "silent": ("无按键", "no key"),
    "last_resort": ("兜底", "last resort"),
    "collected": ("收号", "collected"),
    "language": ("语言", "language"),
    "request": ("请求人工", "wants agent"),
    "queued": ("排队", "queued"),
    "refused": ("未能排队", "refused"),
    "offer": ("振铃", "rings agent"),
    "offer_ended": ("振铃结束", "ring ended"),
    "agent": ("客服专员", "agent"),
    "bridged": ("接通", "talks to"),
    "unbridged": ("离线", "off line"),
    "voice": ("专员说", "agent says"),
    "left": ("专员离开", "agent left"),
    "talk_ended": ("通话结束", "talk ended"),
    "withdrawn": ("离开队列", "left queue"),
    "callback": ("预约回拨", "call-back"),
    "survey": ("评价", "survey"),
    "hang_up": ("热线挂机", "hangs up"),
    "gone": ("挂机", "hung up"),
    "media": ("媒体质量", "audio"),
    "closed": ("结束", "closed"),
}

_DETAILS: Mapping[str, Callable[[Message], str]] = {
    "arrived": lambda m: _some(m["number"], m["area"], m["medium"]),
    "say": lambda m: _some(m["id"], m[m["language"].split("-")[0]]),
    "voice": lambda m: _some(m["id"], m[m["language"].split("-")[0]]),
    "menu": lambda m: f"{m['id']}  [{m['depth']}]",
    "step_done": lambda m: f"{m['id']}  {m['outcome']}",
    "chosen": lambda m: f"{m['at_id']} -> {m['target']}",
    "wrong": lambda m: f"{m['at_id']}  {m['count']}",
    "silent": lambda m: f"{m['at_id']}  {m['count']}",
    "last_resort": lambda m: f"{m['at_id']} -> {m['target']}",
    "collected": lambda m: f"{m['kind']}  {'✓' if m['ok'] else '✗'}",
    "request": lambda m: _some(m["skill"], m["language"]),
    "queued": lambda m: _some(m["position"], "" if m["wait"] is None else f"{m['wait']:.0f} s"),
    "offer_ended": lambda m: _some(m["agent"], m["outcome"]),
    "agent": lambda m: _some(m["agent"], m["number"]),
    "media": lambda m: _some(*(f"{n} {v}" for n, v in m.items() if n not in ("t", "at"))),
    "closed": lambda m: _some(m["by"], m["reason"]),
    "gone": lambda m: _some(m["by"], m["reason"]),
}
"""kind -> what stands beside its label; for others the first of `_PLAIN` that there is"""
_PLAIN = ("id", "key", "service", "language", "reason", "agent", "to", "by", "score")
_KIND = re.compile(r"\{\s*(\w+)\s*:\s*\w+\s*\}")


def _some(*parts: Any) -> str:
    return "  ".join(str(part) for part in parts if part not in ("", None))


class Timeline:
    """Words the entries of calls through `book`. `reveal` shows what was typed and the numbers."""

    def __init__(self, book: Book, lang: str, *, reveal: bool = False) -> None:
        self._wording = Wording(book)
        self._column = 0 if lang == "zh" else 1
        self._reveal = reveal

    def line(self, entry: Entry, start: float) -> str | None:
        """The line of one entry, timed from instant `start`; None when there is nothing to show."""
        message = self._message(entry)
        labels = None if message is None else _LABELS.get(message["t"])
        if message is None or labels is None:
            return None
        minutes, seconds = divmod(max(0.0, round(entry.event.at - start, 1)), 60)
        label = labels[self._column]
        width = sum(2 if ord(letter) > 0x2E80 else 1 for letter in label)
        text = f"{minutes:02.0f}:{seconds:04.1f}  {label}{' ' * (12 - width)}{_detail(message)}"
        return text.rstrip()

    def _message(self, entry: Entry) -> Message | None:
        event = entry.event
        if isinstance(event, ev.HungUp) and entry.to == CALL:
            return {"t": "gone", "by": event.by, "reason": event.reason}
        message = self._wording.message(entry)
        if message is not None and self._reveal:
            message |= _revealed(event)
        return message


def _detail(message: Message) -> str:
    build = _DETAILS.get(message["t"])
    if build is not None:
        return build(message)
    return next((str(message[name]) for name in _PLAIN if message.get(name)), "")


def _revealed(event: ev.Event) -> Message:
    """The fields that a message hides."""
    match event:
        case ev.KeyPressed(key=key):
            return {"key": key}
        case ev.CallArrived(number=number):
            return {"number": number}
        case ev.Did(action=do.Play(what=do.Prompt() as prompt) | do.Speak(what=prompt)):
            # without its kind a value is not taken for a private one
            text = caption(_KIND.sub(r"{\1}", prompt.text), dict(prompt.values))
            return {prompt.language.split("-")[0]: text}
    return {}
