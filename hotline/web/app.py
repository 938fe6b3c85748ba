"""`create_app(hotline)`: the web side of a running hotline.

    /healthz, /api/...           JSON, documented at /api/docs
    /api/calls/{id}/events       also a WebSocket: one call's events as they happen
    /, /desk, /calls, /report, /book   pages (NiceGUI, imported only when asked for)
    /static/                     our own scripts and styles

Everything is behind `Guard`. The composition root mounts the media endpoint on the same app
(`hotline.telephony.websocket.mount`) before or after, and runs it with uvicorn.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from hotline.web import api, apidocs, views
from hotline.web.guard import Guard
from hotline.web.live import Hub
from hotline.web.ports import Hotline

STATIC = Path(__file__).parent / "static"
HUB = "hotline.hub"
"""Where pages find the hub in the ASGI scope; NiceGUI's app is one for the whole process."""


class Provide:
    """Puts the hub into the scope of everything below."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app, self.hub = app, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on."""
        scope[HUB] = self.hub
        await self.app(scope, receive, send)


class FreshStatic(StaticFiles):
    """Static files that a browser asks again for, so that a new version is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        """The file, or "not modified"."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(hotline: Hotline, *, pages: bool = True, hosts: Iterable[str] = ()) -> FastAPI:
    """The web side of `hotline`. `hosts`: names it is called by, besides loopback and the address
    of the connection; `pages=False` leaves NiceGUI out (API and media only, starts faster)."""
    app = FastAPI(
        title="95598 hotline",
        description="Calls, agents, menu book and clause report of a simulated power hotline.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    hub = Hub(hotline)
    app.state.hub = hub
    app.state.tree = views.book_tree(hotline.book)
    app.include_router(api.router)
    app.add_api_route(
        "/api/docs", _documentation, include_in_schema=False, response_class=HTMLResponse
    )
    app.mount("/static", FreshStatic(directory=STATIC), name="static")
    app.add_middleware(Provide, hub=hub)
    app.add_middleware(Guard, hosts=tuple(hosts))
    if pages:
        from hotline.web.pages import mount

        mount(app)
    return app


async def _documentation(request: Request) -> HTMLResponse:
    app: FastAPI = request.app
    return HTMLResponse(apidocs.page(app.openapi(), str(request.scope.get("root_path", ""))))
