"""The clauses as data: complete, consistent, in our words; editions and users' own limits."""

import re
from pathlib import Path

import pytest

from hotline.standard import clauses as standard
from hotline.standard.clauses import StandardError, clauses, edition, editions, load_edition

HOTLINE = [
    "5.2.3", "5.2.4.1", "5.2.4.2", "5.2.5.1", "5.2.5.2", "5.2.6.1", "5.2.6.2", "5.2.6.3", "5.2.6.4",
    "5.2.6.5", "5.2.6.6", "5.2.7.1", "5.2.7.2", "5.2.7.3", "5.2.7.4", "5.2.7.5", "5.2.7.6",
]  # fmt: skip


def test_every_clause_of_the_hotline_is_there_in_the_order_of_the_standard():
    numbers = list(clauses())
    assert [n for n in numbers if n.startswith("5.2")] == HOTLINE
    keys = [[int(part) for part in n.split(".")] for n in numbers]
    assert keys == sorted(keys)


@pytest.mark.parametrize("number", list(clauses()))
def test_a_clause_says_what_it_asks_and_what_software_sees_of_it(number):
    clause = clauses()[number]
    for text in (clause.title, clause.need, *(rule.title for rule in clause.rules.values())):
        assert text.zh
        assert text.en
    assert re.fullmatch(r"(STD|READ|RECALL|INFER)-[HML]", clause.trust)
    # What can be seen has rules; what cannot says why.
    assert bool(clause.rules) == clause.visible
    assert clause.visible or clause.unseen.zh


def test_a_limit_belongs_to_a_clause_and_every_limit_is_in_both_languages():
    for limit in edition().limits.values():
        assert limit.clause in clauses()
        assert limit.title.zh
        assert limit.title.en


def test_the_default_edition_has_three_rings_and_twelve_seconds():
    default = edition()
    assert default.name == edition("default").name == edition("").name == editions()[0]
    assert default.number("ring_answer_seconds") == 12
    assert default.number("ring_answer_rings") == 3
    assert default.limits["max_menu_depth"].clause == "5.2.6.2"


def test_older_editions_differ_only_in_what_they_say():
    assert edition("conduct-article-14").number("ring_answer_rings") == 4
    assert edition("gbt-33358-2016").number("ring_answer_seconds") == 15
    older = edition("quality-2009")
    assert older.table("dispatch_minutes")["complaint"] == 10
    assert older.table("dispatch_minutes")["fault"] == 2
    for name in editions():
        assert edition(name).number("max_menu_depth") == 5
        assert edition(name).limits.keys() == edition().limits.keys()


def test_twelve_seconds_hold_three_rings_of_the_cadence():
    default = edition()
    on, off = default.number("ring_on_seconds"), default.number("ring_off_seconds")
    rings = default.number("ring_answer_rings")
    end_of_last = (rings - 1) * (on + off) + on
    start_of_next = rings * (on + off)
    assert end_of_last <= default.number("ring_answer_seconds") < start_of_next


def test_an_unknown_edition_names_those_there_are():
    with pytest.raises(StandardError, match="available: sgcc"):
        edition("1999")


# --- a user's own limits -------------------------------------------------------------------------


def written(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_user_s_limits_replace_those_of_the_base(tmp_path):
    mine = load_edition(
        written(
            tmp_path,
            "edition: 我省\nbase: gbt-33358-2016\nlimits:\n  ring_answer_seconds: 20\n"
            '  dispatch_minutes: {fault: 5}\npass_share: {"5.2.7.3": 0.95}\n',
        )
    )
    assert mine.name == "我省"
    assert mine.number("ring_answer_seconds") == 20
    assert mine.text("answer_rule") == "queue_ring"
    assert mine.table("dispatch_minutes")["fault"] == 5
    assert mine.table("dispatch_minutes")["complaint"] == 20
    assert mine.pass_share("5.2.7.3") == 0.95
    assert mine.pass_share("5.2.6.1") == 1
    assert mine.limits["ring_answer_seconds"].edition == "我省"
    assert edition().number("ring_answer_seconds") == 12


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("limits:\n  ring_anwser_seconds: 15\n", 2, "did you mean ring_answer_seconds"),
        ("limits:\n  ring_answer_seconds: soon\n", 2, "must be a number"),
        ("limits:\n  ring_answer_seconds: -1\n", 2, "negative"),
        ("limits:\n  ring_answer_seconds: .inf\n", 2, "endless"),
        ("limits:\n  functions: 停电\n", 2, "must be a list"),
        ("limits:\n  greeting_pattern: '['\n", 2, "regular expression"),
        ("limits:\n  answer_rule: whenever\n", 2, "one of ring, queue_ring, both"),
        ("limits:\n  ring_answer_seconds: 1\n  ring_answer_seconds: 2\n", 3, "written twice"),
        ("limits: [1]\n", 1, "must be a table"),
        ("base: 1999\n", 1, "unknown edition"),
        ("limit: {}\n", 1, "unknown setting"),
        ('pass_share: {"5.9": 1}\n', 1, "unknown clause"),
        ('pass_share: {"5.2.7.3": 95}\n', 1, "from 0 to 1"),
        ("limits: {a: [\n", 2, "not YAML"),
        ("- 1\n", 1, "holds no settings"),
    ],
)
def test_bad_limits_name_file_line_and_remedy(tmp_path, text, line, what):
    path = written(tmp_path, text)
    with pytest.raises(StandardError) as caught:
        load_edition(path)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert what in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_is_not_there_or_not_text_is_an_error_of_one_line(tmp_path):
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.yaml", tmp_path / "bytes.yaml"):
        with pytest.raises(StandardError) as caught:
            load_edition(path)
        assert "\n" not in str(caught.value)


def test_the_clauses_import_nothing_of_the_project():
    source = Path(standard.__file__).read_text("utf-8")
    imported = re.findall(r"^\s*(?:from|import) (\w+)", source, re.MULTILINE)
    assert not {"hotline", "menus", "ivr", "agents", "audio"} & set(imported)
