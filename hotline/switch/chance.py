"""Chance: one uniform number for each (seed, replication, purpose, key), in any order of asking.

Named draws give common random numbers: a changed roster or menu meets the very same callers, and
the Python ACD and the compiled engine can be compared call by call (design: "chance").
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Chance:
    """A source of named uniform numbers. `seed` and `replication` make it reproducible."""

    seed: int = 0
    replication: int = 0

    def uniform(self, purpose: str, key: str = "") -> float:
        """The number in the open interval (0, 1) that belongs to `purpose` and `key`."""
        name = f"{self.seed}/{self.replication}/{purpose}/{key}".encode()
        # 53 bits, centred, so that neither 0 nor 1 can come out and log(u) is always finite.
        bits = int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 11
        return (bits + 0.5) / 9007199254740992.0
