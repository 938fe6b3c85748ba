"""Data tables: one scenario, many rows; and what a file sets for all its scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.callers import reading
from hotline.callers import scenario as sc
from hotline.callers.scenario import ScenarioError

ROWS = """\
scenario: 按 ${key} 到 ${menu}
story:
  - hear: {prompt: main}
  - press: ${key}
  - hear: {prompt: "${menu}"}
    within: ${seconds}
rows:
  - {key: "1", menu: fault, seconds: 5}
  - {key: 2, menu: bill, seconds: 7.5}
"""


def problems(text: str, file: str = "s.yaml") -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        reading.parse(text, file)
    assert caught.value.in_language("zh")
    return str(caught.value).splitlines()


def test_each_row_is_a_scenario_of_its_own() -> None:
    first, second = reading.parse(ROWS, "s.yaml")
    assert [first.name, second.name] == ["按 1 到 fault", "按 2 到 bill"]
    assert [str(s.place) for s in (first, second)] == ["s.yaml:8", "s.yaml:9"]
    heard = second.story[2]
    assert isinstance(heard, sc.Hear)
    assert (heard.what.prompt, heard.within) == ("bill", 7.5)
    assert heard.place.line == 5
    assert second.story[1] == sc.PressKey(second.story[1].place, "2")


def test_a_row_can_be_run_alone_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(ROWS, "utf-8")
    for scenario in reading.load(file):
        assert [s.name for s in reading.load(scenario.where)] == [scenario.name]


def test_a_name_without_columns_gets_those_of_its_row() -> None:
    text = "scenario: s\nrows: [{key: 1, note: a}]\nstory: [{press: '${key}'}, {say: '${note}'}]\n"
    assert [s.name for s in reading.parse(text, "s.yaml")] == ["s [key=1, note=a]"]


SLOW = """\
scenario: ${service} 慢
given: {slow: {"${service}": 30, balance: 3}}
story: [hang_up: ]
rows: [{service: "SERVICE"}]
"""


def test_a_key_is_a_column_of_the_row() -> None:
    (slow,) = reading.parse(SLOW.replace("SERVICE", "bill_sms"), "s.yaml")
    assert slow.given.slow == {"bill_sms": 30, "balance": 3}
    assert slow.given.places["slow"][0].line == 2


def test_a_key_of_a_row_that_is_there_already() -> None:
    (told,) = problems(SLOW.replace("SERVICE", "balance"))
    assert told.startswith("s.yaml:2: the key 'balance' is there twice, with the row at s.yaml:4")


def test_rows_from_a_csv_file_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text('key,said\n1,"你好, 早"\n\n#,0010\n', "utf-8-sig")
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nrows: keys.csv\nstory: [{press: '${key}'}, {say: '${said}'}]\n")
    first, second = reading.load(file)
    assert [s.story[1] for s in (first, second)] == [
        sc.Say(first.story[1].place, "你好, 早"),
        sc.Say(second.story[1].place, "0010"),
    ]
    assert second.where == f"{file}:1:4"
    assert [s.name for s in reading.load(second.where)] == [second.name]


def test_an_error_of_one_row_names_step_and_row(tmp_path: Path) -> None:
    assert problems(ROWS.replace("key: 2", "key: x")) == [
        "s.yaml:4: a telephone has no key 'x', with the row at s.yaml:9 (keys are 0-9 * # A-D)"
    ]
    (tmp_path / "t.csv").write_text("key\n1\nx\n", "utf-8")
    text = "scenario: s\nrows: t.csv\nstory: [{press: '${key}'}]\n"
    (told,) = problems(text, str(tmp_path / "s.yaml"))
    assert f"{tmp_path}/t.csv:3" in told


def test_an_error_of_the_story_is_told_once() -> None:
    assert len(problems(ROWS.replace("hear: {prompt: main}", "heer: music"))) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("${menu}", "${meny}"), "did you mean ${menu}?"),
        (("within: ${seconds}", "within: 5"), "column 'seconds' is not used"),
        ((", seconds: 7.5", ""), "s.yaml:9: this row has no 'seconds'"),
        (("seconds: 7.5", "secs: 7.5"), "s.yaml:9: the first row has no column 'secs'"),
        (("menu: bill", "menu: [bill]"), "single value"),
    ],
)
def test_columns_that_do_not_fit(change: tuple[str, str], told: str) -> None:
    assert any(told in line for line in problems(ROWS.replace(*change)))


def test_a_placeholder_needs_rows() -> None:
    (told,) = problems("scenario: s\nstory:\n  - say: ${name}\n")
    assert told.startswith("s.yaml:3: ${name} has no value")
    (scenario,) = reading.parse("scenario: s\nrows: [{a: 1}]\nstory: [say: '$${x} ${a}']\n", "s")
    assert scenario.story[0] == sc.Say(scenario.story[0].place, "${x} 1")


@pytest.mark.parametrize("table", ["missing.csv", "uneven.csv"])
def test_csv_files_that_cannot_be_used(tmp_path: Path, table: str) -> None:
    (tmp_path / "uneven.csv").write_text("a,b\n1\n", "utf-8")
    text = f"scenario: s\nrows: {table}\nstory: [{{say: '${{a}} ${{b}}'}}]\n"
    assert table in problems(text, str(tmp_path / "s.yaml"))[0]


# --- defaults of a file ------------------------------------------------------------------------

DEFAULTS = """\
defaults:
  caller: {number: "13900000000", area: "1001"}
  given: {trunks: 2, time: "19:00"}
  never: [{hear: {prompt: error}}]
  tags: [smoke]
  limit: 50
---
scenario: a
story: [hang_up]
---
scenario: b
caller: {number: "13800000000"}
given: {trunks: 3}
never: [{hear: music}]
tags: [b]
limit: 70
story: [hang_up]
"""


def test_a_file_sets_what_its_scenarios_do_not_say() -> None:
    a, b = reading.parse(DEFAULTS, "s.yaml")
    assert (a.number, a.area, a.limit, a.tags) == ("13900000000", "1001", 50.0, {"smoke"})
    assert (b.number, b.area, b.limit, b.tags) == ("13800000000", "1001", 70.0, {"smoke", "b"})
    assert (b.given.trunks, b.given.time) == (3, "19:00")
    assert [w.place.line for w in b.watches] == [14, 4]
    assert [s.place.line for s in (a, b)] == [8, 11]


def test_defaults_in_a_list_and_their_errors() -> None:
    text = "- defaults: {limit: 5}\n- scenario: a\n  story: [hang_up]\n"
    assert reading.parse(text, "s.yaml")[0].limit == 5.0
    assert "did you mean limit" in problems(text.replace("limit", "limits"))[0]
    (told, *_) = problems(text.replace("limit: 5", "limit: soon"))
    assert told.startswith("s.yaml:1: a number of seconds")
