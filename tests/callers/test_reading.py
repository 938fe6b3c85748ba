"""Scenario files: what they mean, and errors that name line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.callers import reading
from hotline.callers import scenario as sc
from hotline.callers.scenario import ScenarioError

GOOD = """\
scenario: 一户停电报修
caller: {number: "13800138000", area: "1001", reaction: [0.3, 0.6], pause: 0.5}
tags: [fault, record]
seed: 7
limit: 90
given:
  customers: [{account: "1", balance: -5}]
  agents: [{number: "1001", answer_after: never, talk: 12, then: "transfer:bill"}]
  time: "09:30"
  trunks: 2
  failing: [balance]
  slow: {balance: 3}
story:
  - hear: {contains: 国家电网95598为您服务, within: 9}
  - press: "1"
  - hear: {prompt: fault}
    within: 8
  - type: {digits: "12#", pause: [0.2, 0.4]}
  - type: "34"
    pause: 1
  - say: 你好
  - wait: [1, 2]
  - silent: 3
  - hear: music
  - agent: answered
  - stay: {within: 5}
  - call_again:
  - pick_up: {within: 6}
  - hang_up
always: [{heard_agent_within: 12}, {first: {prompt: greeting}}, {max_menu_depth: 5}]
never: [{hear: {prompt: error}}, {silence_longer_than: 6}, {hear: {silence: 4}}]
left:
  work_order: {kind: fault, count: 1}
  message: [{topic: bill}, {topic: app}]
  urge: none
