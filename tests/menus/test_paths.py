"""Depth, the paths of a book, and what its functions cost to reach."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from menus.graph import Graph, exits
from menus.lint import lint
from menus.loader import load, loads
from menus.model import Book, Target
from menus.paths import Reaching, deepest, menus_below, paths
from tests.menus.books import CONTRACT, book

NAMES = [f"m{n}" for n in range(7)]
TARGETS = [
    *(f"menu:{name}" for name in NAMES),
    "agent",
    "back",
    "top",
    "repeat",
    "end",
    "step:s0",
    "step:s1",
]


@st.composite
def random_books(draw: st.DrawFn) -> Book:
    """Menus with random keys, some by way of two steps, some of them unreachable."""
    lines = ["menus:"]
    for name in NAMES:
        keys = draw(st.lists(st.sampled_from(TARGETS), max_size=3))
        bound = ", ".join(f'"{at}": "{to}"' for at, to in enumerate(keys, 1))
        lines.append(f"  {name}: {{keys: {{{bound}}}}}")
    lines.append("steps:")
    for step in ("s0", "s1"):
        lines.append(f'  {step}: {{say: x, next: "{draw(st.sampled_from(TARGETS))}"}}')
    head = 'version: 1\nstart: m0\ncommon_keys: {"0": agent, "*": back}\n'
    return loads(head + "\n".join(lines) + "\n")


def walked_depths(found: Book) -> Iterator[int]:
    """The depth after every key of every walk, by the rule itself: a caller who tries all keys in
    all places, going no further once the same place and path have been seen.
    """
    seen: set[tuple[str, ...]] = set()
    waiting: list[tuple[str, ...]] = [(found.start,)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        yield len(path)
        for key in found.menus[path[-1]].keys.values():
            after = _pressed(found, path, key.target)
            if after:
                waiting.append(after)


def _pressed(found: Book, path: tuple[str, ...], target: Target) -> tuple[str, ...] | None:
    hops = 0
    while target.kind == "step":
        target, hops = found.steps[target.arg].next or Target("end"), hops + 1
        if hops > 2:
            return None  # two steps that lead to each other
    match target.kind:
        case "menu":
            if target.arg in path:
                return path[: path.index(target.arg) + 1]
            return (*path, target.arg)
        case "back":
            return path if hops or len(path) == 1 else path[:-1]
        case "top":
            return path[:1]
        case "repeat":
            return path
    return None


@given(random_books())
@settings(max_examples=150, deadline=None)
def test_the_depth_rule_agrees_with_walking_everywhere(found):
    depth = max(walked_depths(found))
    assert len(deepest(found)) == depth
    assert (depth > 5) == ("M001" in {finding.rule for finding in lint(found)})


@given(random_books())
@settings(max_examples=100, deadline=None)
def test_paths_are_real_and_no_deeper_than_the_book(found):
    limit = len(deepest(found))
    for path in paths(found):
        assert path.depth <= limit
        assert path.menus[0] == found.start
        assert len(set(path.menus)) == len(path.menus)
        for move in path.moves:
            assert move.value in {way.label for way in exits(found, move.at)}


@given(random_books())
@settings(max_examples=100, deadline=None)
def test_paths_visit_exactly_the_menus_that_can_be_reached(found):
    visited = {node for path in paths(found) for node in path.nodes}
    reached = set(Graph(found).languages)
    assert {node for node in visited if node[0] == "menu"} == {
        node for node in reached if node[0] == "menu"
    }


class TestPaths:
    found = tuple(paths(loads(CONTRACT)))

    def test_keys_inputs_and_outcomes_are_told_apart(self):
        one = next(path for path in self.found if path.menus[-1] == "outage_found")
        assert [(move.kind, move.value) for move in one.moves][:3] == [
            ("key", "1"),
            ("key", "1"),
            ("input", "account"),
        ]
        assert (one.moves[3].kind, one.moves[3].value, one.moves[3].service) == (
            "outcome",
            "found",
            "outage_lookup",
        )

    def test_each_key_of_each_menu_is_on_a_path(self):
        taken = {
            (move.at, move.value)
            for path in self.found
            for move in path.moves
            if move.kind == "key"
        }
        contract = loads(CONTRACT)
        for menu in contract.menus.values():
            for key in menu.keys:
                assert (("menu", menu.id), key) in taken

    def test_they_end_at_agents_at_a_menu_or_at_an_input_heard_again(self):
        ends = {path.end.kind for path in self.found}
        assert ends == {"agent", "menu", "step"}

    def test_inherited_keys_can_be_left_out(self):
        own = list(paths(loads(CONTRACT), common=False))
        assert all("0" not in path.keys and "*" not in path.keys for path in own)
        assert len(own) < len(self.found)

    def test_silence_leads_to_the_last_resort(self):
        silent = [
            path
            for path in paths(loads(CONTRACT), last_resorts=True)
            if path.moves[-1].kind == "silence"
        ]
        assert {str(path.end) for path in silent} == {"agent"}

    def test_back_from_a_step_is_its_menu(self):
        one = next(path for path in self.found if ("step", "safety") in path.nodes)
        assert one.end == Target("menu", "fault")
        assert one.menus == ("main", "fault")

    def test_back_from_a_menu_is_the_one_above(self):
        one = next(p for p in self.found if p.menus == ("main",) and p.keys == ("1", "*"))
        assert one.end == Target("menu", "main")


def test_what_the_waiting_menu_leads_to_counts_from_where_the_caller_was():
    text = book(
        'waiting: {menu: queue}\nmenus:\n  main: {keys: {"1": "menu:a"}}\n'
        '  a: {keys: {}}\n  queue: {keys: {"1": wait, "2": "menu:b"}}\n  b: {keys: {}}\n'
    )
    found = loads(text)
    assert "queue" not in menus_below(found, "a")
    assert deepest(found) == ("main", "a", "b")


class TestReach:
    def test_the_quickest_way_in_seconds_keys_and_steps(self):
        found = loads(
            book(
                'menus:\n  main: {prompt: 一请按1，二请按2。, keys: {"1": "menu:a", "2": "step:s"}}\n'
                '  a: {function: 信息查询, prompt: 三请按1。, keys: {"1": "menu:b"}}\n'
                "  b: {function: 故障报修, prompt: x, keys: {}}\n"
                'steps:\n  s: {function: 业务咨询, say: 须知。, next: "menu:b"}\n'
            )
        )
        lengths = {"greeting": 4.0, "main": 10.0, "a": 6.0, "s": 1.0}
        reach = Reaching(found, lambda prompt: lengths.get(prompt, 0.0)).functions()
        assert (reach["信息查询"].keys, reach["信息查询"].seconds) == (1, 8.0)
        assert (reach["业务咨询"].keys, reach["业务咨询"].steps) == (1, 0)
        fault = reach["故障报修"]
        assert (fault.keys, fault.steps) == (2, 0)  # 4 + 4 + 4.8 s, by the step 4 + 9 + 1 s
        assert abs(fault.seconds - 12.8) < 1e-9

    def test_every_function_of_the_default_book_is_near(self):
        reach = Reaching(load()).functions()
        assert all(one.keys <= 3 for one in reach.values())
        assert all(one.seconds < 60 for one in reach.values())
