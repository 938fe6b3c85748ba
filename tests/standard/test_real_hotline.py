"""The real hotline under callers who press anything: the checks see much and blame nothing."""

from dataclasses import replace

import pytest

from agents.roster_file import load_roster
from hotline.standard.report import build_report
from tests.standard.monkey import run

EXERCISED = (
    "5.2.4.2", "5.2.5.1", "5.2.5.2", "5.2.6.1", "5.2.6.2", "5.2.6.3", "5.2.6.4", "5.2.6.5",
    "5.2.6.6", "5.2.7.1", "5.2.7.2", "5.2.7.3", "5.2.7.4", "5.2.7.5",
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd():
    return run(calls=250, seed=7, roster=speaking_everything())


def speaking_everything():
    """The demonstration roster with somebody for each language that the book offers."""
    from agents.roster import Roster
    from menus.loader import load

    languages = load().agent_languages
    return Roster(
        tuple(
            replace(profile, languages=(*profile.languages, *languages))
            if "en-US" in profile.languages
            else profile
            for profile in load_roster()
        )
    )


@pytest.fixture(scope="module")
def report(crowd):
    rows, general, orders, book, roster = crowd
    return build_report(rows, book=book, agents=roster.by_id, agent_entries=general, orders=orders)


@pytest.mark.parametrize("clause", EXERCISED)
def test_a_crowd_exercises_the_clause_and_breaks_nothing(report, clause):
    line = report[clause]
    assert line.checked > 0
    assert line.examples == ()


def test_every_call_of_the_crowd_is_in_the_report(crowd, report):
    assert report.calls == len(crowd[0]) == 250
    assert sum(report.figures["outcomes"].values()) == 250


def test_a_slower_desk_fails_the_twelve_seconds_and_nothing_else(crowd):
    from hotline.standard.call_checks import CallChecker
    from hotline.standard.clauses import edition

    rows, *_, book, roster = crowd
    checker = CallChecker(edition(), book=book, agents=roster.by_id)
    later = [(slower(record), entries) for record, entries in rows]
    failed = {
        (result.clause, result.rule)
        for record, entries in later
        for result in checker.check(entries, record)
        if not result.ok
    }
    assert failed == {("5.2.7.3", "ring")}


def slower(record):
    """The same call with every offer ringing ten seconds longer."""
    requests = tuple(
        replace(r, offers=tuple(replace(o, ended=o.ended + 10.0) for o in r.offers))
        for r in record.requests
    )
    return replace(record, requests=requests)
