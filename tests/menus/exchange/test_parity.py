"""The parity matrix: the same book through every format is the same book, up to named losses."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from menus.exchange.document import as_yaml, canonical, document, leaves
from menus.exchange.formats import FORMATS
from menus.loader import load, loads, resolve
from menus.model import Book
from menus.reader import Document
from tests.menus.books import CONTRACT
from tests.menus.exchange.books import RICH, books

BOOKS = {"default": load(), "contract": loads(CONTRACT), "rich": loads(RICH)}
MATRIX = pytest.mark.parametrize("form", FORMATS)
ALL = pytest.mark.parametrize("name", BOOKS)


def through(book: Book, form: str, folder: Path) -> tuple[Any, Any]:
    """The document that should survive, and the one that does."""
    one = FORMATS[form]
    octets, _ = one.write(book, "zh")
    file = folder / f"book{one.suffixes[0]}"
    file.write_bytes(octets)
    kept, _ = one.reduce(document(book))
    back, losses = one.read(file)
    assert not losses, "our own files are read without loss"
    return kept, back


@MATRIX
@ALL
def test_a_book_comes_back_as_what_the_format_can_say(form: str, name: str, tmp_path: Path) -> None:
    kept, back = through(BOOKS[name], form, tmp_path)
    assert back == kept


@pytest.mark.parametrize("form", ["vxml", "excel"])
@ALL
def test_what_differs_is_named(form: str, name: str) -> None:
    data = document(BOOKS[name], lift=True)
    kept, losses = FORMATS[form].reduce(data)
    named = [loss.path for loss in losses if loss.kind in ("lost", "changed")]
    before, after = says(data), says(kept)
    for path in before.keys() | after.keys():
        if before.get(path, ...) != after.get(path, ...):
            assert any(path[: len(one)] == one or one[: len(path)] == path for one in named), path


def says(data: Any) -> dict[Any, Any]:
    """Leaves by path; a prompt of one form may be written with or without `long`."""
    return {tuple(part for part in path if part != "long"): v for path, v in leaves(data)}


@ALL
def test_freeswitch_keeps_every_key_of_every_menu_but_the_waiting_one(name: str) -> None:
    book = BOOKS[name]
    kept, losses = FORMATS["freeswitch"].reduce(document(book))
    after = resolve(Document(kept), "after")
    gone = set(book.menus) - set(after.menus)
    assert gone <= {book.waiting.menu}
    assert all(any(loss.path == ("menus", menu) for loss in losses) for menu in gone)
    for menu in after.menus.values():
        before = {key: one.target for key, one in book.menus[menu.id].keys.items()}
        assert {key: one.target for key, one in menu.keys.items()} == before


@ALL
def test_a_document_is_the_inverse_of_the_loader(name: str) -> None:
    data = document(BOOKS[name])
    assert document(loads(as_yaml(data, ["a remark"]))) == data


@MATRIX
@given(data=books())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_small_book(form: str, data: Any, tmp_path: Path) -> None:
    book = resolve(Document(data), "drawn")
    kept, back = through(book, form, tmp_path)
    assert back == kept
    assert canonical(document(book)) == document(book, lift=True)
