"""The two ends of one connection, octets in and out: joining, then events. Sans I/O.

shell                       end
connected          ->       begin()           the ACD speaks first
octets came        ->       receive(octets)   raises WireError: close, it is given up
a second passed    ->       beat()
closed             ->       lost()            exactly once takes effect
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.nodes import joining
from hotline.nodes.centre import Node, Nodes
from hotline.nodes.joining import RefusedError
from hotline.nodes.node import RemoteAcd
from hotline.nodes.wire import BEAT, CLOSING, Lines, decode, encode
from hotline.switch.events import Event

Write = Callable[[bytes], Any]


class _End:
    """What both ends do: `write(octets)` puts something on the wire."""

    def __init__(self, write: Write, nonce: str, secret: bytes) -> None:
        self._write, self._nonce, self._secret = write, nonce, secret
        self._lines = Lines()
        self.joined = False

    def begin(self) -> None:
        """The connection is made."""

    def receive(self, octets: bytes) -> None:
        """Octets from the other end. Raises WireError."""
        for line in self._lines.feed(octets):
            if self.joined:
                said = decode(line)
                if said is not None:
                    self._heard(*said)
            else:
                self._join(line)

    def beat(self) -> None:
        """Show that we are still there."""
        if self.joined:
            self._write(BEAT)

    def _send(self, to: str, event: Event) -> None:
        self._write(encode(to, event))

    def _join(self, line: bytes) -> None:
        raise NotImplementedError

    def _heard(self, to: str, event: Event) -> None:
        raise NotImplementedError


class NodeEnd(_End):
    """The node's end: between the connection and `acd`."""

    def __init__(self, acd: RemoteAcd, node: str, write: Write, nonce: str, secret: bytes) -> None:
        super().__init__(write, nonce, secret)
        self._acd, self._node = acd, node
        self._expected = ""

    def _join(self, line: bytes) -> None:
        if not self._expected:
            words, self._expected = joining.introduce(line, self._nonce, self._node, self._secret)
            self._write(words)
            return
        joining.welcomed(line, self._expected)
        self.joined = True
        self._acd.opened(self._send)

    def _heard(self, to: str, event: Event) -> None:
        self._acd.heard(to, event)

    def lost(self) -> None:
        """The connection is over."""
        if self.joined:
            self.joined = False
            self._acd.lost()


class AcdEnd(_End):
    """The ACD's end: between the connection and `nodes`."""

    def __init__(self, nodes: Nodes, write: Write, nonce: str, secret: bytes) -> None:
        super().__init__(write, nonce, secret)
        self._nodes = nodes
        self.node: Node | None = None

    def begin(self) -> None:
        """The ACD speaks first."""
        self._write(joining.greet(self._nonce))

    def _join(self, line: bytes) -> None:
        try:
            name, words = joining.admit(line, self._nonce, self._secret)
            self.node = self._nodes.opened(name, self._send)
        except RefusedError as why:
            self._write(joining.refuse(why))
            raise
        self.joined = True
        self._write(words)
        self._nodes.welcome(self.node)

    def _heard(self, to: str, event: Event) -> None:
        assert self.node is not None
        self._nodes.heard(self.node, to, event)

    def close_soon(self) -> None:
        """Tell the node that the ACD will stop: it asks for nothing new."""
        if self.joined:
            self._send(CLOSING, Event(0.0, ""))

    def lost(self) -> None:
        """The connection is over."""
        if self.joined and self.node is not None:
            self.joined = False
            self._nodes.lost(self.node)
