from __future__ import annotations

from xml.etree import ElementTree

from hotline.web.live import Hub
from hotline.web.timeline import Span, lanes, svg
from tests.web.rig import Hotline


def spans_of(*messages: dict) -> list[tuple[str, float, float, str]]:
    return [(s.lane, s.start, s.end, s.kind) for s in lanes(messages)]


def say(at: float, name: str = "main", play: int = 1) -> dict:
    return {"t": "say", "at": at, "id": name, "zh": "请按键", "en": "", "play": play}


def test_a_prompt_cut_by_a_key_is_marked_and_one_that_ends_is_not():
    cut = spans_of(say(0.0), {"t": "key", "at": 2.0}, {"t": "stopped", "at": 2.0})
    whole = spans_of(say(0.0), {"t": "finished", "at": 3.0})
    assert ("prompt", 0.0, 2.0, "cut") in cut
    assert whole == [("prompt", 0.0, 3.0, "")]


def test_a_prompt_stopped_by_an_agent_is_not_cut_by_a_key():
    found = spans_of({"t": "key", "at": 0.0}, say(1.0), {"t": "stopped", "at": 4.0})
    assert ("prompt", 1.0, 4.0, "") in found


def test_waiting_ringing_and_talking_have_their_own_lanes():
    found = spans_of(
        {"t": "request", "at": 0.0, "skill": "fault"},
        {"t": "music", "at": 1.0, "id": "music"},
        {"t": "offer", "at": 5.0, "agent": "a1"},
        {"t": "offer_ended", "at": 18.0, "agent": "a1", "outcome": "answered"},
        {"t": "agent", "at": 18.0, "number": "1001"},
        say(18.0, "agent.announcement"),
        {"t": "finished", "at": 20.0},
        {"t": "left", "at": 60.0, "to": "survey"},
    )
    assert found == [
        ("queue", 0.0, 18.0, ""),
        ("music", 1.0, 18.0, ""),
        ("ring", 5.0, 18.0, "late"),
        ("prompt", 18.0, 20.0, ""),
        ("talk", 18.0, 60.0, ""),
    ]


def test_what_is_still_open_reaches_to_the_last_event():
    assert spans_of(say(0.0), {"t": "key", "at": 9.0})[0] == ("prompt", 0.0, 9.0, "")


def test_the_drawing_is_well_formed_and_escapes_what_a_book_says():
    drawn = svg([Span("prompt", 0.0, 5.0, "<b>&", 'x"<'), Span("key", 1.0, 1.0, "1")])
    root = ElementTree.fromstring(drawn)
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "<b>&" in texts


def test_a_ring_beyond_the_limit_shows_where_12_seconds_were():
    late, in_time = svg([Span("ring", 0.0, 13.0)]), svg([Span("ring", 0.0, 11.9)])
    assert 'class="limit"' in late
    assert 'class="limit"' not in in_time


def test_an_empty_call_has_no_drawing():
    assert svg([]) == ""


def test_a_whole_call_of_the_default_book_is_drawn():
    hotline = Hotline()
    hub = Hub(hotline)
    hotline.start()
    hotline.arrive("c1")
    hotline.clock.run(20.0)
    hotline.press("c1", "120")
    hotline.clock.run(40.0)
    hotline.hang_up("c1")
    spans = lanes(hub.messages(hub.closed["c1"]))
    assert {"menu", "prompt", "key", "queue", "ring", "talk"} <= {s.lane for s in spans}
    assert all(s.start <= s.end for s in spans)
    ElementTree.fromstring(svg(spans, "en"))
