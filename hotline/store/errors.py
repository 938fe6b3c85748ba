"""Errors of the store.

StoreError            a database, key or stored row that cannot be used; one line with a remedy
  CodecError          stored text is not what this version writes
"""

from __future__ import annotations


class StoreError(Exception):
    """What is wrong with the store and what to do about it, in one line without personal data."""


class CodecError(StoreError):
    """Stored text does not describe an object of a known class."""
