"""The formats by name, and which one a file is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from menus.exchange import freeswitch, vxml_read, vxml_write, workbook
from menus.exchange.document import Data
from menus.exchange.losses import Loss
from menus.exchange.xmltree import content, read, trouble
from menus.model import Book
from menus.wording import Both


@dataclass(frozen=True, slots=True)
class Format:
    """One format: `write(book, lang)` gives octets and losses, `read(path)` a document and losses;
    `reduce(document)` what of a document survives."""

    name: str
    suffixes: tuple[str, ...]
    write: Callable[[Book, str], tuple[bytes, list[Loss]]]
    read: Callable[[Path], tuple[Data, list[Loss]]]
    reduce: Callable[[Data], tuple[Data, list[Loss]]]


def _octets(
    export: Callable[[Book, str], tuple[str, list[Loss]]],
) -> Callable[[Book, str], tuple[bytes, list[Loss]]]:
    def write(book: Book, lang: str) -> tuple[bytes, list[Loss]]:
        text, losses = export(book, lang)
        return text.encode(), losses

    return write


def _file(
    parse: Callable[[bytes, str], tuple[Data, list[Loss]]],
) -> Callable[[Path], tuple[Data, list[Loss]]]:
    return lambda path: parse(content(path), str(path))


def _workbook(path: Path) -> tuple[Data, list[Loss]]:
    from menus.exchange import workbook_read

    return workbook_read.read_book(path)


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format(
            "vxml",
            (".vxml",),
            _octets(vxml_write.export),
            _file(vxml_read.read_book),
            vxml_write.reduce,
        ),
        Format(
            "freeswitch",
            (".xml",),
            _octets(freeswitch.export),
            _file(freeswitch.read_book),
            freeswitch.reduce,
        ),
        Format("excel", (".xlsx", ".xlsm"), workbook.export, _workbook, workbook.reduce),
    )
}


def format_to_write(path: Path) -> Format:
    """The format that the name of a file asks for; raises `BookError`."""
    for one in FORMATS.values():
        if path.suffix.lower() in one.suffixes:
            return one
    raise _unknown(path)


def format_to_read(path: Path) -> Format:
    """The format of a file by its name, and for `.xml` by its root element."""
    if path.suffix.lower() == ".xml":
        root = read(content(path), str(path))
        return FORMATS["vxml" if root.tag == "vxml" else "freeswitch"]
    return format_to_write(path)


def _unknown(path: Path) -> Exception:
    suffixes = ", ".join(suffix for one in FORMATS.values() for suffix in one.suffixes)
    return trouble(
        str(path),
        0,
        f"后缀 {path.suffix or '（无）'} 不是可交换的格式",
        f"the suffix {path.suffix or '(none)'!r} is none of the formats",
        Both(
            f"可用后缀：{suffixes}；或用 --to、--from 指明格式",
            f"suffixes: {suffixes}; or name the format",
        ),
    )
