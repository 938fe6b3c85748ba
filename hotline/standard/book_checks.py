"""Checks on a book at rest: lint's findings where they cite a clause, reach of functions, texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hotline.standard.clauses import Edition, Text
from hotline.standard.results import Result
from menus.graph import Graph, asks_agent, exits
from menus.lint import Finding, lint
from menus.model import Book
from menus.paths import Duration, Reaching, deepest

Results = Iterator[Result]
SMS_SERVICES = ("send_sms", "leave_message")
_NAVIGATION = frozenset({"M013", "M014", "M026", "M031"})
"""Lint rules on keys and silence; advice is left out."""


def check_book(book: Book, edition: Edition, *, duration: Duration | None = None) -> list[Result]:
    """Everything that the standard asks of `book`. `duration`: seconds of a recorded prompt."""
    graph = Graph(book)
    found = {"zh": lint(book, lang="zh", duration=duration),
             "en": lint(book, lang="en", duration=duration)}  # fmt: skip
    findings = list(zip(found["zh"], found["en"], strict=True))
    return [
        *_functions(book, edition, duration),
        *_ways(book, graph, edition),
        *_hours(book),
        *_languages(book, graph, edition),
        *_layers(book, edition),
        *_linted("5.2.6.1", "text", {"M020"}, findings, str(book.greeting.place)),
        *_linted("5.2.6.2", "keys", {"M002", "M003"}, findings, str(book.place), _menus(graph)),
        *_linted("5.2.6.3", "menus", _NAVIGATION, findings, str(book.place), _menus(graph)),
        *_linted("5.2.6.5", "text", {"M022"}, findings, str(book.announcement.place)),
        *_linted("5.2.6.6", "text", {"M021"}, findings, str(book.closing.place)),
    ]


def _menus(graph: Graph) -> int:
    """Menus that callers can reach."""
    return sum(kind == "menu" for kind, _ in graph.languages)


def _linted(
    clause: str,
    rule: str,
    lint_rules: set[str] | frozenset[str],
    findings: Sequence[tuple[Finding, Finding]],
    place: str,
    units: int = 1,
) -> Results:
    """One failure per finding; the other `units` (menus, or the book) pass."""
    bad = [(zh, en) for zh, en in findings if en.rule in lint_rules]
    for zh, en in bad:
        what = Text(f"{zh.rule} {zh.message}", f"{en.rule} {en.message}")
        yield Result(clause, rule, None, False, what, f"{en.file}:{en.line}")
    for _ in range(max(0, units - len(bad))):
        yield Result(clause, rule, None, True, Text("符合", "in order"), place)


def _functions(book: Book, edition: Edition, duration: Duration | None) -> Results:
    """5.2.3: each function can be reached; with keys, steps and seconds on the quickest way."""
    reach = Reaching(book, duration).functions()
    for function in edition.names("functions"):
        way = reach.get(function)
        if way is None:
            what = Text(f"{function}：无路径", f"{function}: no path offers it")
            yield Result("5.2.3", "offered", None, False, what, str(book.place))
            continue
        of = book.menus if way.node[0] == "menu" else book.steps
        what = Text(
            f"{function}：{way.keys} 键、{way.steps} 步、约 {way.seconds:.0f} 秒",
            f"{function}: {way.keys} keys, {way.steps} steps, about {way.seconds:.0f} s",
        )
        yield Result("5.2.3", "offered", None, True, what, str(of[way.node[1]].place))


def _ways(book: Book, graph: Graph, edition: Edition) -> Results:
    """5.2.4.1: the ways of service that call events can show are in the menus."""
    steps = [book.steps[name] for kind, name in graph.languages if kind == "step"]
    solving = {name for name, spec in book.services.items() if spec.solves}
    here = {
        "self_service": any(step.request in solving for step in steps),
        "agent": any(
            asks_agent(book, way.target) for node in graph.languages for way in exits(book, node)
        ),
        "sms": any(step.request in SMS_SERVICES for step in steps),
    }
    for way in edition.names("ways"):
        ok = here.get(way, False)
        what = Text(f"{way}：{'有' if ok else '无'}", f"{way}: {'offered' if ok else 'missing'}")
        yield Result("5.2.4.1", "ways", None, ok, what, str(book.place))


def _hours(book: Book) -> Results:
    """5.2.4.2: agents are on duty all day, every day."""
    hours = book.hours
    ok = len(hours.days) == 7 and hours.start % 86400 == hours.end % 86400
    begin, end = hours.start / 3600, hours.end / 3600
    what = Text(f"人工 {begin:g}-{end:g} 时", f"agents {begin:g} to {end:g} h")
    yield Result("5.2.4.2", "hours", None, ok, what, str(book.places.get("hours", book.place)))


def _languages(book: Book, graph: Graph, edition: Edition) -> Results:
    """5.2.5.1: a caller can get to each required language, and to each that agents offer."""
    spoken = set(graph.spoken)
    asked = {
        way.target.arg
        for node in graph.languages
        for way in exits(book, node)
        if way.target.kind == "language"
    }
    for language in dict.fromkeys((*edition.names("required_languages"), *book.agent_languages)):
        ok = language in spoken or language in asked
        what = Text(
            f"{language}：{'可到达' if ok else '无路径'}",
            f"{language}: {'can be reached' if ok else 'no way leads there'}",
        )
        yield Result("5.2.5.1", "offered", None, ok, what, str(book.place))


def _layers(book: Book, edition: Edition) -> Results:
    """5.2.6.2: the longest path of menus."""
    limit = int(edition.number("max_menu_depth"))
    path = deepest(book, stop_at=limit + 1)
    what = Text(f"{len(path)} 层，上限 {limit}", f"{len(path)} layers, limit {limit}")
    menu = book.menus[path[-1]] if path else None
    yield Result("5.2.6.2", "layers", None, len(path) <= limit, what,
                 str(menu.place if menu else book.place))  # fmt: skip
