"""An edited workbook back as a book; every error names sheet, cell and remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from menus.exchange.document import Data, canonical
from menus.exchange.losses import Loss
from menus.exchange.sheets import Cell, Row, Sheet, open_workbook, read_sheet, text
from menus.exchange.vxml_write import kept
from menus.exchange.workbook import (
    MENU_PLAIN,
    MENUS,
    REMOVED,
    SEPARATOR,
    SETTINGS,
    STEP_PLAIN,
    STEPS,
    TEXTS,
)
from menus.model import Place
from menus.reader import NodePath
from menus.wording import NOWHERE, BookError, Both, Problem

_MENU_COLUMNS = (
    "menu",
    "key",
    "target",
    "path",
    "level",
    "leads",
    "title",
    "prompt",
    "short",
    "function",
    "other",
    *MENU_PLAIN,
)
_STEP_COLUMNS = (
    "step",
    "title",
    "say",
    "short",
    "collect",
    "min",
    "max",
    "set",
    "on",
    "function",
    "other",
    *STEP_PLAIN,
)
_NUMBERS = ("priority", "first_digit_timeout", "min", "max")


def read_book(path: Path) -> tuple[Data, list[Loss]]:
    """The document that a workbook means. Raises `BookError` with every cell that is wrong."""
    file = str(path)
    workbook = open_workbook(path)
    try:
        menus = read_sheet(workbook, file, MENUS, _MENU_COLUMNS, ("menu", "key", "target"))
        steps = read_sheet(workbook, file, STEPS, _STEP_COLUMNS, ("step",))
        settings = read_sheet(workbook, file, SETTINGS, ("setting", "value"), ("setting", "value"))
    finally:
        workbook.close()
    reader = _Reader()
    data = reader.settings(settings)
    data["menus"] = reader.menus(menus)
    found = reader.steps(steps)
    if found:
        data["steps"] = found
    if reader.problems:
        raise BookError(reader.problems)
    return canonical(data, file, reader.places), []


class _Reader:
    def __init__(self) -> None:
        self.places: dict[NodePath, Place] = {}
        self.problems: list[Problem] = []

    # --- settings ------------------------------------------------------------------------------

    def settings(self, sheet: Sheet) -> Data:
        """The nested data of (path, value) rows."""
        data: Data = {}
        for row in sheet.rows:
            cell = row.get("setting")
            if cell is None:
                self._problem(row["value"], "这个值没有设置项", "this value has no setting")
                continue
            path = text(cell).split(SEPARATOR)
            value = row.get("value")
            self._place(tuple(path[:1]), cell)
            self._place(tuple(_number_or_name(part) for part in path), value or cell)
            self._store(data, path, "" if value is None else _plain(value), cell)
        listed: Data = _listed(data)
        return listed

    def _store(self, data: Data, path: list[str], value: Any, cell: Cell) -> None:
        at: Any = data
        for part in path[:-1]:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                self._problem(
                    cell, f"“{part}”已经是一个值，不能再分项", f"{part!r} is a value already"
                )
                return
        if path[-1] in at:
            self._problem(cell, "设置项重复", "the setting is given twice")
        at[path[-1]] = value

    # --- menus ---------------------------------------------------------------------------------

    def menus(self, sheet: Sheet) -> Data:
        """Menus from their rows; a row without a name belongs to the menu above."""
        menus: Data = {}
        name = ""
        for row in sheet.rows:
            name = text(row.get("menu")) or name
            cell = row.get("menu") or next(iter(row.values()))
            if not name:
                self._problem(cell, "这一行没有菜单名称", "this row names no menu")
                continue
            menu = menus.setdefault(name, {"keys": {}})
            self._place(("menus", name), cell)
            self._place(("menus", name, "keys"), cell)
            self._menu_cells(menu, row, name)
            self._key(menu["keys"], row, name)
        return menus

    def _menu_cells(self, menu: Data, row: Row, name: str) -> None:
        path: NodePath = ("menus", name)
        found = self._texts(row, path, "prompt")
        found |= self._plain_cells(row, MENU_PLAIN, path)
        self._add(menu, found, row, name)

    def _add(self, menu: Data, found: Data, row: Row, name: str) -> None:
        """The cells of one row to what the rows before it said of the same menu."""
        for key, value in found.items():
            if key in menu and menu[key] != value:
                cell = next((c for k, c in row.items() if k.partition(":")[0] == key), None)
                self._problem(
                    cell or next(iter(row.values())),
                    f"菜单 {name} 的 {key} 与上面的行不同",
                    f"{key} of menu {name!r} differs from the row above",
                    Both("只在该菜单的第一行填写", "fill it in on the menu's first row only"),
                )
            menu[key] = value

    def _key(self, keys: Data, row: Row, menu: str) -> None:
        key, where = row.get("key"), row.get("target")
        if key is None and where is None:
            return
        if key is None or where is None:
            missing = ("按键", "key") if key is None else ("目标", "target")
            self._problem(
                key or where,
                f"这一行缺{missing[0]}",
                f"this row lacks the {missing[1]}",
                Both("补上，或清空整行", "add it, or clear the row"),
            )
            return
        name = text(key)
        if name in keys:
            self._problem(
                key,
                f"菜单 {menu} 的按键 {name} 重复",
                f"key {name} of menu {menu!r} is given twice",
                Both("改为另一个按键", "choose another key"),
            )
        keys[name] = None if text(where) == REMOVED else text(where)
        self._place(("menus", menu, "keys", name), where)

    # --- steps ---------------------------------------------------------------------------------

    def steps(self, sheet: Sheet) -> Data:
        """One step a row."""
        steps: Data = {}
        for row in sheet.rows:
            cell = row.get("step")
            if cell is None:
                self._problem(
                    next(iter(row.values())), "这一行没有步骤名称", "this row names no step"
                )
                continue
            name = text(cell)
            if name in steps:
                self._problem(cell, f"步骤 {name} 重复", f"step {name!r} is given twice")
            self._place(("steps", name), cell)
            steps[name] = self._step(row, name)
        return steps

    def _step(self, row: Row, name: str) -> Data:
        path: NodePath = ("steps", name)
        step = self._texts(row, path, "say")
        step |= self._plain_cells(row, STEP_PLAIN, path)
        if collect := self._collect(row, step.pop("collecting", {}), path):
            step["collect"] = collect
        if assigned := self._pairs(row.get("set"), (*path, "set")):
            step["set"] = {key: str(kept(value)) for key, value in assigned.items()}
        if outcomes := self._pairs(row.get("on"), (*path, "on")):
            step["on"] = outcomes
        return step

    def _collect(self, row: Row, rest: Data, path: NodePath) -> Data:
        cell = row.get("collect")
        if cell is None:
            extra = row.get("min") or row.get("max")
            if extra or rest:
                self._problem(
                    extra or row["other"],
                    "没有收号种类",
                    "there is no kind of input",
                    Both(
                        "填 account、phone、area、order 或 digits",
                        "account, phone, area, order or digits",
                    ),
                )
            return {}
        self._place((*path, "collect"), cell)
        self._place((*path, "collect", "kind"), cell)
        return (
            {"kind": text(cell)} | self._plain_cells(row, ("min", "max"), (*path, "collect")) | rest
        )

    def _pairs(self, cell: Cell | None, path: NodePath) -> dict[str, str]:
        """Lines of `name = value`."""
        pairs: dict[str, str] = {}
        for line in text(cell).splitlines():
            if not line.strip():
                continue
            name, equals, value = (part.strip() for part in line.partition("="))
            assert cell is not None
            if not equals or not name or not value:
                self._problem(
                    cell,
                    f"“{line}”不是“名称 = 值”",
                    f"{line!r} is not 'name = value'",
                    Both("一行一个，用等号", "one a line, with an equals sign"),
                )
                continue
            pairs[name] = value
            self._place((*path, name), cell)
        if cell is not None:
            self._place(path, cell)
        return pairs

    # --- cells ---------------------------------------------------------------------------------

    def _texts(self, row: Row, path: NodePath, name: str) -> Data:
        """Title and prompt of a menu or step, functions, and what stands under `other`."""
        found: Data = {}
        texts: dict[str, dict[str, str]] = {}
        for key, cell in row.items():
            head, _, language = key.partition(":")
            if head in TEXTS and language:
                texts.setdefault(head, {})[language] = text(cell)
                self._place((*path, head), cell)
                self._place((*path, head, language), cell)
        if "title" in texts:
            found["title"] = texts["title"]
        if function := text(row.get("function")):
            found["function"] = [part for part in function.replace(",", "、").split("、") if part]
            self._place((*path, "function"), row["function"])
        rest = self._other(row.get("other"))
        prompt = _prompt(texts.get(name), texts.get("short"), rest.pop("interruptible", None))
        if prompt:
            found[name] = prompt
        elif "short" in texts:
            self._problem(
                next(c for k, c in row.items() if k.startswith("short")),
                "有短提示音而没有提示音",
                "there is a short form but no prompt",
            )
        return found | rest

    def _other(self, cell: Cell | None) -> Data:
        if cell is None:
            return {}
        value = kept(text(cell))
        if not isinstance(value, dict):
            self._problem(
                cell,
                "“其他”不是 JSON 对象",
                "'other' is no JSON object",
                Both('写成 {"名称": 值}', 'write {"name": value}'),
            )
            return {}
        return value

    def _plain_cells(self, row: Row, names: Iterable[str], path: NodePath) -> Data:
        found: Data = {}
        for name in names:
            if name not in row:
                continue
            self._place((*path, name), row[name])
            found[name] = _plain(row[name]) if name in _NUMBERS else text(row[name])
        return found

    def _place(self, path: NodePath, cell: Cell) -> None:
        self.places.setdefault(path, Place(cell.place))

    def _problem(self, cell: Cell | None, zh: str, en: str, hint: Both = NOWHERE) -> None:
        self.problems.append(Problem(Place(cell.place if cell else ""), Both(zh, en), hint))


def _prompt(long: Any, short: Any, interruptible: Any) -> Any:
    if long is None:
        return None
    if short is None and interruptible is None:
        return long
    data: Data = {"long": long}
    if short is not None:
        data["short"] = short
    if interruptible is not None:
        data["interruptible"] = interruptible
    return data


def _plain(cell: Cell) -> Any:
    """A value: numbers and truth values as such, JSON as what it says, anything else as text."""
    value = cell.value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value == int(value) else value
    return kept(text(cell))


def _number_or_name(part: str) -> str | int:
    return int(part) if part.isdigit() else part


LISTS = (
    "agent_languages",
    "notices",
    "ask_reason",
    "vocabulary",
    "needs",
    "uses",
    "outcomes",
    "solves",
    "days",
)


def _listed(value: Any, name: str = "") -> Any:
    """Mappings under the names of `LISTS` as the lists they are."""
    if not isinstance(value, dict):
        return value
    below = {key: _listed(item, key) for key, item in value.items()}
    if name == "vocabulary":
        return {
            key: list(item.values()) if isinstance(item, dict) else item
            for key, item in below.items()
        }
    if name in LISTS and all(key.isdigit() for key in below):
        return list(below.values())
    return below
