"""One call drawn: lanes over time, as an SVG of our own.

    menus    |--root--|--fault--|--outage--|
    prompts  [====][==x            x = cut off by a key
    keys          1     2
    queue                 [=========]
    music                 [~~~][~~~~]
    ring                       [==|=]      | = 12 s (clause 5.2.7.3)
    talk                            [======]
    expected            [====x]            what a failed scenario waited for (`hotline test --html`)

`lanes(messages)` finds the spans, `svg(...)` draws them; both are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from hotline.web.messages import MASK, Message

RING_LIMIT = 12.0
"""Seconds of ringing that clause 5.2.7.3 allows (edition: 3 rings, 12 s)."""
TITLES = {
    "menu": ("菜单", "Menu"),
    "prompt": ("播报", "Prompts"),
    "key": ("按键", "Keys"),
    "queue": ("排队", "Queue"),
    "music": ("音乐", "Music"),
    "ring": ("振铃", "Ring"),
    "talk": ("通话", "Talk"),
    "expected": ("期望", "Expected"),
}
BOTH = "zh en"
"""language of a page that has English beside the Chinese"""
LEFT, TOP, LANE, BAR = 78, 26, 34, 22
NARROWEST, WIDEST, PER_SECOND = 1080.0, 8000.0, 12.0
"""Pixels of the drawing: at least, at most, and for each second in between."""
CUT_WITHIN = 0.5
"""Seconds from a key to the silence it causes; a prompt stopped later was stopped by others."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something from `start` to `end`, seconds on the call clock. A point has `end == start`."""

    lane: str
    start: float
    end: float
    label: str = ""
    hint: str = ""
    kind: str = ""


@dataclass(slots=True)
class _Pen:
    """What is open in each lane while the messages go by."""

    spans: list[Span] = field(default_factory=list)
    begun: dict[str, tuple[float, str, str, str]] = field(default_factory=dict)
    key_at: float = -9.0

    def open(self, lane: str, at: float, label: str = "", hint: str = "", kind: str = "") -> None:
        self.close(lane, at)
        self.begun[lane] = (at, label, hint, kind)

    def close(self, lane: str, at: float, kind: str | None = None) -> None:
        begun = self.begun.pop(lane, None)
        if begun is not None:
            start, label, hint, was = begun
            self.spans.append(Span(lane, start, at, label, hint, was if kind is None else kind))

    def point(self, lane: str, at: float, label: str, hint: str = "", kind: str = "") -> None:
        self.spans.append(Span(lane, at, at, label, hint, kind))


def lanes(
    messages: Iterable[Message], titles: Mapping[str, str] | None = None, lang: str = "zh"
) -> list[Span]:
    """The spans of a call. `titles` names menus and steps (id -> title)."""
    pen, names, last = _Pen(), titles or {}, 0.0
    for message in messages:
        last = message["at"]
        _draw(pen, message, last, names, lang)
    for lane in tuple(pen.begun):
        pen.close(lane, last)
    return sorted(pen.spans, key=lambda span: span.start)


def _draw(pen: _Pen, message: Message, at: float, names: Mapping[str, str], lang: str) -> None:
    match message:
        case {"t": "say", "id": name, "zh": zh, "en": en}:
            pen.close("music", at)
            words = (en or zh) if lang == "en" else (zh or en)
            pen.open("prompt", at, words, f"{name}: {words}")
        case {"t": "music" | "tone"}:
            pen.close("prompt", at)
            pen.open("music", at, "♪")
        case {"t": "stopped"}:
            pen.close("prompt", at, "cut" if at - pen.key_at < CUT_WITHIN else None)
            pen.close("music", at)
        case {"t": "finished"}:
            pen.close("prompt", at)
        case {"t": "menu" | "step", "id": name}:
            pen.open("menu", at, names.get(name, name), name, message["t"])
        case {"t": "key"}:
            pen.key_at = at
            pen.point("key", at, message.get("key", MASK))
        case {"t": "chosen", "key": key, "target": target}:
            pen.point("key", at, key, f"{key} → {target}", "chosen")
        case {"t": "wrong"}:
            pen.point("key", at, "✗", "wrong key", "wrong")
        case {"t": "silent"}:
            pen.point("key", at, "?", "no input", "wrong")
        case _:
            _draw_agent(pen, message, at)


