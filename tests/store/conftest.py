"""Databases for tests: an SQLite file, and a PostgreSQL server on loopback.

The server is the one named by HOTLINE_TEST_POSTGRES (a URL whose user may create databases), else
a temporary one started from the installed binaries. Under CI one of the two must be there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from hotline.store.database import Database, open_database


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_KEY", raising=False)


def _binary(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(versions[-1]) if versions else shutil.which(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_server(url: str, server: subprocess.Popen[bytes]) -> None:
    engine = create_engine(url)
    until = time.monotonic() + 30
    while True:
        try:
            engine.connect().close()
            break
        except OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
    engine.dispose()


def _temporary_server() -> Iterator[str]:
    # PostgreSQL refuses to run as root: use the account its package made.
    user = "postgres" if os.geteuid() == 0 else None
    folder = tempfile.mkdtemp(prefix="hotline-postgres-")
    if user is not None:
        shutil.chown(folder, user)
    data = f"{folder}/data"
    name = user or pwd.getpwuid(os.geteuid()).pw_name
    subprocess.run(
        [str(_binary("initdb")), "-D", data, "-A", "trust", "-U", name, "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        user=user, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    port = _free_port()
    server = subprocess.Popen(
        [str(_binary("postgres")), "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder,
         "-F"],
        user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"postgresql+psycopg://{name}@127.0.0.1:{port}/postgres"
    try:
        _await_server(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    named = os.environ.get("HOTLINE_TEST_POSTGRES")
    if named:
        yield str(make_url(named).set(drivername="postgresql+psycopg"))
    elif _binary("initdb") and _binary("postgres"):
        yield from _temporary_server()
    elif os.environ.get("CI"):
        pytest.fail("PostgreSQL is missing: apt install postgresql, or set HOTLINE_TEST_POSTGRES")
    else:
        pytest.skip("no PostgreSQL: apt install postgresql, or set HOTLINE_TEST_POSTGRES")


@pytest.fixture
def postgres_url(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A new empty database."""
    monkeypatch.setenv("HOTLINE_KEY", Fernet.generate_key().decode())
    name = f"hotline_test_{uuid.uuid4().hex}"
    admin = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield (
        make_url(postgres_server)
        .set(database=name, drivername="postgresql")
        .render_as_string(hide_password=False)
    )
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/hotline.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/hotline.db")
    yield opened
    opened.close()
