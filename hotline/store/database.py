"""Opening a database: SQLite file (WAL) by default, PostgreSQL by URL, brought up to date.

    database = open_database("sqlite:///hotline.db")             # made when missing
    database = open_database("postgresql://hotline@db/hotline")  # needs the extra [postgres]

Whatever is wrong with the URL, the server, the schema or the key is a `StoreError` of one line.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from hotline.store.errors import StoreError
from hotline.store.migrations import HEAD, REVISIONS, VERSION_TABLE
from hotline.store.tables import facts, metadata
from hotline.store.vault import Vault, find_vault

DEFAULT_URL = "sqlite:///hotline.db"

BUSY_SECONDS = 10.0
"""How long a writer waits for another one on SQLite, and a client for a server to connect, s."""

_WRITE = "hotline_write"
_KEY_FITS = "the key fits"
_KEY_FACT = select(facts.c.value).where(facts.c.name == "key")
_MIGRATION_LOCK = 955980


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: its engine, and the vault for what is sealed in it."""

    engine: Engine
    vault: Vault

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a local file."""
        return self.engine.dialect.name == "sqlite"

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction that writes. On SQLite it takes its place as the one writer at once, so
        that it cannot fail half-way because another writer was faster."""
        return _transaction(self.engine, write=True)

    def read(self) -> AbstractContextManager[Connection]:
        """One transaction that reads; on SQLite it never waits for a writer."""
        return _transaction(self.engine, write=False)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


@contextmanager
def _transaction(engine: Engine, *, write: bool) -> Iterator[Connection]:
    with engine.connect() as connection:
        connection = connection.execution_options(**{_WRITE: write})
        with connection.begin():
            yield connection


def open_database(url: str = DEFAULT_URL, *, create: bool = True) -> Database:
    """Open the database at `url`; a bare path means an SQLite file.

    With `create` a missing database is made and an old schema brought up to date; without it
    either is an error. Raises StoreError.
    """
    parsed = _parse(url)
    name = parsed.render_as_string(hide_password=True)
    file = Path(parsed.database) if parsed.get_backend_name() == "sqlite" else None  # type: ignore[arg-type]
    if file is not None:
        _check_file(file, create=create)
    engine = _engine(parsed)
    try:
        with _explained(name):
            _bring_up_to_date(engine, name, create=create)
            database = Database(engine, find_vault(file, create=create and _unsealed(engine)))
            _check_key(database)
    except BaseException:
        engine.dispose()
        raise
    return database


def _parse(url: str) -> URL:
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(
            "the database URL cannot be read: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError("an SQLite database needs a file: write sqlite:///FILE")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"databases of type {backend!r} are not supported: use sqlite or postgresql")


def _check_file(file: Path, *, create: bool) -> None:
    if not create and not file.exists():
        raise StoreError(f"there is no database {file}: name the one that `hotline serve` wrote")
    if not file.absolute().parent.is_dir():
        raise StoreError(f"there is no folder {file.parent} for the database: make it first")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        # options a URL carries win over ours
        query = {"connect_timeout": str(int(BUSY_SECONDS)), **url.query}
        return create_engine(url.set(query=query), pool_pre_ping=True)
    except ImportError:
        raise StoreError("PostgreSQL needs psycopg: pip install 'hotline95598[postgres]'") from None


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say (`_begin_sqlite`)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a commit is on disk, also when the machine loses power
        "foreign_keys = ON",
        "secure_delete = ON",  # what is purged is overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Errors of driver and server in one line."""
    try:
        yield
    except DBAPIError as error:
        reason = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
        raise StoreError(
            f"cannot use the database {name}: {reason}; check the URL, the server and its rights"
        ) from None
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(
            f"cannot use the database {name}: {type(error).__name__}; check that it is intact"
        ) from None


# --- schema and key ----------------------------------------------------------------------------


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _bring_up_to_date(engine: Engine, name: str, *, create: bool) -> None:
    with _transaction(engine, write=False) as connection:
        current = _revision(connection)
    if current == HEAD:
        return
    if current is not None and current not in REVISIONS:
        raise StoreError(f"the database {name} was written by a newer hotline: update this one")
    if not create:
        state = "holds no hotline tables" if current is None else "has an old schema"
        raise StoreError(f"the database {name} {state}: `hotline serve` brings it up to date")
    with _transaction(engine, write=True) as connection:
        _one_at_a_time(connection)
        current = _revision(connection)  # another process may have been faster
        if current is None:
            foreign = set(metadata.tables) & set(inspect(connection).get_table_names())
            if foreign:
                raise StoreError(
                    f"the database {name} has tables of another program "
                    f"({', '.join(sorted(foreign))}): use an empty one"
                )
        if current != HEAD:
            upgrade(connection)


def _one_at_a_time(connection: Connection) -> None:
    """Wait until no other process prepares this database (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` inside the open transaction of `connection`."""
    from alembic import command  # 0.2 s that only a new or old database costs
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _unsealed(engine: Engine) -> bool:
    """Whether nothing was sealed yet, so that a new key may be made."""
    with _transaction(engine, write=False) as connection:
        return connection.execute(_KEY_FACT).first() is None


def _check_key(database: Database) -> None:
    """Raise StoreError unless the key is the one this database was begun with."""
    with database.read() as connection:
        row = connection.execute(_KEY_FACT).first()
    if row is not None:
        database.vault.open(row.value)
        return
    with database.write() as connection:
        _one_at_a_time(connection)
        rows = connection.execute(_KEY_FACT).all()
        if not rows:
            sealed = database.vault.seal(_KEY_FITS)
            connection.execute(facts.insert().values(name="key", value=sealed))
    if rows:
        database.vault.open(rows[0].value)


def wall_time() -> float:
    """Epoch seconds: when something was written. Calls themselves keep their own clock."""
    return time.time()
