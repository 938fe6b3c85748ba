"""Data tables: one scenario, many rows; `${column}` in any of its texts or keys is the row's value.

    scenario: 查 ${account} 的余额
    rows:                            # or rows: accounts.csv, a file beside this one
      - {account: "1000000001", balance: 一百元}
      - {account: "1000000002", balance: 二百元}

A text that is nothing but `${column}` takes the value as it is (a number stays one); `$${` is a
plain `${`. Each row is a scenario of its own; a problem in it names the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline.callers.form import Form, WrongPartError, plain_text
from menus.model import Place
from menus.reader import Document, NodePath, read_text
from menus.wording import Both, Problem, nearest

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{\s*([^}]*?)\s*\}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values by column, where it is written, and how each value was written."""

    values: Mapping[str, Any]
    place: Place
    raw: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    """its line in a file of its own, 0 if it stands in the scenario's file"""


def columns_used(data: Any) -> Iterator[tuple[NodePath, str]]:
    """Every placeholder in a scenario, with the path of its text."""
    for path, text in _texts(data, ()):
        for found in _PLACEHOLDER.finditer(text):
            if found.group(1) is not None:
                yield path, found.group(1)


def has_columns(data: Any) -> bool:
    """Whether anything in it is, or looks like, a column of a table."""
    return next(_texts(data, ()), None) is not None


def _texts(data: Any, path: NodePath) -> Iterator[tuple[NodePath, str]]:
    if isinstance(data, str):
        if "${" in data:
            yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if "${" in key:
                yield (*path, key), key
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _texts(value, (*path, at))


class Tables(Form):
    """Reads `rows` and puts them into scenarios."""

    def rows_of(self) -> list[Row]:
        """The rows of this document's one scenario, checked against the columns that it uses."""
        data: Mapping[str, Any] = self.document.data
        at: NodePath = ("rows",)
        noted = len(self.problems)
        rows = self._table_rows(data["rows"], at)
        if not rows:
            self._wrong(at, "rows 是空的", "rows is empty", "至少写一行", "write at least one row")
        columns = list(rows[0].values)
        if not columns:
            self._wrong(at, "rows 没有列", "rows has no columns", "如 - {a: 1}", "such as - {a: 1}")
        self._check_columns(rows, columns)
        body = {key: value for key, value in data.items() if key != "rows"}
        used = list(columns_used(body))
        for where, name in used:
            if name not in columns:
                self._no_column(name, columns, where)
        for name in columns:
            if name not in {name for _, name in used}:
                self._unused(name, [n for _, n in used], rows[0].place)
        if len(self.problems) > noted:
            raise WrongPartError
        return rows

    def _table_rows(self, value: Any, path: NodePath) -> list[Row]:
        if isinstance(value, str):
            return self._csv(value, path)
        rows = []
        for number, item in enumerate(self._list(value, path)):
            at = (*path, number)
            row = self._mapping(item, at)
            for name, cell in row.items():
                if isinstance(cell, (dict, list)):
                    self._wrong(
                        (*at, name), "表格里只能写单个值", "a cell of a table is a single value"
                    )
            raw = {
                name: self.document.raw.get((*at, name), "")
                for name, value in row.items()
                if value is not None
            }
            rows.append(Row(row, self.document.place(*at), raw))
        return rows

    def _csv(self, name: str, path: NodePath) -> list[Row]:
        """Rows of a CSV file in UTF-8 beside this one; its first line names the columns."""
        file = Path(self.document.place(*path).file).parent / name
        try:
            lines = file.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
        except (OSError, UnicodeDecodeError) as error:
            why = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
            self._wrong(
                path,
                f"表格 {file} 无法读取或不是 UTF-8",
                f"the table {file} is {why}" if why.startswith("not") else f"{file} {why}",
                "路径从本文件所在的文件夹算起，用 UTF-8 保存",
                "the path counts from this file's folder; save it in UTF-8",
            )
        reader = csv.reader(lines)
        header = [cell.strip() for cell in next(reader, [])]
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = Place(str(file), reader.line_num)
            if len(cells) != len(header):
                self._at(
                    place,
                    f"有 {len(cells)} 列，表头有 {len(header)} 列",
                    f"{len(cells)} columns, but the header has {len(header)}",
                    "补齐或删去多余的逗号；含逗号的文字要加引号",
                    "add or remove commas; put a text with a comma in quotes",
                )
                raise WrongPartError
            texts = [cell.strip() for cell in cells]
            values = {name: _scalar(text) for name, text in zip(header, texts, strict=True)}
            raw = dict(zip(header, texts, strict=True))
            rows.append(Row(values, place, raw, reader.line_num))
        return rows

    def _check_columns(self, rows: Sequence[Row], columns: Sequence[str]) -> None:
        for row in rows:
            for name in row.values:
                if name not in columns:
                    near = nearest(name, columns)
                    self._at(
                        row.place,
                        f"第一行没有“{name}”这一列",
                        f"the first row has no column {name!r}",
                        f"是否想写 {near}？" if near else f"各列：{'、'.join(columns)}",
                        f"did you mean {near}?" if near else f"columns: {', '.join(columns)}",
                    )
            for name in columns:
                if name not in row.values:
                    self._at(
                        row.place,
                        f"这一行缺少“{name}”列",
                        f"this row has no {name!r}",
                        f"补上 {name}",
                        f"add {name}",
                    )

    def _no_column(self, name: str, columns: Sequence[str], path: NodePath) -> None:
        near = nearest(name, columns)
        self._at(
            self.document.place(*path),
            f"表格没有“{name}”这一列",
            f"the rows have no column {name!r}",
            f"是否想写 ${{{near}}}？" if near else f"各列：{'、'.join(columns)}",
            f"did you mean ${{{near}}}?" if near else f"columns: {', '.join(columns)}",
        )

    def _unused(self, name: str, used: Sequence[str], place: Place) -> None:
        near = nearest(name, used)
        self._at(
            place,
            f"“{name}”这一列没有用到",
            f"column {name!r} is not used",
            f"在文字里写 ${{{name}}}，或删去这一列" + (f"；{near} 是不是它？" if near else ""),
            f"write ${{{name}}} in a text, or remove it" + (f"; is it {near}?" if near else ""),
        )

    def without_rows(self) -> Document:
        """This document's one scenario, which has no rows: a column in it is a mistake."""
        for where, name in columns_used(self.document.data):
            self._wrong(
                where,
                f"场景没有 rows，${{{name}}} 无处取值",
                f"${{{name}}} has no value: the scenario has no rows",
                "加上 rows，或把 ${ 写成 $${",
                "add rows, or write $${ for a plain ${",
            )
        return self.filled(Row({}, Place()))

    def filled(self, row: Row) -> Document:
        """This document's one scenario with the row's values in it."""
        body = {key: value for key, value in self.document.data.items() if key != "rows"}
        filler = _Filler(row)
        whole = filler.document(Document(body, self.document.places, self.document.raw))
        for path, key in filler.twice:
            self._at(
                self.document.place(*path),
                f"键 {key} 有两次（表格的行：{row.place}）",
                f"the key {key!r} is there twice, with the row at {row.place}",
                "改这一行，或删去一个",
                "change the row, or remove one of them",
            )
        return whole

    def _at(self, place: Place, zh: str, en: str, hint_zh: str, hint_en: str) -> None:
        self.problems.append(Problem(place, Both(zh, en), Both(hint_zh, hint_en)))


