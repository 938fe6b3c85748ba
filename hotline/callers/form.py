"""Reading a form: fields, texts, times and keys of a document, with problems noted by place.

A part that is wrong is noted and left out, so that one reading tells all that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from hotline.callers.scenario import Duration, Span
from hotline.switch.distributions import DistributionError, from_mapping
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

    def _duration(self, value: Any, path: NodePath) -> Duration:
        """Seconds, [min, max], or a distribution by name."""
        if not isinstance(value, dict):
            return self._span(value, path)
        if any(isinstance(number, bool) for number in value.values()):
            self._wrong(path, "分布的参数是数", "the figures of a distribution are numbers")
        try:
            return from_mapping(value)
        except DistributionError as error:
            self._wrong(
                path,
                f"分布写法不对：{error}",
                f"{error}",
                "如 {distribution: lognormal, mean: 5, cv: 0.4}",
                "for instance {distribution: lognormal, mean: 5, cv: 0.4}",
            )

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

    def _share(self, value: Any, path: NodePath) -> float:
        """A number from 0 to 1."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            self._wrong(path, "需要 0 到 1 的数", "a number from 0 to 1 is needed")
        return float(value)

    def _count(self, value: Any, path: NodePath) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            name = path[-1]
            self._wrong(path, f"{name} 是不小于 0 的整数", f"{name} is a whole number, 0 or more")
        return value

    def _flag(self, value: Any, path: NodePath) -> bool:
        if not isinstance(value, bool):
            self._wrong(path, f"{path[-1]} 是 true 或 false", f"{path[-1]} is true or false")
        return value

    def _no_value(self, word: str, value: Any, path: NodePath) -> None:
        if value is not None:
            self._wrong(
                path,
                f"{word} 不带值",
                f"{word} takes no value",
                f"写成 {word}:",
                f"write {word}:",
            )

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

    def _list_or_none(self, value: Any, path: NodePath) -> list[Any]:
        return [] if value is None else self._list(value, path)

    def _mapping_or_none(self, value: Any, path: NodePath) -> dict[str, Any]:
        return {} if value is None else self._mapping(value, path)

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
        if "：" in word:
            self._wrong(
                path,
                f"“{word}”里的冒号是全角的",
                f"the colon in {word!r} is the full-width one",
                "改成半角冒号加空格",
                "write : and a space instead",
            )
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
