"""Reading what is heard: the conditions of `hear`, and the watchers that are made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from hotline.callers import scenario as sc
from hotline.callers.form import Form, words_of
from hotline.callers.scenario import Expect
from menus.model import Place
from menus.reader import NodePath

TONES = ("ringback", "busy", "beep", "error")
TEXT_KEYS = ("prompt", "language", "contains", "exact", "matches", "similar")
SOUNDS = ("music", "agent", "tone", "silence", "closing", "hangup")
EXPECT_KEYS = (*TEXT_KEYS, "at_least", "values", "to_end", *SOUNDS)
"""Keys of a condition."""
WATCH_KINDS = {
    "always": ("hear", "first", "last", "heard_agent_within", "max_menu_depth", "ends_within"),
    "never": ("hear", "silence_longer_than"),
}
"""What may be watched beside the story."""
WATCH_WINDOW = ("before", "after")
WATCH_COUNTS = ("at_least", "at_most")


class Conditions(Form):
    """Reads conditions and watchers of one document."""

    def expect(self, value: Any, path: NodePath) -> Expect:
        """A condition of `hear`: a word such as `music`, or a mapping."""
        words = words_of(value)
        if isinstance(value, str):
            return self._sound(value, None, words, path)
        fields = self._fields(value, EXPECT_KEYS, path)
        if not fields:
            self._wrong(
                path,
                "hear 没有条件",
                "hear has no condition",
                "如 hear: {prompt: main}",
                "for instance hear: {prompt: main}",
            )
        special = [key for key in SOUNDS if key in fields]
        if special:
            if len(fields) > 1:
                self._wrong(
                    path,
                    f"{special[0]} 不能和其他条件合用",
                    f"{special[0]} cannot be combined with other conditions",
                )
            return self._sound(special[0], fields[special[0]], words, (*path, special[0]))
        return self._prompt(fields, words, path)

    def _prompt(self, fields: Mapping[str, Any], words: str, path: NodePath) -> Expect:
        texts = {key: self._text(fields[key], (*path, key)) for key in TEXT_KEYS if key in fields}
        pattern = None
        if "matches" in texts:
            try:
                pattern = re.compile(texts["matches"])
            except re.error as error:
                self._wrong(
                    (*path, "matches"),
                    f"不是合法的正则表达式：{error}",
                    f"not a regular expression: {error}",
                )
        values = self._mapping(fields.get("values", {}), (*path, "values"))
        to_end = fields.get("to_end", False)
        if not isinstance(to_end, bool):
            self._wrong((*path, "to_end"), "to_end 是 true 或 false", "to_end is true or false")
        at_least = self._likeness(fields, path)
        return Expect(
            "prompt",
            words,
            prompt=texts.get("prompt", ""),
            language=texts.get("language", ""),
            contains=texts.get("contains", ""),
            exact=texts.get("exact", "").strip(),
            matches=pattern,
            similar=texts.get("similar", ""),
            at_least=at_least,
            values=tuple(
                (name, self._text(said, (*path, "values", name))) for name, said in values.items()
            ),
            to_end=to_end,
        )

    def _likeness(self, fields: Mapping[str, Any], path: NodePath) -> float:
        if "at_least" not in fields:
            return sc.DEFAULT_LIKENESS
        if "similar" not in fields:
            self._wrong(
                (*path, "at_least"),
                "at_least 要与 similar 合用",
                "at_least belongs to similar",
                "如 {similar: 您好, at_least: 0.8}",
                "for instance {similar: 您好, at_least: 0.8}",
            )
        return self._share(fields["at_least"], (*path, "at_least"))

    def _sound(self, kind: str, value: Any, words: str, path: NodePath) -> Expect:
        match kind:
            case "music":
                self._no_value(kind, value, path)
                return Expect("music", words)
            case "agent":
                number = "" if value is None else self._text(value, path)
                return Expect("agent", words, number=number)
            case "tone":
                tone = "" if value is None else self._text(value, path)
                if tone and tone not in TONES:
                    self._unknown(tone, TONES, path)
                return Expect("tone", words, tone=tone)
            case "silence":
                seconds = sc.DEFAULT_SILENCE if value is None else self._seconds(value, path)
                return Expect("silence", words, seconds=seconds)
            case "closing":
                self._no_value(kind, value, path)
                return Expect("prompt", words, prompt="closing")
            case "hangup":
                self._no_value(kind, value, path)
                return Expect("hangup", words)
        self._unknown(kind, SOUNDS, path)

    def agent_is(self, value: Any, path: NodePath) -> Expect:
        """What counts as an agent: a condition on what is said."""
        what = self.expect(value, path)
        if what.kind != "prompt":
            self._wrong(
                path,
                "agent_is 只能是提示音或文字的条件",
                "agent_is is a condition on a prompt or text",
                "如 agent_is: {contains: 客服专员}",
                "for instance agent_is: {contains: 客服专员}",
            )
        return what

    # --- watchers ------------------------------------------------------------------------------

    def _watch(self, data: Any, *path: str | int) -> sc.Watch:
        when: Literal["always", "never"] = "never" if "never" in path else "always"
        known = WATCH_KINDS[when]
        fields = self._mapping(data, path)
        kind = self._kind_of_watch(fields, when, path)
        value = fields[kind]
        place, words = self.document.place(*path, kind), f"{when} {kind}: {words_of(value)}"
        extra = (*WATCH_WINDOW, *(WATCH_COUNTS if when == "always" else ()))
        self._fields(fields, (*known, *extra) if kind == "hear" else known, path)
        if kind not in ("hear", "first", "last"):
            if kind == "max_menu_depth":
                limit = float(self._count(value, (*path, kind)))
            else:
                limit = self._seconds(value, (*path, kind))
            return sc.Watch(place, when, kind, words, None, limit)  # type: ignore[arg-type]
        what = self.expect(value, (*path, kind))
        if what.kind == "silence":
            if len(fields) > 1:
                self._wrong(
                    path,
                    "静音不能和 before、after 合用",
                    "silence cannot be combined with before or after",
                )
            return self._watch_silence(what, when, place, words, (*path, kind))
        if kind != "hear":
            return sc.Watch(place, when, kind, words, what)  # type: ignore[arg-type]
        return self._watch_hearing(fields, when, what, place, path)

    def _kind_of_watch(self, fields: Mapping[str, Any], when: str, path: NodePath) -> str:
        known = WATCH_KINDS[when]
        kinds = [key for key in fields if key in known]
        if len(kinds) == 1:
            return kinds[0]
        for key in fields:
            if key not in (*known, *WATCH_WINDOW, *WATCH_COUNTS):
                self._unknown(key, known, (*path, key))
        self._wrong(
            path,
            "一项只能有一个条件",
            "an entry is one condition",
            f"可用：{'、'.join(known)}",
            f"one of: {', '.join(known)}",
        )

    def _watch_silence(
        self, what: Expect, when: Literal["always", "never"], place: Place, words: str, at: NodePath
    ) -> sc.Watch:
        if when == "always":
            self._wrong(
                at,
                "always 不能要求静音",
                "silence cannot be required",
                "写成 never: [{silence_longer_than: 秒}]",
                "write never: [{silence_longer_than: seconds}]",
            )
        return sc.Watch(place, when, "silence_longer_than", words, None, what.seconds)

    def _watch_hearing(
        self,
        fields: Mapping[str, Any],
        when: Literal["always", "never"],
        what: Expect,
        place: Place,
        path: NodePath,
    ) -> sc.Watch:
        window = {
            side: self._in_window(fields[side], (*path, side))
            for side in WATCH_WINDOW
            if side in fields
        }
        counts = {
            side: self._count(fields[side], (*path, side))
            for side in WATCH_COUNTS
            if side in fields
        }
        least = 0 if when == "never" or "at_most" in counts else 1
        most = 0 if when == "never" else counts.get("at_most")
        least = counts.get("at_least", least)
        if most is not None and least > most:
            self._wrong(
                path,
                "at_least 大于 at_most",
                "at_least is above at_most",
                "交换两个数",
                "swap the two numbers",
            )
        return sc.Watch(
            place,
            when,
            "hear",
            f"{when} " + ", ".join(f"{key}: {words_of(value)}" for key, value in fields.items()),
            what,
            before=window.get("before"),
            after=window.get("after"),
            at_least=least,
            at_most=most,
        )

    def _in_window(self, value: Any, path: NodePath) -> Expect:
        what = self.expect(value, path)
        if what.kind == "silence":
            self._wrong(path, "这里不能用静音", "silence cannot stand here")
        return what
