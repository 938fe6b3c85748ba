"""A book as an Excel workbook to read, edit and bring back.

    菜单  one row a key, in the order of the tree: path, level, menu, title, key, target, prompt ...
    步骤  one row a step
    设置  everything else, one value a row
    说明  what the columns mean

Path, level and `leads` are for the reader's eye; they are not read back. Texts have a column for
each language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from menus.exchange.document import Data, canonical, document, leaves, says, title_of
from menus.exchange.losses import Loss, Path, clean
from menus.exchange.sheets import CELL_LIMIT, LEVELS, Column, add_sheet
from menus.exchange.vxml_write import keep
from menus.loader import resolve
from menus.model import Book
from menus.reader import Document
from menus.wording import Both

MENUS, STEPS, SETTINGS, HELP = "菜单", "步骤", "设置", "说明"
SEPARATOR = " / "
REMOVED = "-"
"""Target of an inherited key that a menu takes away."""
TEXTS = ("title", "prompt", "short", "say")
MENU_PLAIN = ("language", "skill", "priority", "first_digit_timeout")
"""Keys of a menu with a column of their own; what is left goes to `other` as JSON."""
STEP_PLAIN = ("request", "next")
_TOO_LONG = Both("单元格最多 32767 字", "a cell holds 32,767 characters")


def reduce(data: Data) -> tuple[Data, list[Loss]]:
    """The document that a workbook can carry: all of it, but for what no cell can hold."""
    losses: list[Loss] = []
    return canonical(_cut(clean(data, losses), losses, ())), losses


def _cut(data: Any, losses: list[Loss], path: Path) -> Any:
    if isinstance(data, dict):
        return {name: _cut(value, losses, (*path, name)) for name, value in data.items()}
    if isinstance(data, str) and len(data) > CELL_LIMIT:
        losses.append(Loss("changed", path, _TOO_LONG))
        return data[:CELL_LIMIT]
    return data


def export(book: Book, lang: str = "zh") -> tuple[bytes, list[Loss]]:
    """The octets of a workbook, and what it does not say."""
    from openpyxl import Workbook

    data, losses = reduce(document(book))
    reduced = resolve(Document(data), "book")
    languages = sorted({code for prompt in reduced.prompts() for code in prompt.long}) or ["zh-CN"]
    if reduced.language in languages:
        languages.remove(reduced.language)
    languages.insert(0, reduced.language)
    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    add_sheet(workbook, MENUS, menu_columns(languages), _menu_rows(data, reduced))
    add_sheet(workbook, STEPS, step_columns(languages), _step_rows(data, reduced))
    add_sheet(workbook, SETTINGS, SETTING_COLUMNS, _setting_rows(data))
    add_sheet(workbook, HELP, HELP_COLUMNS, _help_rows())
    octets = BytesIO()
    workbook.save(octets)
    return octets.getvalue(), losses


def menu_columns(languages: list[str]) -> list[Column]:
    """Columns of the sheet of menus."""
    return [
        Column("path", "路径", 30),
        Column("level", "层级", 7),
        Column("menu", "菜单", 18),
        *(Column(f"title:{code}", "标题", 18) for code in languages),
        Column("key", "按键", 7),
        Column("target", "目标", 24),
        Column("leads", "去向", 22),
        *(Column(f"prompt:{code}", "提示音", 60) for code in languages),
        *(Column(f"short:{code}", "短提示音", 40) for code in languages),
        Column("function", "服务功能", 18),
        Column("language", "语种", 10),
        Column("skill", "技能组", 12),
        Column("priority", "优先级", 9),
        Column("first_digit_timeout", "首键等待（秒）", 12),
        Column("other", "其他", 30),
    ]


def step_columns(languages: list[str]) -> list[Column]:
    """Columns of the sheet of steps."""
    return [
        Column("step", "步骤", 20),
        *(Column(f"title:{code}", "标题", 18) for code in languages),
        *(Column(f"say:{code}", "播报", 50) for code in languages),
        *(Column(f"short:{code}", "短播报", 30) for code in languages),
        Column("collect", "收号种类", 11),
        Column("min", "最少位数", 9),
        Column("max", "最多位数", 9),
        Column("set", "赋值", 22),
        Column("request", "服务", 18),
        Column("on", "结果去向", 36),
        Column("next", "下一步", 20),
        Column("function", "服务功能", 18),
        Column("other", "其他", 30),
    ]


SETTING_COLUMNS = [Column("setting", "设置项", 44), Column("value", "值", 90)]
HELP_COLUMNS = [Column("column", "列", 22), Column("meaning", "含义 meaning", 100)]


# ------------------------------------------------------------------------------------ menus


def _menu_rows(data: Data, book: Book) -> Iterator[tuple[Data, str]]:
    for name, path in tree(book).items():
        colour = LEVELS[(len(path) - 1) % len(LEVELS)] if path else "FFC7CE"
        written = data["menus"][name]
        head: Data = {
            "path": " > ".join(title_of(book, one) for one in path),
            "level": len(path) or None,
            "menu": name,
            **_menu_cells(written, book.language),
        }
        keys = [
            {"menu": name, "key": key, "target": where or REMOVED, "leads": _leads(book, name, key)}
            for key, where in written["keys"].items()
        ] or [{}]
        for at, row in enumerate(keys):
            yield (head | row if at == 0 else row), colour


def _leads(book: Book, menu: str, key: str) -> str:
    one = book.menus[menu].keys.get(key)
    if one is None:
        return ""
    return says(book, one.target)


def _menu_cells(written: Data, language: str) -> Data:
    """The cells of a menu beside its keys."""
    cells: Data = {name: written[name] for name in MENU_PLAIN if name in written}
    cells |= text_cells("title", written.get("title"), language)
    cells |= prompt_cells("prompt", written.get("prompt"), language)
    cells["function"] = _functions(written.get("function"))
    taken = {"title", "prompt", "keys", "function", *MENU_PLAIN}
    return cells | other(written, taken, written.get("prompt"))


def other(written: Data, taken: set[str], prompt: Any) -> Data:
    """What has no column, as JSON."""
    rest = {name: value for name, value in written.items() if name not in taken}
    if isinstance(prompt, dict) and "interruptible" in prompt:
        rest["interruptible"] = prompt["interruptible"]
    return {"other": keep(rest)} if rest else {}


def text_cells(name: str, value: Any, language: str) -> Data:
    """A text as one cell a language."""
    if isinstance(value, str):
        value = {language: value}
    return {f"{name}:{code}": text for code, text in (value or {}).items()}


def prompt_cells(name: str, value: Any, language: str) -> Data:
    """A prompt in its long and short form."""
    if isinstance(value, dict) and "long" in value:
        short = text_cells("short", value.get("short"), language)
        return text_cells(name, value["long"], language) | short
    return text_cells(name, value, language)


def _functions(value: Any) -> str | None:
    return "、".join(value) if isinstance(value, list) else value


def tree(book: Book) -> dict[str, tuple[str, ...]]:
    """Each menu with the first path of menus to it, in the order of the tree; () if unreachable."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(menu: str, path: tuple[str, ...]) -> None:
        found[menu] = path
        for below in _below(book, menu):
            if below not in found:
                walk(below, (*path, below))

    walk(book.start, (book.start,))
    return found | {name: () for name in book.menus if name not in found}


