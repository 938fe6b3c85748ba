"""Coverage as Cobertura XML, so that CI servers mark the lines of the menu book.

    coverage > packages > package > classes > class (a file of the book)
        methods > method (a menu, a step, ...) > lines > line
        lines > line number= hits= [branch= condition-coverage=]

A line is hit when anything written on it was reached. What else stands on it (inherited keys, the
no-input and wrong-key branches) counts as the line's conditions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as Xml

from hotline.callers.coverage import Coverage, Item

DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'

Lines = Mapping[int, list[Item]]


def cobertura(coverage: Coverage, timestamp: int, *, folder: str | Path = ".") -> str:
    """The document; `timestamp` in ms since 1970. Files below `folder` are named from there.

    Clauses are left out: they are written in the standard, not in the book.
    """
    files = _files(coverage)
    root = _folder_of(files, Path(folder).absolute())
    every = [_merged(methods) for methods in files.values()]
    top = Xml.Element(
        "coverage",
        _counted(every, coverage)
        | {"complexity": "0", "version": "hotline95598", "timestamp": str(timestamp)},
    )
    Xml.SubElement(Xml.SubElement(top, "sources"), "source").text = str(root)
    package = Xml.SubElement(
        Xml.SubElement(top, "packages"), "package", {"name": "book"} | _rates(every, coverage)
    )
    classes = Xml.SubElement(package, "classes")
    for file, methods in files.items():
        _class(classes, os.path.relpath(file, root), methods, coverage)
    Xml.indent(top)
    text = Xml.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{text}\n'


def _files(coverage: Coverage) -> dict[str, dict[str, dict[int, list[Item]]]]:
    """file -> menu or step -> line -> what is written there."""
    files: dict[str, dict[str, dict[int, list[Item]]]] = {}
    for item, place in coverage.items.items():
        if item.group == "clauses" or not place.line:
            continue
        file = str(Path(place.file).absolute())
        lines = files.setdefault(file, {}).setdefault(item.where, {})
        lines.setdefault(place.line, []).append(item)
    return files


def _folder_of(files: Iterable[str], folder: Path) -> Path:
    """`folder` if it holds all of the files, else the deepest folder that does."""
    parents = [str(Path(file).parent) for file in files]
    if not parents or all(Path(parent).is_relative_to(folder) for parent in parents):
        return folder
    return Path(os.path.commonpath(parents))


def _class(
    classes: Xml.Element, name: str, methods: Mapping[str, Lines], coverage: Coverage
) -> None:
    """One file, with its menus and steps as methods and all its lines."""
    name = name.replace(os.sep, "/")
    merged = _merged(methods)
    rates = _rates([merged], coverage)
    made = Xml.SubElement(classes, "class", {"name": name, "filename": name} | rates)
    inner = Xml.SubElement(made, "methods")
    for where, lines in methods.items():
        method = Xml.SubElement(
            inner, "method", {"name": where, "signature": ""} | _rates([lines], coverage)
        )
        _lines(method, lines, coverage)
    _lines(made, merged, coverage)


def _merged(methods: Mapping[str, Lines]) -> dict[int, list[Item]]:
    """All lines of a file."""
    merged: dict[int, list[Item]] = {}
    for lines in methods.values():
        for number, items in lines.items():
            merged.setdefault(number, []).extend(items)
    return merged


def _lines(parent: Xml.Element, lines: Lines, coverage: Coverage) -> None:
    inner = Xml.SubElement(parent, "lines")
    for number in sorted(lines):
        items = lines[number]
        hits = max(coverage.reached.get(item, 0) for item in items)
        line = Xml.SubElement(inner, "line", number=str(number), hits=str(hits), branch="false")
        if len(items) > 1:
            reached = sum(item in coverage.reached for item in items)
            line.set("branch", "true")
            share = f"{100 * reached // len(items)}% ({reached}/{len(items)})"
            line.set("condition-coverage", share)


# --- figures -----------------------------------------------------------------------------------


def _tally(every: Iterable[Lines], coverage: Coverage) -> tuple[int, int, int, int]:
    """Lines hit, lines, conditions met, conditions."""
    written = [items for lines in every for items in lines.values()]
    hit = sum(any(item in coverage.reached for item in items) for items in written)
    branches = [items for items in written if len(items) > 1]
    met = sum(item in coverage.reached for items in branches for item in items)
    return hit, len(written), met, sum(map(len, branches))


def _rates(every: Iterable[Lines], coverage: Coverage) -> dict[str, str]:
    hit, lines, met, conditions = _tally(every, coverage)
    return {
        "line-rate": _share(hit, lines),
        "branch-rate": _share(met, conditions),
        "complexity": "0",
    }


def _counted(every: Iterable[Lines], coverage: Coverage) -> dict[str, str]:
    hit, lines, met, conditions = _tally(every, coverage)
    return {
        "line-rate": _share(hit, lines),
        "branch-rate": _share(met, conditions),
        "lines-covered": str(hit),
        "lines-valid": str(lines),
        "branches-covered": str(met),
        "branches-valid": str(conditions),
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "1"
