"""`hotline book`: the examples of docs/exchange.md, and what a user gets wrong."""

import json
import re
import shlex
from pathlib import Path

import pytest

from hotline.cli.main import main
from menus.loader import default_book

DOCS = Path(__file__).parents[2] / "docs" / "exchange.md"


def hotline(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", *arguments])
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_documentation_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "menus/books").mkdir(parents=True)
    (folder / "menus/books/95598.yaml").write_bytes(default_book().read_bytes())
    blocks = re.findall(r"```console\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    commands = [line[2:] for block in blocks for line in block.splitlines()]
    assert len(commands) > 6
    codes = {command: hotline(*shlex.split(command)[1:]) for command in commands}
    assert set(codes.values()) == {0}, codes
    assert "the books are the same" in capsys.readouterr().out


def test_losses_are_listed_and_strict_tells_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert hotline("book", "export", "a.xml", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["format"] == "freeswitch"
    assert {"kind": "lost", "path": "steps"}.items() <= answer["losses"][0].items()
    assert hotline("book", "export", "b.xml", "--strict") == 1
    assert hotline("book", "export", "b.vxml", "--strict") == 0
    assert "steps: " in Path("a.xml").read_text("utf-8").split("-->")[0]


def test_nothing_is_overwritten_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.vxml").write_text("mine")
    assert hotline("book", "export", "a.vxml") == 2
    assert Path("a.vxml").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert hotline("book", "export", "a.vxml", "--force") == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.vxml", b"<vxml>\n<x>", "a.vxml:2: not well-formed XML"),
        ("a.xlsx", b"PK no", "a.xlsx: no readable Excel workbook"),
        ("a.xml", b"<configuration/>", "no <menu name=...>"),
        ("a.txt", b"", "none of the formats"),
    ],
)
def test_bad_files_end_with_one_line(
    name: str, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_bytes(content)
    assert hotline("book", "import", name, "out.yaml") == 2
    error = capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1
    assert not Path("out.yaml").exists()


def test_diff_answers_like_diff(capsys: pytest.CaptureFixture[str]) -> None:
    text = default_book().read_text("utf-8")
    Path("old.yaml").write_text(text, "utf-8")
    Path("new.yaml").write_text(text.replace('"3": menu:business', '"3": menu:bill'), "utf-8")
    assert hotline("book", "diff", "old.yaml", "new.yaml") == 1
    assert (
        "new.yaml:104: menu root (Main menu): key 3 now leads to menu:bill"
        in capsys.readouterr().out
    )
    assert hotline("book", "diff", "old.yaml", "new.yaml", "--json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["old"] == "menu:business"
    assert hotline("book", "diff", "old.yaml", "none.yaml") == 2


def test_recordings_with_findings_write_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "in/zh-CN").mkdir(parents=True)
    (folder / "in/zh-CN/greeting.wav").write_bytes(b"no sound")
    assert hotline("book", "recordings", "in", "out", "--partial") == 1
    assert "zh-CN/greeting.wav: format" in capsys.readouterr().out
    assert not (folder / "out").exists()
    assert hotline("book", "recordings", "none", "out") == 2
