"""YAML as books are written: every value keeps its place, nothing is mangled silently."""

from pathlib import Path

import pytest

from menus.model import Place
from menus.reader import read, read_text
from menus.wording import BookError


def error(text: str) -> BookError:
    with pytest.raises(BookError) as caught:
        read_text(text, "b.yaml")
    return caught.value


def test_every_key_and_item_has_its_place():
    document = read_text("a:\n  b:\n    - x\n    - y\n", "b.yaml")
    assert document.data == {"a": {"b": ["x", "y"]}}
    assert document.place("a", "b") == Place("b.yaml", 2)
    assert document.place("a", "b", 1) == Place("b.yaml", 4)


def test_the_place_of_something_absent_is_that_of_what_is_above_it():
    assert read_text("a:\n  b: 1\n", "b.yaml").place("a", "z", 3) == Place("b.yaml", 1)


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "none", "y", "1.2.3", "2026-01-01"])
def test_words_that_yaml_1_1_turns_into_something_else_stay_words(word):
    assert read_text(f"{word}: {word}\n", "b.yaml").data == {word: word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5", 5),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ('"010"', "010"),
        ("'5'", "5"),
        ("13800138000", 13800138000),
    ],
)
def test_plain_numbers_and_truth_values(written, value):
    assert read_text(f"a: {written}\n", "b.yaml").data == {"a": value}


@pytest.mark.parametrize(
    ("key", "as_what"),
    [
        ("0", "number"),
        ("1", "number"),
        ("01", "octal"),
        ("010", "octal"),
        ("08", "leading zeros"),
        ("0x1F", "another base"),
        ("8:30", "base-60"),
        ("1_0", "without its _"),
        ("1.5", "number"),
    ],
)
def test_unquoted_keys_that_yaml_reads_as_numbers(key, as_what):
    found = error(f"keys:\n  a: x\n  {key}: agent\n")
    assert found.line == 3
    assert as_what in found.message
    assert found.hint == f'write "{key}" in quotes'


@pytest.mark.parametrize("value", ["010", "8:30", "0x10", "1_000", "0b11"])
def test_unquoted_values_that_yaml_reads_as_other_numbers(value):
    found = error(f"a: 1\nb: {value}\n")
    assert (found.line, found.hint) == (2, f'write "{value}" in quotes')


@pytest.mark.parametrize("text", ["keys:\n  *: back\n", 'keys: {"1": x,\n  *: back}\n'])
def test_an_unquoted_star_is_explained(text):
    found = error(text)
    assert found.line == 2
    assert '"*" in quotes' in found.hint


def test_an_unquoted_pound_that_yaml_takes_for_a_comment_is_found():
    found = error('keys:\n  "1": agent\n  #: end\n')
    assert found.line == 3
    assert '"#"' in found.hint
    inside = error('a: 1\nkeys: {"1": agent, #: end}\nb: 2\n')
    assert inside.line == 2
    assert '"#"' in inside.hint


def test_an_ordinary_comment_is_none_of_it():
    assert read_text("# keys: back to the top\n#\na: 1 # 1: x\n", "b.yaml").data == {"a": 1}


def test_a_key_written_twice_names_both_lines():
    found = error('keys:\n  "1": a\n  "2": b\n  "1": c\n')
    assert found.line == 4
    assert "'1' is written twice, first at b.yaml:2" in found.message


def test_several_problems_are_listed_in_order():
    found = error("b: 010\na:\n  0: x\n  c: 1\n  c: 2\n")
    assert [problem.place.line for problem in found.problems] == [1, 3, 5]
    assert len(str(found).splitlines()) == 3
    assert found.in_language("zh").splitlines()[0].startswith("b.yaml:1: 没有加引号的 010")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n\t- b\n", "tab"),
        ("a：\n  - b: 1\n  - c: 2\n", "full-width"),
        ("a: 1\nb： 2\nc: 3\n", "full-width"),
        ("a:\n  - b: 1\n  c: 2\n", "no - before it"),
        ("a: b: c\n", "quote"),
        ('a: "open\nb: 1\n', "quotes"),
        ("a: 1\n---\nb: 2\n", "one document"),
        ("", "empty"),
        ("a: &x [*x]\n", "itself"),
        ("a: {<<: {b: 1}}\n", "merge"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("? [a, b]\n: 1\n", "plain text"),
    ],
)
def test_broken_yaml_says_what_to_do(text, words):
    assert words in str(error(text))


def test_aliases_that_multiply_are_stopped():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "aliases multiply" in str(error("\n".join(rows)))


def test_missing_file_and_wrong_encoding(tmp_path: Path):
    with pytest.raises(BookError, match="no such file"):
        read(tmp_path / "none.yaml")
    coded = tmp_path / "gbk.yaml"
    coded.write_bytes("a: 1\ntitle: 停电\n".encode("gbk"))
    with pytest.raises(BookError, match=r"gbk\.yaml:2: is not UTF-8"):
        read(coded)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path):
    file = tmp_path / "b.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read(file).data == {"a": 1}


class TestFolder:
    def test_menus_of_several_files_are_joined_with_their_places(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("version: 1\nmenus:\n  one: {}\n")
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "b.yml").write_text("version: 1\nmenus:\n\n  two: {}\n")
        document = read(tmp_path)
        assert document.data == {"version": 1, "menus": {"one": {}, "two": {}}}
        assert document.place("menus", "two") == Place(str(tmp_path / "deep" / "b.yml"), 4)
        assert document.place("menus", "one").file.endswith("a.yaml")

    def test_a_menu_in_two_files_names_both(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("menus:\n  one: {}\n")
        (tmp_path / "b.yaml").write_text("menus:\n  two: {}\n  one: {}\n")
        with pytest.raises(BookError) as caught:
            read(tmp_path)
        assert (caught.value.file, caught.value.line) == (str(tmp_path / "b.yaml"), 3)
        assert "a.yaml:2" in caught.value.message

    def test_two_files_must_not_disagree_on_a_setting(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("start: one\n")
        (tmp_path / "b.yaml").write_text("start: two\n")
        with pytest.raises(BookError, match="'start' is written twice"):
            read(tmp_path)

    def test_problems_of_all_files_are_listed(self, tmp_path: Path):
        (tmp_path / "a.yaml").write_text("a: 010\n")
        (tmp_path / "b.yaml").write_text("b: [\n")
        with pytest.raises(BookError) as caught:
            read(tmp_path)
        assert len(caught.value.problems) == 2

    def test_an_empty_folder(self, tmp_path: Path):
        with pytest.raises(BookError, match="no YAML file"):
            read(tmp_path)
