from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hotline.web.app import create_app
from tests.web.rig import Hotline


@pytest.fixture
def hotline() -> Hotline:
    return Hotline()


@pytest.fixture
def app(hotline):
    made = create_app(hotline, pages=False)
    hotline.start()
    return made


@pytest.fixture
async def client(app) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8095") as made:
        yield made
