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
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hotline.callers.scenario import Scenario
    from hotline.callers.verdict import Verdict
    from hotline.cli.leading import Caller
    from hotline.cli.run_page import Drawing
    from hotline.cli.suite import Played, Suite

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
    group.addoption("--hotline-html", metavar="FILE", help="Write a page of all scripted calls.")
    group.addoption("--hotline-json", metavar="FILE", help="Write the run as data.")
    parser.addini("hotline_book", "menu book, from the root folder; --hotline-book goes before it")
    parser.addini("hotline_files", "globs of scenario files, from the root folder", "args")


def pytest_configure(config: pytest.Config) -> None:
    """Make the bench that all scenarios of this run share."""
    bench = config.stash[BENCH] = Bench(config)
    config.pluginmanager.register(bench, "hotline-bench")
    config.addinivalue_line("markers", "hotline: a scenario of a scripted caller")


class Bench:
    """What the scenarios of one process share; the suite is built by the first of them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.seed: int = config.getoption("hotline_seed")
        self.xml: str | None = config.getoption("hotline_coverage_xml")
        self.threshold: float | None = config.getoption("hotline_fail_under")
        self.shows: bool = config.getoption("hotline_coverage")
        self.html: str | None = config.getoption("hotline_html")
        self.json: str | None = config.getoption("hotline_json")
        self.keeps = bool(self.html or self.json)
        self.covers = bool(self.shows or self.xml or self.keeps or self.threshold is not None)
        self.tags: set[str] = set()
        self.began = time.perf_counter()
        self.kept: list[tuple[Mapping[str, Any], Sequence[str]]] = []
        """cases as data with their drawings, of all workers"""

    @property
    def book(self) -> str | None:
        """The path of the book, None for the built-in one."""
        given: str | None = self.config.getoption("hotline_book")
        ini: str = self.config.getini("hotline_book")
        return given or (str(self.config.rootpath / ini) if ini else None)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A hook: collect what was played, here or by a worker of xdist."""
        self.kept += [(one["case"], one["drawings"]) for one in getattr(report, "hotline", ())]

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

    @cached_property
    def drawing(self) -> Drawing:
        """Draws failed calls."""
        from hotline.cli.run_page import Drawing

        return Drawing(self.suite.book)

    def case(self, played: Played, tags: Iterable[str] = (), **other: Any) -> dict[str, Any]:
        """What the page needs of a call that was played, as plain data for xdist."""
        from hotline.cli.runs import Case

        case = Case.of(played.verdict, tags)
        drawn = () if case.passed else tuple(self.drawing.calls(played.journal, case.failures))
        return {"case": case.to_json() | other, "drawings": drawn}

    @property
    def options(self) -> str:
        """What a replay command needs besides file and seed."""
        return f"--book {self.book}" if self.book else ""

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

KEPT = pytest.StashKey[list[dict[str, Any]]]()
"""What was played by a scenario item, for the page."""
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
        from hotline.cli.vocabulary import check_names
        from menus.wording import BookError

        bench = self.config.stash[BENCH]
        try:
            scenarios = load(_shown(self.path))
            check_names(scenarios, bench.suite.book)
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
        bench = self.config.stash[BENCH]
        played = bench.suite.play(self.scenario)
        verdict = played.verdict
        if bench.keeps:
            self.stash[KEPT] = [bench.case(played, self.scenario.tags)]
        self.user_properties.append(("call_seconds", round(verdict.duration, 1)))
        if not verdict.passed:
            raise ScenarioFailedError(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """The block that `hotline test` shows: no traceback, for no Python is to blame."""
        from hotline.callers import console
        from menus.wording import BookError

        bench, problem = self.config.stash[BENCH], excinfo.value
        if isinstance(problem, ScenarioFailedError):
            return console.story(problem.verdict, bench.lang, bench.options)
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


# --- the run as a page and as data -------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let what was played travel with the report, so that it arrives from any worker."""
    report = yield
    bench = item.config.stash[BENCH]
    if bench.keeps and call.when == "call":
        cases = item.stash.get(KEPT, [])
        for caller in item.stash.get(CALLERS, []):
            if caller.finished:
                cases = [*cases, bench.case(caller.played, where="")]
        report.hotline = cases  # type: ignore[attr-defined]
    return report


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
    if bench.keeps:
        _write_run(bench)
    if bench.too_little and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _write_xml(bench: Bench) -> None:
    from hotline.callers.cobertura import cobertura

    assert bench.xml is not None
    assert bench.suite.coverage is not None
    text = cobertura(bench.suite.coverage, int(time.time() * 1000))
    Path(bench.xml).write_text(text, encoding="utf-8")


def _write_run(bench: Bench) -> None:
    from hotline.cli.run_page import to_html
    from hotline.cli.runs import Case, Run

    coverage = bench.suite.coverage
    # workers finish in any order
    kept = sorted(bench.kept, key=lambda one: (one[0]["file"], one[0]["line"], one[0]["name"]))
    run = Run(
        cases=tuple(Case.from_json(case) for case, _ in kept),
        seconds=time.perf_counter() - bench.began,
        book=bench.book or "",
        seed=bench.seed,
        coverage=coverage.to_json() if coverage else None,
    )
    if bench.json:
        Path(bench.json).write_text(run.text(), encoding="utf-8")
    if bench.html:
        drawings = {index: drawn for index, (_, drawn) in enumerate(kept)}
        page = to_html(run, drawings, coverage=coverage, options=bench.options)
        Path(bench.html).write_text(page, encoding="utf-8")


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
