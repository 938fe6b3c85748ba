"""`hotline replay` and `hotline purge` on a database with two finished calls."""

import re
import time

import pytest

from hotline.cli.replay import again
from menus.loader import load
from tests.cli.conftest import STARTER, start


def test_every_call_of_the_shipped_scenarios_does_the_same_again(journals):
    book = load()
    assert len(journals) > 50
    for name, entries in journals.items():
        result = again(entries, book, 0.0)
        assert result.divergence is None, name
    assert sum(again(e, book, 0.0).actions for e in journals.values()) > 1000


class TestReplay:
    def test_tells_the_call_and_that_it_is_the_same(self, hotline, database):
        file, call, _ = database
        ran = hotline("replay", call, "--database", f"sqlite:///{file}")
        assert (ran.code, ran.err) == (0, "")
        lines = ran.out.splitlines()
        assert re.fullmatch(r"same actions: \d\d+", lines[-1])
        assert [line.split()[1] for line in lines[:2]] == ["rings", "answers"]
        for part in ("greeting", "客服专员", "music", "wants agent", "survey", "hangs up"):
            assert part in ran.out

    def test_without_a_call_the_latest_are_listed_and_last_is_one_of_them(self, hotline, database):
        file, one, other = database
        listed = hotline("replay", "--database", file)
        assert listed.code == 0
        *calls, hint = listed.out.splitlines()
        assert {line.split()[0] for line in calls} == {one, other}
        assert "13900139000" not in listed.out
        assert "hotline replay ID" in hint
        last = calls[0].split()[0]
        again = [hotline("replay", call, "--database", file).out for call in (last, "last")]
        assert again[0] == again[1]

    def test_in_chinese(self, hotline, database):
        file, call, _ = database
        ran = hotline("replay", call, "--database", file, "--lang", "zh")
        assert "动作一致" in ran.out
        assert "评价" in ran.out

    def test_digits_and_numbers_are_masked_unless_asked_for(self, hotline, database):
        file, _, call = database
        ran = hotline("replay", call, "--database", file)
        assert "13900139000" not in ran.out
        assert "pressed     •" in ran.out
        assert not re.search(r"pressed +[\d*#]", ran.out)
        shown = hotline("replay", call, "--database", file, "--reveal").out
        assert "13900139000" in shown
        typed = "".join(re.findall(r"pressed +([\d*#])", shown))
        assert "1000000000012" in typed

    def test_another_book_differs(self, hotline, database):
        file, call, _ = database
        ran = hotline("replay", call, "--database", file, "--book", STARTER / "book.yaml")
        assert ran.code == 1
        assert "differs at" in ran.out
        assert "--book" in ran.out.splitlines()[-1]

    def test_a_difference_shows_no_typed_digits(self, hotline, database, tmp_path):
        file, _, call = database
        other = tmp_path / "book.yaml"
        text = load_text().replace("request: balance\n", "request: last_bill\n")
        assert text != load_text()
        other.write_text(text, "utf-8")
        ran = hotline("replay", call, "--database", file, "--book", other)
        assert (ran.code, ran.err) == (1, "")
        assert "1000000000012" not in ran.out
        assert "recorded" in ran.out

    def test_paced(self, hotline, database, monkeypatch):
        file, call, _ = database
        slept, now = [], [100.0]

        def sleep(seconds):
            slept.append(seconds)
            now[0] += seconds

        monkeypatch.setattr(time, "sleep", sleep)
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        paced = hotline("replay", call, "--database", file, "--speed", 10)
        assert paced.out == hotline("replay", call, "--database", file).out
        last = [line for line in paced.out.splitlines() if re.match(r"\d\d:", line)][-1]
        minutes, seconds = last.split()[0].split(":")
        assert sum(slept) == pytest.approx((60 * int(minutes) + float(seconds)) / 10, abs=0.05)

    def test_step_by_step(self, database):
        file, call, _ = database
        process = start("replay", call, "--database", file, "--step")
        assert "rings" in process.stdout.readline()
        process.stdin.write("\n")
        process.stdin.flush()
        assert "answers" in process.stdout.readline()
        out, _ = process.communicate(timeout=20)  # end of input: no more waiting
        assert "same actions" in out
        assert process.returncode == 0

    def test_step_and_speed_exclude_each_other(self, hotline, database):
        file, call, _ = database
        ran = hotline("replay", call, "--database", file, "--step", "--speed", 1)
        assert "choose one" in ran.complaint

    @pytest.mark.parametrize("call", ["c-404", ""])
    def test_an_unknown_call(self, hotline, database, call):
        assert "lists the latest" in hotline("replay", call, "--database", database[0]).complaint

    @pytest.mark.parametrize(
        "url", ["mysql://x/y", "sqlite://", "://", "sqlite:////no/such/folder/x.db", "none.db"]
    )
    def test_a_bad_database(self, hotline, url):
        for command in (("replay", "c1"), ("purge", "--older-than", 1), ("report",)):
            hotline(*command, "--database", url).complaint  # noqa: B018

    def test_a_file_that_is_no_database(self, hotline, tmp_path):
        file = tmp_path / "x.db"
        file.write_text("not a database at all, but long enough to have a header" * 20, "utf-8")
        assert str(file) in hotline("replay", "c1", "--database", file).complaint


class TestPurge:
    def test_removes_journals_and_keeps_rows(self, hotline, database):
        file, call, _ = database
        ran = hotline("purge", "--database", file, "--older-than", 0)
        assert ran.code == 0
        assert "journals of 2 calls" in ran.out
        assert "kept 2 call rows" in ran.out
        assert "purged" in hotline("replay", call, "--database", file).complaint
        assert "journals of 0 calls" in hotline("purge", "--database", file, "--older-than", 0).out

    def test_young_journals_stay(self, hotline, database):
        file, call, _ = database
        assert "of 0 calls" in hotline("purge", "--database", file, "--older-than", 1).out
        assert hotline("replay", call, "--database", file).code == 0

    @pytest.mark.parametrize("days", ["-1", "soon"])
    def test_other_than_days(self, hotline, database, days):
        ran = hotline("purge", "--database", database[0], f"--older-than={days}")
        assert "--older-than" in ran.complaint


def load_text():
    from menus.loader import default_book

    return default_book().read_text("utf-8")
