"""Machine code that was kept is used again, and never after a change of the engine's sources."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from hotline.simulation.engine import compiling


@pytest.fixture
def double(tmp_path: Path, monkeypatch):
    """A function in a folder where its machine code can be kept."""
    file = tmp_path / "doubling.py"
    file.write_text("def double(x):\n    return 2 * x\n")
    spec = importlib.util.spec_from_file_location("doubling", file)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "doubling", module)
    spec.loader.exec_module(module)
    return module.double


def found_machine_code(double) -> bool:
    """Whether a new process would take what was kept, instead of compiling."""
    compiled = compiling.loop(double)
    assert compiled(21) == 42
    return sum(compiled.stats.cache_hits.values()) == 1


def test_kept_until_any_source_of_the_engine_changes(double, monkeypatch):
    assert not found_machine_code(double)
    assert found_machine_code(double)
    monkeypatch.setattr(compiling, "sources", lambda: "after an upgrade")
    assert not found_machine_code(double)
    assert found_machine_code(double)


def test_the_digest_covers_every_file(tmp_path: Path):
    (tmp_path / "heap.py").write_text("ROOM = 1\n")
    (tmp_path / "kernel.py").write_text("from heap import ROOM\n")
    before = compiling.sources(tmp_path)
    compiling.sources.cache_clear()
    (tmp_path / "heap.py").write_text("ROOM = 2\n")
    assert compiling.sources(tmp_path) != before
