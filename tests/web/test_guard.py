"""A page of another origin, or a foreign name for our address, must not reach the hotline."""

from __future__ import annotations

import httpx
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from hotline.web.app import create_app
from hotline.web.guard import Guard, host_name, same_place

SERVER = ("192.0.2.7", 8095)


def guard(*hosts: str) -> Guard:
    return Guard(lambda *_: None, hosts)


def scope(kind: str = "websocket", method: str = "GET", **headers: str) -> dict:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scheme = "ws" if kind == "websocket" else "http"
    return {"type": kind, "headers": raw, "server": SERVER, "method": method, "scheme": scheme}


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8095",
        "127.0.0.1:8095",
        "[::1]:8095",
        "LOCALHOST:8095",
        "192.0.2.7:8095",
        "hotline.example",
        "hotline.example:80",
    ],
)
def test_loopback_configured_names_and_the_address_itself_are_known(host):
    assert guard("hotline.example").problem(scope(host=host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "192.0.2.8:8095",
        "localhost.evil.example",
        "[::1",
        "evil.example:8095",
        "127.0.0.1.evil.example",
    ],
)
def test_any_other_host_is_refused(host):
    assert guard("hotline.example").problem(scope(host=host)) == (
        400,
        "unknown Host; start the hotline with the name you call it by (--host)",
    )


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9000",
        "https://localhost",
        "null",
        "file://",
        "http://localhost.evil.example:8095",
        "http://[",
        "http://localhost:99999999",
    ],
)
def test_a_web_page_of_another_origin_cannot_open_a_websocket(origin):
    found = guard().problem(scope(host="localhost:8095", origin=origin))
    assert found is not None
    assert found[0] == 403


@pytest.mark.parametrize("origin", ["http://localhost:8095", "http://LOCALHOST:8095"])
def test_our_own_page_can(origin):
    assert guard().problem(scope(host="localhost:8095", origin=origin)) is None


def test_a_client_that_is_no_browser_sends_no_origin_and_can():
    assert guard().problem(scope(host="localhost:8095")) is None


def test_a_foreign_page_may_follow_a_link_but_not_post():
    headers = {"host": "localhost:8095", "origin": "http://evil.example"}
    assert guard().problem(scope("http", "GET", **headers)) is None
    assert guard().problem(scope("http", "POST", **headers))[0] == 403


def test_ports_are_compared_with_the_scheme_s_default():
    assert same_place("http://h.example", "h.example", secure=False)
    assert same_place("http://h.example", "h.example:80", secure=False)
    assert same_place("https://h.example", "h.example:443", secure=True)
    # TLS ended by a proxy: our own scheme is http
    assert same_place("https://h.example", "h.example", secure=False)
    assert not same_place("https://h.example", "h.example:8095", secure=True)


def test_host_name_drops_port_and_brackets():
    assert [host_name(h) for h in ("A.example:1", "[::1]:2", "x", "")] == [
        "a.example",
        "::1",
        "x",
        "",
    ]


async def test_the_whole_app_is_behind_it(hotline):
    app = create_app(hotline, pages=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        for path in ("/healthz", "/api/calls", "/static/hotline.css"):
            assert (await client.get(path)).status_code == 400


def test_a_refused_websocket_is_closed_before_it_is_accepted(hotline):
    client = TestClient(create_app(hotline, pages=False))
    headers = {"origin": "http://evil.example"}
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("ws://localhost/api/calls/c1/events", headers=headers),
    ):
        pass
    assert refused.value.code == 1008
