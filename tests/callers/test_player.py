"""The scripted caller against a stub hotline: stories, watchers, verdicts."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hotline.callers.hearing import OffHook
from hotline.callers.player import Player
from hotline.callers.reading import parse
from hotline.switch import actions as do
from hotline.switch import events as ev
from tests.callers.rig import (
    AGENT,
    BALANCE,
    BUSY,
    CLOSING,
    GREETING,
    MAIN,
    MUSIC,
    StubHotline,
    lines,
    play,
    story,
)


def test_a_caller_dials_first_and_nothing_else() -> None:
    player = Player(story("hang_up:"))
    actions = player.handle(OffHook(0.0, "c"))
    assert [a for a in actions if not isinstance(a, do.StartTimer)] == [do.Dial("13800138000")]


def test_presses_after_the_reaction_time() -> None:
    hotline = StubHotline()
    verdict = play(story("hear: {prompt: main}", 'press: "1"', "hang_up:"), hotline)
    assert verdict.passed
    pressed = next(e for e in hotline.events if isinstance(e, ev.KeyPressed))
    # the greeting lasts 3 s, the menu is noticed 1 s later, the caller acts 0.4 s after that
    assert pressed.at == pytest.approx(4.4)
    assert lines(verdict) == ["heard greeting", "heard main", "pressed 1", "hung up caller"]


def test_a_hear_step_skips_what_is_not_meant() -> None:
    assert play(story("hear: {prompt: main}", "hang_up:"), StubHotline()).passed


def test_what_was_heard_before_a_key_cannot_be_its_consequence() -> None:
    hotline = StubHotline((GREETING, MAIN, CLOSING), {"1": ()})
    steps = ("hear: {prompt: greeting}", "wait: 4", 'press: "1"', "hear: {prompt: main}")
    verdict = play(story(*steps, extra="limit: 60"), hotline)
    assert not verdict.passed
    assert verdict.failures[0].step == 3


def test_what_was_heard_while_waiting_still_counts() -> None:
    steps = ("hear: {prompt: greeting}", "wait: 6", "hear: {prompt: main}", "hang_up:")
    assert play(story(*steps), StubHotline()).passed


def test_the_same_prompt_has_to_be_heard_again() -> None:
    steps = ("hear: {prompt: main}", "hear: {prompt: main, within: 5}")
    verdict = play(story(*steps), StubHotline())
    assert [f.got for f in verdict.failures] == ["not heard within 5 s"]
    again = StubHotline(on_key={"9": (MAIN,)})
    steps = ("hear: {prompt: main}", 'press: "9"', "hear: {prompt: main}", "hang_up:")
    assert play(story(*steps), again).passed


def test_typing_takes_a_human_pause_between_keys() -> None:
    hotline = StubHotline()
    verdict = play(
        story("hear: {prompt: main}", 'type: {digits: "1*2#", pause: [0.3, 0.5]}', "hang_up:"),
        hotline,
    )
    times = [e.at for e in hotline.events if isinstance(e, ev.KeyPressed)]
    assert hotline.keys() == "1*2#"
    assert all(0.3 <= b - a <= 0.5 for a, b in pairwise(times))
    assert "pressed 1*2#" in lines(verdict)


@pytest.mark.parametrize(
    "condition",
    [
        "{contains: 国家电网95598}",
        "{exact: 你好，国家电网95598为您服务。}",
        "{matches: ^你好}",
        "{prompt: greeting, language: zh-CN}",
        "{prompt: greeting, to_end: true}",
    ],
)
def test_conditions_on_what_is_said(condition: str) -> None:
    assert play(story(f"hear: {condition}", "hang_up:"), StubHotline()).passed


@pytest.mark.parametrize(
    "condition",
    [
        "{contains: 国家电网95599}",
        "{exact: 你好}",
        "{matches: 你好$}",
        "{prompt: gree}",
        "{prompt: greeting, language: en-US}",
        "{values: {balance: 一元}}",
    ],
)
def test_conditions_that_do_not_hold(condition: str) -> None:
    verdict = play(story(f"hear: {condition}", extra="limit: 30"), StubHotline())
    assert not verdict.passed


def test_values_are_known_only_at_the_end_of_the_prompt() -> None:
    hotline = StubHotline((BALANCE,), {"1": (MAIN,)})
    verdict = play(story("hear: {prompt: balance}", 'press: "1"', "hear: {prompt: main}"), hotline)
    assert lines(verdict)[0] == "heard balance"
    hotline = StubHotline((BALANCE, MAIN))
    verdict = play(story("hear: {contains: 一百二十八元}", "hang_up:"), hotline)
    assert verdict.passed
    assert lines(verdict)[0] == "heard balance balance=一百二十八元五角六分"


def test_an_id_stands_for_all_ids_below_it() -> None:
    hotline = StubHotline((do.Prompt("error.wrong_key", "按键有误。"),))
    assert play(story("hear: {prompt: error}", "hang_up:"), hotline).passed


def test_agent_number_music_and_closing() -> None:
    hotline = StubHotline((MAIN,), {"0": (MUSIC, "5", AGENT, "bridge", "8", CLOSING, "hang up")})
    steps = (
        "hear: {prompt: main}",
        'press: "0"',
        "hear: music",
        'hear: {agent: "1001"}',
        "hear: closing",
        "stay:",
    )
    verdict = play(story(*steps), hotline)
    assert verdict.passed
    assert lines(verdict) == [
        "heard main",
        "pressed 0",
        "music music",
        "agent 1001",
        "heard closing",
        "hung up hotline",
    ]


def test_agent_answered_means_announced_to_the_end() -> None:
    hotline = StubHotline((MAIN,), {"0": (MUSIC, "5", AGENT)})
    verdict = play(story("hear: {prompt: main}", 'press: "0"', "agent: answered"), hotline)
    assert verdict.passed
    assert "agent 1001" in lines(verdict)


def test_a_step_after_the_hotline_has_hung_up_fails() -> None:
    hotline = StubHotline((GREETING, "hang up"))
    verdict = play(story("hear: {prompt: greeting}", "wait: 9", 'press: "1"'), hotline)
    assert verdict.failures[0].expected == "to press 1"
    assert "closed by the hotline" in verdict.failures[0].got


def test_a_missing_prompt_fails_at_once_when_the_line_is_closed() -> None:
    verdict = play(story("hear: {prompt: main}"), StubHotline((GREETING, "hang up")))
    assert not verdict.passed
    assert verdict.duration == pytest.approx(3.0)


def test_a_failure_names_file_line_and_what_was_heard_so_far() -> None:
    verdict = play(
        story("hear: {prompt: main}", "hear: {prompt: nowhere, within: 3}"), StubHotline()
    )
    failure = verdict.failures[0]
    assert (failure.file, failure.line, failure.step) == ("test.yaml", 4, 1)
    assert "nowhere" in failure.expected
    assert [item.what for item in failure.heard.items] == ["greeting", "main"]


def test_a_hotline_that_does_not_answer_fails() -> None:
    verdict = play(story("hear: {prompt: main}"), StubHotline(answers=False))
    assert "did not answer" in verdict.failures[0].got


def test_whoever_has_nothing_left_to_do_hangs_up() -> None:
    hotline = StubHotline()
    verdict = play(story("hear: {prompt: main}"), hotline)
    assert verdict.passed
    assert lines(verdict)[-1] == "hung up caller"
    assert isinstance(hotline.events[-1], ev.HungUp)


def test_calling_again_is_another_call() -> None:
    hotline = StubHotline()
    steps = (
        "hear: {prompt: main}",
        "hang_up:",
        "call_again: {after: 5}",
        "hear: {prompt: main}",
        "hang_up:",
    )
    verdict = play(story(*steps), hotline)
    assert verdict.passed
    assert verdict.calls == ("c1", "c1.2")
    arrivals = [e.at for e in hotline.events if isinstance(e, ev.CallArrived)]
    hung_up = next(e.at for e in hotline.events if isinstance(e, ev.HungUp))
    assert arrivals[1] - hung_up == pytest.approx(5.0)


def test_a_call_back_is_picked_up() -> None:
    hotline = StubHotline()
    steps = (
        "hear: {prompt: greeting}",
        "hang_up:",
        "pick_up: {within: 60}",
        "hear: {prompt: closing}",
        "hang_up:",
    )

    def ring() -> None:
        hotline.line.dial_out("cb", "13800138000")

    hotline.clock.call_at(30.0, ring)
    original = hotline.post

    def post(event: ev.Event) -> None:
        original(event)
        if isinstance(event, ev.AnsweredOut):
            hotline.clock.call_at(
                hotline.clock.now() + 1, lambda: hotline.line.play("cb", 99, CLOSING)
            )

    hotline.post = post  # type: ignore[method-assign]
    hotline.line.connect(hotline)
    verdict = play(story(*steps), hotline)
    assert verdict.passed, verdict.failures
    assert "cb" in verdict.calls


def test_a_telephone_that_does_not_ring_fails() -> None:
    steps = ("hear: {prompt: greeting}", "hang_up:", "pick_up: {within: 60}")
    hotline = StubHotline()
    hotline.clock.call_at(500.0, lambda: None)
    assert "did not ring within 60 s" in play(story(*steps), hotline).failures[0].got


def test_a_refused_call_hears_busy() -> None:
    hotline = StubHotline(answers=False)
    original = hotline.post

    def post(event: ev.Event) -> None:
        original(event)
        if isinstance(event, ev.CallArrived):
            hotline.line.reject(event.call, "trunks")

    hotline.post = post  # type: ignore[method-assign]
    hotline.line.connect(hotline)
    verdict = play(story("hear: {tone: busy}", "stay:"), hotline)
    assert verdict.passed
    assert lines(verdict) == ["tone busy", "hung up hotline"]


# --- watchers ----------------------------------------------------------------------------------


def agent_after(seconds: float) -> StubHotline:
    return StubHotline((MAIN,), {"0": (MUSIC, str(seconds), AGENT, "bridge")})


ASK = ("hear: {prompt: main}", 'press: "0"', "agent: answered", "hang_up:")


@pytest.mark.parametrize(("seconds", "passed"), [(11.9, True), (12.0, True), (12.1, False)])
def test_twelve_seconds_from_asking_to_the_announcement(seconds: float, passed: bool) -> None:
    verdict = play(story(*ASK, extra="always: [{heard_agent_within: 12}]"), agent_after(seconds))
    assert verdict.passed is passed
    if not passed:
        assert verdict.failures[0].step is None
        assert "heard_agent_within" in verdict.failures[0].expected


def test_an_agent_who_never_comes_fails_while_the_caller_waits() -> None:
    hotline = StubHotline((MAIN,), {"0": (MUSIC,)})
    steps = ("hear: {prompt: main}", 'press: "0"', "hear: music", "wait: 40", "hang_up:")
    verdict = play(story(*steps, extra="always: [{heard_agent_within: 12}]"), hotline)
    assert [f.step for f in verdict.failures] == [None]
    assert verdict.failures[0].at < 40


def test_a_caller_who_leaves_first_blames_nobody() -> None:
    hotline = StubHotline((MAIN,), {"0": (MUSIC,)})
    steps = ("hear: {prompt: main}", 'press: "0"', "hear: music", "wait: 3", "hang_up:")
    assert play(story(*steps, extra="always: [{heard_agent_within: 12}]"), hotline).passed


def test_a_hotline_that_closes_instead_of_an_agent_fails() -> None:
    hotline = StubHotline((MAIN,), {"0": (MUSIC, "5", CLOSING, "hang up")})
    steps = ("hear: {prompt: main}", 'press: "0"', "stay:")
    assert not play(story(*steps, extra="always: [{heard_agent_within: 12}]"), hotline).passed


def test_a_menu_key_long_ago_is_not_the_asking() -> None:
    """The clock starts at the transfer if another prompt came between key and transfer."""
    transfer = do.Prompt("transfer", "正在转接。")
    hotline = StubHotline((MAIN,), {"1": (MAIN, "20", transfer, MUSIC, "4", AGENT)})
    steps = ("hear: {prompt: main}", 'press: "1"', "agent: answered")
    assert play(story(*steps, extra="always: [{heard_agent_within: 12}]"), hotline).passed


def test_never_hearing() -> None:
    verdict = play(
        story("hear: {prompt: main}", extra="never: [{hear: {prompt: greeting}}]"), StubHotline()
    )
    assert [f.step for f in verdict.failures] == [None]
    assert play(story("hear: {prompt: main}", extra="never: [{hear: music}]"), StubHotline()).passed


def test_always_hearing() -> None:
    extra = "always: [{hear: {prompt: greeting}}, {hear: music}]"
    verdict = play(story("hear: {prompt: main}", extra=extra), StubHotline())
    assert [f.expected for f in verdict.failures] == ["always hear: music"]


def test_the_first_sound() -> None:
    good = "always: [{first: {prompt: greeting}}]"
    assert play(story("hear: {prompt: main}", extra=good), StubHotline()).passed
    assert not play(story("hear: {prompt: main}", extra=good), StubHotline((MAIN,))).passed


@pytest.mark.parametrize(("pause", "passed"), [("4", True), ("7", False)])
def test_silence(pause: str, passed: bool) -> None:
    hotline = StubHotline((GREETING, pause, MAIN))
    extra = "never: [{silence_longer_than: 5}]"
    assert play(story("hear: {prompt: main}", extra=extra), hotline).passed is passed


def test_a_conversation_is_not_silence() -> None:
    hotline = StubHotline((AGENT, "bridge", "60", CLOSING))
    verdict = play(story("hear: closing", extra="never: [{silence_longer_than: 5}]"), hotline)
    assert verdict.passed


def test_hearing_silence_is_a_step() -> None:
    hotline = StubHotline((GREETING, "4", MAIN))
    verdict = play(story("hear: {silence: 3}", 'press: "1"', "hear: {prompt: main}"), hotline)
    assert verdict.passed
    pressed = next(e for e in hotline.events if isinstance(e, ev.KeyPressed))
    assert pressed.at == pytest.approx(6.4)


def test_tones() -> None:
    assert play(story("hear: {tone: busy}"), StubHotline((BUSY,))).passed
    assert not play(story("hear: {tone: beep}", extra="limit: 20"), StubHotline((BUSY,))).passed


def test_an_agent_told_by_a_prompt_is_listened_to_to_its_end():
    words = "scenario: s\nagent_is: {prompt: hello}\nstory:\n  - agent: answered\n"
    [scenario] = parse(words, "s.yaml")
    assert Player(scenario).listens_to_end
