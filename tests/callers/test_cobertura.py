"""Cobertura XML: its structure as the DTD has it, and lines of the book with their hits."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

from hotline.callers.cobertura import DOCTYPE, cobertura
from hotline.callers.coverage import Coverage
from hotline.switch import events as ev
from menus.loader import loads
from menus.model import Place
from tests.callers.test_coverage import BOOK, entries

# element -> (required attributes, children) of coverage-04.dtd, as far as it is used here
RATES = {"line-rate", "branch-rate", "complexity"}
COUNTS = {"lines-covered", "lines-valid", "branches-covered", "branches-valid"}
DTD: dict[str, tuple[set[str], list[str]]] = {
    "coverage": (RATES | COUNTS | {"version", "timestamp"}, ["sources", "packages"]),
    "sources": (set(), ["source"]),
    "source": (set(), []),
    "packages": (set(), ["package"]),
    "package": (RATES | {"name"}, ["classes"]),
    "classes": (set(), ["class"]),
    "class": (RATES | {"name", "filename"}, ["methods", "lines"]),
    "methods": (set(), ["method"]),
    "method": (RATES | {"name", "signature"}, ["lines"]),
    "lines": (set(), ["line"]),
    "line": ({"number", "hits"}, []),
}
SEQUENCES = {"coverage", "package", "class", "method"}
"""elements whose children come once each, in this order; the others repeat their only child"""


def document(coverage: Coverage, folder: Path) -> Xml.Element:
    text = cobertura(coverage, 1_700_000_000_000, folder=folder)
    assert DOCTYPE in text
    return Xml.fromstring(text)


def made(tmp_path: Path) -> Coverage:
    coverage = Coverage(
        loads(BOOK, str(tmp_path / "b.yaml")), {"5.2.6.4": Place("clauses.yaml", 3)}
    )
    coverage.add(entries(ev.MenuEntered(0, "c", "main"), ev.Chosen(1, "c", "main", "1", "step:x")))
    coverage.add(entries(ev.MenuEntered(0, "c", "main")))
    return coverage


def valid(element: Xml.Element) -> None:
    required, children = DTD[element.tag]
    assert required <= set(element.attrib), element.tag
    tags = [child.tag for child in element]
    if element.tag in SEQUENCES:
        assert tags == children, element.tag
    else:
        assert set(tags) <= set(children), element.tag
    for child in element:
        valid(child)


def test_the_structure_is_that_of_the_dtd(tmp_path: Path) -> None:
    valid(document(made(tmp_path), tmp_path))


def test_lines_of_the_book_have_their_hits(tmp_path: Path) -> None:
    [one] = document(made(tmp_path), tmp_path).iter("class")
    assert one.get("filename") == "b.yaml"
    lines = {line.get("number"): line for line in one.findall("lines/line")}
    # line 10: `"1": step:safety`, line 11: `"2": step:balance`
    assert (lines["10"].get("hits"), lines["11"].get("hits")) == ("1", "0")
    menu = lines["6"]
    assert (menu.get("hits"), menu.get("branch")) == ("2", "true")
    assert menu.get("condition-coverage", "").endswith(")")


def test_the_totals_are_those_of_the_lines(tmp_path: Path) -> None:
    top = document(made(tmp_path), tmp_path)
    lines = top.findall("packages/package/classes/class/lines/line")
    hit = sum(line.get("hits") != "0" for line in lines)
    assert (top.get("lines-covered"), top.get("lines-valid")) == (str(hit), str(len(lines)))
    assert float(top.get("line-rate", "")) == round(hit / len(lines), 4)


def test_a_menu_is_a_method(tmp_path: Path) -> None:
    top = document(made(tmp_path), tmp_path)
    rates = {method.get("name"): method.get("line-rate") for method in top.iter("method")}
    assert rates["balance"] == "0.0000"
    assert float(rates["main"] or 0) > 0


def test_a_book_elsewhere_is_named_from_its_own_folder(tmp_path: Path) -> None:
    top = document(made(tmp_path), tmp_path / "other")
    assert top.findtext("sources/source") == str(tmp_path)
    assert next(top.iter("class")).get("filename") == "b.yaml"


def test_a_book_below_the_folder_keeps_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "books"
    coverage = Coverage(loads(BOOK, str(folder / "b.yaml")))
    top = document(coverage, tmp_path)
    assert next(top.iter("class")).get("filename") == "books/b.yaml"
