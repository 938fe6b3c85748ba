"""Templates and the keys of their literals."""

import pytest

from audio.template import Literal, Slot, TemplateError, clip_key, parse


def test_literals_and_slots_in_order() -> None:
    assert parse("您的账户余额为{balance:amount}。") == (
        Literal("您的账户余额为"),
        Slot("balance", "amount"),
        Literal("。"),
    )
    assert parse("{reason}") == (Slot("reason", "word"),)
    assert parse("前面{ n : count }位") == (Literal("前面"), Slot("n", "count"), Literal("位"))
    assert parse("a{{b}}c") == (Literal("a{b}c"),)
    assert parse("") == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("余额{balance", "single '{'"),
        ("余额}", "single '}'"),
        ("{}", "not a slot"),
        ("{1a}", "not a slot"),
        ("{a:money}", "available kinds: account, agent, amount"),
    ],
)
def test_errors_name_the_culprit(text: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("，请按1。", "请按1。"),
        ("请按1", "请按1"),
        ("请按1，", "请按1"),
        ("。", ""),
        (" 、", ""),
        ("请问有什么可以帮您？", "请问有什么可以帮您？"),
        ("  Press  1.  ", "Press 1."),
        ("“您好”！", "您好”。"[:2] + "。"),
    ],
)
def test_key_ignores_pauses_but_not_the_melody_of_the_end(text: str, key: str) -> None:
    assert clip_key(text) == key
