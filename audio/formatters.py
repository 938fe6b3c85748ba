"""How a value is said: the ordered pieces, each a short text that exists as a clip of the pack.

    spoken("amount", 12856, "zh-CN")  ->  一百 二十八元 五角六分
    spoken("phone", "13800138000", "zh-CN")  ->  幺 三八 零零 幺三 八零 零零

Pieces are as long as the inventory allows (`pieces`), because a single Mandarin syllable cut out of
its neighbours loses its tone: digits of numbers come in pairs; numbers below a hundred, months,
days, hours and minutes are whole; 元, 度, 分钟 and the decimal point cling to the number. 1 is 幺
wherever digits are read one by one (the reading clerks are trained to, so that 一 and 七 are not
mistaken), and 一 in quantities.

The grammar of quantities is that of written Chinese numerals (GB/T 15835 leaves the reading to
usage): 零 once for any gap, 一十 after a higher digit, 两 before a measure word, 千, 万 and 亿, but
二 in 二十, 二百 and after a higher digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from audio.template import KINDS

__all__ = ["LANGUAGES", "FormatError", "join", "may_end", "may_follow", "pieces", "spoken"]

LANGUAGES = ("zh-CN", "en-US")


class FormatError(ValueError):
    """A value that its kind cannot say; the message names kind, value and what would do."""

    def __init__(self, kind: str, value: object, expected: str) -> None:
        super().__init__(f"{value!r} cannot be spoken as {kind}: {expected}")


def spoken(kind: str, value: object, language: str) -> tuple[str, ...]:
    """The pieces that say `value`, in order; raises `FormatError` for a value of another shape."""
    if kind == "word":
        return (str(value),)
    say = (_MANDARIN if language.startswith("zh") else _ENGLISH).get(kind)
    if say is None:
        raise FormatError(kind, value, f"the kinds are {', '.join(sorted(KINDS))}")
    return say(kind, value)


def join(said: tuple[str, ...], language: str) -> str:
    """Pieces as one text: without spaces in Chinese, with spaces in English."""
    return ("" if language.startswith("zh") else " ").join(said)


# ---------------------------------------------------------------------------- values, either way


def _digit_string(kind: str, value: object) -> str:
    """Digits only; an international prefix of China is dropped (the caller is in China)."""
    text = re.sub(r"[\s\-]", "", str(value))
    if kind == "phone":
        text = re.sub(r"^(\+|00)86", "", text)
    if not re.fullmatch(r"[0-9]+", text):
        raise FormatError(kind, value, "expected digits 0-9, with spaces or hyphens at most")
    return text


def _whole(kind: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value.strip()):
        return int(value)
    raise FormatError(kind, value, "expected a whole number")


def _decimal(kind: str, value: object) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise FormatError(kind, value, "expected a number such as 320.5") from None
    if not number.is_finite() or isinstance(value, bool):
        raise FormatError(kind, value, "expected a finite number")
    return number


def _date(kind: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise FormatError(kind, value, "expected an ISO date, YYYY-MM-DD") from None


def _time(kind: str, value: object) -> time:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise FormatError(kind, value, "expected a time of day, HH:MM") from None


def _datetime(kind: str, value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise FormatError(kind, value, "expected an ISO date and time, YYYY-MM-DDTHH:MM") from None


def _split(number: Decimal) -> tuple[bool, int, str]:
    """Sign, whole part, and decimals as digits without closing zeros."""
    whole, _, decimals = f"{abs(number):f}".partition(".")
    decimals = decimals.rstrip("0")
    return number < 0 and (int(whole) > 0 or bool(decimals)), int(whole), decimals


_LIMIT = 10**12
"""Numbers from here on are refused: no bill has them, and 万亿 would need a piece more."""


def _check_size(kind: str, value: object, whole: int) -> None:
    if whole >= _LIMIT:
        raise FormatError(kind, value, "expected less than a million million")


# ------------------------------------------------------------------------------------ Mandarin

_ZH = "零一二三四五六七八九"
_ZH_DIGIT = "零幺二三四五六七八九"
_ZH_MINUTES = 60
_ZH_YEARS = range(2015, 2041)
"""Years that are one clip; others are read digit by digit."""


def _zh_below_100(number: int, after_higher: bool = False) -> str:
    """二, 十二, 二十; 一十二 where a higher digit precedes."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _ZH[ones]
    head = "" if tens == 1 and not after_higher else _ZH[tens]
    return f"{head}十{_ZH[ones] if ones else ''}"


