"""Spoken numbers: listed readings, and round trips through an independent reading of them."""

from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.formatters import LANGUAGES, FormatError, join, may_end, may_follow, pieces, spoken
from audio.template import KINDS

ZH, EN = LANGUAGES


@pytest.mark.parametrize(
    ("kind", "value", "mandarin", "english"),
    [
        ("amount", 12856, "一百二十八元五角六分", "one hundred twenty-eight point five six yuan"),
        ("amount", 0, "零元", "zero yuan"),
        ("amount", 5, "五分", "zero point zero five yuan"),
        ("amount", 105, "一元零五分", "one point zero five yuan"),
        ("amount", 220, "两元二角", "two point two yuan"),
        ("amount", 25, "两角五分", "zero point two five yuan"),
        ("amount", 1222, "十二元二角二分", "twelve point two two yuan"),
        ("amount", -1012000, "负一万零一百二十元", "minus ten thousand one hundred twenty yuan"),
        ("amount", "10010000", "十万零一百元", "one hundred thousand one hundred yuan"),
        ("kwh", "320.5", "三百二十点五度", "three hundred twenty point five kilowatt-hours"),
        ("kwh", 2, "两度", "two kilowatt-hours"),
        ("kwh", 1, "一度", "one kilowatt-hour"),
        ("kwh", 2.50, "二点五度", "two point five kilowatt-hours"),
        ("kwh", -0.0, "零度", "zero kilowatt-hours"),
        ("count", 0, "零", "zero"),
        ("count", 2, "两", "two"),
        ("count", 10, "十", "ten"),
        ("count", 12, "十二", "twelve"),
        ("count", 102, "一百零二", "one hundred two"),
        ("count", 110, "一百一十", "one hundred ten"),
        ("count", 222, "二百二十二", "two hundred twenty-two"),
        ("count", 1010, "一千零一十", "one thousand ten"),
        ("count", 2002, "两千零二", "two thousand two"),
        ("count", 22000, "两万两千", "twenty-two thousand"),
        ("count", 120012, "十二万零一十二", "one hundred twenty thousand twelve"),
        ("count", 200000002, "两亿零二", "two hundred million two"),
        ("minutes", 2, "两分钟", "two minutes"),
        ("minutes", 110, "一百一十分钟", "one hundred ten minutes"),
        ("minutes", 1, "一分钟", "one minute"),
        (
            "date",
            "2025-11-25",
            "二零二五年十一月二十五日",
            "November twenty-fifth twenty twenty-five",
        ),
        ("date", "1998-02-02", "一九九八年二月二日", "February second nineteen ninety-eight"),
        ("date", "2005-10-30", "二零零五年十月三十日", "October thirtieth two thousand five"),
        ("time", "08:00", "八点整", "eight o'clock a.m."),
        ("time", "02:05", "两点零五分", "two oh five a.m."),
        ("time", "14:30", "十四点三十分", "two thirty p.m."),
        ("time", "00:10", "零点十分", "twelve ten a.m."),
        (
            "datetime",
            "2026-01-01T12:00",
            "二零二六年一月一日十二点整",
            "January first twenty twenty-six twelve o'clock p.m.",
        ),
        (
            "phone",
            "138 0013-8000",
            "幺三八零零幺三八零零零",
            "one three eight zero zero one three eight zero zero zero",
        ),
        (
            "phone",
            "+8613800138000",
            "幺三八零零幺三八零零零",
            "one three eight zero zero one three eight zero zero zero",
        ),
        ("agent", "1023", "幺零二三", "one zero two three"),
        ("word", "设备检修", "设备检修", "设备检修"),
    ],
)
def test_listed_readings(kind: str, value: object, mandarin: str, english: str) -> None:
    assert join(spoken(kind, value, ZH), ZH) == mandarin
    assert join(spoken(kind, value, EN), EN) == english


def test_typed_values_read_like_their_text() -> None:
    moment = datetime(2025, 11, 25, 8, 5)
    assert spoken("datetime", moment, ZH) == spoken("datetime", "2025-11-25 08:05", ZH)
    assert spoken("date", date(2025, 11, 25), ZH) == spoken("date", moment, ZH)
    assert spoken("time", time(8, 5), ZH) == spoken("time", moment, ZH)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("account", "12a"),
        ("account", ""),
        ("amount", 1.5),
        ("amount", True),
        ("amount", 10**14),
        ("count", "many"),
        ("date", "25.11.2025"),
        ("time", "noon"),
        ("datetime", "x"),
        ("kwh", "NaN"),
        ("kwh", "-"),
        ("wishes", 1),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bad_value_is_named(kind: str, value: object, language: str) -> None:
    with pytest.raises(FormatError, match=f"cannot be spoken as {kind}"):
        spoken(kind, value, language)


