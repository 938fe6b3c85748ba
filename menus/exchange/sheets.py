"""Worksheets as tables: headed, frozen, coloured on the way out; checked and bounded on the way in.

A workbook is a ZIP of XML files. Before openpyxl (which reads them with the standard library's
ElementTree) sees any of it, the sizes that the ZIP promises are added up and a part that declares a
document type is refused: neither a ZIP bomb nor an entity gets through.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from menus.exchange.xmltree import trouble
from menus.wording import Both, nearest

UNPACKED_LIMIT = 64_000_000
"""Octets of all parts of a workbook."""
PARTS_LIMIT = 2_000
ROWS_LIMIT = 20_000
COLUMNS_LIMIT = 200
CELL_LIMIT = 32_767
"""Characters of one cell: Excel's own limit."""
LEVELS = ("FFF2CC", "E2EFDA", "DDEBF7", "FCE4D6", "EDEDED")
"""Fill of the menus of level 1, 2 ..., light enough to read black on it."""
_HEADER = "404040"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` names it when the file is read again, `title` is for people."""

    key: str
    title: str
    width: float = 14.0

    @property
    def header(self) -> str:
        """What stands in the first row; the key is its last word."""
        return f"{self.title} {self.key}"


def add_sheet(
    workbook: Any,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[tuple[Mapping[str, Any], str]],
) -> None:
    """A worksheet of (row by column key, fill colour or "") under a frozen header with a filter."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = workbook.create_sheet(name)
    top = Alignment(vertical="top", wrap_text=True)
    for at, column in enumerate(columns, 1):
        cell = sheet.cell(1, at, column.header)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color=_HEADER)
        cell.alignment = top
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    for number, (row, colour) in enumerate(rows, 2):
        for at, column in enumerate(columns, 1):
            cell = sheet.cell(number, at)
            _put(cell, row.get(column.key))
            cell.alignment = top
            if colour:
                cell.fill = PatternFill("solid", start_color=colour)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _put(cell: Any, value: Any) -> None:
    """A value as it is: a text that begins with `=` is no formula."""
    if value is None or value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"


# ------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that says something."""

    value: Any
    place: str
    """``book.xlsx!菜单!F12``."""


Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one worksheet by column key, empty ones left out."""

    name: str
    rows: list[Row]
    place: str


def open_workbook(path: Path) -> Any:
    """An openpyxl workbook; raises `BookError` for what is none, or is dangerous."""
    file = str(path)
    _check_parts(path, file)
    from openpyxl import load_workbook

    try:
        return load_workbook(path, read_only=True)
    except Exception as error:  # openpyxl raises whatever its parts raise
        raise _no_workbook(file, str(error)) from None


def _no_workbook(file: str, why: str) -> Exception:
    return trouble(
        file,
        0,
        f"不是可以读取的 Excel 工作簿（.xlsx）：{why}",
        f"no readable Excel workbook (.xlsx): {why}",
        Both("在 Excel 中另存为 .xlsx", "save it as .xlsx in Excel"),
    )


def _check_parts(path: Path, file: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > UNPACKED_LIMIT or len(parts) > PARTS_LIMIT:
                raise trouble(
                    file,
                    0,
                    f"展开后 {size} 字节，超过 {UNPACKED_LIMIT}",
                    f"unpacks to {size} bytes, more than {UNPACKED_LIMIT}",
                    Both("删去图片和多余的工作表", "remove pictures and other sheets"),
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                    raise _no_workbook(file, f"{part.filename} declares a document type")
    except OSError as error:
        raise trouble(
            file,
            0,
            "无法读取",
            f"cannot be read: {(error.strerror or '').lower()}",
            Both("检查路径", "check the path"),
        ) from None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise _no_workbook(file, str(error)) from None


def read_sheet(
    workbook: Any, file: str, name: str, known: Iterable[str], required: Iterable[str]
) -> Sheet:
    """The rows of sheet `name`. `known`: column keys, or their heads before a `:`."""
    if name not in workbook.sheetnames:
        raise trouble(
            file,
            0,
            f"没有名为“{name}”的工作表，只有 {'、'.join(workbook.sheetnames)}",
            f"there is no sheet {name!r}, only {', '.join(workbook.sheetnames)}",
            Both(
                "用 hotline book export BOOK OUT.xlsx 写出的工作簿",
                "edit a workbook that `hotline book export` wrote",
            ),
        )
    place = f"{file}!{name}"
    try:
        rows = list(_cells(workbook[name], place))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        SyntaxError,
        zipfile.BadZipFile,
    ) as error:
        raise _no_workbook(file, str(error)) from None
    keys = _keys(rows[0] if rows else [], place, list(known))
    for key in required:
        if key not in keys.values():
            raise trouble(
                f"{place}!1:1",
                0,
                f"第一行没有 {key} 列",
                f"the first row has no column {key!r}",
                Both("不要删改表头", "leave the header as it was"),
            )
    found = []
    for row in rows[1:]:
        said = {keys[at]: cell for at, cell in row if at in keys}
        if said:
            found.append(said)
    return Sheet(name, found, place)


def _cells(sheet: Any, place: str) -> Iterator[list[tuple[int, Cell]]]:
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS_LIMIT, max_col=COLUMNS_LIMIT), 1):
        found = []
        for cell in row:
            if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
                continue
            where = f"{place}!{cell.coordinate}"
            if cell.data_type == "f":
                raise trouble(
                    where,
                    0,
                    "单元格是公式",
                    "the cell is a formula",
                    Both("用“粘贴为数值”换成文字", "paste its value as text"),
                )
            found.append((cell.column, Cell(cell.value, where)))
        if found or number == 1:
            yield found


def _keys(header: list[tuple[int, Cell]], place: str, known: list[str]) -> dict[int, str]:
    """Column number -> its key, which is the last word of the header."""
    keys: dict[int, str] = {}
    for at, cell in header:
        key = str(cell.value).split()[-1]
        if key.partition(":")[0] not in known:
            meant = nearest(key, known)
            raise trouble(
                cell.place,
                0,
                f"不认识的列 {cell.value}",
                f"unknown column {cell.value!r}",
                Both(f"是否要写 {meant}？", f"did you mean {meant!r}?")
                if meant
                else Both(f"可用：{'、'.join(known)}", f"known: {', '.join(known)}"),
            )
        keys[at] = key
    return keys


def text(cell: Cell | None) -> str:
    """What a cell says, as text: a key typed as a number is that digit."""
    if cell is None:
        return ""
    value = cell.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise trouble(
        cell.place,
        0,
        f"Excel 把内容变成了日期或时间：{value}",
        f"Excel made a date or time of it: {value}",
        Both("把单元格格式设为“文本”再输入", "format the cell as Text and type it again"),
    )