def _zh_section(number: int, after_higher: bool) -> Iterator[str]:
    """The pieces of 1-9999 as one section of 万; `after_higher` when 万 or 亿 precedes.

    digits  1 0 2 0 -> 一千 零 二十      0 5 0 0 (after 万) -> 零 五百
    """
    thousands, hundreds, rest = number // 1000, number // 100 % 10, number % 100
    gap = after_higher and thousands == 0
    if thousands:
        yield ("两" if thousands == 2 else _ZH[thousands]) + "千"
        gap = hundreds == 0
    if hundreds:
        if gap:
            yield "零"
        yield _ZH[hundreds] + "百"
        gap = rest < 10
    if rest:
        if gap:
            yield "零"
        yield _zh_below_100(rest, after_higher=after_higher or number >= 100)


def _zh_number(number: int, measured: bool = True) -> Iterator[str]:
    """The pieces of a quantity >= 0; 2 alone is 两 when a measure word follows."""
    if number == 0:
        yield "零"
        return
    if number == 2 and measured:
        yield "两"
        return
    hundred_million, below = divmod(number, 10**8)
    ten_thousand, ones = divmod(below, 10**4)
    higher = False
    for count, unit in ((hundred_million, "亿"), (ten_thousand, "万")):
        if count:
            if count == 2 and not higher:
                yield "两"
            else:
                yield from _zh_section(count, higher)
            yield unit
        # a section of zeros in the middle needs its 零: 一亿零五
        higher = higher or bool(count)
    if ones:
        yield from _zh_section(ones, higher)


def _zh_pairs(kind: str, value: object) -> tuple[str, ...]:
    """Digits in pairs from the right, a single one first if their number is odd."""
    text = "".join(_ZH_DIGIT[int(digit)] for digit in _digit_string(kind, value))
    odd = len(text) % 2
    return (*text[:odd], *(text[at : at + 2] for at in range(odd, len(text), 2)))


def _with_unit(said: Iterator[str], unit: str) -> Iterator[str]:
    """The unit clings to the last piece: 一百 二十八元."""
    *first, last = said
    yield from first
    yield last + unit


def _zh_amount(kind: str, value: object) -> tuple[str, ...]:
    """Fen as 元角分. The first of the three takes 两 for 2: 两元二角, 两角五分, 十二元二角."""
    fen = _whole(kind, value)
    yuan, jiao, rest = abs(fen) // 100, abs(fen) // 10 % 10, abs(fen) % 10
    _check_size(kind, value, yuan)
    said: list[str] = ["负"] if fen < 0 else []
    if yuan or fen == 0:
        said += _with_unit(_zh_number(yuan), "元")
    if jiao or rest:
        said.append(_zh_below_yuan(jiao, rest, after_yuan=yuan > 0))
    return tuple(said)


def _zh_below_yuan(jiao: int, fen: int, after_yuan: bool) -> str:
    """五角六分; 零六分 after 元; 两角, 两分 where nothing precedes."""
    text = ""
    if jiao:
        text = ("两" if jiao == 2 and not after_yuan else _ZH[jiao]) + "角"
    if fen:
        text += "零" if after_yuan and not jiao else ""
        text += ("两" if fen == 2 and not (after_yuan or jiao) else _ZH[fen]) + "分"
    return text


def _zh_date(kind: str, value: object) -> tuple[str, ...]:
    day = _date(kind, value)
    digits = "".join(_ZH[int(digit)] for digit in f"{day.year:04d}")
    year = (digits + "年",) if day.year in _ZH_YEARS else (*digits, "年")
    return (*year, _zh_below_100(day.month) + "月", _zh_below_100(day.day) + "日")


def _zh_time(kind: str, value: object) -> tuple[str, ...]:
    """八点整, 八点零五分, 十四点三十分."""
    clock = _time(kind, value)
    hour = "两点" if clock.hour == 2 else _zh_below_100(clock.hour) + "点"
    if clock.minute == 0:
        return (hour, "整")
    return (hour, _zh_minute(clock.minute))


