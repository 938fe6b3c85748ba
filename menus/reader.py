"""YAML with places: plain data, the file and line of every node, and no silent surprises.

YAML 1.1 turns `010` into 8, `8:30` into 510, `on` into true and `*` into a reference. A telephone
menu is full of such texts, so scalars are read here by fewer rules: `true`, `false`, `null`, plain
decimal numbers, and everything else is text. What another YAML reader would turn into another
number is refused with its line and the remedy, and so is a key that is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from menus.model import Place
from menus.wording import NOWHERE, BookError, Both, Problem

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it was built in (about ten times faster), else the pure Python reader."""

NODE_LIMIT = 200_000
"""More nodes than this are no menu book, but aliases that multiply (a "billion laughs")."""

NodePath = tuple[str | int, ...]
SUFFIXES = (".yaml", ".yml")

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+)")
_MANGLED = (
    (re.compile(r"[-+]?0[0-7_]+"), Both("八进制数", "an octal number")),
    (re.compile(r"[-+]?0[0-9_]+"), Both("去掉开头的零的数", "a number without its leading zeros")),
    (
        re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+|o[0-7]+)"),
        Both("另一进位制的数", "a number of another base"),
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"),
        Both("六十进制数", "a base-60 number"),
    ),
    (re.compile(r"[-+]?[0-9]+(?:_[0-9_]*)+"), Both("去掉下划线的数", "a number without its _")),
)
_HASH_KEY = re.compile(r"^\s*#\s*:\s*[\"']?(menu:|step:|agent|language:|back|top|repeat|end\b)")


@dataclass(frozen=True, slots=True)
class Document:
    """What a book's files say: plain `data`, and the place of every key and item by its path.

    `raw` keeps how a number or truth value was written, for messages.
    """

    data: Any
    places: dict[NodePath, Place] = field(default_factory=dict)
    raw: dict[NodePath, str] = field(default_factory=dict)

    def place(self, *path: str | int) -> Place:
        """The place of the node at `path`, or of the nearest node above it that has one."""
        for length in range(len(path), -1, -1):
            found = self.places.get(path[:length])
            if found is not None:
                return found
        return Place()


def read(path: str | Path) -> Document:
    """Read a book: one YAML file, or all YAML files of a folder merged.

    Raises `BookError` with every problem found.
    """
    path = Path(path)
    if path.is_dir():
        return _read_folder(path)
    return read_text(_content(path), str(path))


