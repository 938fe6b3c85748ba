"""Encryption of what callers typed and of their numbers, with one local key (Fernet).

The key is 32 random bytes in URL-safe base64. It comes from the environment variable HOTLINE_KEY,
else, for SQLite, from a file beside the database (`hotline.db.key`, mode 0600), which is made the
first time. Without the key the rows can still be counted, but no number or digit read. A copy of
the database without the key file is useless to a thief, and after losing the key to its owner too.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from hotline.store.errors import StoreError

ENVIRONMENT = "HOTLINE_KEY"
NEW_KEY = "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
"""The command that prints a new key."""


class Vault:
    """Seals text (compressed and encrypted) and opens it again."""

    def __init__(self, key: str | bytes) -> None:
        """Raise StoreError when `key` has not the form of a key."""
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise StoreError(
                f"the key is not 32 bytes in base64: make one with {NEW_KEY}"
            ) from None

    def seal_bytes(self, content: bytes) -> bytes:
        """`content`, unreadable without the key."""
        return self._fernet.encrypt(content)

    def open_bytes(self, sealed: bytes) -> bytes:
        """The content sealed before. Raises StoreError when another key sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise StoreError(
                f"the key does not fit this recording: restore its key file or set {ENVIRONMENT}"
            ) from None

    def seal(self, text: str) -> bytes:
        """`text`, unreadable without the key."""
        return self._fernet.encrypt(zlib.compress(text.encode("utf-8", "surrogatepass"), 1))

    def open(self, sealed: bytes) -> str:
        """The text sealed before. Raises StoreError when another key sealed it."""
        try:
            return zlib.decompress(self._fernet.decrypt(bytes(sealed))).decode(
                "utf-8", "surrogatepass"
            )
        except (InvalidToken, zlib.error):
            raise StoreError(
                f"the key does not fit this database: restore its key file or set {ENVIRONMENT}"
            ) from None


def key_file(database: Path) -> Path:
    """Where the key of the SQLite file `database` is kept."""
    return database.with_name(database.name + ".key")


def find_vault(database: Path | None, *, create: bool) -> Vault:
    """The vault of a database; `database` is its file, or None for a server.

    Raises StoreError when there is no key and none may be made.
    """
    key = os.environ.get(ENVIRONMENT)
    if key:
        return Vault(key)
    if database is None:
        raise StoreError(
            f"a database server needs a key: set {ENVIRONMENT} to what {NEW_KEY} prints"
        )
    path = key_file(database)
    try:
        if create and not path.exists():
            _write_new(path)
        return Vault(path.read_bytes().strip())
    except FileNotFoundError:
        raise StoreError(
            f"{path.name} is missing beside the database: restore it or set {ENVIRONMENT}"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot use the key file {path.name}: {error.strerror}") from None


def _write_new(path: Path) -> None:
    """Make a key file whole or not at all: others see it only when it is written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was faster
            os.link(draft, path)
    finally:
        draft.unlink()
