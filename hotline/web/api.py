"""The JSON API under `/api/`, documented at `/api/docs`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response, WebSocket
from fastapi.responses import HTMLResponse
from starlette.websockets import WebSocketDisconnect

from hotline.switch.record import Entry
from hotline.web import reports, views
from hotline.web.live import FIND_WITHIN, Hub
from hotline.web.models import (
    AgentModel,
    BookModel,
    BookTree,
    CallDetail,
    CallEvent,
    CallSummary,
    ClauseResult,
    Finding,
    Health,
    Metrics,
)
from hotline.web.timeline import lanes, svg

NO_SUCH_CALL = "no such call; GET /api/calls lists those that are known"

router = APIRouter()


def hub_of(request: Request) -> Hub:
    """The hub of the app that serves this request."""
    hub: Hub = request.app.state.hub
    return hub


@router.get("/healthz", tags=["operation"], response_model_exclude_none=True)
async def health(request: Request) -> Health:
    """Whether the hotline takes calls."""
    hub = hub_of(request)
    draining = bool(getattr(getattr(hub.hotline, "gateway", None), "draining", False))
    engine = getattr(hub.hotline, "engine", None)  # only what takes real calls has one
    return Health(
        status="draining" if draining else "ok",
        calls=len(hub.open),
        uptime=round(hub.now(), 3),
        audio=engine.statistics.as_dict() if engine is not None else None,
    )


@router.get("/api/metrics", tags=["operation"])
async def read_metrics(request: Request) -> Metrics:
    """Figures of all closed calls, and of this moment."""
    return await views.metrics(hub_of(request))


@router.get("/api/agents", tags=["operation"])
async def read_agents(request: Request) -> list[AgentModel]:
    """What every agent is doing."""
    return views.agents(hub_of(request))


async def _journal(hub: Hub, call: str) -> Sequence[Entry]:
    entries = await hub.entries(call)
    if not entries:
        raise HTTPException(404, NO_SUCH_CALL)
    return entries


# --- calls -------------------------------------------------------------------------------------


@router.get("/api/calls", tags=["calls"])
async def read_calls(
    request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[CallSummary]:
    """Calls in progress and the last closed ones, newest first; numbers are masked."""
    return await views.calls(hub_of(request), limit)


@router.get("/api/calls/{call}", tags=["calls"])
async def read_call(request: Request, call: str) -> CallDetail:
    """One call: where it went, its requests for an agent and their offers."""
    found = await views.find(hub_of(request), call)
    if found is None:
        raise HTTPException(404, NO_SUCH_CALL)
    return found


@router.get("/api/calls/{call}/events", tags=["calls"])
async def read_events(request: Request, call: str) -> list[CallEvent]:
    """One call's events in order, digits and values masked."""
    hub = hub_of(request)
    messages = hub.messages(await _journal(hub, call))
    return [CallEvent(**message) for message in messages]


@router.get("/api/calls/{call}/clauses", tags=["calls"])
async def read_clauses(request: Request, call: str, lang: str = "zh") -> list[ClauseResult]:
    """What the clauses of the standard say about one call."""
    hub = hub_of(request)
    found = reports.of_call(hub.hotline, await _journal(hub, call), lang)
    return [ClauseResult(**row) for row in found]


@router.get("/api/calls/{call}/timeline.svg", tags=["calls"], response_class=Response)
async def read_timeline(request: Request, call: str, lang: str = "zh") -> Response:
    """One call drawn over time."""
    hub = hub_of(request)
    messages = hub.messages(await _journal(hub, call))
    return Response(svg(lanes(messages, lang=lang), lang), media_type="image/svg+xml")


@router.websocket("/api/calls/{key}/events")
async def watch_events(socket: WebSocket, key: str) -> None:
    """One call's events as they happen. `key`: its id, or the `streamSid` it was placed with."""
    hub: Hub = socket.app.state.hub
    await socket.accept()
    gone = asyncio.create_task(_until_gone(socket))
    feed = asyncio.create_task(_feed(socket, hub, key))
    done, pending = await asyncio.wait({gone, feed}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*done, *pending, return_exceptions=True)


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _feed(socket: WebSocket, hub: Hub, key: str) -> None:
    try:
        call = await hub.find(key, FIND_WITHIN)
        if not call:
            await socket.close(1008, "no such call")
            return
        await socket.send_json({"t": "call", "at": round(hub.now(), 3), "call": call})
        async with aclosing(hub.watch(call)) as messages:
            async for message in messages:
                await socket.send_json(message)
        await socket.close(1000, "the call is over")
    except (WebSocketDisconnect, RuntimeError):
        return  # the page has gone; so has its interest


# --- book and report ---------------------------------------------------------------------------


@router.get("/api/book", tags=["book"])
async def read_book(request: Request, lang: str = "zh") -> BookModel:
    """The menu book in use, its diagram and its lint findings."""
    book = hub_of(request).hotline.book
    return BookModel(
        edition=book.edition,
        language=book.language,
        languages=[book.language, *(code for code in book.starts if code != book.language)],
        menus=len(book.menus),
        steps=len(book.steps),
        diagram=reports.diagram(book, lang),
        findings=[Finding(**finding) for finding in reports.lint(book, lang)],
    )


@router.get("/api/book/tree", tags=["book"])
async def read_tree(request: Request, response: Response) -> BookTree:
    """The book as the tree a caller walks."""
    tree: BookTree = request.app.state.tree
    response.headers["Cache-Control"] = "no-cache"
    return tree


@router.get("/api/report", tags=["report"])
async def read_report(request: Request, lang: str = "zh") -> dict[str, Any]:
    """The report, clause by clause: `calls` and `clauses`."""
    hub = hub_of(request)
    return await asyncio.to_thread(reports.as_json, hub.hotline, dict(hub.closed), lang)


@router.get("/api/report.html", tags=["report"], response_class=HTMLResponse)
async def read_report_html(request: Request, lang: str = "zh") -> HTMLResponse:
    """The same as a page to keep."""
    hub = hub_of(request)
    made = await asyncio.to_thread(reports.as_html, hub.hotline, dict(hub.closed), lang)
    return HTMLResponse(made)
