"""The transcript's rules, which make it equal on all media."""

from __future__ import annotations

import json

import pytest

from hotline.callers.hearing import Canon, spoken_text
from hotline.callers.transcript import Item, Transcript, Writer
from hotline.switch.actions import Prompt
from menus.loader import load
from tests.callers.rig import BALANCE, GREETING, MAIN, MUSIC, SHORT, StubHotline, lines, play, story


def cut_after(seconds: float) -> StubHotline:
    """A hotline that replaces MAIN by BALANCE `seconds` after MAIN began."""
    hotline = StubHotline((GREETING, MAIN))
    hotline.clock.call_at(3.0 + seconds, lambda: hotline.line.play(hotline.call, 9, BALANCE))
    return hotline


@pytest.mark.parametrize(("seconds", "heard"), [(0.9, False), (1.1, True)])
def test_a_prompt_counts_once_it_was_audible(seconds: float, heard: bool) -> None:
    verdict = play(story("hear: {prompt: balance}"), cut_after(seconds))
    assert ("heard main" in lines(verdict)) is heard


def test_a_short_prompt_counts_at_its_end() -> None:
    verdict = play(story("hear: {prompt: main}"), StubHotline((SHORT, MAIN)))
    assert lines(verdict)[:2] == ["heard blip", "heard main"]


def test_values_of_a_prompt_that_was_cut_are_left_out() -> None:
    hotline = StubHotline((BALANCE,))
    hotline.clock.call_at(2.0, lambda: hotline.line.play(hotline.call, 9, MAIN))
    verdict = play(story("hear: {prompt: main}"), hotline)
    assert lines(verdict)[:2] == ["heard balance", "heard main"]


def test_music_that_goes_on_after_a_message_nobody_noticed_is_one() -> None:
    hotline = StubHotline((MUSIC, "5", SHORT, MUSIC, "5", MAIN))
    assert lines(play(story("hear: {prompt: main}"), hotline))[:4] == [
        "music music",
        "heard blip",
        "music music",
        "heard main",
    ]
    hotline = StubHotline((MUSIC, "5", MUSIC, "5", MAIN))
    assert lines(play(story("hear: {prompt: main}"), hotline))[:2] == ["music music", "heard main"]


def test_music_of_less_than_a_second_is_not_heard() -> None:
    verdict = play(story("hear: {prompt: main}"), StubHotline((MUSIC, "0.9", MAIN)))
    assert lines(verdict)[0] == "heard main"


def test_prompts_that_sound_alike_have_the_first_id() -> None:
    canon = Canon({("a", "zh-CN"): "同样的话，", ("b", "zh-CN"): "同样的话"})
    hotline = StubHotline((Prompt("b", "同样的话"), MAIN), canon=canon)
    verdict = play(story("hear: {prompt: b}", "hear: {prompt: main}"), hotline)
    assert verdict.passed
    assert lines(verdict)[0] == "heard a"
    assert canon.aliases("a") == ("a", "b")
    assert canon.id_of("b", "改过的话", "zh-CN") == "b"


def test_another_language_is_another_sound() -> None:
    canon = Canon({("a", "zh-CN"): "95598", ("b", "en-US"): "95598"})
    assert canon.id_of("b", "95598", "en-US") == "b"


def test_ids_of_the_default_book_stand_for_what_they_say() -> None:
    book = load()
    canon = Canon.of_book(book)
    texts: dict[tuple[str, str], set[str]] = {}
    for prompt in book.prompts():
        for language, text in prompt.long.items():
            texts.setdefault((language, text), set()).add(canon.id_of(prompt.id, text, language))
    assert all(len(ids) == 1 for ids in texts.values())


def test_keys_in_a_row_share_a_line() -> None:
    writer = Writer()
    for key in "12#":
        writer.add("pressed", key)
    writer.add("heard", "x", (("a", "一"),))
    transcript = writer.transcript()
    assert transcript.text() == "pressed 12#\nheard   x  a=一"
    assert len(transcript.items) == 4


def test_transcripts_are_equal_by_content_and_survive_json() -> None:
    one = Transcript((Item("heard", "x", (("a", "一"),)), Item("pressed", "1")))
    assert one == Transcript.from_json(json.loads(json.dumps(one.to_json())))
    assert one != Transcript((Item("heard", "x"), Item("pressed", "1")))


def test_spoken_text() -> None:
    assert spoken_text("余额{balance:amount}。", (("balance", "一元"),)) == "余额一元。"
    assert spoken_text("余额{balance:amount}。", ()) == "余额…。"
    assert spoken_text("{{x}}", ()) == "{x}"
