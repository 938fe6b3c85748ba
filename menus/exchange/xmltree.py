"""XML as a small tree with line numbers, read by the standard library's expat.

No entity is ever expanded or fetched: a document type may name an external DTD, as many VoiceXML
files do, but it is not read, and a file that declares entities of its own is refused, because
"billion laughs" and file disclosure both begin there. Size, depth and count are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from menus.model import Place
from menus.wording import NOWHERE, BookError, Both, Problem

SIZE_LIMIT = 8_000_000
"""Octets."""
DEPTH_LIMIT = 60
NODE_LIMIT = 200_000
XML_LANG = "xml:lang"
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


@dataclass(slots=True)
class Node:
    """An element. `children` are elements and texts in order; names have no namespace prefix."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    line: int = 0
    namespace: str = ""

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def elements(self, *tags: str) -> Iterator[Node]:
        """The child elements, or those of the given names."""
        for child in self.children:
            if isinstance(child, Node) and (not tags or child.tag in tags):
                yield child

    def walk(self) -> Iterator[Node]:
        """This element and all below it."""
        yield self
        for child in self.elements():
            yield from child.walk()

    def text(self) -> str:
        """All words inside."""
        return "".join(c if isinstance(c, str) else c.text() for c in self.children)

    def add(self, tag: str, *children: Node | str, **attributes: str | None) -> Node:
        """Append an element; attribute names may end in `_`, and None leaves one out."""
        node = element(tag, *children, **attributes)
        self.children.append(node)
        return node


def element(tag: str, *children: Node | str, **attributes: str | None) -> Node:
    """An element to be written: `_` in attribute names stands for `-`, a final one for nothing."""
    given = {
        ("xml:lang" if name == "lang" else name.rstrip("_").replace("_", "-")): value
        for name, value in attributes.items()
        if value is not None
    }
    return Node(tag, given, list(children))


# ------------------------------------------------------------------------------------ reading


def read(content: bytes, file: str) -> Node:
    """The root element; raises `BookError` with the line of what is wrong."""
    if len(content) > SIZE_LIMIT:
        raise trouble(
            file,
            0,
            f"文件超过 {SIZE_LIMIT} 字节",
            f"larger than {SIZE_LIMIT} bytes",
            Both("把它拆成几个文件", "split it into several files"),
        )
    return _Builder(file).parse(content)


def trouble(file: str, line: int, zh: str, en: str, hint: Both = NOWHERE) -> BookError:
    """One problem as an error."""
    return BookError(Problem(Place(file, line), Both(zh, en), hint))


def content(path: Path) -> bytes:
    """The octets of a file that a user named; raises `BookError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise trouble(
            str(path),
            0,
            "无法读取",
            f"cannot be read: {(error.strerror or '').lower()}",
            Both("检查路径", "check the path"),
        ) from None


_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.stack: list[Node] = []
        self.count = 0

    def parse(self, octets: bytes) -> Node:
        octets, encoding = self._utf8(octets)
        self.parser = expat.ParserCreate(encoding, " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words
        self.parser.EntityDeclHandler = self._entity
        try:
            self.parser.Parse(octets, True)
        except expat.ExpatError as error:
            what = expat.errors.messages.get(error.code, str(error))
            raise trouble(
                self.file,
                error.lineno,
                f"不是合法的 XML：{what}",
                f"not well-formed XML: {what}",
                Both("检查该行的标签、引号和 & 号", "check tags, quotes and & on that line"),
            ) from None
        assert self.root is not None
        return self.root

    def _utf8(self, octets: bytes) -> tuple[bytes, str | None]:
        """Encodings that expat lacks (GBK ...) by Python's own codecs."""
        declared = _ENCODING.match(octets)
        name = declared.group(1).decode("ascii", "replace") if declared else ""
        if name.lower() in ("", "utf-8", "utf-16", "us-ascii", "iso-8859-1"):
            return octets, None
        try:
            return octets.decode(name).encode(), "utf-8"
        except (LookupError, UnicodeDecodeError):
            raise trouble(
                self.file,
                1,
                f"不能按 {name} 编码读取",
                f"cannot be read as {name}",
                Both("用 UTF-8 编码保存", "save it in UTF-8"),
            ) from None

    def _start(self, name: str, attributes: dict[str, Any]) -> None:
        self.count += 1
        if len(self.stack) >= DEPTH_LIMIT or self.count > NODE_LIMIT:
            raise trouble(
                self.file,
                self.parser.CurrentLineNumber,
                "嵌套太深或元素太多",
                "too deep or too many elements",
                Both(f"最多 {DEPTH_LIMIT} 层", f"at most {DEPTH_LIMIT} levels"),
            )
        namespace, _, tag = name.rpartition(" ")
        plain = {_attribute(key): value for key, value in attributes.items()}
        node = Node(tag, plain, [], self.parser.CurrentLineNumber, namespace)
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node
        self.stack.append(node)

    def _end(self, _name: str) -> None:
        self.stack.pop()

    def _words(self, words: str) -> None:
        if self.stack:
            self.stack[-1].children.append(words)

    def _entity(self, name: str, *_: Any) -> None:
        raise trouble(
            self.file,
            self.parser.CurrentLineNumber,
            f"文件声明了实体 {name}，不予读取",
            f"the file declares the entity {name!r}, which is refused",
            Both(
                "去掉 DOCTYPE 中的 ENTITY，把文字直接写出来", "remove ENTITY and write the text out"
            ),
        )


def _attribute(name: str) -> str:
    namespace, _, plain = name.rpartition(" ")
    return f"xml:{plain}" if namespace == _XML_NAMESPACE else plain


# ------------------------------------------------------------------------------------ writing


def write(root: Node, inline: Iterable[str], remarks: Iterable[str] = ()) -> str:
    """The text of an XML file. Elements named in `inline` keep their words as they are; all others
    are indented. `remarks` become one comment at the head."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    said = "\n".join(remarks).replace("--", "- -")
    if said:
        head += f"<!--\n{said}\n-->\n"
    return head + "".join(_lines(root, frozenset(inline), 0))


def _lines(node: Node, inline: frozenset[str], depth: int) -> Iterator[str]:
    indent = "  " * depth
    if node.tag in inline or not node.children:
        yield f"{indent}{_flat(node)}\n"
        return
    yield f"{indent}<{_opening(node)}>\n"
    for child in node.children:
        if isinstance(child, Node):
            yield from _lines(child, inline, depth + 1)
        else:
            yield f"{indent}  {escape(child)}\n"
    yield f"{indent}</{node.tag}>\n"


def _opening(node: Node) -> str:
    return " ".join(
        [node.tag, *(f"{name}={_quoted(value)}" for name, value in node.attributes.items())]
    )


def _quoted(value: str) -> str:
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _flat(node: Node) -> str:
    inside = "".join(
        _flat(child) if isinstance(child, Node) else escape(child, {"\r": "&#13;"})
        for child in node.children
    )
    return f"<{_opening(node)}>{inside}</{node.tag}>" if inside else f"<{_opening(node)}/>"
