"""Personas in scenarios: pace, patience, mistakes and how they are mended."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hotline.callers import reading
from hotline.callers.scenario import ScenarioError
from hotline.callers.verdict import Verdict
from hotline.switch import events as ev
from hotline.switch.actions import Prompt
from tests.callers.rig import AGENT, GREETING, MAIN, MUSIC, StubHotline, lines, play, story

WRONG = Prompt("error.wrong_key", "按键有误。")
DETAIL = Prompt("detail", "这里是业务办理。")
GOOD = Prompt("good", "好的。")


def times(hotline: StubHotline) -> list[float]:
    return [e.at for e in hotline.events if isinstance(e, ev.KeyPressed)]


def pressed(hotline: StubHotline, verdict: Verdict) -> str:
    assert verdict.passed, verdict.failures
    return hotline.keys()


# --- pace --------------------------------------------------------------------------------------


def test_a_persona_sets_reaction_and_pace() -> None:
    who = "persona: {reaction: [3, 6], pause: {distribution: deterministic, mean: 2}, misses: 0, slips: 0}"
    hotline = StubHotline(on_key={"9": (GOOD,)})
    verdict = play(
        story("hear: {prompt: main}", 'type: "129"', "hear: {prompt: good}", extra=who), hotline
    )
    assert pressed(hotline, verdict) == "129"
    at = times(hotline)
    assert 3.0 <= at[0] - 4.0 <= 6.0  # the menu is noticed at 4 s
    assert [b - a for a, b in pairwise(at)] == pytest.approx([2.0, 2.0])


def test_the_callers_own_pace_and_the_steps_win_over_the_persona() -> None:
    extra = "persona: {like: elderly, slips: 0, misses: 0}\ncaller: {reaction: 1, pause: 0.5}"
    hotline = StubHotline()
    play(story("hear: {prompt: main}", 'type: "12"', "hang_up:", extra=extra), hotline)
    assert times(hotline) == pytest.approx([5.0, 5.5])


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_is_the_same_caller(seed: int) -> None:
    def call() -> list[float]:
        hotline = StubHotline(on_key={"9": (GOOD,)})
        extra = f"persona: elderly\nseed: {seed}\nlimit: 60"
        play(story("hear: {prompt: main}", 'press: "9"', "hang_up:", extra=extra), hotline)
        return times(hotline)

    assert call() == call()


# --- patience ----------------------------------------------------------------------------------

ASK = ("hear: {prompt: main}", 'press: "0"')
IMPATIENT = "persona: {patience: 20, slips: 0, misses: 0}"


def queue(*then: object) -> StubHotline:
    return StubHotline((MAIN,), {"0": (MUSIC, *then)})  # type: ignore[arg-type]


def test_a_caller_without_an_agent_hangs_up_when_its_patience_is_over() -> None:
    hotline = queue()
    verdict = play(story(*ASK, "give_up:", extra=IMPATIENT), hotline)
    assert verdict.passed, verdict.failures
    left = next(e.at for e in hotline.events if isinstance(e, ev.HungUp))
    assert left - times(hotline)[0] == pytest.approx(20.0)  # from asking, by key


def test_impatience_that_the_story_does_not_tell_of_fails_it_and_says_so() -> None:
    verdict = play(story(*ASK, "agent: answered", extra=IMPATIENT), queue("60", AGENT))
    assert "lost patience after 20 s" in verdict.failures[0].got
    assert "失去耐心" in verdict.failures[0].got_in("zh")


def test_an_agent_in_time_ends_the_waiting() -> None:
    steps = (*ASK, "agent: answered", "wait: 60", "hang_up:")
    assert play(story(*steps, extra=IMPATIENT), queue("10", AGENT, "bridge")).passed


def test_who_never_loses_patience_waits() -> None:
    extra = "persona: {like: hurried, patience: never, slips: 0, misses: 0}"
    assert play(story(*ASK, "agent: answered", extra=extra), queue("170", AGENT)).passed


def test_a_caller_leaves_a_conversation_that_is_too_long() -> None:
    extra = "persona: {talk: 15, slips: 0, misses: 0}"
    verdict = play(
        story(*ASK, "agent: answered", "give_up:", extra=extra), queue("5", AGENT, "bridge")
    )
    assert verdict.passed, verdict.failures


# --- mistakes ----------------------------------------------------------------------------------

CARELESS = "persona: {slips: 1, misses: 0, reaction: 0.5, pause: 0.3}\nlimit: 90\nseed: {seed}"


def careless(seed: int = 0) -> str:
    return CARELESS.replace("{seed}", str(seed))


@pytest.mark.parametrize("seed", range(8))
def test_a_wrong_key_that_the_hotline_refuses_is_pressed_again_rightly(seed: int) -> None:
    refused = dict.fromkeys("12345678", (WRONG, MAIN))
    hotline = StubHotline((MAIN,), refused | {"9": (GOOD,)})
    steps = ("hear: {prompt: main}", 'press: "9"', "hear: {prompt: good}")
    keys = pressed(hotline, play(story(*steps, extra=careless(seed)), hotline))
    assert len(keys) == 2
    assert keys[0] != "9"
    assert keys[1] == "9"


@pytest.mark.parametrize("seed", range(8))
def test_who_is_in_the_wrong_menu_goes_back_first(seed: int) -> None:
    elsewhere = dict.fromkeys("12345678", (DETAIL,))
    hotline = StubHotline((MAIN,), elsewhere | {"*": (MAIN,), "9": (GOOD,)})
    steps = ("hear: {prompt: main}", 'press: "9"', "hear: {prompt: good}")
    keys = pressed(hotline, play(story(*steps, extra=careless(seed)), hotline))
    assert keys[1:] == "*9"


def test_a_slip_in_a_number_is_cleared_or_typed_again_after_the_error() -> None:
    ways = set()
    for seed in range(20):
        hotline = StubHotline((MAIN,), {"#": (WRONG, "4", GOOD)})
        steps = ("hear: {prompt: main}", 'type: "1234#"', "hear: {prompt: good}")
        keys = pressed(hotline, play(story(*steps, extra=careless(seed)), hotline))
        assert keys.endswith("1234#")
        ways.add("cleared" if "*" in keys else "again")
        if "*" not in keys:
            wrong = keys[: keys.index("#") + 1]
            assert sum(a != b for a, b in zip(wrong, "1234#", strict=True)) == 1
    assert ways == {"cleared", "again"}


def test_a_failure_names_the_lines_of_the_wrong_keys() -> None:
    steps = ("hear: {prompt: main}", 'press: "9"', "hear: {prompt: good, within: 5}")
    verdict = play(story(*steps, extra=careless()), StubHotline((MAIN,)))
    assert any("wrong key at line 4" in note for note in verdict.failures[0].notes_in("en"))


def test_nobody_slips_where_the_story_would_not_notice() -> None:
    hotline = StubHotline()
    steps = ("hear: {prompt: main}", 'press: "1"', 'press: "2"', "hang_up:")
    assert pressed(hotline, play(story(*steps, extra=careless()), hotline)) == "12"


def test_a_missed_prompt_is_answered_when_it_comes_again() -> None:
    again = Prompt("main.short", "报修按1。")
    hotline = StubHotline((GREETING, MAIN, "5", again), {"1": (GOOD,)})
    steps = ("hear: {contains: 转人工服务}", 'press: "1"', "hear: {prompt: good}")
    extra = "persona: {misses: 1, slips: 0, reaction: 1}"
    verdict = play(story(*steps, extra=extra), hotline)
    assert verdict.passed, verdict.failures
    assert lines(verdict)[:4] == ["heard greeting", "heard main", "heard main.short", "pressed 1"]


# --- bad input ---------------------------------------------------------------------------------

BASE = "scenario: s\nstory:\n  - {step}\npersona: {who}\n"


@pytest.mark.parametrize(
    ("step", "who", "line", "told"),
    [
        ("hang_up:", "eldery", 4, "did you mean elderly"),
        ("hang_up:", "{like: huried}", 4, "did you mean hurried"),
        ("hang_up:", "{patiense: 3}", 4, "did you mean patience"),
        ("hang_up:", "{slips: 2}", 4, "from 0 to 1"),
        ("hang_up:", "{reaction: {distribution: normal, mean: 3}}", 4, "unknown distribution"),
        ('press: "1"', "silent", 3, "silent persona"),
        ("give_up:", "", 3, "needs a persona"),
    ],
)
def test_personas_that_cannot_be(step: str, who: str, line: int, told: str) -> None:
    text = BASE.replace("{step}", step).replace("{who}", who)
    with pytest.raises(ScenarioError) as caught:
        reading.parse(text, "s.yaml")
    assert str(caught.value).startswith(f"s.yaml:{line}: ")
    assert told in str(caught.value)