def read_text(text: str, file: str) -> Document:
    """Read one YAML text; `file` is what messages call it."""
    problems = list(_commented_keys(text, file))
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise BookError([*problems, _syntax(error, text, file)]) from None
    if root is None:
        raise BookError(
            Problem(
                Place(file, 1),
                Both("文件是空的", "the file is empty"),
                Both("至少写出 version、start 和 menus", "write at least version, start and menus"),
            )
        )
    builder = _Builder(file)
    data = builder.value(root, ())
    problems += builder.problems
    if problems:
        raise BookError(problems)
    return Document(data, builder.places, builder.raw)


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BookError(
            Problem(
                Place(str(path)),
                Both("没有这个文件", "no such file"),
                Both("检查路径", "check the path"),
            )
        ) from None
    except OSError as error:
        raise BookError(
            Problem(
                Place(str(path)),
                Both("无法读取", f"cannot be read: {error.strerror}"),
            )
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BookError(
            Problem(
                Place(str(path), line),
                Both("不是 UTF-8 编码", "is not UTF-8"),
                Both("用 UTF-8 编码保存该文件", "save the file in UTF-8"),
            )
        ) from None


def _read_folder(folder: Path) -> Document:
    files = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    if not files:
        raise BookError(
            Problem(
                Place(str(folder)),
                Both("文件夹里没有 YAML 文件", "the folder has no YAML file"),
                Both("放入 .yaml 文件，或给出一个文件", "put .yaml files in it, or name a file"),
            )
        )
    problems: list[Problem] = []
    documents = []
    for file in files:
        try:
            documents.append(read_text(_content(file), str(file)))
        except BookError as error:
            problems += error.problems
    if problems:
        raise BookError(problems)
    return merge(documents)


SHARED = ("menus", "steps", "services", "prompts", "starts", "vocabulary")
"""Book sections whose entries may be spread over the files of a folder."""


def merge(documents: list[Document]) -> Document:
    """One document of several files. Sections of `SHARED` are joined, and an entry that is in two
    files is an error; any other setting may be in one file only, unless both say the same.
    """
    merged: dict[str, Any] = {}
    places: dict[NodePath, Place] = {}
    raw: dict[NodePath, str] = {}
    problems: list[Problem] = []
    for document in documents:
        if not isinstance(document.data, dict):
            problems.append(
                Problem(
                    document.place(),
                    Both("最上层不是键值表", "the top level is not a mapping"),
                    Both("写成 version: 1 等", "write version: 1 and so on"),
                )
            )
            continue
        for name, value in document.data.items():
            clashes = _join(merged, name, value)
            problems += (
                _twice(".".join(clash), document.place(*clash), places[clash]) for clash in clashes
            )
        places = document.places | places
        raw = document.raw | raw
    if problems:
        raise BookError(problems)
    return Document(merged, places, raw)


def _join(merged: dict[str, Any], name: str, value: Any) -> list[tuple[str, ...]]:
    """Add one section; the paths of what is there already."""
    known = merged.get(name)
    if name not in merged:
        merged[name] = dict(value) if isinstance(value, dict) else value
        return []
    if name in SHARED and isinstance(known, dict) and isinstance(value, dict):
        clashes: list[tuple[str, ...]] = [(name, entry) for entry in value if entry in known]
        known.update({entry: what for entry, what in value.items() if entry not in known})
        return clashes
    return [] if known == value else [(name,)]


def _twice(what: str, place: Place, first: Place) -> Problem:
    return Problem(
        place,
        Both(f"“{what}”重复，首次出现在 {first}", f"{what!r} is written twice, first at {first}"),
        Both("删除其中一个或改名", "remove or rename one of them"),
    )


def _commented_keys(text: str, file: str) -> Iterator[Problem]:
    """`#: end` on a line of its own is a comment to YAML: the key would be lost silently."""
    for number, line in enumerate(text.splitlines(), 1):
        if _HASH_KEY.match(line):
            yield Problem(
                Place(file, number),
                Both(
                    "没有加引号的 # 是注释，这个键会丢失",
                    "unquoted # starts a comment: this key would be lost",
                ),
                Both('写成 "#"', 'write "#" in quotes'),
            )


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """Explain what the YAML reader stumbled over."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    context, problem = getattr(error, "context", "") or "", getattr(error, "problem", "") or ""
    if "alias" in context or "alias" in problem:
        return Problem(
            Place(file, line),
            Both("没有加引号的 * 在 YAML 中是引用", "unquoted * is a reference in YAML"),
            Both('把星号键写成 "*"', 'write the star key as "*" in quotes'),
        )
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return Problem(
            Place(file, line),
            Both("缩进用了制表符", "the indentation has a tab"),
            Both("用空格缩进", "indent with spaces"),
        )
    if re.search(r"[{,]\s*#", written) or any(re.search(r"[{,]\s*#\s*:", row) for row in lines):
        return Problem(
            Place(
                file,
                next(
                    (n for n, row in enumerate(lines, 1) if re.search(r"[{,]\s*#\s*:", row)), line
                ),
            ),
            Both("没有加引号的 # 是注释", "unquoted # starts a comment"),
            Both('把井号键写成 "#"', 'write the pound key as "#" in quotes'),
        )
    if (wide := _wide_colon(lines, line)) is not None:
        return Problem(
            Place(file, wide),
            Both("冒号是全角的 ：", "the colon is the full-width ："),
            Both("改成半角冒号加空格，如 story: ", "write : and a space, as in story: "),
        )
    if "expected '-' indicator" in problem:
        return Problem(
            Place(file, line),
            Both(
                "这一行与上面的各项对齐，却没有以 - 开头",
                "unlike the items above it has no - before it",
            ),
            Both("在前面加“- ”，或改缩进", "begin it with '- ', or indent it otherwise"),
        )
    if "mapping values" in problem:
        hint = Both("含有“: ”的文字要加引号", 'put a text that contains ": " in quotes')
    elif "single document" in context or "document" in problem:
        hint = Both("一个文件只写一份，去掉 ---", "one document a file: remove ---")
    else:
        hint = Both("检查缩进、引号和括号", "check indentation, quotes and brackets")
    return Problem(
        Place(file, line),
        Both(f"不是合法的 YAML：{problem or error}", f"not valid YAML: {problem or error}"),
        hint,
    )


def _wide_colon(lines: list[str], line: int) -> int | None:
    """The line at or right before `line` whose key ends in a full-width colon."""
    near = [number for number in (line, line - 1, line - 2) if 0 < number <= len(lines)]
    return next((n for n in near if re.match(r"\s*(- )?\w+：", lines[n - 1])), None)


class _Builder:
    """Turns YAML nodes into plain data, collecting places and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[NodePath, Place] = {}
        self.raw: dict[NodePath, str] = {}
        self.problems: list[Problem] = []
        self._above: set[int] = set()
        self._count = 0

    def value(self, node: Any, path: NodePath) -> Any:
        """The data of `node`, which stands at `path`."""
        self._count += 1
        if self._count > NODE_LIMIT:
            raise BookError(
                Problem(
                    self._at(node),
                    Both("文件太大，或引用互相放大", "too large, or aliases multiply"),
                    Both("去掉多层 & 和 * 引用", "remove nested & and * aliases"),
                )
            )
        self.places.setdefault(path, self._at(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._above:
            self._problem(
                node,
                Both("引用指向自身", "an alias refers to itself"),
                Both("去掉该 * 引用", "remove that * alias"),
            )
            return None
        self._above.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._above.discard(id(node))

    def _mapping(self, node: Any, path: NodePath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(
                    key_node,
                    Both("键不能是列表或表", "a key must be a plain text"),
                    Both("给含花括号的文字加引号", "quote a text that contains braces"),
                )
                continue
            key = key_node.value
            if key == "<<" and key_node.style == "":
                self._problem(
                    key_node,
                    Both("不支持合并键 <<", "merge keys (<<) are not read"),
                    Both("把各项写出来", "write the entries out"),
                )
                continue
            self._check_key(key_node)
            if key in result:
                self.problems.append(_twice(key, self._at(key_node), self.places[(*path, key)]))
                continue
            self.places[(*path, key)] = self._at(key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _check_key(self, node: Any) -> None:
        """Keys are text; a number, or what another reader takes for one, must be quoted."""
        if not _plain(node):
            return
        text = node.value
        mangled = _mangled(text)
        if mangled:
            self._problem(
                node,
                Both(
                    f"没有加引号的 {text} 会被 YAML 读成{mangled.zh}",
                    f"YAML reads unquoted {text} as {mangled.en}",
                ),
                _quote(text),
            )
        elif _INT.fullmatch(text) or _FLOAT.fullmatch(text):
            self._problem(
                node,
                Both(
                    f"没有加引号的 {text} 会被 YAML 读成数，而不是按键",
                    f"YAML reads unquoted {text} as a number, not as a key",
                ),
                _quote(text),
            )
        elif text in ("", "~", "null", "Null", "NULL"):
            self._problem(node, Both("键是空的", "the key is empty (null)"), _quote(text or "..."))

    def _scalar(self, node: Any, path: NodePath) -> Any:
        text = node.value
        if not _plain(node):
            return text
        if node.tag.startswith("tag:yaml.org,2002:python") or node.tag.startswith("!"):
            self._problem(
                node,
                Both(f"不支持标签 {node.tag}", f"tag {node.tag} is not read"),
                Both("去掉该标签", "remove the tag"),
            )
            return None
        value = _resolve(text)
        if not isinstance(value, str):
            self.raw[path] = text
            return value
        mangled = _mangled(text)
        if mangled:
            self._problem(
                node,
                Both(
                    f"没有加引号的 {text} 会被 YAML 读成{mangled.zh}",
                    f"YAML reads unquoted {text} as {mangled.en}",
                ),
                _quote(text),
            )
        return text

    def _at(self, node: Any) -> Place:
        return Place(self.file, node.start_mark.line + 1)

    def _problem(self, node: Any, message: Both, hint: Both = NOWHERE) -> None:
        self.problems.append(Problem(self._at(node), message, hint))


def _quote(text: str) -> Both:
    return Both(f'写成 "{text}"', f'write "{text}" in quotes')


def _plain(node: Any) -> bool:
    """Written without quotes (libyaml says "", the Python reader None) and not as a block."""
    return not node.style


def _mangled(text: str) -> Both | None:
    """As what else YAML 1.1 would read this text, if it would."""
    if _INT.fullmatch(text):
        return None
    return next((name for pattern, name in _MANGLED if pattern.fullmatch(text)), None)


def _resolve(text: str) -> Any:
    """A plain scalar by the few rules of this reader."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
