"""Schema migrations (Alembic), run from inside the package by `open_database`.

A new one: add `versions/NNNN_what.py` by hand, and its revision at the end of `REVISIONS`. A test
compares the migrated schema with `hotline.store.tables`.
"""

REVISIONS = ("0001", "0002")
"""Every revision, oldest first."""

HEAD = REVISIONS[-1]
"""The revision this version of the code needs."""

VERSION_TABLE = "hotline_version"
"""The table in which Alembic keeps the revision."""
