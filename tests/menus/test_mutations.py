"""Whatever is changed in a book, it is explained as an error or found by lint, never a crash."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from menus.diagram import dot, mermaid
from menus.lint import lint
from menus.loader import default_book, resolve
from menus.model import Book
from menus.paths import Reaching, deepest, paths
from menus.reader import Document, read
from menus.wording import BookError

WHOLE = read(default_book())
SMALL = ("menus", "steps")
KEPT = {
    "menus": ("root", "fault", "repair", "english", "waiting"),
    "steps": ("repair_single", "repair_number", "account_unknown", "message", "message_created"),
}


def small() -> dict[str, Any]:
    """A few menus and steps of the default book: most of its kinds of nodes."""
    data = copy.deepcopy({key: value for key, value in WHOLE.data.items() if key not in SMALL})
    for section, names in KEPT.items():
        data[section] = copy.deepcopy({name: WHOLE.data[section][name] for name in names})
    return data


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all nodes below the top."""
    below = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in below:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


PLACES = places(small())
VALUES = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        3.5,
        "",
        "x",
        "menu:root",
        "menu:nowhere",
        "step:nowhere",
        "agent",
        "back",
        "language:fr-FR",
        "wait",
        "请按7。",
        "{nothing:amount}",
        "{",
        [],
        {},
        ["x"],
        {"long": "x"},
        {"zh-CN": "x"},
        {"1": "menu:root"},
    ]
)


def resolved(data: dict[str, Any]) -> Book | None:
    """The book, or None where the loader explained what is wrong; anything else is a crash."""
    try:
        return resolve(Document(data, WHOLE.places), "b.yaml")
    except BookError:
        return None


def _holds(above: Any, part: str | int) -> bool:
    """Whether `part` is still a key or an index of `above`, which an earlier change may have hit."""
    if isinstance(above, dict):
        return part in above
    return isinstance(above, list) and isinstance(part, int) and part < len(above)


@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES, st.booleans()), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_change_is_an_error_or_a_book(changes):
    data = small()
    for path, value, remove in changes:
        above: Any = data
        for part in path[:-1]:
            if not _holds(above, part):
                break
            above = above[part]
        else:
            if isinstance(above, dict):
                if remove:
                    above.pop(path[-1], None)
                else:
                    above[path[-1]] = copy.deepcopy(value)
            elif _holds(above, path[-1]):
                above[path[-1]] = copy.deepcopy(value)
    book = resolved(data)
    if book is None:
        return
    for finding in lint(book):
        assert finding.message
    list(paths(book))
    deepest(book)
    Reaching(book).functions()
    mermaid(book)
    dot(book)
