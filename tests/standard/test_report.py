"""The report: its contract, its counts, what it calls passed, and its forms."""

import io
import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hotline.standard.clauses import StandardError, clauses, edition, load_edition
from hotline.standard.fail_on import failing
from hotline.standard.page import to_html
from hotline.standard.report import ReportBuilder, build_report, masked
from hotline.standard.results import Result
from hotline.standard.table import print_report
from menus.loader import load
from tests.standard.journal import Journal
from tests.standard.pairs import AGENTS, PAIRS, blocked, j

SCHEMA = {
    "type": "object",
    "required": ["calls", "clauses"],
    "properties": {
        "calls": {"type": "integer", "minimum": 0},
        "clauses": {
            "type": "array",
            "minItems": len(clauses()),
            "maxItems": len(clauses()),
            "items": {
                "type": "object",
                "required": [
                    "clause", "title", "checked", "passed", "failed", "status", "examples"
                ],
                "properties": {
                    "clause": {"enum": list(clauses())},
                    "title": {"type": "string", "minLength": 1},
                    "checked": {"type": "integer", "minimum": 0},
                    "passed": {"type": "integer", "minimum": 0},
                    "failed": {"type": "integer", "minimum": 0},
                    "status": {"enum": ["pass", "fail", "not seen by software"]},
                    "examples": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["call", "measured", "place"],
                            "properties": {
                                "call": {"type": ["string", "null"]},
                                "measured": {"type": "string", "minLength": 1},
                            },
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


def calls(*journals):
    return [(journal.record(), journal.entries) for journal in journals]


@pytest.fixture(scope="module")
def planted():
    """One call for each planted violation, numbered, and for each one without."""
    journals = []
    for number, (clause, rule, keeps, breaks) in enumerate(PAIRS):
        for kind, make in (("keeps", keeps), ("breaks", breaks)):
            journal = make()
            record = journal.record()
            name = f"{kind}-{clause}-{rule}"
            entries = journal.entries
            journals.append((renamed(record, name), entries))
            assert number >= 0
    return journals


def renamed(record, call):
    from dataclasses import replace

    return replace(record, call=call)


@pytest.fixture(scope="module")
def report(planted):
    return build_report(planted, agents=AGENTS)


def test_the_report_finds_exactly_the_planted_violations(report):
    found = {
        (line.clause.number, example.rule, example.call)
        for line in report.clauses
        for example in line.examples
    }
    planted = {(clause, rule, f"breaks-{clause}-{rule}") for clause, rule, *_ in PAIRS}
    assert found == planted


def test_json_keeps_the_contract_and_is_plain_data(report):
    for language in ("zh", "en"):
        data = json.loads(json.dumps(report.to_json(language)))
        jsonschema.validate(data, SCHEMA)
        assert data["calls"] == 2 * len(PAIRS)


def test_the_clauses_of_an_empty_report_are_all_unseen_with_a_reason():
    report = build_report([])
    data = report.to_json()
    jsonschema.validate(data, SCHEMA)
    for clause in data["clauses"]:
        assert clause["status"] == "not seen by software"
        assert clause["reason"]
        assert clause["checked"] == clause["passed"] == 0


RULES = [(c.number, rule) for c in clauses().values() for rule in c.rules]
RESULTS = st.lists(st.tuples(st.sampled_from(RULES), st.booleans()), max_size=60)


@given(RESULTS)
def test_nothing_counts_as_passed_that_was_not_checked(observed):
    builder = ReportBuilder()
    builder.add_results(Result(clause, rule, None, ok) for (clause, rule), ok in observed)
    for line in builder.build().clauses:
        mine = [ok for (clause, _), ok in observed if clause == line.clause.number]
        assert (line.checked, line.passed) == (len(mine), sum(mine))
        expected = "not seen by software" if not mine else "pass" if all(mine) else "fail"
        assert line.status == expected
        assert line.clause.visible or line.status == "not seen by software"


def test_a_clause_that_software_cannot_see_says_why_rather_than_not_exercised(report):
    assert report["7.3.1"].reason.zh == "电话不可见"
    assert "exercised" in build_report([])["5.2.6.1"].reason.en


def test_a_pass_share_tolerates_what_it_says(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text('pass_share: {"5.2.7.3": 0.9}', "utf-8")

    def status(late, edition_):
        on_time = [j().talking().caller_ends_talk() for _ in range(10)]
        slow = [j().talking(ring=13.0).caller_ends_talk() for _ in range(late)]
        return build_report(calls(*on_time, *slow), edition_=edition_)["5.2.7.3"].status

    mine = load_edition(path)
    assert [status(n, mine) for n in (0, 1, 3)] == ["pass", "pass", "fail"]
    assert status(1, edition()) == "fail"


def test_a_hour_in_which_every_call_was_blocked_fails_and_one_call_saves_it():
    alone = build_report(calls(blocked()))
    saved = build_report(calls(blocked(), j().greeted().caller_leaves()))

    def hours(report):
        return next(rule for rule in report["5.2.7.1"].rules if rule.rule == "hours")

    assert (hours(alone).checked, hours(alone).failed) == (1, 1)
    assert (hours(saved).checked, hours(saved).failed) == (1, 0)
    assert any(example.place == "0:00" for example in alone["5.2.7.1"].examples)


def test_only_the_first_examples_are_kept_however_many_fail():
    late = [j().talking(ring=13.0).caller_ends_talk() for _ in range(30)]
    line = build_report(calls(*late), examples=3)["5.2.7.3"]
    assert line.failed == 30
    assert len(line.examples) == 3


def test_building_twice_counts_once():
    builder = ReportBuilder()
    for record, entries in calls(j().greeted().caller_leaves()):
        builder.add_call(record, entries)
    assert builder.build().to_json() == builder.build().to_json()


def test_a_row_without_its_journal_is_checked_as_far_as_it_goes():
    late = j().talking(ring=13.0).caller_ends_talk()
    report = build_report([(late.record(), ())])
    assert report["5.2.7.3"].failed == 1
    assert report["5.2.6.1"].checked == 0


def test_figures_are_those_of_the_rows():
    report = build_report(
        calls(
            j().talking(ring=11.9).caller_ends_talk(),
            j().talking(ring=13.0).wait(5).agent_leaves("hang_up").hang_up("agent"),
            j().talking().agent_leaves("hang_up", "silent").hang_up("agent"),
            j().greeted().menu().step(service="balance").caller_leaves(),
            blocked(),
        )
    )
    figures = report.figures
    assert figures["ring_within"] == pytest.approx(2 / 3)
    assert figures["queue_ring_within"] == pytest.approx(2 / 3)
    assert figures["agent_hung_up_first"] == 1
    assert figures["lawful_hang_ups"] == {"silent": 1}
    assert figures["blocked"] == 1
    assert figures["availability"] == pytest.approx(4 / 5)
    assert figures["containment"] == pytest.approx(1 / 4)
    assert figures["ring_seconds"][11] == 1
    assert figures["ring_seconds"][12] == 1
    assert build_report([]).figures["ring_within"] is None


# --- numbers -------------------------------------------------------------------------------------


def test_telephone_numbers_are_masked_unless_asked_for():
    late = Journal().arrive("13912345678").say("greeting").waiting(13.0).connect().announce()
    late.bridge().caller_ends_talk()
    hidden, shown = build_report(calls(late)), build_report(calls(late), mask=False)
    for form in (json.dumps(hidden.to_json()), to_html(hidden), text_of(hidden)):
        assert "13912345678" not in form
    assert hidden["5.2.7.3"].examples[0].number == "139****5678"
    assert shown["5.2.7.3"].examples[0].number == "13912345678"


@given(st.from_regex(r"\+?[0-9]{0,15}", fullmatch=True))
def test_a_masked_number_is_as_long_and_never_whole(number):
    hidden = masked(number)
    assert len(hidden) == len(number)
    assert hidden.count("*") >= min(1, len(number))


# --- pages and tables ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_one_file_that_fetches_nothing(report, language):
    page = to_html(report, language)
    assert not re.search(r"https?://|//cdn|@import|url\(|<script|<link|\bsrc=", page)
    assert page.count("<svg") == page.count("</svg>") > 3
    for number in clauses():
        assert f'id="c{number}"' in page


def test_the_page_shows_titles_in_both_languages_and_words_in_one(report):
    chinese, english = to_html(report, "zh"), to_html(report, "en")
    for page in (chinese, english):
        assert "统一引导语" in page
        assert "one opening" in page
    assert "不通过" in chinese
    assert "不通过" not in english
    assert 'lang="en"' in english


def test_what_callers_and_books_bring_is_escaped_in_the_page():
    builder = ReportBuilder()
    from hotline.standard.clauses import Text

    evil = Text("<script>alert(1)</script>", "<script>alert(1)</script>")
    builder.add_results([Result("5.2.3", "offered", "<b>", False, evil, "<i>")])
    page = to_html(builder.build())
    assert "<script>" not in page
    assert "&lt;b&gt;" in page


def test_an_empty_report_has_a_page_too():
    assert "软件不可见" in to_html(build_report([]))


def text_of(report, language="zh", **options):
    out = io.StringIO()
    print_report(report, Console(file=out, width=160), language, **options)
    return out.getvalue()


def test_the_table_marks_each_clause_and_sums_up(report):
    lines = text_of(report).splitlines()
    ring = next(line for line in lines if line.startswith("5.2.7.3"))
    assert "✗ 不通过" in ring
    assert "breaks-5.2.7.3-ring" in ring
    assert not any(line.startswith("7.3.1") for line in lines)
    assert any(line.startswith("7.3.1") for line in text_of(report, every=True).splitlines())
    assert "failed" in text_of(report, "en")


# --- conditions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def late_report():
    on_time = [j().talking().caller_ends_talk() for _ in range(9)]
    return build_report(calls(*on_time, j().talking(ring=13.0).caller_ends_talk()))


@pytest.mark.parametrize(
    ("condition", "misses"),
    [
        ("any", 1),
        ("5.2.7.3", 1),
        ("5.2.7", 1),
        ("5.2.6", 0),
        ("5.2.6.1", 0),
        ("7.3.1", 0),
        ("5.2.7.3<0.96", 1),
        ("5.2.7.3<0.95", 0),
        ("5.2.7.3 < 96%", 1),
        ("ring_within<0.95", 1),
        ("ring_within<0.9", 0),
        ("blocked>0", 0),
        ("containment<0.5", 1),
        ("self_service_success<0.5", 0),
        ("any,5.2.7.3", 2),
        ("", 0),
    ],
)
def test_conditions_that_fail_a_report(late_report, condition, misses):
    assert len(failing(late_report, condition)) == misses


def test_unseen_asks_that_every_visible_clause_was_exercised(late_report):
    missed = failing(late_report, ["unseen"])
    idle = [line for line in late_report.clauses if line.clause.visible and not line.checked]
    assert len(missed) == len(idle) > 0
    assert failing(build_report([]), "any") == []


@pytest.mark.parametrize(
    "condition", ["5.9.9", "everything", "ring_within", "outcomes<1", "5.2.7.3<1.2.3", "<0.5"]
)
def test_a_condition_about_nothing_is_an_error_with_a_remedy(late_report, condition):
    with pytest.raises(StandardError) as caught:
        failing(late_report, condition)
    assert caught.value.remedy


def test_the_report_on_the_built_in_book_passes_what_a_book_shows():
    builder = ReportBuilder(book=load())
    report = builder.build()
    assert report["5.2.3"].status == "pass"
    assert report["5.2.6.4"].status == "not seen by software"
    assert not any(line.failed for line in report.clauses)
