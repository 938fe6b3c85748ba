"""The examples in the documentation do what the text around them says."""

import re
from pathlib import Path

import pytest

from hotline.callers.reading import parse
from menus.lint import lint
from menus.loader import loads

ROOT = Path(__file__).parents[2]


def examples(page):
    return re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_least_book_lints_clean():
    [book] = examples("docs/menu-book.md")
    assert lint(loads(book, "docs/menu-book.md")) == []


def test_the_scenario_of_the_readme_is_well_formed():
    [scenario] = examples("README.md")
    [read] = parse(scenario, "README.md")
    assert read.name == "一户停电报修"


@pytest.mark.parametrize(
    "page",
    ["README.md", "README.zh-CN.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))],
)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
