"""The built-in book of 95598, against the tree it was designed after."""

import pytest

from menus.graph import Graph
from menus.loader import load
from menus.model import Target
from menus.paths import deepest, paths
from menus.services import SERVICES, WORDS
from menus.texts import placeholders

BOOK = load()
PATHS = list(paths(BOOK))


def at(*keys: str) -> str:
    """Where these keys lead from the start."""
    menu, target = BOOK.menus[BOOK.start], Target("menu", BOOK.start)
    for key in keys:
        target = menu.keys[key].target
        if target.kind == "language" and target.arg in BOOK.starts:
            target = Target("menu", BOOK.starts[target.arg])
        if target.kind == "menu":
            menu = BOOK.menus[target.arg]
    return str(target)


@pytest.mark.parametrize(
    ("keys", "target"),
    [
        ("1", "menu:fault"),
        ("2", "menu:bill"),
        ("3", "menu:business"),
        ("4", "menu:complaint"),
        ("5", "menu:more"),
        ("8", "menu:english"),
        ("11", "menu:outage"),
        ("12", "menu:repair"),
        ("124", "menu:danger"),
        ("0", "agent"),
        ("51", "menu:consult"),
        ("52", "menu:progress"),
        ("53", "menu:callback"),
        ("55", "menu:languages"),
        ("551", "language:bo-CN"),
        ("41", "agent:complaint"),
        ("81", "menu:english_fault"),
    ],
)
def test_the_tree(keys, target):
    assert at(*keys) == target


def test_five_menus_deep():
    assert len(deepest(BOOK)) == 5


def test_danger_comes_first_and_waits_for_no_key():
    for name in ("danger", "english_danger"):
        menu = BOOK.menus[name]
        others = [m.priority or 0 for m in BOOK.menus.values() if "danger" not in m.id]
        assert menu.priority > max(others)
        assert (menu.no_input.limit, menu.no_input.then) == (0, Target("agent", "fault"))
        assert menu.first_digit_timeout <= 1


def test_every_built_in_service_has_its_place_in_the_tree():
    used = {step.request for step in BOOK.steps.values()} | {BOOK.bulletin.service}
    assert used - {None} == set(SERVICES)


def test_every_outcome_of_every_service_is_on_a_path():
    taken = {
        (move.service, move.value)
        for path in PATHS
        for move in path.moves
        if move.kind == "outcome"
    }
    for service in SERVICES.values():
        if service.name != "bulletin":
            for outcome in (*service.outcomes, "failed"):
                assert (service.name, outcome) in taken, (service.name, outcome)


def test_every_menu_and_step_is_heard_in_its_languages():
    reached = Graph(BOOK).languages
    assert reached[("menu", "root")] == {"zh-CN"}
    assert reached[("menu", "english")] == {"en-US"}
    assert reached[("step", "sms_sent")] == {"zh-CN", "en-US"}
    assert {("menu", name) for name in BOOK.menus} <= set(reached)


def test_repeated_and_optional_parts():
    assert not BOOK.notices[0].interruptible
    assert BOOK.waiting.menu == "waiting"
    assert {str(key.target) for key in BOOK.menus["waiting"].keys.values()} == {
        "wait",
        "callback",
        "step:message",
    }
    assert BOOK.survey.ask_reason == {3}
    assert BOOK.hang_up_after == 10


def test_words_that_prompts_say_are_in_the_vocabulary():
    for language in ("zh-CN", "en-US"):
        assert {row[language] for row in WORDS.values()} <= set(BOOK.vocabulary[language])


def test_no_path_ends_without_an_agent_the_end_or_a_menu():
    assert {path.end.kind for path in PATHS} <= {"agent", "menu", "step", "end", "language"}


def test_placeholders_of_a_prompt_are_the_same_in_each_language():
    for prompt in BOOK.prompts():
        said = {frozenset(placeholders(text)) for text in prompt.long.values()}
        assert len(said) == 1, prompt.id