"""


def test_everything_of_the_form() -> None:
    (scenario,) = reading.parse(GOOD, "s.yaml")
    kinds = [type(step).__name__ for step in scenario.story]
    assert kinds == [
        "Hear",
        "PressKey",
        "Hear",
        "TypeKeys",
        "TypeKeys",
        "Say",
        "Wait",
        "Wait",
        "Hear",
        "Hear",
        "Hear",
        "CallAgain",
        "PickUp",
        "HangUp",
    ]
    assert [s.within for s in scenario.story if isinstance(s, sc.Hear)][:2] == [9.0, 8.0]
    assert scenario.reaction == sc.Span(0.3, 0.6)
    typed = [s for s in scenario.story if isinstance(s, sc.TypeKeys)]
    assert [t.pause for t in typed] == [sc.Span(0.2, 0.4), sc.Span(1.0, 1.0)]
    assert scenario.given.agents == (
        sc.AgentFixture("1001", answer_after=None, talk=12.0, then="transfer:bill"),
    )
    assert (scenario.given.time, scenario.given.trunks, scenario.given.slow) == (
        "09:30",
        2,
        {"balance": 3.0},
    )
    assert [(w.when, w.kind, w.limit) for w in scenario.watches if w.what is None] == [
        ("always", "heard_agent_within", 12.0),
        ("always", "max_menu_depth", 5.0),
        ("never", "silence_longer_than", 6.0),
        ("never", "silence_longer_than", 4.0),
    ]
    assert [(left.kind, left.fields, left.count) for left in scenario.left] == [
        ("work_order", (("kind", "fault"),), 1),
        ("message", (("topic", "bill"),), None),
        ("message", (("topic", "app"),), None),
        ("urge", (), 0),
    ]
    assert (scenario.seed, scenario.limit, scenario.tags) == (7, 90.0, {"fault", "record"})


def test_steps_know_their_lines() -> None:
    (scenario,) = reading.parse(GOOD, "s.yaml")
    assert [step.place.line for step in scenario.story][:5] == [14, 15, 16, 18, 19]
    assert str(scenario.place) == "s.yaml:1"


def test_documents_and_lists_keep_their_lines() -> None:
    text = (
        "# two ways\n- scenario: a\n  story: [hang_up]\n- scenario: b\n  story: [hang_up]\n"
        "---\n\nscenario: c\nstory:\n  - hear: music\n"
    )
    scenarios = reading.parse(text, "s.yaml")
    assert [(s.name, s.place.line) for s in scenarios] == [("a", 2), ("b", 4), ("c", 8)]
    assert scenarios[2].story[0].place.line == 10


MINIMAL = "scenario: s\nstory:\n  - {}\n"


def test_many_rows_of_a_kind() -> None:
    text = MINIMAL.format("hang_up:") + 'given: {bills: [{bill: "b{n}", kwh: 5, times: 3}]}\n'
    (scenario,) = reading.parse(text, "s.yaml")
    assert scenario.given.tables["bills"] == tuple({"bill": f"b{n}", "kwh": 5} for n in (1, 2, 3))


BAD = {
    "times": (MINIMAL.format("hang_up:") + "given: {bills: [{times: x}]}\n", 4, "whole number"),
    "unknown step": (MINIMAL.format("heer: music"), 3, "did you mean hear"),
    "unknown key": ("scenario: s\nstorry: []\n", 2, "did you mean story"),
    "unknown condition": (MINIMAL.format("hear: {promt: x}"), 3, "did you mean prompt"),
    "unknown sound": (MINIMAL.format("hear: musik"), 3, "did you mean music"),
    "unknown tone": (MINIMAL.format("hear: {tone: bussy}"), 3, "did you mean busy"),
    "two actions": (MINIMAL.format('{press: "1", hang_up: }'), 3, "one action"),
    "no story": ("scenario: s\n", 1, "story is missing"),
    "empty story": ("scenario: s\nstory: []\n", 2, "empty"),
    "press nothing": (MINIMAL.format("press: #"), 3, 'write "#"'),
    "press several": (MINIMAL.format('press: "12"'), 3, "type"),
    "no such key": (MINIMAL.format('press: "x"'), 3, "no key"),
    "octal": (MINIMAL.format("type: 010"), 3, '"010"'),
    "star": (MINIMAL.format("press: *"), 3, '"*"'),
    "negative seconds": (MINIMAL.format("wait: -1"), 3, "0 or more"),
    "swapped span": (MINIMAL.format("wait: [3, 1]"), 3, "swap"),
    "bad pattern": (MINIMAL.format('hear: {matches: "("}'), 3, "regular expression"),
    "mixed condition": (MINIMAL.format("hear: {music: , prompt: x}"), 3, "combined"),
    "agent what": (MINIMAL.format("agent: gone"), 3, "agent: answered"),
    "hang_up value": (MINIMAL.format("hang_up: 1"), 3, "no value"),
    "comma in braces": (MINIMAL.format("hear: {exact: one, two three}"), 3, "quotes"),
    "duplicate key": (MINIMAL.format("hang_up:") + "story: []\n", 4, "written twice"),
    "always what": (
        MINIMAL.format("hang_up:") + "always: [{silence_longer_than: 1}]\n",
        4,
        "unknown",
    ),
    "never what": (MINIMAL.format("hang_up:") + "never: [{heard_agent_in: 1}]\n", 4, "unknown"),
    "given what": (MINIMAL.format("hang_up:") + "given: {custmers: []}\n", 4, "customers"),
    "agent fixture": (
        MINIMAL.format("hang_up:") + "given: {agents: [{skills: []}]}\n",
        4,
        "number is missing",
    ),
    "ending": (
        MINIMAL.format("hang_up:") + 'given: {agents: [{number: "1", then: survy}]}\n',
        4,
        "survey",
    ),
    "time": (MINIMAL.format("hang_up:") + "given: {time: soon}\n", 4, "not a time"),
    "left what": (MINIMAL.format("hang_up:") + "left: {workorder: {}}\n", 4, "work_order"),
    "count": (MINIMAL.format("hang_up:") + "left: {urge: {count: -1}}\n", 4, "whole number"),
    "number": (MINIMAL.format("hang_up:") + "caller: {number: abc}\n", 4, "digits only"),
    "seed": (MINIMAL.format("hang_up:") + "seed: x\n", 4, "whole number"),
    "no mapping": ("- 1\n", 1, "mapping"),
    "empty": ("# nothing\n", 1, "no scenario"),
    "not yaml": ("scenario: [\n", 1, "YAML"),
    "same name": (
        "- scenario: a\n  story: [hang_up]\n- scenario: a\n  story: [hang_up]\n",
        3,
        "rename",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_errors_name_line_and_remedy(name: str) -> None:
    text, line, words = BAD[name]
    with pytest.raises(ScenarioError) as caught:
        reading.parse(text, "s.yaml")
    message = str(caught.value).splitlines()[0]
    assert message.startswith(f"s.yaml:{line}: ") or name == "not yaml", message
    assert words in message
    assert caught.value.in_language("zh")


def test_all_errors_of_a_file_are_told() -> None:
    text = MINIMAL.format('press: "12"') + "  - heer: music\n---\nscenario: t\n"
    with pytest.raises(ScenarioError) as caught:
        reading.parse(text, "s.yaml")
    assert [p.place.line for p in caught.value.problems] == [3, 4, 6]


def test_folders_files_and_lines(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(MINIMAL.format("hang_up"), "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.yml").write_text(GOOD + "---\n" + MINIMAL.format("hang_up"), "utf-8")
    names = [s.name for s in reading.load(tmp_path)]
    assert names == ["s", "一户停电报修", "s"]
    last = len(GOOD.splitlines()) + 2
    assert [s.name for s in reading.load(f"{tmp_path}/sub/a.yml:{last}")] == ["s"]
    assert [s.name for s in reading.load(f"{tmp_path}/sub/a.yml:{last - 5}")] == ["一户停电报修"]


@pytest.mark.parametrize("what", ["missing.yaml", "empty"])
def test_nothing_to_read(tmp_path: Path, what: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioError) as caught:
        reading.load(tmp_path / what)
    assert what in str(caught.value)
