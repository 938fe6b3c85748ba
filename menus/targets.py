"""Targets that a book names and does not have (M004): lint tells them, and no call can go there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from menus.graph import Exit, Node, exists, exits
from menus.loader import load
from menus.model import Book, Target
from menus.wording import BookError, Both, Problem, nearest


def playable(path: str | Path | None = None) -> Book:
    """Load a book that calls can be led through: every target in it exists.

    Raises `BookError`. What else lint finds leads callers somewhere, if not where they should be.
    """
    book = load(path)
    problems = list(dangling(book))
    if problems:
        raise BookError(problems)
    return book


def dangling(book: Book) -> Iterator[Problem]:
    """Every target that does not exist, with its place and the nearest one that does."""
    for section, target in _settings(book):
        if not _is_there(book, target):
            yield _of_section(book, section, target)
    nodes: tuple[Node, ...] = (
        *(("menu", name) for name in book.menus),
        *(("step", name) for name in book.steps),
    )
    for node in nodes:
        for way in exits(book, node):
            if not _is_there(book, way.target):
                yield _of_exit(book, node, way)


def _settings(book: Book) -> Iterator[tuple[str, Target]]:
    """(section, target) of what the book itself names."""
    yield "start", Target("menu", book.start)
    for language, start in book.starts.items():
        if (language, start) != (book.language, book.start):
            yield "starts", Target("menu", start)
    if book.waiting.menu is not None:
        yield "waiting", Target("menu", book.waiting.menu)
    yield "waiting", book.waiting.refused_then


def _is_there(book: Book, target: Target) -> bool:
    match target.kind:
        case "menu" | "step":
            return exists(book, (target.kind, target.arg))
        case "language":
            known = (*book.starts, *book.agent_languages)
            return target.arg in known or _speaks(book, target.arg)
    return True


def _speaks(book: Book, language: str) -> bool:
    """Whether the start menu itself has a text in `language`."""
    start = book.menus.get(book.start)
    return start is not None and language in start.prompt.long


def _of_section(book: Book, section: str, target: Target) -> Problem:
    return Problem(
        book.places.get(section, book.place),
        Both(f"{section} 指向不存在的 {target}", f"{section} names {target}, which does not exist"),
        _remedy(book, target),
    )


def _of_exit(book: Book, node: Node, way: Exit) -> Problem:
    name, label = ":".join(node), way.label or way.kind
    return Problem(
        way.place,
        Both(
            f"{name} 的 {label} 指向不存在的 {way.target}",
            f"{label} of {name} leads to {way.target}, which does not exist",
        ),
        _remedy(book, way.target),
    )


def _remedy(book: Book, target: Target) -> Both:
    known = {"menu": book.menus, "step": book.steps}.get(target.kind, book.starts)
    meant = nearest(target.arg, known)
    if meant is not None:
        return Both(f"是否要写 {target.kind}:{meant}？", f"did you mean {target.kind}:{meant}?")
    if target.kind == "language":
        return Both(
            "在 starts 中为该语言指定起始菜单，或列入 agent_languages",
            "name its start menu in starts, or list it in agent_languages",
        )
    return Both("写出它，或改为已有的目标", "write it, or name one that exists")
