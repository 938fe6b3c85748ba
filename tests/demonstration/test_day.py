"""The demonstration day: the report finds every planted violation and nothing else."""

import pytest

from hotline.cli.demo import run_day
from hotline.demonstration import day, plants
from hotline.standard.clauses import clauses
from hotline.switch.chance import Chance

JUDGED_BY_SOME_EDITIONS = {("5.2.7.3", "queue_ring")}


@pytest.mark.parametrize("seed", [1, 2, 95598])
def test_the_report_finds_exactly_what_was_planted(seed):
    made = run_day(300, seed)
    assert made.found == made.planted
    assert made.report.calls == 300 + len(plants.calls()) + 1  # one innocent call holds a line


def test_every_rule_that_software_can_see_is_planted():
    planted = {(broken.clause, broken.rule) for broken in plants.expected(day.START)}
    rules = {
        (clause.number, rule)
        for clause in clauses().values()
        if clause.visible
        for rule in clause.rules
    }
    assert rules - planted == JUDGED_BY_SOME_EDITIONS


def test_the_same_seed_gives_the_same_day():
    one, two = run_day(100, 7).report.to_json(), run_day(100, 7).report.to_json()
    assert one == two
    assert one != run_day(100, 8).report.to_json()


def test_ordinary_callers_come_all_day_but_not_between_three_and_four():
    hours = {int(a.at // 3600) for a in day.arrivals(5000, Chance(1))}
    assert hours == set(range(24)) - {3}


def test_a_report_on_nobody_finds_nothing_planted_in_calls():
    # what is found comes from the calls and records, not from the list of what was planted
    from hotline.standard.report import ReportBuilder

    assert day.found(ReportBuilder().build()) == frozenset()
