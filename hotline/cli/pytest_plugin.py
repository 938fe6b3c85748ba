"""The pytest plugin: scenario files are collected as tests, and `hotline_caller` leads a caller.

    pytest scenarios/                       each scenario is a test, its tags are markers
    pytest scenarios/ -m fault -k 夜间 -n 4  as with any other test
    pytest scenarios/ --hotline-coverage    what of the book no scenario reached

A YAML file is taken for a scenario file when it has the keys `scenario:` and `story:` at the
beginning of a line. Where that is not enough, the ini setting `hotline_files` lists globs from the
root folder: these files are scenario files, broken or not, and no others.

pytest loads this module whenever it runs; whatever takes time is imported by the first scenario.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hotline.callers.scenario import Scenario
    from hotline.callers.verdict import Verdict
    from hotline.cli.leading import Caller
    from hotline.cli.suite import Suite

SUFFIXES = (".yaml", ".yml")
_NAME = re.compile(r"^(?:\ufeff|- +)?[\"']?scenario[\"']?\s*:", re.MULTILINE)
_STORY = re.compile(r"^(?:- +| +)?[\"']?story[\"']?\s*:", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings."""
    group = parser.getgroup("hotline", "scripted callers of the 95598 hotline")
    group.addoption("--hotline-book", metavar="BOOK", help="Menu book; else the built-in one.")
    group.addoption("--hotline-seed", type=int, default=0, metavar="N", help="Seed of all draws.")
    group.addoption(
        "--hotline-coverage", action="store_true", help="Show what of the book was not reached."
    )
    group.addoption("--hotline-coverage-xml", metavar="FILE", help="Write it as Cobertura XML.")
    group.addoption(
        "--hotline-fail-under",
        type=float,
        metavar="PERCENT",
        help="Fail if less of the book was reached.",
    )
    parser.addini("hotline_book", "menu book, from the root folder; --hotline-book goes before it")
    parser.addini("hotline_files", "globs of scenario files, from the root folder", "args")


def pytest_configure(config: pytest.Config) -> None:
    """Make the bench that all scenarios of this run share."""
    config.stash[BENCH] = Bench(config)
    config.addinivalue_line("markers", "hotline: a scenario of a scripted caller")


class Bench:
    """What the scenarios of one process share; the suite is built by the first of them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.seed: int = config.getoption("hotline_seed")
        self.xml: str | None = config.getoption("hotline_coverage_xml")
        self.threshold: float | None = config.getoption("hotline_fail_under")
        self.shows: bool = config.getoption("hotline_coverage")
        self.covers = bool(self.shows or self.xml or self.threshold is not None)
        self.tags: set[str] = set()

    @property
    def book(self) -> str | None:
        """The path of the book, None for the built-in one."""
        given: str | None = self.config.getoption("hotline_book")
        ini: str = self.config.getini("hotline_book")
        return given or (str(self.config.rootpath / ini) if ini else None)

    @cached_property
    def lang(self) -> str:
        """Language of messages, as for the command."""
        from hotline.cli.main import locale_language

        return os.environ.get("HOTLINE_LANG") or locale_language()

    @cached_property
    def suite(self) -> Suite:
        """The hotlines; raises `BookError` for a book that cannot be used."""
        from hotline.cli.suite import Suite

        return Suite(self.book, self.seed, covers=self.covers)

    @property
    def too_little(self) -> str:
        """What to say when less was reached than asked for."""
        coverage = self.suite.coverage if self.covers else None
        if coverage is None or self.threshold is None:
            return ""
        reached = coverage.fraction * 100
        if reached >= self.threshold:
            return ""
        return f"coverage {reached:.1f} % is below --hotline-fail-under {self.threshold:g} %"


BENCH = pytest.StashKey[Bench]()

CALLERS = pytest.StashKey["list[Caller]"]()
"""The callers that a test has led."""

# --- collecting --------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Scenario files, and no other YAML."""
    if file_path.suffix not in SUFFIXES or not _is_ours(file_path, parent):
        return None
    file: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
    return file


