"""Reading a form: fields, texts, times and keys of a document, with problems noted by place.

A part that is wrong is noted and left out, so that one reading tells all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from hotline.callers.scenario import Span
from menus.reader import Document, NodePath
from menus.wording import NOWHERE, Both, Problem, nearest

KEYS = frozenset("0123456789*#ABCD")
"""Keys of a telephone."""


class WrongPartError(Exception):
    """A part that cannot be used; the problem has been noted."""


class Form:
    """Checks and converts parts of one document; `problems` are those met so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    # --- values --------------------------------------------------------------------------------

    def _keys(self, value: Any, path: NodePath) -> str:
        text = self.document.raw.get(path, "") or ("" if value is None else str(value))
        if not text:
            self._wrong(
                path,
                "没有按键",
                "no key",
                '没有加引号的 # 是注释：写成 "#"',
                'an unquoted # is a comment: write "#"',
            )
        bad = next((key for key in text if key not in KEYS), None)
        if bad is not None:
            self._wrong(
                path,
                f"电话上没有“{bad}”键",
                f"a telephone has no key {bad!r}",
                "可用 0-9 * # A-D",
                "keys are 0-9 * # A-D",
            )
        return text

    def _seconds(self, value: Any, path: NodePath) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            self._wrong(path, "需要不小于 0 的秒数", "a number of seconds is needed, 0 or more")
        return float(value)

    def _span(self, value: Any, path: NodePath) -> Span:
        if isinstance(value, list):
            if len(value) != 2:
                self._wrong(path, "写成 [最小, 最大]", "write [min, max] in seconds")
            low, high = (self._seconds(v, path) for v in value)
            if low > high:
                self._wrong(
                    path,
                    "最小值大于最大值",
                    "min is above max",
                    "交换两个数",
                    "swap the two numbers",
                )
            return Span(low, high)
        seconds = self._seconds(value, path)
        return Span(seconds, seconds)

    def _text(self, value: Any, path: NodePath) -> str:
        if isinstance(value, (dict, list)) or value is None or value == "":
            self._wrong(path, "这里需要文字", "a text is needed here")
        return self.document.raw.get(path, "") or str(value)

    def _list(self, value: Any, path: NodePath) -> list[Any]:
        if not isinstance(value, list):
            self._wrong(
                path,
                "这里需要列表",
                "a list is needed here",
                "每项前写 “- ”",
                'begin each item with "- "',
            )
        return list(value)

    def _mapping(self, value: Any, path: NodePath) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(
                path,
                "这里需要键值表",
                "a mapping is needed here",
                "写成 键: 值",
                "write key: value",
            )
        return dict(value)

    def _fields(
        self, value: Any, known: Iterable[str], path: NodePath, *, needs: Iterable[str] = ()
    ) -> dict[str, Any]:
        fields = self._mapping(value, path)
        known = tuple(known)
        for key in fields:
            if key not in known:
                self._unknown(key, known, (*path, key))
        for key in needs:
            if key not in fields:
                self._wrong(path, f"缺少 {key}", f"{key} is missing", f"补上 {key}", f"add {key}")
        return fields

    # --- problems ------------------------------------------------------------------------------

    def _try(self, read: Callable[..., Any], *args: Any) -> list[Any]:
        """What `read` gives, or nothing when it is wrong (which has been noted)."""
        try:
            return [read(*args)]
        except WrongPartError:
            return []

    def _unknown(self, word: str, known: Iterable[str], path: NodePath) -> NoReturn:
        known = tuple(known)
        if not word.isidentifier():
            self._wrong(
                path,
                f"不认识“{word}”",
                f"unknown {word!r}",
                "花括号里含逗号或冒号的文字要加引号",
                "put a text with a comma or colon inside braces in quotes",
            )
        near = nearest(word, known)
        listed = ", ".join(known)
        self._wrong(
            path,
            f"不认识“{word}”",
            f"unknown {word!r}",
            f"是否想写 {near}？" if near else f"可用：{listed}",
            f"did you mean {near}?" if near else f"available: {listed}",
        )

    def _wrong(
        self, path: NodePath, zh: str, en: str, hint_zh: str = "", hint_en: str = ""
    ) -> NoReturn:
        hint = Both(hint_zh, hint_en) if hint_en else NOWHERE
        self.problems.append(Problem(self.document.place(*path), Both(zh, en), hint))
        raise WrongPartError


def is_count(value: Any) -> bool:
    """Whether it is a whole number, 0 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def words_of(value: Any) -> str:
    """A condition as a person would write it in a message."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {words_of(inner)}" for key, inner in value.items()) + "}"
    return plain_text(value)


def plain_text(value: Any) -> str:
    """A single value as a person would write it."""
    if value is True or value is False:
        return str(value).lower()
    return "" if value is None else str(value)