def _zh_minute(minute: int) -> str:
    return ("零" if minute < 10 else "") + _zh_below_100(minute) + "分"


def _zh_datetime(kind: str, value: object) -> tuple[str, ...]:
    moment = _datetime(kind, value)
    return _zh_date(kind, moment) + _zh_time(kind, moment)


def _zh_kwh(kind: str, value: object) -> tuple[str, ...]:
    negative, whole, decimals = _split(_decimal(kind, value))
    _check_size(kind, value, whole)
    said = [*(["负"] if negative else []), *_zh_number(whole, measured=not decimals)]
    if decimals:
        first, *others = (_ZH[int(digit)] for digit in decimals)
        said += ["点" + first, *others]
    return (*said[:-1], said[-1] + "度")


def _zh_count(kind: str, value: object) -> tuple[str, ...]:
    number = _whole(kind, value)
    _check_size(kind, value, abs(number))
    return (*(("负",) if number < 0 else ()), *_zh_number(abs(number)))


def _zh_minutes(kind: str, value: object) -> tuple[str, ...]:
    """The unit clings to the number up to an hour; longer is rare, and said in two pieces."""
    said = _zh_count(kind, value)
    if abs(_whole(kind, value)) <= _ZH_MINUTES:
        return tuple(_with_unit(iter(said), "分钟"))
    return (*said, "分钟")


_MANDARIN: dict[str, Callable[[str, object], tuple[str, ...]]] = {
    "account": _zh_pairs,
    "phone": _zh_pairs,
    "digits": _zh_pairs,
    "order": _zh_pairs,
    "agent": _zh_pairs,
    "amount": _zh_amount,
    "date": _zh_date,
    "time": _zh_time,
    "datetime": _zh_datetime,
    "kwh": _zh_kwh,
    "count": _zh_count,
    "minutes": _zh_minutes,
}


def _zh_quantities() -> Iterator[str]:
    """Every piece that a quantity can end with."""
    yield from (_zh_below_100(number) for number in range(100))
    yield "两"
    yield from (_zh_below_100(number, after_higher=True) for number in range(10, 20))
    yield from (_ZH[number] + "百" for number in range(1, 10))
    yield from (("两" if number == 2 else _ZH[number]) + "千" for number in range(1, 10))
    yield from "万亿"


def _zh_pieces() -> Iterator[str]:
    yield from _zh_quantities()
    yield from ("幺", "负", "年", "整", "两点")
    yield from (first + second for first in _ZH_DIGIT for second in _ZH_DIGIT)
    yield from (piece + unit for unit in "元度" for piece in _zh_quantities())
    minutes = (_zh_below_100(number) for number in range(_ZH_MINUTES + 1) if number != 2)
    yield from (f"{piece}分钟" for piece in ("", "两", *minutes))
    yield from (f"点{digit}" for digit in _ZH)
    yield from (f"点{digit}度" for digit in _ZH[1:])
    yield from (
        _zh_below_yuan(jiao, fen, after_yuan)
        for after_yuan in (True, False)
        for jiao in range(10)
        for fen in range(10)
        if jiao or fen
    )
    yield from ("".join(_ZH[int(digit)] for digit in str(year)) + "年" for year in _ZH_YEARS)
    yield from (_zh_below_100(month) + "月" for month in range(1, 13))
    yield from (_zh_below_100(day) + "日" for day in range(1, 32))
    yield from (_zh_below_100(hour) + "点" for hour in range(24) if hour != 2)
    yield from (_zh_minute(minute) for minute in range(1, 60))


# ------------------------------------------------------------------------------------- English

_EN_SMALL = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_EN_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_EN_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
)
_EN_DAYS = [
    *_EN_ORDINALS,
    *(f"twenty-{day}" for day in _EN_ORDINALS[:9]),
    "thirtieth",
    "thirty-first",
]


def _en_below_100(number: int) -> str:
    if number < 20:
        return _EN_SMALL[number]
    tens, ones = divmod(number, 10)
    return _EN_TENS[tens - 2] + (f"-{_EN_SMALL[ones]}" if ones else "")