# ---- round trips: another reading of numerals than the one that wrote them

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "幺": 1}
_UNIT = {"十": 10, "百": 100, "千": 1000}


def read_mandarin(text: str) -> int:
    total = section = digit = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            section += (digit or 1) * _UNIT[char]
            digit = 0
        elif char == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        elif char == "亿":
            total = (total + section + digit) * 10**8
            section = digit = 0
    return total + section + digit


_EN_VALUE = {join(spoken("count", n, EN), EN): n for n in range(100)}


def read_english(words: list[str]) -> int:
    total = section = 0
    for word in words:
        if word == "hundred":
            section *= 100
        elif word in ("thousand", "million", "billion"):
            total += section * {"thousand": 10**3, "million": 10**6, "billion": 10**9}[word]
            section = 0
        else:
            section += _EN_VALUE[word]
    return total + section


@given(st.integers(0, 10**12 - 1))
def test_counts_round_trip(number: int) -> None:
    assert read_mandarin(join(spoken("count", number, ZH), ZH)) == number
    assert read_english(list(spoken("count", number, EN))) == number


@given(st.integers(-(10**11), 10**11))
def test_amounts_round_trip(fen: int) -> None:
    text = join(spoken("amount", fen, ZH), ZH)
    sign = -1 if text.startswith("负") else 1
    yuan, _, small = text.removeprefix("负").rpartition("元")
    jiao, _, rest = small.rpartition("角")
    cents = rest.removesuffix("分").replace("零", "")
    value = read_mandarin(yuan) * 100 + read_mandarin(jiao) * 10 + read_mandarin(cents)
    assert sign * value == fen

    words = list(spoken("amount", fen, EN))[:-1]
    negative = words[0] == "minus"
    words = words[negative:]
    at = words.index("point") if "point" in words else len(words)
    decimals = "".join(str(_EN_VALUE[word]) for word in words[at + 1 :]).ljust(2, "0")
    value = read_english(words[:at]) * 100 + int(decimals)
    assert (-value if negative else value) == fen


@given(st.decimals(0, 10**9, places=2))
def test_energy_round_trips(energy: Decimal) -> None:
    whole, _, decimals = join(spoken("kwh", energy, ZH), ZH).removesuffix("度").partition("点")
    read = Decimal(read_mandarin(whole))
    if decimals:
        read += Decimal("0." + "".join(str(_DIGIT[char]) for char in decimals))
    assert read == energy


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_moments_round_trip(moment: datetime) -> None:
    text = join(spoken("datetime", moment, ZH), ZH)
    year, _, text = text.partition("年")
    month, _, text = text.partition("月")
    day, _, text = text.partition("日")
    hour, _, minute = text.partition("点")
    assert int("".join(str(_DIGIT[char]) for char in year)) == moment.year
    assert [read_mandarin(part.strip("整分")) for part in (month, day, hour, minute)] == [
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
    ]


@given(st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_digits_round_trip(digits: str) -> None:
    said = join(spoken("account", digits, ZH), ZH)
    assert "".join(str(_DIGIT[char]) for char in said) == digits
    assert "一" not in said
    assert "".join(str(_EN_VALUE[word]) for word in spoken("account", digits, EN)) == digits


@given(
    kind=st.sampled_from(sorted(KINDS - {"word"})),
    number=st.integers(0, 10**11),
    moment=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    language=st.sampled_from(LANGUAGES),
)
def test_everything_said_is_in_the_inventory(
    kind: str, number: int, moment: datetime, language: str
) -> None:
    value: object = moment if kind in ("date", "time", "datetime") else number
    said = spoken(kind, value, language)
    assert set(said) <= set(pieces(language))
    # and a listener can follow it to its end
    assert all(may_follow(kind, a, b, language) for a, b in pairwise(("", *said)))
    assert may_end(kind, said[-1], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inventory_has_no_two_ways_to_write_one_thing(language: str) -> None:
    inventory = pieces(language)
    assert len(inventory) == len(set(inventory)) < 1000
