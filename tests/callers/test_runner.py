"""Running scenarios: limits, records left behind, and that every scenario ends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.callers import runner
from hotline.callers import scenario as sc
from hotline.callers.scenario import Expect, Scenario
from menus.model import Place
from tests.callers.rig import AGENT, BALANCE, CLOSING, GREETING, MAIN, MUSIC, StubHotline, story


def stub(*script: object, **on_key: object) -> runner.Factory:
    return lambda scenario, seed: StubHotline(script or (GREETING, MAIN), on_key)  # type: ignore[arg-type, return-value]


def test_a_story_without_end_is_stopped_with_the_transcript_so_far() -> None:
    what = story("hear: {prompt: main}", "stay: {within: 5000}", extra="limit: 600")
    verdict = runner.run(what, stub())
    assert not verdict.passed
    assert "stopped after 600 s" in verdict.failures[0].got
    assert verdict.failures[0].line == 4
    assert [i.what for i in verdict.transcript.items] == ["greeting", "main", "caller"]
    assert verdict.duration == 600


def test_a_hotline_that_is_too_busy_is_stopped() -> None:
    hotline = StubHotline()

    def tick() -> None:
        hotline.clock.call_at(hotline.clock.now() + 0.001, tick)

    tick()
    verdict = runner.run(story("stay:"), lambda scenario, seed: hotline)  # type: ignore[arg-type, return-value]
    assert f"stopped after {runner.EVENT_LIMIT} events" in verdict.failures[0].got


def test_the_scenarios_seed_wins() -> None:
    what = story("hear: {prompt: main}", extra="seed: 5")
    assert runner.run(what, stub(), 9).seed == 5
    assert runner.run(story("hear: {prompt: main}"), stub(), 9).seed == 9


def test_the_same_seed_is_the_same_call() -> None:
    what = story("hear: {prompt: main}", 'type: {digits: "123", pause: [0.1, 2]}')
    one, two, other = (runner.run(what, stub(), seed) for seed in (1, 1, 2))
    assert one == two
    assert one.duration != other.duration


def left(text: str, *rows: dict[str, object]) -> list[str]:
    class WithRecords(StubHotline):
        def left(self, kind: str) -> list[dict[str, object]]:  # type: ignore[override]
            return list(rows) if kind == "work_order" else []

    what = story("hear: {prompt: main}", extra=f"left: {text}")
    return [f.got for f in runner.run(what, lambda s, n: WithRecords()).failures]  # type: ignore[arg-type, return-value]


FAULT: dict[str, object] = {"kind": "fault", "account": "1", "done": False}


def test_records_left_behind() -> None:
    assert left("{work_order: {kind: fault, done: false}}", FAULT) == []
    assert left("{work_order: {kind: fault, count: 1}, urge: none}", FAULT) == []
    assert "kind: fault" in left("{work_order: {kind: bill}}", FAULT)[0]
    assert left("{work_order: {kind: fault}}") == ["there is none"]
    assert "there are 1" in left("{work_order: none}", FAULT)[0]
    assert "there are 2" in left("{work_order: {kind: fault, count: 1}}", FAULT, FAULT)[0]
    assert "available: account, done, kind" in left("{work_order: {typ: fault}}", FAULT)[0]


# --- any scenario ends ---------------------------------------------------------------------------

PLACE = Place("h.yaml", 1)
SPANS = st.builds(lambda a, b: sc.Span(min(a, b), max(a, b)), st.floats(0, 5), st.floats(0, 5))
EXPECTS = st.one_of(
    st.sampled_from(["greeting", "main", "balance", "closing", "nothing", "agent"]).map(
        lambda p: Expect("prompt", p, prompt=p)
    ),
    st.sampled_from(["music", "agent", "tone", "hangup"]).map(lambda k: Expect(k, k)),  # type: ignore[arg-type]
    st.floats(0, 9).map(lambda s: Expect("silence", "silence", seconds=s)),
    st.just(Expect("prompt", "end", prompt="main", to_end=True)),
    st.just(Expect("agent", "answered", to_end=True)),
)
STEPS = st.one_of(
    st.builds(sc.Hear, st.just(PLACE), EXPECTS, st.floats(0, 60)),
    st.builds(sc.PressKey, st.just(PLACE), st.sampled_from("0129*#")),
    st.builds(sc.TypeKeys, st.just(PLACE), st.text("0129*#", min_size=1, max_size=5), SPANS),
    st.builds(sc.Say, st.just(PLACE), st.just("你好")),
    st.builds(sc.Wait, st.just(PLACE), SPANS),
    st.builds(sc.HangUp, st.just(PLACE)),
    st.builds(sc.CallAgain, st.just(PLACE), SPANS),
    st.builds(sc.PickUp, st.just(PLACE), st.floats(0, 30)),
)
WATCHES = st.one_of(
    st.builds(lambda e: sc.Watch(PLACE, "never", "hear", "w", e), EXPECTS),
    st.builds(lambda e: sc.Watch(PLACE, "always", "hear", "w", e), EXPECTS),
    st.builds(
        lambda s: sc.Watch(PLACE, "always", "heard_agent_within", "w", None, s), st.floats(0, 20)
    ),
    st.builds(
        lambda s: sc.Watch(PLACE, "never", "silence_longer_than", "w", None, s), st.floats(0, 20)
    ),
)
SCENARIOS = st.builds(
    Scenario,
    name=st.just("h"),
    place=st.just(PLACE),
    story=st.lists(STEPS, min_size=1, max_size=10).map(tuple),
    reaction=SPANS,
    watches=st.lists(WATCHES, max_size=3).map(tuple),
    limit=st.just(120.0),
)
SOUNDS = st.lists(
    st.sampled_from([GREETING, MAIN, BALANCE, AGENT, CLOSING, MUSIC, "0.5", "7", "hang up"]),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(SCENARIOS, SOUNDS, SOUNDS, SOUNDS, st.booleans())
def test_every_scenario_ends_and_is_judged(
    scenario: Scenario, script: list[object], one: list[object], zero: list[object], answers: bool
) -> None:
    hotline = StubHotline(script, {"1": one, "0": zero}, answers=answers)  # type: ignore[arg-type, dict-item]
    hotline.clock.call_at(20.0, lambda: hotline.line.dial_out("back", scenario.number))
    verdict = runner.run(scenario, lambda s, n: hotline)  # type: ignore[arg-type, return-value]
    assert verdict.passed == (not verdict.failures)
    assert verdict.duration <= scenario.limit + 1e-6
    assert hotline.line.open_calls == 0
    hung_up = [item for item in verdict.transcript.items if item.kind == "hung up"]
    assert len(hung_up) <= max(1, len(verdict.calls) + 1)
    # nothing of the caller goes on after the verdict
    before = verdict.transcript
    hotline.clock.run(hotline.clock.now() + 300)
    assert before == verdict.transcript
