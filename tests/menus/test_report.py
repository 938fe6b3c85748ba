"""Findings for people, programs and code hosts."""

import json

from menus.lint import Finding, lint
from menus.loader import loads
from menus.report import WRITERS, as_json, as_sarif, as_text, summary
from menus.rules import RULES
from tests.menus.books import book

FOUND = [
    Finding("M001", "error", "5.2.6.2", "a b/book.yaml", 7, "too deep", "merge"),
    Finding("M027", "advice", "5.2.7.2", "a b/book.yaml", 9, "too wide"),
]


def test_text_has_place_level_rule_clause_and_remedy():
    assert as_text(FOUND).splitlines() == [
        "a b/book.yaml:7: error M001 [5.2.6.2] too deep",
        "    merge",
        "a b/book.yaml:9: advice M027 [5.2.7.2] too wide",
        "Errors: 1, warnings: 0, advice: 1.",
    ]


def test_text_in_chinese():
    assert "错误 M001" in as_text(FOUND, "zh-CN")
    assert summary([], "zh") == "没有发现问题。"


def test_json_is_the_list_of_the_contract():
    found = json.loads(as_json(FOUND))
    assert [set(one) for one in found] == [
        {"rule", "level", "clause", "file", "line", "message", "hint"}
    ] * 2
    assert found[0]["line"] == 7
    assert json.loads(as_json([])) == []


def test_sarif():
    log = json.loads(as_sarif(FOUND))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(RULES)
    first, second = run["results"]
    assert (first["level"], second["level"]) == ("error", "note")
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "M001"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/book.yaml"
    assert place["region"]["startLine"] == 7


def test_every_writer_takes_real_findings():
    found = lint(loads(book('menus:\n  main: {keys: {"1": "menu:x"}}\n')))
    for write in WRITERS.values():
        assert "M004" in write(found, "zh")
