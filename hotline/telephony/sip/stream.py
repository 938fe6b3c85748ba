"""Messages out of a TCP connection (RFC 3261 18.3), and keep-alives between them (RFC 5626 4.4.1).

...half of one | whole | whole | CRLF CRLF | beginn...
               `-- Content-Length bytes behind the empty line, at any segment's border
"""

from __future__ import annotations

import re

from hotline.telephony.sip.message import LARGEST_BODY, LARGEST_HEAD, UnreadableError

_LENGTH = re.compile(
    rb"\r\n(?:content-length|l)[ \t]*:(?:\r\n)?[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE
)


class Stream:
    """The messages of one connection. Not thread-safe, no I/O.

    `feed` gives whole messages; `PING` (RFC 5626 4.4.1: a double CRLF between messages) stands for
    a keep-alive, to be answered with `PONG`. Raises `UnreadableError` when the connection must be
    closed, because nobody can say where the next message begins.
    """

    PING, PONG = b"\r\n\r\n", b"\r\n"

    def __init__(self) -> None:
        self._buffer = b""
        self.complete = 0
        """whole messages so far"""

    @property
    def partial(self) -> bool:
        """Whether a message has begun that is not whole; a single CRLF is no beginning."""
        return bool(self._buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> list[bytes]:
        """What has become complete by `data`."""
        self._buffer += data
        complete = []
        while (message := self._next()) is not None:
            complete.append(message)
        return complete

    def _next(self) -> bytes | None:
        if self._buffer.startswith(self.PING):
            self._buffer = self._buffer[len(self.PING) :]
            return self.PING
        if self._buffer in (b"", b"\r", b"\r\n", b"\r\n\r"):
            return None
        self._buffer = self._buffer.lstrip(b"\r\n")
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LARGEST_HEAD:
                raise UnreadableError("no end of headers within the allowed size")
            return None
        found = _LENGTH.search(self._buffer, 0, end + 2)
        if found is None or int(found[1]) > LARGEST_BODY or end > LARGEST_HEAD:
            raise UnreadableError("no usable Content-Length on a stream")
        size = end + 4 + int(found[1])
        if len(self._buffer) < size:
            return None
        message, self._buffer = self._buffer[:size], self._buffer[size:]
        self.complete += 1
        return message
