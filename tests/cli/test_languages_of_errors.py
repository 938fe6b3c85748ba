"""What is wrong with the user's own files is said in the user's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.cli.main import language_of, main


@pytest.mark.parametrize(("lang", "told"), [("zh", "是否想写 story"), ("en", "did you mean story")])
def test_a_bad_scenario_is_explained_in_the_language_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, told: str
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nstorry: []\n", "utf-8")
    with pytest.raises(SystemExit) as left:
        main(["test", str(file), "--lang", lang])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert f"{file}:2: " in said
    assert told in said


def test_where_the_language_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_LANG", "zh")
    assert language_of(["test"]) == "zh"
    assert language_of(["test", "--lang=en"]) == language_of(["--lang", "en", "test"]) == "en"
