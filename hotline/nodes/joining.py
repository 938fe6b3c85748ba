"""The first words of a connection: both ends say who they are and prove that they know the secret.

    ACD    {"acd":1,"nonce":A}
    node   {"acd":1,"nonce":B,"node":"a","proof":HMAC(secret, "node" A B "a")}
    ACD    {"proof":HMAC(secret, "acd" A B "a")}        or {"refused":"why","later":false}

HMAC with SHA-256 (RFC 2104). The secret itself is never sent, and a proof is of no use for another
connection. What follows is neither encrypted nor sealed: callers' numbers are in it, so it belongs
on loopback, a private network or in a tunnel. Without a secret (loopback) the key is empty.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from hotline.nodes.wire import PROTOCOL, WireError, read

OTHER_SECRET = "the secrets differ: the ACD and all nodes need the same --acd-secret FILE"


class RefusedError(WireError):
    """The other end does not let us in, or must not be trusted. `later`: it may in a while."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


def greet(nonce: str) -> bytes:
    """The ACD's first line."""
    return _line({"acd": PROTOCOL, "nonce": nonce})


def introduce(line: bytes, nonce: str, node: str, secret: bytes) -> tuple[bytes, str]:
    """The node's answer to the ACD's first line, and the proof to expect. Raises WireError."""
    theirs = _nonce(_words(line))
    said = {"acd": PROTOCOL, "nonce": nonce, "node": node}
    mine = proof(secret, "node", theirs, nonce, node)
    return _line({**said, "proof": mine}), proof(secret, "acd", theirs, nonce, node)


def admit(line: bytes, nonce: str, secret: bytes) -> tuple[str, bytes]:
    """The node's name and the ACD's answer. Raises RefusedError; the node is told its text."""
    words = _words(line)
    theirs, node = _nonce(words), str(words.get("node", ""))
    expected = proof(secret, "node", nonce, theirs, node)
    if not hmac.compare_digest(expected.encode(), str(words.get("proof", "")).encode()):
        raise RefusedError(OTHER_SECRET)
    return node, _line({"proof": proof(secret, "acd", nonce, theirs, node)})


def refuse(why: RefusedError) -> bytes:
    """The ACD's last line to whom it does not let in."""
    return _line({"refused": str(why), "later": why.later})


def welcomed(line: bytes, expected: str) -> None:
    """The ACD's answer, as the node reads it. Raises RefusedError."""
    words = _words(line)
    if "refused" in words:
        raise RefusedError(str(words["refused"]), later=words.get("later") is True)
    if not hmac.compare_digest(expected.encode(), str(words.get("proof", "")).encode()):
        raise RefusedError(OTHER_SECRET)


def proof(secret: bytes, side: str, acd: str, node_nonce: str, node: str) -> str:
    """That `side` knows `secret`."""
    said = json.dumps([side, acd, node_nonce, node]).encode()
    return hmac.new(secret, said, hashlib.sha256).hexdigest()


def _words(line: bytes) -> Mapping[str, Any]:
    words = read(line)
    if not isinstance(words, dict):
        raise WireError("no greeting of an ACD or a node")
    return words


def _nonce(words: Mapping[str, Any]) -> str:
    if words.get("acd") != PROTOCOL:
        said = words.get("acd")
        raise RefusedError(
            f"the other end speaks version {said} of the protocol, this one {PROTOCOL}"
        )
    return str(words.get("nonce", ""))


def _line(words: Mapping[str, object]) -> bytes:
    return json.dumps(words, separators=(",", ":")).encode() + b"\n"
