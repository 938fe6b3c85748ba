"""From an ordered sequence of clips back to prompts with their values.

    heard    您的余额为   一百   二十八元   五角六分   停电报修请按1
    read     balance (balance = 一百二十八元五角六分)    main

Reading is incremental, for scripted callers that listen over a network: a prompt is named with the
first clip that only it contains, and again, complete, with its values. The longest prompt that
fits is read; if it then breaks off, what was read up to the last complete prompt counts, and the
rest is read anew. Where two prompts have the same text, the first of the table is read. A prompt
that begins with digits right after one that ends with digits needs `flush` at the pause between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audio.formatters import join, may_end, may_follow, pieces
from audio.pack import Pack
from audio.template import Literal, clip_key, parse

__all__ = ["Reader", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt as far as it was heard."""

    prompt: str
    values: tuple[tuple[str, str], ...]
    """(slot, what was said for it), for the slots that are known to be over."""
    complete: bool
    """All of its clips have begun; False: named early, or cut off."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A slot of a compiled prompt."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Script:
    """A prompt as the clips and gaps it is played as."""

    prompt: str
    language: str
    items: tuple[str | _Gap, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """How far a script has been read: the next item, pieces of an open gap, values so far."""

    script: _Script
    at: int
    open: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def closed(self) -> _State:
        """With the open gap, if any, taken as over."""
        if not self.open:
            return self
        gap = self.script.items[self.at]
        assert isinstance(gap, _Gap)
        said = (gap.name, join(self.open, self.script.language))
        return _State(self.script, self.at + 1, (), (*self.values, said))

    @property
    def over(self) -> bool:
        gap = self.script.items[self.at] if self.open else None
        if isinstance(gap, _Gap) and not may_end(gap.kind, self.open[-1], self.script.language):
            return False
        return self.closed().at == len(self.script.items)

    @property
    def can_go_on(self) -> bool:
        gap = self.script.items[self.at] if self.at < len(self.script.items) else None
        if isinstance(gap, _Gap) and self.open:
            return gap.kind != "word" or self.at + 1 < len(self.script.items)
        return gap is not None


class Reader:
    """Reads one call. Feed it the clips as `audio.recognise` reports their beginnings."""

    def __init__(
        self, pack: Pack, table: Mapping[str, str] | None = None, language: str = "zh-CN"
    ) -> None:
        """`table`: prompt id -> template, in the order that decides between equal texts."""
        self._pack = pack
        self._scripts: dict[tuple[str | _Gap, ...], _Script] = {}
        self._starts: dict[str, list[_Script]] = {}
        self._literals: set[str] = set()
        self._open: list[_Script] = []  # scripts that begin with a slot
        self._texts: dict[str, dict[str, str]] = {}
        self._states: list[_State] = []
        self._clips: list[str] = []  # read since the present prompt began
        self._whole: tuple[_State, int] | None = None
        self._named = ""
        self.unread: list[str] = []
        """Clips that belong to no prompt of the table, such as an agent's greeting."""
        if table is not None:
            self.add(table, language)

    def add(self, table: Mapping[str, str], language: str) -> None:
        """More prompts, for instance of another language."""
        if language not in self._texts:
            self._texts[language] = self._pack.texts(language)
            for piece in pieces(language):
                self._texts[language][self._pack.clip_for(piece, language).id] = piece
        for prompt, template in table.items():
            items = self._items(template, language)
            if not items or items in self._scripts:
                continue
            script = self._scripts[items] = _Script(prompt, language, items)
            self._literals.update(item for item in items if isinstance(item, str))
            if isinstance(items[0], str):
                self._starts.setdefault(items[0], []).append(script)
            else:
                self._open.append(script)

    def _items(self, template: str, language: str) -> tuple[str | _Gap, ...]:
        items: list[str | _Gap] = []
        for part in parse(template):
            if not isinstance(part, Literal):
                items.append(_Gap(part.name, part.kind))
            elif key := clip_key(part.text):
                items.append(self._pack.clip_for(key, language).id)
        return tuple(items)

    @property
    def pending(self) -> int:
        """How many clips the present prompt has so far."""
        return len(self._clips)

    # ---------------------------------------------------------------------------------- reading

    def feed(self, clip: str) -> list[Reading]:
        """The next clip began; returns the prompts that are named or complete by it."""
        readings: list[Reading] = []
        waiting = [clip]
        while waiting:
            self._step(waiting.pop(0), readings, waiting)
        return readings

    def flush(self) -> list[Reading]:
        """Silence, another sound, or the end: no more clips of the present prompt will come."""
        readings: list[Reading] = []
        waiting: list[str] = []
        while self._states:
            self._settle(readings, waiting)
            while waiting:
                self._step(waiting.pop(0), readings, waiting)
        return readings

    def _step(self, clip: str, readings: list[Reading], waiting: list[str]) -> None:
        """One clip: onwards in the present prompt, or the beginning of another."""
        if self._states:
            onwards = [after for state in self._states for after in self._after(state, clip)]
            if not onwards:
                waiting.insert(0, clip)
                self._settle(readings, waiting)
                return
        else:
            starts = (*self._starts.get(clip, ()), *self._open)
            onwards = [after for script in starts for after in self._after(_State(script, 0), clip)]
            if not onwards:
                self.unread.append(clip)
                return
        self._clips.append(clip)
        self._states = onwards
        self._note_progress(readings)

    def _note_progress(self, readings: list[Reading]) -> None:
        over = next((state for state in self._states if state.over), None)
        if over is not None:
            self._whole = over, len(self._clips)
        prompts = {state.script.prompt for state in self._states}
        if len(prompts) > 1:
            return
        if over is not None and not any(state.can_go_on for state in self._states):
            readings.append(Reading(over.script.prompt, over.closed().values, True))
            self._reset()
        elif self._named != self._states[0].script.prompt:
            self._named = self._states[0].script.prompt
            readings.append(Reading(self._named, self._states[0].values, False))

    def _settle(self, readings: list[Reading], waiting: list[str]) -> None:
        """The present prompt goes no further: take it as complete, as cut off, or read again."""
        if self._whole is not None:
            state, length = self._whole
            readings.append(Reading(state.script.prompt, state.closed().values, True))
            waiting[:0] = self._clips[length:]
        else:
            state = self._states[0]
            if self._named != state.script.prompt:
                readings.append(Reading(state.script.prompt, state.values, False))
        self._reset()

    def _reset(self) -> None:
        self._states, self._clips, self._whole, self._named = [], [], None, ""

    def _after(self, state: _State, clip: str) -> list[_State]:
        """The states after one more clip."""
        found: list[_State] = []
        script = state.script
        if state.open:
            gap = script.items[state.at]
            assert isinstance(gap, _Gap)
            if text := self._said(script.language, gap, state.open[-1], clip):
                found.append(_State(script, state.at, (*state.open, text), state.values))
            if not may_end(gap.kind, state.open[-1], script.language):
                return found
            state = state.closed()
        if state.at == len(script.items):
            return found
        item = script.items[state.at]
        if isinstance(item, str):
            if item == clip:
                found.insert(0, _State(script, state.at + 1, (), state.values))
        elif text := self._said(script.language, item, "", clip):
            found.append(_State(script, state.at, (text,), state.values))
        return found

    def _said(self, language: str, gap: _Gap, before: str, clip: str) -> str:
        """What a clip says within a slot, after the piece before; empty if it cannot."""
        text = self._texts[language].get(clip, "")
        if gap.kind == "word":
            # what is fixed text of some prompt is that text; else any prompt could be a word
            if clip in self._literals:
                return ""
            if clip.startswith("missing:"):
                text = self._pack.clip(clip).text
        return text if text and may_follow(gap.kind, before, text, language) else ""
