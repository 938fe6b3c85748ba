"""Drawings of a book."""

import re

from menus.diagram import dot, drawing, mermaid
from menus.loader import load, loads
from tests.menus.books import CONTRACT, book


def test_menus_and_steps_are_boxes_and_keys_are_arrows():
    shapes, arrows = drawing(loads(CONTRACT), "zh-CN", steps=True)
    names = {shape.id: shape.name for shape in shapes if shape.kind in ("menu", "step")}
    assert set(names) == {
        "main",
        "fault",
        "bill",
        "outage_found",
        "outage_none",
        "safety",
        "outage",
    }
    found = {(arrow.tail, arrow.head): arrow.label for arrow in arrows}
    assert found[(names["main"], names["fault"])] == "1"
    assert found[(names["outage"], names["outage_found"])] == "found"
    assert not any(label in "0*9" for label in found.values())  # inherited


def test_without_steps_arrows_go_to_where_the_steps_lead():
    shapes, arrows = drawing(loads(CONTRACT), "zh-CN", steps=False)
    assert {shape.kind for shape in shapes} == {"menu", "agent"}
    names = {shape.id: shape.name for shape in shapes if shape.kind == "menu"}
    assert any((a.tail, a.head) == (names["fault"], names["outage_none"]) for a in arrows)


def test_mermaid_is_well_formed_and_lights_the_callers_place():
    text = mermaid(load(), lit="bill")
    lines = text.splitlines()
    assert lines[0] == "flowchart LR"
    box = next(line for line in lines if line.endswith('bill"]') and "english" not in line)
    name = box.split("[")[0].strip()
    assert lines[-1] == f"  class {name} here"
    arrow = re.compile(r'  n\d+ -- "[^"]*" --> n\d+')
    shape = re.compile(r'  n\d+(\["[^"]*"\]|\("[^"]*"\)|\{\{"[^"]*"\}\}|\(\["[^"]*"\]\))')
    assert all(arrow.fullmatch(line) or shape.fullmatch(line) for line in lines[1:-2])


def test_titles_in_the_language_asked_for():
    assert "Outages and faults" in mermaid(load(), "en-US")
    assert "停电报修（英语）" in mermaid(load(), "zh-CN")


def test_quotes_and_pounds_do_not_break_the_drawing():
    found = loads(book('menus:\n  main: {title: \'a "b" #c\', keys: {"#": end}}\n'))
    assert '["a #quot;b#quot; #35;c<br/>main"]' in mermaid(found)
    assert '-- "#35;" -->' in mermaid(found)
    assert 'label="a \\"b\\" #c\\nmain"' in dot(found)


def test_a_target_that_is_missing_is_drawn_as_such():
    text = dot(loads(book('menus:\n  main: {keys: {"1": "menu:gone"}}\n')))
    assert "menu:gone ?" in text
    assert "octagon" in text


def test_dot_has_balanced_braces_and_every_menu():
    text = dot(load(), "en-US")
    assert text.startswith("digraph book {")
    assert text.count("{") == text.count("}")
    assert all(f'\\n{name}"' in text for name in load().menus)
