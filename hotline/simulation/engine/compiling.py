"""How the engine is compiled, and when its machine code is used again.

    loop       kernel, single: called from Python; the machine code is kept for the next process
    part       a function of its own inside a loop: for what is long, or seldom done
    built_in   copied into its callers: for what is small and done for every call

numba looks only at the file of a loop itself to see whether the machine code that was kept is still
good. Here it is kept under a digest of all of the engine's files, so that after any change of the
program, an upgrade for instance, nobody runs what was compiled before it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba as nb
from numba.core.caching import FunctionCache

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cfunc_wrapper": True,
    "no_rewrites": True,
}
"""`_nrt`: nobody counts who uses an array, which would cost the kernel a third of its time. In
return no compiled function may make one: all are made in Python, by `engine.run`. No wrappers for
those who would call from C."""
INSIDE = {**OPTIONS, "no_cpython_wrapper": True}
"""... nor from Python."""


@cache
def sources(folder: Path = Path(__file__).parent) -> str:
    """A digest of every source file of the engine."""
    digest = blake2b(digest_size=16)
    for file in sorted(folder.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class SourcesCache(FunctionCache):
    """numba's cache, whose entries are found only by the sources that they were compiled from."""

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(sig, codegen), sources())  # type: ignore[no-untyped-call]


def loop(function: F) -> F:
    """Compile without the interpreter's lock and keep the machine code for the next process.

    The code is kept beside the source, or where that cannot be written in the user's cache folder
    (`NUMBA_CACHE_DIR` names another); where neither can be, it is compiled anew in each process.
    """
    compiled = nb.njit(**OPTIONS)(function)
    with suppress(RuntimeError):  # no place to keep it
        compiled._cache = SourcesCache(function)  # type: ignore[no-untyped-call]
    return cast(F, compiled)


def part(function: F) -> F:
    """Compile as a function of its own that only compiled ones call."""
    return cast(F, nb.njit(**INSIDE)(function))


def built_in(function: F) -> F:
    """Compile as a part of its callers: for what is small and called for every call."""
    return cast(F, nb.njit(forceinline=True, **INSIDE)(function))
