"""Announced keys, as callers hear them."""

import pytest

from menus.announce import announced_keys, announcements, names_key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("停电报修请按1，电量电费请按2。", "12"),
        ("停电报修请按 1 ，电费按2键", "12"),
        ("转人工请按零，电费请按二，重听请按九。", "029"),
        ("返回上级请按星号键，结束请按井号键。", "*#"),
        ("返回请按星号，确认按#，取消按*键", "*#"),
        ("上一级请按米字键", "*"),
        ("请按数字3", "3"),
        ("全角请按３", "3"),
        ("继续请按1或2", "12"),
        ("For faults, press 1. For an agent, press 0.", "10"),
        ("Press zero, press nine or press the star key; PRESS POUND", "09*#"),
        ("press the hash key, press asterisk, press #", "#*"),
        ("To confirm, press 1 or 2", "12"),
        ("投诉请按4。For English, press 8.", "48"),
        ("请拨95598", ""),
        ("请按95598", ""),
        ("press 24", ""),
        ("按三档计价，按一下，按年结算", ""),
        ("请输入户号，以井号键结束", ""),
        ("then press pound", "#"),
        ("", ""),
    ],
)
def test_keys_of_a_text(text, keys):
    assert announced_keys(text) == frozenset(keys)


def test_announcements_come_in_order_with_their_ends():
    text = "停电请按1，电费请按2。"
    assert [(a.key, text[: a.end]) for a in announcements(text)] == [
        ("1", "停电请按1"),
        ("2", "停电请按1，电费请按2"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "named"),
    [
        ("以井号键结束", "#", True),
        ("then press pound", "#", True),
        ("以#结束", "#", True),
        ("请输入户号", "#", False),
        ("星号键取消", "*", True),
    ],
)
def test_a_key_mentioned_in_any_way(text, key, named):
    assert names_key(text, key) is named