def _is_ours(file: Path, parent: pytest.Collector) -> bool:
    config = parent.config
    globs: list[str] = config.getini("hotline_files")
    if globs:
        below = os.path.relpath(file, config.rootpath)
        return any(Path(below).match(glob) for glob in globs)
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError:
        return False
    return bool(_NAME.search(text) and _STORY.search(text))


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each scenario."""
        from hotline.callers.reading import load
        from menus.wording import BookError

        bench = self.config.stash[BENCH]
        try:
            scenarios = load(_shown(self.path))
            _ = bench.suite
        except BookError as error:
            raise self.CollectError(error.in_language(bench.lang)) from None
        for scenario in scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)


def _shown(file: Path) -> str:
    """A path as the user would write it here: what messages and replay commands name."""
    below = os.path.relpath(file)
    return str(file) if below.startswith(os.pardir) else below


class ScenarioFailedError(Exception):
    """A scenario whose verdict is not good."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.scenario)


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, **rest: Any) -> None:
        super().__init__(**rest)
        self.scenario = scenario
        bench = self.config.stash[BENCH]
        for tag in ("hotline", *sorted(scenario.tags)):
            if tag not in bench.tags:
                bench.tags.add(tag)
                self.config.addinivalue_line("markers", f"{tag}: tag of scenarios")
            self.add_marker(tag)

    def runtest(self) -> None:
        """Play the scenario in virtual time."""
        verdict = self.config.stash[BENCH].suite.play(self.scenario).verdict
        self.user_properties.append(("call_seconds", round(verdict.duration, 1)))
        if not verdict.passed:
            raise ScenarioFailedError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """The block that `hotline test` shows: no traceback, for no Python is to blame."""
        from hotline.callers import console
        from menus.wording import BookError

        bench, problem = self.config.stash[BENCH], excinfo.value
        if isinstance(problem, ScenarioFailedError):
            options = f"--book {bench.book}" if bench.book else ""
            return console.story(problem.verdict, bench.lang, options)
        if isinstance(problem, BookError):
            return problem.in_language(bench.lang)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line from 0, name."""
        return self.path, self.scenario.place.line - 1, self.name


# --- led by Python -----------------------------------------------------------------------------


@pytest.fixture
def hotline_caller(request: pytest.FixtureRequest) -> Iterator[Callable[..., Caller]]:
    """`hotline_caller(number=..., given=..., ...)` places a call and gives the caller to be led.

    What a scenario file says beside its story can be given by name. A call that is still going on
    at the end of the test is hung up and judged.
    """
    from hotline.cli.leading import Caller

    node: pytest.Item = request.node
    bench = request.config.stash[BENCH]
    callers = node.stash.setdefault(CALLERS, [])

    def place(**world: Any) -> Caller:
        name = node.name if not callers else f"{node.name} {len(callers) + 1}"
        callers.append(Caller(bench.suite, name, bench.lang, **world))
        return callers[-1]

    yield place
    for caller in callers:
        caller.close()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Judge the calls that still go on at the end: the test fails by them, not its teardown."""
    result = yield
    for caller in pyfuncitem.stash.get(CALLERS, []):
        try:
            if not caller.finished:
                caller.finish()
        except AssertionError as failed:
            pytest.fail(str(failed), pytrace=False)
    return result


# --- coverage, over all workers of xdist -------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker of xdist has ended: count what it reached."""
    bench = node.config.stash[BENCH]
    output: Mapping[str, Any] = getattr(node, "workeroutput", {})
    if bench.covers and bench.suite.coverage is not None and "hotline" in output:
        bench.suite.coverage.absorb(output["hotline"])


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over or write the coverage; miss the threshold."""
    from menus.wording import BookError

    bench = session.config.stash[BENCH]
    if not bench.covers:
        return
    try:
        coverage = bench.suite.coverage
    except BookError as error:
        raise pytest.UsageError(error.in_language(bench.lang)) from None
    assert coverage is not None
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:  # a worker of xdist
        output["hotline"] = {"reached": coverage.to_json()["reached"]}
        return
    if bench.xml:
        _write_xml(bench)
    if bench.too_little and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _write_xml(bench: Bench) -> None:
    import time

    from hotline.callers.cobertura import cobertura

    assert bench.xml is not None
    assert bench.suite.coverage is not None
    text = cobertura(bench.suite.coverage, int(time.time() * 1000))
    Path(bench.xml).write_text(text, encoding="utf-8")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The coverage below the tests."""
    bench = config.stash[BENCH]
    if not bench.covers or bench.suite.coverage is None:
        return
    lines: Iterable[str] = bench.suite.coverage.text(bench.lang).splitlines() if bench.shows else ()
    if bench.shows or bench.too_little:
        terminalreporter.section("coverage of the menu book")
    for line in lines:
        terminalreporter.write_line(line)
    if bench.too_little:
        terminalreporter.write_line(bench.too_little, red=True)