def part(document: Document, path: NodePath) -> Document:
    """The one scenario at `path` as a document of its own."""
    data = document.data
    for step in path:
        data = data[step]
    depth = len(path)
    return Document(
        data,
        {at[depth:]: place for at, place in document.places.items() if at[:depth] == path},
        {at[depth:]: text for at, text in document.raw.items() if at[:depth] == path},
    )


class _Filler:
    """Puts one row's values into the texts and keys of a scenario."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._raw: dict[NodePath, str] = {}
        self._keys: dict[NodePath, str] = {}
        """path as it is written -> what its last key became"""
        self.twice: list[tuple[NodePath, str]] = []
        """keys that have become another key of the same mapping"""

    def document(self, written: Document) -> Document:
        """`written` with the values; places and raw texts follow keys that have become others."""
        data, raw = self.put(written.data, ()), written.raw | self._raw
        if not self._keys:
            return Document(data, written.places, raw)
        places = {self._path(path): place for path, place in written.places.items()}
        return Document(data, places, {self._path(path): text for path, text in raw.items()})

    def put(self, data: Any, path: NodePath) -> Any:
        if isinstance(data, dict):
            return self._mapping(data, path)
        if isinstance(data, list):
            return [self.put(value, (*path, at)) for at, value in enumerate(data)]
        return self._text(data, path) if isinstance(data, str) and "${" in data else data

    def _mapping(self, data: Mapping[str, Any], path: NodePath) -> dict[str, Any]:
        filled: dict[str, Any] = {}
        for key, value in data.items():
            at = (*path, key)
            name = self._key(at)
            if name in filled:
                self.twice.append((at, name))
            filled[name] = self.put(value, at)
        return filled

    def _key(self, path: NodePath) -> str:
        key = str(path[-1])
        if "${" in key:
            key = self._keys[path] = _PLACEHOLDER.sub(self._said, key)
        return key

    def _path(self, path: NodePath) -> NodePath:
        ways = (path[:length] for length in range(1, len(path) + 1))
        return tuple(self._keys.get(way, way[-1]) for way in ways)

    def _text(self, text: str, path: NodePath) -> Any:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and whole.group(1) is not None:
            name = whole.group(1)
            if self._row.raw.get(name):
                self._raw[path] = self._row.raw[name]
            return self._row.values[name]
        return _PLACEHOLDER.sub(self._said, text)

    def _said(self, found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "${"
        return self._row.raw.get(name) or plain_text(self._row.values[name])


def row_name(name: str, written: str, row: Row) -> str:
    """A readable name of a row's scenario: as `written` if a column is in it, else with them."""
    if any(column is not None for _, column in columns_used(written)):
        return name
    shown = ", ".join(
        f"{column}={row.raw.get(column) or plain_text(value)}"
        for column, value in row.values.items()
    )
    return f"{name} [{shown}]"


def _scalar(text: str) -> Any:
    """A cell as the value that YAML without quotes would be."""
    return read_text(f"- {text}", "").data[0] if _NUMBER.fullmatch(text) else text


_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false")
