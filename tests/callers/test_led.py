"""A caller led step by step: time passes only as its steps need it, failures come at once."""

from __future__ import annotations

from dataclasses import replace

from hotline.callers.led import Led
from hotline.callers.reading import parse
from hotline.callers.runner import run
from hotline.callers.scenario import AnyStep, Scenario
from tests.callers.rig import CLOSING, GREETING, MAIN, StubHotline, story


def led(*script: object, on_key: dict[str, list[object]] | None = None, extra: str = "") -> Led:
    scenario = replace(story("hang_up:", extra=extra), story=())
    return Led(scenario, lambda s, n: StubHotline(script, on_key))  # type: ignore[arg-type, return-value]


def step(text: str) -> AnyStep:
    return parse(f"scenario: s\nstory:\n  - {text}\n", "t.yaml")[0].story[0]


def now(caller: Led) -> float:
    return caller.hotline.clock.now()


def test_time_stands_still_between_steps() -> None:
    caller = led(GREETING, MAIN)
    assert caller.do(step("hear: {prompt: greeting}")) == []
    heard = now(caller)
    assert 0 < heard < 3.0  # a prompt of 3 s is noticed before its end
    assert caller.do(step("hear: {prompt: main}")) == []
    assert 3.0 < now(caller) < 6.0


def test_a_key_is_pressed_after_the_reaction_time() -> None:
    caller = led(GREETING, MAIN, on_key={"1": [CLOSING]})
    caller.do(step("hear: {prompt: main}"))
    heard = now(caller)
    caller.do(step('press: "1"'))
    assert now(caller) > heard
    assert caller.do(step("hear: {prompt: closing}")) == []


def test_what_fails_is_told_at_once() -> None:
    caller = led(GREETING, MAIN)
    [failure] = caller.do(step("hear: {prompt: bill, within: 5}"))
    assert failure.expected == "to hear {prompt: bill}"
    assert now(caller) == 5.0
    assert not caller.finish().passed


def test_a_watcher_speaks_up_while_the_story_goes_on() -> None:
    caller = led(GREETING, MAIN, extra="never: [{hear: {prompt: main}}]\n")
    assert caller.do(step("hear: {prompt: greeting}")) == []
    assert len(caller.do(step("wait: 10"))) == 1


def test_finishing_hangs_up_and_judges_once() -> None:
    caller = led(GREETING, MAIN)
    caller.do(step("hear: {prompt: main}"))
    verdict = caller.finish()
    assert verdict.passed
    assert str(verdict.transcript.items[-1]) == "hung up caller"
    assert caller.finish() is verdict
    assert list(caller.journal) == list(verdict.calls)


def test_led_or_read_from_a_file_it_is_the_same_call() -> None:
    written: Scenario = story(
        "hear: {prompt: main}", 'press: "1"', "hear: {prompt: closing}", "hang_up:"
    )
    script, on_key = (GREETING, MAIN), {"1": (CLOSING,)}
    whole = run(written, lambda s, n: StubHotline(script, on_key))  # type: ignore[arg-type, return-value]
    caller = Led(replace(written, story=()), lambda s, n: StubHotline(script, on_key))  # type: ignore[arg-type, return-value]
    for one in written.story:
        caller.do(one)
    verdict = caller.finish()
    assert (verdict.transcript, verdict.duration) == (whole.transcript, whole.duration)
