"""Suites enumerated from books: readable, the same every time, and true of the book they are of."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import click
import pytest

from hotline.callers import reading
from hotline.callers.coverage import Coverage
from hotline.callers.generation import Suite, generate, menu_text, quoted
from hotline.callers.runner import run_all
from hotline.callers.scenario import Scenario
from hotline.callers.ways import Ways, typed
from hotline.cli.generate import write_suite
from hotline.cli.samples import seeded_world
from hotline.cli.virtual import scenario_hotlines
from menus.loader import load
from menus.model import Book

STARTER = Path(__file__).parents[2] / "hotline" / "cli" / "starter" / "book.yaml"
BOOK = load(STARTER)
DEFAULT = load()
WAYS = Ways(DEFAULT, *seeded_world())
REACHED = WAYS.to_nodes()


def suite_of(book: Book) -> Suite:
    return generate(book, Ways(book, *seeded_world()))


def scenarios(book: Book) -> list[Scenario]:
    made = suite_of(book)
    return [
        scenario
        for menu, cases in made.menus.items()
        for scenario in reading.parse(menu_text(book, menu, cases, "book.yaml"), f"{menu}.yaml")
    ]


def test_every_scenario_passes_on_the_book_it_was_made_from():
    verdicts = [verdict for verdict, _ in run_all(scenarios(BOOK), scenario_hotlines(BOOK))]
    assert verdicts
    assert [v.scenario for v in verdicts if not v.passed] == []


def test_together_they_reach_every_key_branch_and_outcome_of_a_book_of_ones_own():
    coverage = Coverage(BOOK)
    for _, journal in run_all(scenarios(BOOK), scenario_hotlines(BOOK)):
        for entries in journal.values():
            coverage.add(entries)
    shares = {share.group: share.fraction for share in coverage.shares()}
    for group in ("menus", "keys", "branches", "steps", "outcomes"):
        assert shares[group] == 1.0, coverage.text()


def test_each_menu_has_its_file_with_each_kind_of_scenario():
    made = suite_of(BOOK)
    assert list(made.menus) == list(BOOK.menus)
    for menu, cases in made.menus.items():
        kinds = Counter(case.tag for case in cases)
        wanted = {"type-ahead", "transfer", "back", "repeat", "no-input", "wrong-key", "way"}
        assert wanted <= set(kinds), menu


def test_the_same_book_gives_the_same_text():
    first, second = suite_of(BOOK), suite_of(BOOK)
    assert first.menus == second.menus


def test_a_scenario_reads_like_one_written_by_hand():
    cases = suite_of(BOOK).menus["fault"]
    back = next(case for case in cases if case.tag == "back")
    assert back.text() == (
        "scenario: 停电报修（fault），按星号键返回上级\n"
        "tags: [back]\n"
        'caller: {number: "13800138000"}\n'
        "story:\n"
        "  - hear: {prompt: main}\n"
        '  - press: "1"\n'
        "  - hear: {prompt: fault}\n"
        '  - press: "*"\n'
        "  - hear: {prompt: main}\n"
        "  - hang_up:\n"
    )


def test_names_are_unique_in_a_file():
    for cases in suite_of(DEFAULT).menus.values():
        names = [case.name for case in cases]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["a: b", "{x}", "- y", "#1", "余额，按 1 → 结束", '"', "it's"])
def test_a_name_survives_being_written(text: str):
    story = f"scenario: {quoted(text)}\nstory: [hang_up]\n"
    assert reading.parse(story, "s.yaml")[0].name == text


# --- ways ----------------------------------------------------------------------------------------


def test_a_way_names_the_caller_for_whom_the_service_answers_so():
    arrears = REACHED["menu", "balance_arrears"]
    assert (arrears.caller, typed(DEFAULT, arrears)) == ("13800138003", "211")


def test_a_number_is_typed_with_its_end_unless_its_length_ends_it():
    assert typed(DEFAULT, REACHED["menu", "english_outage_none"]) == "8111000000001#"
    assert typed(DEFAULT, REACHED["menu", "area_found"]) == "1131002"


def test_what_no_sample_brings_about_is_left_to_the_author():
    untaken = {(path.moves[-1].at[1], path.moves[-1].value) for path in suite_of(DEFAULT).untaken}
    assert ("notice", "already") in untaken  # needs a subscription in `given`
    assert ("step", "sms_limit") not in REACHED


# --- the command ---------------------------------------------------------------------------------


def test_what_was_generated_is_replaced_and_what_was_written_by_hand_is_not(tmp_path: Path):
    book = shutil.copy(STARTER, tmp_path / "book.yaml")
    folder = tmp_path / "generated"
    assert write_suite(folder, str(book), "en") == 0
    before = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    assert write_suite(folder, str(book), "en") == 0
    assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == before
    (folder / "main.yaml").write_text("scenario: mine\nstory: [hang_up]\n", encoding="utf-8")
    with pytest.raises(click.ClickException, match=r"main\.yaml was not generated"):
        write_suite(folder, str(book), "en")
    assert (folder / "main.yaml").read_text("utf-8").startswith("scenario: mine")


def test_it_says_how_many_pass_and_how_to_run_them(tmp_path: Path, capsys):
    write_suite(tmp_path / "g", str(STARTER), "zh")
    out = capsys.readouterr().out
    assert "都在这份菜单上通过" in out
    assert f"hotline test {tmp_path / 'g'} --book {STARTER}" in out
