"""Which keys a prompt announces: 停电报修请按1, 返回上级请按星号键, press zero, press pound.

    请按 | 按 | press        then        0-9 | 零 to 九 | 星号(键) * star | 井号(键) # pound

One word after another: 请按1或2 announces both. A digit that is part of a longer number is no key,
nor is a numeral that counts something (按三档计价, 按一下).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_HANZI = {word: str(digit) for digit, word in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_WORDS = {
    word: str(digit)
    for digit, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
}
_NAMES = {
    **_HANZI,
    **_WORDS,
    "星号": "*",
    "星键": "*",
    "米字": "*",
    "*": "*",
    "＊": "*",
    "star": "*",
    "asterisk": "*",
    "井号": "#",
    "井键": "#",
    "#": "#",
    "＃": "#",
    "pound": "#",
    "hash": "#",
}
_COUNTED = "下次个档种点年月日时分秒元角度百千万十天户类级项步层条台户口"
_ZH_KEY = (
    rf"(?:[0-9０-９](?![0-9０-９.])|[零〇一二三四五六七八九](?![{_COUNTED}])"
    r"|[*#＊＃]|星号|米字|井号|星键|井键)"
)
_EN_KEY = rf"(?:[0-9](?![0-9.]?[0-9])|[*#]|(?:{'|'.join(_WORDS)}|star|asterisk|pound|hash)\b)"
_ZH = re.compile(rf"按\s*(?:数字|键盘上的)?\s*({_ZH_KEY})键?(?:\s*(?:或者?|、)\s*({_ZH_KEY})键?)*")
_EN = re.compile(
    rf"\bpress(?:ing)?\s+(?:the\s+)?({_EN_KEY})(?:\s+(?:or|and)\s+(?:the\s+)?({_EN_KEY}))*",
    re.IGNORECASE,
)
_ONE_ZH, _ONE_EN = re.compile(_ZH_KEY), re.compile(_EN_KEY, re.IGNORECASE)


class Announced(NamedTuple):
    """One key that a text announces; `end` is the index just after the announcement."""

    key: str
    end: int


@lru_cache(maxsize=4096)
def announcements(text: str) -> tuple[Announced, ...]:
    """The keys that `text` announces, in order, each as often as it does."""
    found = [
        Announced(_key(one.group()), match.end())
        for pattern, single in ((_ZH, _ONE_ZH), (_EN, _ONE_EN))
        for match in pattern.finditer(text)
        for one in single.finditer(match.group())
    ]
    return tuple(sorted(found, key=lambda announced: announced.end))


def announced_keys(text: str) -> frozenset[str]:
    """The keys that `text` announces."""
    return frozenset(announced.key for announced in announcements(text))


def names_key(text: str, key: str) -> bool:
    """Whether `text` mentions `key` in any way: 以井号键结束, then press pound."""
    names = [name for name, of in _NAMES.items() if of == key]
    return key in text or any(name in text.lower() for name in names)


def _key(word: str) -> str:
    word = word.lower()
    if word in _NAMES:
        return _NAMES[word]
    return chr(ord(word) - ord("０") + ord("0")) if "０" <= word <= "９" else word