def _en_number(number: int) -> Iterator[str]:
    if number == 0:
        yield "zero"
    for size, unit in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (1, "")):
        section = number // size % 1000
        if section // 100:
            yield from (_EN_SMALL[section // 100], "hundred")
        if section % 100:
            yield _en_below_100(section % 100)
        if section and unit:
            yield unit


def _en_digits(kind: str, value: object) -> tuple[str, ...]:
    return tuple(_EN_SMALL[int(digit)] for digit in _digit_string(kind, value))


def _en_decimal(negative: bool, whole: int, decimals: str, unit: str) -> tuple[str, ...]:
    fraction = ("point", *(_EN_SMALL[int(digit)] for digit in decimals)) if decimals else ()
    return (*(("minus",) if negative else ()), *_en_number(whole), *fraction, unit)


def _en_amount(kind: str, value: object) -> tuple[str, ...]:
    fen = _whole(kind, value)
    _check_size(kind, value, abs(fen) // 100)
    decimals = f"{abs(fen) % 100:02d}".rstrip("0")
    return _en_decimal(fen < 0, abs(fen) // 100, decimals, "yuan")


def _en_date(kind: str, value: object) -> tuple[str, ...]:
    """November twenty-fifth twenty twenty-five; two thousand five; nineteen oh five."""
    day = _date(kind, value)
    century, year = divmod(day.year, 100)
    if century % 10 == 0 and year < 10:
        said = tuple(_en_number(day.year))
    elif year == 0:
        said = (_en_below_100(century), "hundred")
    else:
        said = (_en_below_100(century), *(("oh",) if year < 10 else ()), _en_below_100(year))
    return (_EN_MONTHS[day.month - 1], _EN_DAYS[day.day - 1], *said)


def _en_time(kind: str, value: object) -> tuple[str, ...]:
    """eight o'clock a.m.; eight oh five a.m.; two thirty p.m."""
    clock = _time(kind, value)
    hour = _en_below_100(clock.hour % 12 or 12)
    if clock.minute == 0:
        minute: tuple[str, ...] = ("o'clock",)
    else:
        minute = (*(("oh",) if clock.minute < 10 else ()), _en_below_100(clock.minute))
    return (hour, *minute, "a.m." if clock.hour < 12 else "p.m.")


def _en_datetime(kind: str, value: object) -> tuple[str, ...]:
    moment = _datetime(kind, value)
    return _en_date(kind, moment) + _en_time(kind, moment)


def _en_kwh(kind: str, value: object) -> tuple[str, ...]:
    negative, whole, decimals = _split(_decimal(kind, value))
    _check_size(kind, value, whole)
    unit = "kilowatt-hour" if (whole, decimals) == (1, "") else "kilowatt-hours"
    return _en_decimal(negative, whole, decimals, unit)


def _en_count(kind: str, value: object) -> tuple[str, ...]:
    number = _whole(kind, value)
    _check_size(kind, value, abs(number))
    return (*(("minus",) if number < 0 else ()), *_en_number(abs(number)))


def _en_minutes(kind: str, value: object) -> tuple[str, ...]:
    said = _en_count(kind, value)
    return (*said, "minute" if said == ("one",) else "minutes")


_ENGLISH: dict[str, Callable[[str, object], tuple[str, ...]]] = {
    "account": _en_digits,
    "phone": _en_digits,
    "digits": _en_digits,
    "order": _en_digits,
    "agent": _en_digits,
    "amount": _en_amount,
    "date": _en_date,
    "time": _en_time,
    "datetime": _en_datetime,
    "kwh": _en_kwh,
    "count": _en_count,
    "minutes": _en_minutes,
}


def _en_pieces() -> Iterator[str]:
    yield from (_en_below_100(number) for number in range(100))
    yield from (
        "hundred",
        "thousand",
        "million",
        "billion",
        "minus",
        "point",
        "oh",
        "o'clock",
        "a.m.",
        "p.m.",
        "yuan",
        "kilowatt-hour",
        "kilowatt-hours",
        "minute",
        "minutes",
    )
    yield from _EN_MONTHS
    yield from _EN_DAYS


# ------------------------------------------------------------------------------------ inventory


@lru_cache(maxsize=4)
def pieces(language: str) -> tuple[str, ...]:
    """Every piece that `spoken` can use in a language, each once: what the pack must hold."""
    every = _zh_pieces() if language.startswith("zh") else _en_pieces()
    return tuple(dict.fromkeys(every))


# -------------------------------------------------------------------------------------- listening

_DIGIT_KINDS = frozenset({"account", "phone", "digits", "order", "agent"})
_ZH_END = {
    "amount": ("元", "角", "分"),
    "kwh": ("度",),
    "minutes": ("分钟",),
    "date": ("日",),
    "time": ("分", "整"),
    "datetime": ("分", "整"),
}
_EN_END = {
    "amount": ("yuan",),
    "kwh": ("kilowatt-hour", "kilowatt-hours"),
    "minutes": ("minute", "minutes"),
    "time": ("a.m.", "p.m."),
    "datetime": ("a.m.", "p.m."),
}


def may_end(kind: str, piece: str, language: str) -> bool:
    """Whether a value of a kind can be over after a piece."""
    endings = (_ZH_END if language.startswith("zh") else _EN_END).get(kind)
    return endings is None or piece.endswith(endings)


def may_follow(kind: str, before: str, piece: str, language: str) -> bool:
    """Whether a piece can come after another ("" at the start) in a value of a kind.

    For a listener that must tell where one value ends and the next one begins.
    """
    chinese = language.startswith("zh")
    if kind == "word":
        return not before
    if kind == "datetime" and before and may_end("date", before, language) == chinese:
        kind, before = ("time", "") if chinese else (kind, before)
    elif kind == "datetime":
        kind = "date" if chinese and not before.endswith("点") else "time" if chinese else kind
    return piece in (_zh_next if chinese else _en_next)(kind, before)


@lru_cache(maxsize=2048)
def _zh_next(kind: str, before: str) -> frozenset[str]:
    quantities = frozenset(_zh_quantities())
    start = quantities | {"负"} if not before else quantities
    if kind in _DIGIT_KINDS:
        return frozenset((*_ZH_DIGIT, *(a + b for a in _ZH_DIGIT for b in _ZH_DIGIT)))
    if kind == "count":
        return start
    if kind == "amount":
        if before.endswith(("角", "分")):
            return frozenset()
        small = frozenset(
            _zh_below_yuan(jiao, fen, before.endswith("元"))
            for jiao in range(10)
            for fen in range(10)
            if jiao or fen
        )
        if before.endswith("元"):
            return small
        return (
            start
            | {piece + "元" for piece in quantities}
            | (small if before in ("", "负") else frozenset())
        )
    if kind == "minutes":
        if before.endswith("分钟"):
            return frozenset()
        return start | {piece + "分钟" for piece in quantities} | ({"分钟"} if before else set())
    if kind == "kwh":
        if before.endswith("度"):
            return frozenset()
        points = frozenset(f"点{digit}{end}" for digit in _ZH for end in ("", "度"))
        return start | {piece + "度" for piece in quantities} | (points if before else set())
    if kind == "date":
        if before.endswith("日"):
            return frozenset()
        if before.endswith("月"):
            return frozenset(_zh_below_100(day) + "日" for day in range(1, 32))
        if before.endswith("年"):
            return frozenset(_zh_below_100(month) + "月" for month in range(1, 13))
        years = ("".join(_ZH[int(digit)] for digit in str(year)) + "年" for year in _ZH_YEARS)
        return frozenset((*_ZH, "年", *(() if before else years)))
    if kind == "time" and before.endswith("点"):
        return frozenset(("整", *(_zh_minute(minute) for minute in range(1, 60))))
    if kind == "time" and not before:
        return frozenset(("两点", *(_zh_below_100(hour) + "点" for hour in range(24))))
    return frozenset()


@lru_cache(maxsize=2048)
def _en_next(kind: str, before: str) -> frozenset[str]:
    ends = _EN_END.get(kind, ())
    if before in ends:
        return frozenset()
    numbers = frozenset((*(_en_below_100(number) for number in range(100)), "hundred", "thousand"))
    if kind in _DIGIT_KINDS:
        return frozenset(_EN_SMALL[:10])
    if kind == "time":
        return numbers | {"oh", "o'clock", *ends}
    if kind in ("date", "datetime"):
        if not before:
            return frozenset(_EN_MONTHS)
        if before in _EN_MONTHS:
            return frozenset(_EN_DAYS)
        return numbers | {"oh", *(("o'clock", *ends) if kind == "datetime" else ())}
    start = {"minus"} if not before else {"million", "billion", "point", *ends}
    return numbers | start
