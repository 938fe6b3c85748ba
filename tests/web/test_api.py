"""The JSON API over ASGI, on a hotline in virtual time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from starlette.testclient import TestClient

from hotline.web.app import create_app

ACCOUNT = "1000000001"


def call_with_an_agent(hotline, call: str = "c1") -> None:
    """Greeting, 停电报修, 故障报修, an agent, 20 s of talk, survey, goodbye."""
    hotline.arrive(call)
    hotline.clock.run(hotline.clock.now() + 20)
    hotline.press(call, "120")
    hotline.clock.run(hotline.clock.now() + 120)
    hotline.hang_up(call)


def call_that_types_an_account(hotline, call: str) -> None:
    hotline.arrive(call, "13900139000")
    hotline.clock.run(hotline.clock.now() + 20)
    hotline.press(call, "112" + ACCOUNT + "#")
    hotline.clock.run(hotline.clock.now() + 5)


async def test_health_counts_calls_in_progress(client, hotline):
    assert (await client.get("/healthz")).json() == {"status": "ok", "calls": 0, "uptime": 0.0}
    hotline.arrive("c1")
    assert (await client.get("/healthz")).json()["calls"] == 1


async def test_a_call_in_progress_is_listed_first_and_masked(client, hotline):
    call_with_an_agent(hotline, "c1")
    hotline.arrive("c2", "13800138001")
    listed = (await client.get("/api/calls")).json()
    assert [(c["call"], c["in_progress"]) for c in listed] == [("c2", True), ("c1", False)]
    assert listed[0]["number"] == "138****8001"
    assert listed[0]["outcome"] == "in_progress"
    assert (listed[1]["outcome"], listed[1]["agent"], listed[1]["wait"]) == ("agent", "1001", 2.0)


async def test_the_list_has_a_limit(client, hotline):
    for number in range(5):
        hotline.arrive(f"c{number}")
        hotline.hang_up(f"c{number}")
    assert len((await client.get("/api/calls?limit=3")).json()) == 3
    assert (await client.get("/api/calls?limit=0")).status_code == 422


async def test_one_call_tells_where_it_went(client, hotline):
    call_with_an_agent(hotline)
    found = (await client.get("/api/calls/c1")).json()
    assert [visit["id"] for visit in found["visited"]] == ["root", "fault", "repair"]
    assert [visit["depth"] for visit in found["visited"]] == [1, 2, 3]
    assert found["requests"][0]["offers"][0]["ring"] == 2.0


async def test_events_hold_no_digit_that_was_typed(client, hotline):
    call_that_types_an_account(hotline, "c1")
    answer = await client.get("/api/calls/c1/events")
    kinds = [event["t"] for event in answer.json()]
    assert kinds.count("key") == len("112" + ACCOUNT + "#")
    assert "collected" in kinds
    assert ACCOUNT not in answer.text
    assert "13900139000" not in answer.text


async def test_events_of_a_call_come_in_order(client, hotline):
    call_with_an_agent(hotline)
    events = (await client.get("/api/calls/c1/events")).json()
    instants = [event["at"] for event in events]
    assert instants == sorted(instants)
    assert (events[0]["t"], events[-1]["t"]) == ("arrived", "closed")


@pytest.mark.parametrize("path", ["", "/events", "/clauses", "/timeline.svg"])
async def test_an_unknown_call_is_404_with_a_remedy(client, path):
    answer = await client.get(f"/api/calls/none{path}")
    assert answer.status_code == 404
    assert "GET /api/calls" in answer.json()["detail"]


async def test_clause_results_of_one_call_name_their_rule(client, hotline):
    call_with_an_agent(hotline)
    found = {row["rule"]: row for row in (await client.get("/api/calls/c1/clauses")).json()}
    ringing = [row for row in found.values() if row["clause"] == "5.2.7.3"]
    assert ringing
    assert all(row["status"] == "pass" for row in ringing)
    english = (await client.get("/api/calls/c1/clauses?lang=en")).json()
    assert all(row["title"].isascii() for row in english)


async def test_the_timeline_is_an_svg(client, hotline):
    call_with_an_agent(hotline)
    answer = await client.get("/api/calls/c1/timeline.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")


async def test_agents_have_number_name_and_state(client, hotline):
    agents = {a["agent"]: a for a in (await client.get("/api/agents")).json()}
    assert (agents["a1001"]["number"], agents["a1001"]["state"]) == ("1001", "ready")
    # no Putonghua certificate: may not sign in (5.2.5.2)
    assert agents["a1009"]["state"] == "offline"


async def test_metrics_count_each_closed_call_once(client, hotline):
    call_with_an_agent(hotline, "c1")
    hotline.arrive("c2")
    hotline.hang_up("c2")
    found = (await client.get("/api/metrics")).json()
    assert found["calls"] == 2
    assert found["outcomes"] == {"agent": 1, "ivr": 1}
    assert found["ring_within_12"] == {"good": 1, "total": 1, "share": 1.0}
    assert found["in_progress"] == found["waiting"] == 0


async def test_metrics_of_an_idle_hotline_have_no_share(client):
    assert (await client.get("/api/metrics")).json()["contained"]["share"] is None


async def test_the_report_follows_its_contract(client, hotline):
    call_with_an_agent(hotline)
    found = (await client.get("/api/report")).json()
    assert found["calls"] == 1
    fields = {"clause", "title", "checked", "passed", "failed", "status", "examples"}
    assert all(fields <= set(clause) for clause in found["clauses"])
    assert {c["status"] for c in found["clauses"]} <= {"pass", "fail", "not seen by software"}


async def test_the_html_report_needs_nothing_from_outside(client, hotline):
    call_with_an_agent(hotline)
    page = (await client.get("/api/report.html")).text
    assert "5.2.7.3" in page
    assert 'src="http' not in page
    assert "<link" not in page


async def test_the_book_comes_with_findings_and_diagram(client, hotline):
    found = (await client.get("/api/book")).json()
    assert found["menus"] == len(hotline.book.menus)
    assert found["findings"] == []
    assert found["diagram"].startswith("flowchart")


async def test_the_tree_begins_at_the_start_menu(client, hotline):
    found = (await client.get("/api/book/tree")).json()
    assert found["tree"]["id"] == hotline.book.start
    assert {key["key"] for key in found["common"]} == {"0", "*", "9"}


async def test_every_path_is_documented_without_outside_scripts(client):
    description = (await client.get("/api/openapi.json")).json()
    assert {"/api/calls", "/api/report", "/healthz"} <= set(description["paths"])
    page = (await client.get("/api/docs")).text
    assert all(path in page for path in description["paths"])
    assert "<script" not in page


async def test_static_files_are_asked_for_again(client):
    answer = await client.get("/static/phone/line.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "javascript" in answer.headers["content-type"]


def test_the_event_stream_of_a_closed_call_ends_with_1000(hotline):
    app = create_app(hotline, pages=False)
    hotline.start()
    call_with_an_agent(hotline)
    client = TestClient(app)
    heard = []
    with client.websocket_connect("ws://localhost/api/calls/c1/events") as socket:
        while (message := socket.receive())["type"] == "websocket.send":
            heard.append(json.loads(message["text"]))
    assert message["code"] == 1000
    assert heard[0] == {"t": "call", "at": heard[0]["at"], "call": "c1"}
    assert heard[-1]["t"] == "closed"


def test_the_event_stream_of_nothing_is_closed_with_a_reason(hotline, monkeypatch):
    monkeypatch.setattr("hotline.web.api.FIND_WITHIN", 0.01)
    client = TestClient(create_app(hotline, pages=False))
    with client.websocket_connect("ws://localhost/api/calls/none/events") as socket:
        message = socket.receive()
    assert (message["code"], message["reason"]) == (1008, "no such call")


def test_the_media_path_starts_without_the_pages_library():
    script = (
        "import sys; from hotline.web.app import create_app; from tests.web.rig import Hotline;"
        "create_app(Hotline(), pages=False); sys.exit('nicegui' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
