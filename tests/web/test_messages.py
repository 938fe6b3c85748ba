"""What a page may show of a journal: everything but digits and private values."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Entry
from hotline.web.messages import MASK, Wording, caption, mask_number
from menus.loader import load


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(load())


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800138000", "138****8000"),
        ("95598", "•••••"),
        ("", ""),
        ("02112345678", "021****5678"),
    ],
)
def test_a_number_keeps_its_ends(number, shown):
    assert mask_number(number) == shown


@given(st.text("0123456789+*#", max_size=20))
def test_masking_is_stable_and_keeps_the_length(number):
    masked = mask_number(number)
    assert len(masked) == len(number)
    assert mask_number(masked) == masked


def test_a_caption_has_values_in_their_places():
    assert caption("余额{balance:amount}元。", {"balance": "12.50"}) == "余额12.50元。"
    assert caption("您好！{agent:agent}号为您服务。", {"agent": "1001"}) == "您好！1001号为您服务。"


def test_a_caption_shows_only_the_end_of_private_values():
    assert caption("户号{a:account}", {"a": "1000000001"}) == "户号" + MASK * 6 + "0001"
    assert caption("{p:phone}", {"p": "123"}) == MASK * 3
    assert caption("{ d : digits }", {"d": "998877"}) == MASK * 2 + "8877"


def test_a_caption_survives_missing_values_and_literal_braces():
    assert caption("{{x}} {gone:word}!", {}) == "{x} !"


def test_pressed_digits_never_show(wording):
    told = wording.message(Entry(do.CALL, ev.KeyPressed(1.0, "c", "7")))
    assert told == {"t": "key", "at": 1.0, "key": MASK}


def test_inputs_and_values_of_services_never_show(wording):
    secret = "1000000001"
    asked = ev.Did(1.0, "c", do.CallService(1, "balance", {"account": secret}))
    replied = ev.ServiceReplied(1.0, "c", 1, "found", {"account": secret})
    for entry in (Entry(do.JOURNAL, asked), Entry(do.CALL, replied)):
        assert secret not in json.dumps(wording.message(entry))


def test_a_prompt_comes_with_the_book_s_english(wording):
    prompt = do.Prompt("greeting", "你用电，我用心，国家电网95598为您服务。")
    told = wording.message(Entry(do.JOURNAL, ev.Did(2.0, "c", do.Play(3, prompt))))
    assert told["t"] == "say"
    assert told["play"] == 3
    assert told["zh"] == prompt.text
    assert "State Grid 95598" in told["en"]


def test_a_prompt_unknown_to_the_book_is_shown_in_its_own_language(wording):
    prompt = do.Prompt("agent.greeting.own", "Good morning", "en-US")
    told = wording.message(Entry(do.JOURNAL, ev.Did(2.0, "c", do.Speak(prompt, "c"))))
    assert (told["t"], told["zh"], told["en"]) == ("voice", "", "Good morning")


def test_what_is_told_to_two_machines_is_one_message(wording):
    made = ev.OfferMade(1.0, "c", 1, 1, "a1001")
    arrived = ev.CallArrived(0.0, "c", "13800138000")
    assert wording.message(Entry(do.CALL, made))["t"] == "offer"
    assert wording.message(Entry(do.ACD, made)) is None
    assert wording.message(Entry(do.ACD, arrived)) is None
    assert wording.message(Entry(do.CALL, arrived))["number"] == "138****8000"


def test_timers_and_other_inner_life_are_not_shown(wording):
    assert wording.message(Entry(do.CALL, ev.TimerFired(1.0, "c", "first_digit"))) is None
