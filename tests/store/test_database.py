from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from hotline.services.model import INDEXES
from hotline.store import migrations
from hotline.store.database import Database, _engine, _parse, _transaction, open_database, upgrade
from hotline.store.errors import StoreError
from hotline.store.tables import KINDS, metadata


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


class TestSchema:
    def test_migrations_give_exactly_the_tables_of_the_models(self, database: Database) -> None:
        with database.read() as connection:
            context = MigrationContext.configure(
                connection, opts={"version_table": migrations.VERSION_TABLE, "compare_type": True}
            )
            assert compare_metadata(context, metadata) == []

    def test_the_revisions_listed_are_those_on_disk(self) -> None:
        scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
        on_disk = [script.revision for script in scripts.walk_revisions()]
        assert tuple(reversed(on_disk)) == migrations.REVISIONS
        assert scripts.get_current_head() == migrations.HEAD

    def test_every_kind_of_record_has_a_table_with_its_fields_and_indexes(self) -> None:
        assert set(KINDS) == set(INDEXES)
        for kind, table in KINDS.items():
            names = [field.name for field in fields(kind)]
            assert [column.name for column in table.columns] == names
            assert [column.name for column in table.primary_key] == [kind.KEY]
            indexed = {tuple(c.name for c in index.columns) for index in table.indexes}
            assert indexed == {(field,) for field in INDEXES[kind]}

    def test_opening_again_changes_nothing(self, url: str) -> None:
        open_database(url).close()
        database = open_database(url, create=False)
        with database.read() as connection:
            assert set(metadata.tables) <= set(inspect(connection).get_table_names())
        database.close()

    def test_two_processes_may_make_it_at_once(self, url: str) -> None:
        code = "import sys; from hotline.store.database import open_database as o; o(sys.argv[1])"
        processes = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
        assert [process.wait(60) for process in processes] == [0, 0, 0]
        open_database(url, create=False).close()


class TestSqlite:
    def test_settings_on_which_durability_rests(self, sqlite_database: Database) -> None:
        with sqlite_database.read() as connection:
            pragmas = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            }
        assert pragmas == {
            "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1,
        }  # fmt: skip

    def test_a_reader_does_not_wait_for_the_writer(self, sqlite_database: Database) -> None:
        with sqlite_database.write() as writer:
            writer.execute(text("INSERT INTO serials VALUES ('a', 1)"))
            with sqlite_database.read() as reader:
                assert reader.execute(text("SELECT count(*) FROM serials")).scalar() == 0

    def test_a_failed_transaction_leaves_nothing(self, database: Database) -> None:
        def fail() -> None:
            with database.write() as connection:
                connection.execute(text("INSERT INTO serials VALUES ('a', 1)"))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM serials")).scalar() == 0

    def test_a_bare_path_is_a_file(self, tmp_path: Path) -> None:
        open_database(str(tmp_path / "calls.db")).close()
        assert (tmp_path / "calls.db").exists()


class TestWrongUrl:
    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("://", "cannot be read"),
            ("mysql://root@localhost/x", "'mysql' are not supported: use sqlite or postgresql"),
            ("sqlite://", "needs a file"),
            ("sqlite:///:memory:", "needs a file"),
            ("sqlite:////no/such/folder/hotline.db", "no folder /no/such/folder"),
        ],
    )
    def test_says_what_to_write(self, url: str, message: str) -> None:
        with pytest.raises(StoreError, match=message) as error:
            open_database(url)
        one_line(error)

    def test_missing_file_when_only_reading(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="there is no database") as error:
            open_database(f"sqlite:///{tmp_path}/hotline.db", create=False)
        one_line(error)
        assert os.listdir(tmp_path) == []

    def test_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "hotline.db").write_bytes(b"not a database at all" * 100)
        with pytest.raises(StoreError, match="file is not a database") as error:
            open_database(f"sqlite:///{tmp_path}/hotline.db")
        one_line(error)

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot use the database") as error:
            open_database(f"sqlite:///{tmp_path}")
        one_line(error)

    def test_unreachable_server_without_showing_the_password(self) -> None:
        with pytest.raises(StoreError, match="cannot use the database") as error:
            open_database("postgresql://hotline:secret@127.0.0.1:1/hotline")
        assert "secret" not in one_line(error)
        assert "check the URL" in one_line(error)

    def test_unknown_user_or_database(self, postgres_server: str) -> None:
        url = make_url(postgres_server).set(drivername="postgresql", database="no_such_database")
        with pytest.raises(StoreError, match="no_such_database") as error:
            open_database(url.render_as_string(hide_password=False))
        one_line(error)


class TestOldSchema:
    @pytest.fixture
    def old(self, url: str) -> str:
        """A database as the first version made it, with a call in progress."""
        engine = _engine(_parse(url))
        with _transaction(engine, write=True) as connection:
            upgrade(connection, "0001")
            connection.execute(text("INSERT INTO open_calls VALUES ('c1', '', 7)"))
        engine.dispose()
        return url

    def test_is_brought_up_to_date_with_what_is_in_it(self, old: str) -> None:
        database = open_database(old)
        with database.read() as connection:
            row = connection.execute(text("SELECT * FROM open_calls")).one()
        database.close()
        assert tuple(row) == ("c1", "", 7.0, 0.0)

    def test_is_left_alone_by_a_reader(self, old: str) -> None:
        with pytest.raises(StoreError, match="has an old schema: `hotline serve` brings it up"):
            open_database(old, create=False)


class TestWrongSchema:
    def sql(self, url: str, *statements: str) -> None:
        database = open_database(url)
        with database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))
        database.close()

    def test_written_by_a_newer_version(self, url: str) -> None:
        self.sql(url, f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'")
        with pytest.raises(StoreError, match="newer hotline: update this one") as error:
            open_database(url)
        one_line(error)

    def test_an_empty_database_is_not_made_by_a_reader(self, tmp_path: Path) -> None:
        path = tmp_path / "hotline.db"
        sqlite3.connect(path).execute("VACUUM").connection.close()
        with pytest.raises(StoreError, match="holds no hotline tables"):
            open_database(f"sqlite:///{path}", create=False)

    def test_tables_of_another_program_are_not_touched(self, tmp_path: Path) -> None:
        path = tmp_path / "hotline.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE calls (a, b)")
        connection.close()
        with pytest.raises(StoreError, match=r"another program \(calls\)"):
            open_database(f"sqlite:///{path}")
        connection = sqlite3.connect(path)
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        assert tables == [("calls",)]
