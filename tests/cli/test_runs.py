"""Runs as data: written, read, compared."""

from dataclasses import replace

import pytest

from hotline.cli.runs import Case, Run, RunError, compare, text

PASSED = Case("a", "folder/s.yaml", 1, True, 12.0, 0, ("heard   root", "pressed 1"), tags=("t",))
FAILED = replace(
    PASSED,
    passed=False,
    failures=({"file": "s.yaml", "line": 3, "at": 1.0, "expected": "x", "got": "y", "notes": []},),
)


def run(*cases, reached=None, fraction=0.0):
    coverage = None if reached is None else {"fraction": fraction, "reached": reached}
    return Run(tuple(cases), 1.0, "book.yaml", 3, "memory", coverage)


def test_a_run_is_read_as_it_was_written(tmp_path):
    file = tmp_path / "run.json"
    kept = run(PASSED, replace(FAILED, name="b"), reached=[["menus", "root", "", 2, 0]])
    file.write_text(kept.text(), "utf-8")
    assert Run.read(file) == kept


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"version": 99}', '{"version": 1}', "7"])
def test_a_file_that_is_no_run(tmp_path, data):
    file = tmp_path / "run.json"
    file.write_text(data, "utf-8")
    with pytest.raises(RunError, match=r"run\.json.*--json"):
        Run.read(file)


def names(changes):
    return [change.now.name for change in changes]


def test_the_same_run_differs_in_nothing():
    found = compare(run(PASSED), run(PASSED))
    assert found.same
    assert "the same" in text(found)


def test_newly_failing_and_newly_passing():
    assert names(compare(run(PASSED), run(FAILED)).newly_failing) == ["a"]
    assert names(compare(run(FAILED), run(PASSED)).newly_passing) == ["a"]
    assert names(compare(run(FAILED), run(FAILED)).still_failing) == ["a"]


def test_another_transcript_is_shown_as_a_diff():
    found = compare(run(PASSED), run(replace(PASSED, transcript=("heard   root", "pressed 2"))))
    [change] = found.changed
    assert "-pressed 1" in change.transcript
    assert "+pressed 2" in change.transcript
    assert "+pressed 2" in text(found)


def test_another_duration():
    found = compare(run(PASSED), run(replace(PASSED, duration=15.0)))
    assert names(found.durations) == ["a"]
    assert "12.0 → 15.0 s" in text(found)
    assert compare(run(PASSED), run(replace(PASSED, duration=12.01))).same


def test_scenarios_that_came_and_went():
    found = compare(run(PASSED), run(replace(PASSED, name="b")))
    assert [case.name for case in found.added] == ["b"]
    assert [case.name for case in found.removed] == ["a"]


def test_a_scenario_is_the_same_in_another_folder():
    assert compare(run(PASSED), run(replace(PASSED, file="elsewhere/s.yaml", line=9))).same


def test_coverage_won_and_lost():
    then = run(PASSED, reached=[["menus", "root", "", 1, 0]], fraction=0.5)
    now = run(PASSED, reached=[["keys", "root", "1", 1, 0]], fraction=0.25)
    found = compare(then, now)
    assert (found.lost, found.gained) == (("menus: root",), ("keys: root 1",))
    assert "50.0% → 25.0%" in text(found)
    assert "不再到达" in text(found, "zh")
    assert compare(then, run(PASSED)).coverage is None
