"""Prompts of a call: language, short form, and values in any form of placeholder a book may use."""

import pytest

from ivr.speech import Speaker
from menus.model import PromptText

VALUES = {"amount": "12856", "kwh": "320"}


@pytest.mark.parametrize("text", ["余额{amount:amount}", "余额{ amount : amount }", "余额{amount}"])
def test_a_placeholder_gets_its_value_however_it_is_written(text):
    source = PromptText("balance", {"zh-CN": text})
    prompt = Speaker("zh-CN").prompt(source, "zh-CN", VALUES)
    assert prompt.values == (("amount", "12856"),)


def test_literal_braces_are_no_placeholder():
    source = PromptText("odd", {"zh-CN": "花括号{{kwh}}"})
    assert Speaker("zh-CN").prompt(source, "zh-CN", VALUES).values == ()


def test_a_text_that_is_missing_in_a_language_is_spoken_in_the_books_own():
    source = PromptText("one", {"zh-CN": "一"}, short={"zh-CN": "短"})
    speaker = Speaker("zh-CN")
    prompt = speaker.prompt(source, "en-US", VALUES, short=True)
    assert (prompt.id, prompt.text, prompt.language) == ("one.short", "短", "zh-CN")
    assert speaker.prompt(source, "en-US", VALUES).id == "one"
