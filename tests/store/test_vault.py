from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from hotline.store.database import open_database
from hotline.store.errors import StoreError
from hotline.store.vault import Vault, key_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    open_database(str(tmp_path / "hotline.db")).close()
    return tmp_path / "hotline.db"


def test_sealed_text_is_unreadable_and_opens_again() -> None:
    vault = Vault(Fernet.generate_key())
    sealed = vault.seal("账户 7340912856")
    assert b"7340912856" not in sealed
    assert vault.open(sealed) == "账户 7340912856"


def test_the_same_text_is_never_sealed_alike() -> None:
    vault = Vault(Fernet.generate_key())
    assert vault.seal("1") != vault.seal("1")


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(StoreError, match="does not fit"):
        Vault(Fernet.generate_key()).open(Vault(Fernet.generate_key()).seal("x"))


def test_the_key_file_is_for_its_owner_only(path: Path) -> None:
    assert stat.S_IMODE(key_file(path).stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir() if "key" in entry.name] == [
        "hotline.db.key"
    ]


def test_a_lost_key_file_is_missed_and_not_replaced(path: Path) -> None:
    key_file(path).unlink()
    with pytest.raises(StoreError, match=r"hotline\.db\.key is missing"):
        open_database(str(path))
    assert not key_file(path).exists()


def test_a_wrong_key_is_found_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_KEY", Fernet.generate_key().decode())
    with pytest.raises(StoreError, match="does not fit this database"):
        open_database(str(path))


def test_the_key_may_come_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_KEY", key_file(path).read_text().strip())
    key_file(path).unlink()
    open_database(str(path)).close()


@pytest.mark.parametrize("content", ["", "short", "ä"])
def test_a_mangled_key_says_how_to_make_one(path: Path, content: str) -> None:
    key_file(path).write_text(content)
    with pytest.raises(StoreError, match="make one with python"):
        open_database(str(path))


def test_a_server_needs_a_key(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_KEY")
    with pytest.raises(StoreError, match="set HOTLINE_KEY"):
        open_database(postgres_url)