def _draw_agent(pen: _Pen, message: Message, at: float) -> None:
    match message:
        case {"t": "request", "skill": skill}:
            pen.open("queue", at, skill)
            pen.close("menu", at)
        case {"t": "offer", "agent": agent}:
            pen.open("ring", at, agent, agent)
        case {"t": "offer_ended", "outcome": outcome}:
            late = "ring" in pen.begun and at - pen.begun["ring"][0] > RING_LIMIT
            pen.close("ring", at, "late" if late or outcome == "no_answer" else "")
        case {"t": "agent", "number": number}:
            pen.close("queue", at)
            pen.open("talk", at, number, number)
        case {"t": "left" | "talk_ended"}:
            pen.close("talk", at)
        case {"t": "withdrawn" | "refused" | "callback"}:
            pen.close("queue", at)
        case {"t": "closed"}:
            pen.point("key", at, "■", str(message.get("by", "")), "end")


def svg(spans: Sequence[Span], lang: str = "zh") -> str:
    """The drawing, with a time axis in seconds from the first span."""
    if not spans:
        return ""
    begin, end = spans[0].start, max(span.end for span in spans)
    length = max(end - begin, 1.0)
    width = min(max(length * PER_SECOND, NARROWEST), WIDEST)
    scale = (width - LEFT - 16) / length
    used = [lane for lane in TITLES if any(span.lane == lane for span in spans)]
    height = TOP + LANE * len(used) + 10
    parts = [
        f'<svg class="timeline" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
        f'height="{height}" viewBox="0 0 {width:.0f} {height}" role="img" '
        f'aria-label="{"通话时间线" if lang == "zh" else "Timeline of the call"}">',
        *_axis(length, scale, height),
    ]
    for row, lane in enumerate(used):
        y = TOP + row * LANE
        parts.append(_lane_title(lane, y, width, lang))
        for span in spans:
            if span.lane == lane:
                parts.append(_span(span, LEFT + (span.start - begin) * scale, y, scale))
    parts += [
        f'<line class="failed" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 6}"/>'
        for x in (LEFT + (s.end - begin) * scale for s in spans if s.lane == "expected")
    ]
    parts.append("</svg>")
    return "".join(parts)


def _axis(length: float, scale: float, height: int) -> list[str]:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
    step = next((s for s in steps if s * scale >= 55), steps[-1])
    made = []
    for second in range(0, int(length) + 1, step):
        x = LEFT + second * scale
        label = f"{second // 60}:{second % 60:02d}"
        made.append(
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{height - 6}"/>'
            f'<text class="tick" x="{x:.1f}" y="14">{label}</text>'
        )
    return made


def _lane_title(lane: str, y: int, width: float, lang: str) -> str:
    chinese, english = TITLES[lane]
    line = f'<line class="grid" x1="0" x2="{width:.0f}" y1="{y - 4}" y2="{y - 4}"/>'
    if lang == BOTH:
        return (
            f'{line}<text class="lane" x="4" y="{y + 10}">{chinese}'
            f'<tspan x="4" dy="13">{english}</tspan></text>'
        )
    return (
        f'{line}<text class="lane" x="4" y="{y + 17}">{chinese if lang == "zh" else english}</text>'
    )


def _span(span: Span, x: float, y: int, scale: float) -> str:
    seconds = span.end - span.start
    hint = escape(span.hint or span.label)
    if span.lane == "key":
        return (
            f'<g class="key {span.kind}"><title>{hint}</title>'
            f'<circle cx="{x:.1f}" cy="{y + 12}" r="10"/>'
            f'<text x="{x:.1f}" y="{y + 16.5}">{escape(span.label)}</text></g>'
        )
    width = max(seconds * scale, 2.5)
    limit = ""
    if span.lane == "ring" and seconds > RING_LIMIT:
        at = RING_LIMIT * scale
        limit = f'<line class="limit" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{BAR}"/>'
    # an inner svg clips the label to the bar
    return (
        f'<svg x="{x:.1f}" y="{y + 1}" width="{width:.1f}" height="{BAR}" overflow="hidden">'
        f'<g class="bar {span.lane} {span.kind}"><title>{hint} · {seconds:.1f} s</title>'
        f'<rect width="{width:.1f}" height="{BAR}" rx="4"/>{limit}'
        f'<text x="6" y="15.5">{escape(span.label)}</text></g></svg>'
    )