def _below(book: Book, menu: str) -> Iterator[str]:
    """The menus that a menu's keys lead to, directly or by way of steps."""
    waiting = [key.target for key in reversed([*book.menus[menu].keys.values()])]
    seen: set[str] = set()
    while waiting:
        target = waiting.pop()
        where = (
            f"menu:{book.starts.get(target.arg, '')}" if target.kind == "language" else str(target)
        )
        kind, _, name = where.partition(":")
        if kind == "menu" and name in book.menus:
            yield name
        elif kind == "step" and name in book.steps and name not in seen:
            seen.add(name)
            step = book.steps[name]
            waiting += [*([step.next] if step.next else []), *reversed([*step.on.values()])]


# ------------------------------------------------------------------------------------ the rest


def _step_rows(data: Data, book: Book) -> Iterator[tuple[Data, str]]:
    for name, written in data.get("steps", {}).items():
        cells: Data = {"step": name, **{n: written[n] for n in STEP_PLAIN if n in written}}
        cells |= text_cells("title", written.get("title"), book.language)
        cells |= prompt_cells("say", written.get("say"), book.language)
        cells |= _collect_cells(written.get("collect"))
        cells["set"] = "\n".join(f"{k} = {keep(v)}" for k, v in written.get("set", {}).items())
        cells["on"] = "\n".join(f"{k} = {v}" for k, v in written.get("on", {}).items())
        cells["function"] = _functions(written.get("function"))
        taken = {"title", "say", "collect", "set", "on", "function", *STEP_PLAIN}
        rest = _collect_rest(written.get("collect"))
        cells |= other(written | rest, taken, written.get("say"))
        yield cells, ""


def _collect_cells(collect: Any) -> Data:
    written = {"kind": collect} if isinstance(collect, str) else collect or {}
    return {"collect": written.get("kind"), "min": written.get("min"), "max": written.get("max")}


def _collect_rest(collect: Any) -> Data:
    if not isinstance(collect, dict):
        return {}
    rest = {k: v for k, v in collect.items() if k not in ("kind", "min", "max")}
    return {"collecting": rest} if rest else {}


def _setting_rows(data: Mapping[str, Any]) -> Iterator[tuple[Data, str]]:
    rest = {name: value for name, value in data.items() if name not in ("menus", "steps")}
    for path, value in leaves(rest):
        yield {"setting": SEPARATOR.join(map(str, path)), "value": keep(value)}, ""


def _help_rows() -> Iterator[tuple[Data, str]]:
    for column, zh, en in _HELP:
        yield {"column": column, "meaning": f"{zh} {en}"}, ""


_HELP = (
    (
        "菜单 menu",
        "名称；留空则属于上一行的菜单。",
        "Its id; empty means the menu of the row above.",
    ),
    (
        "按键 key",
        "0-9、*、#，一行一个按键；加一行就加一个按键。",
        "One key a row; add a row to add a key.",
    ),
    (
        "目标 target",
        "menu:名称、step:名称、agent、agent:技能、language:语言、back、top、repeat、end；“-”去掉继承的按键。",
        "Where the key leads; '-' takes an inherited key away.",
    ),
    (
        "提示音 prompt",
        "只写在该菜单的第一行；{名称:类型} 念出数值。",
        "On the menu's first row; {name:kind} speaks a value.",
    ),
    ("短提示音 short", "第二次起播放。", "Heard from the second time on."),
    ("结果去向 on", "一行一个“结果 = 目标”。", "One 'outcome = target' a line."),
    ("赋值 set", "一行一个“名称 = 值”。", "One 'name = value' a line."),
    ("其他 other", "没有单独一列的内容，JSON。", "What has no column of its own, as JSON."),
    ("路径、层级、去向", "只供查看，导回时不读。", "To look at only; not read back."),
    (
        "导回 import",
        "hotline book import 本文件.xlsx 菜单.yaml",
        "hotline book import THIS.xlsx BOOK.yaml",
    ),
)
