"""Requests made from other messages: the ACK of a failure, and small readings of our own bytes."""

from __future__ import annotations

from collections.abc import Collection

from hotline.telephony.sip.message import MAX_FORWARDS, Header, Message, write


def method_line(data: bytes) -> tuple[str, str]:
    """Method and Request-URI of a request that we wrote."""
    method, uri, _ = data.split(b"\r\n", 1)[0].decode().split(" ", 2)
    return method, uri


def ack_of(invite: bytes, failure: Message) -> bytes:
    """17.1.1.3: the INVITE's Request-URI, top Via, From, Call-ID, CSeq number and Routes, and the
    To of the response."""
    _, uri = method_line(invite)
    lines = invite.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    values = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    kept: list[Header] = [next(pair for pair in values if pair[0] == "Via")]
    kept += [("Max-Forwards", str(MAX_FORWARDS))]
    kept += [pair for pair in values if pair[0] in ("From", "Call-ID", "Route")]
    number = next(value for name, value in values if name == "CSeq").split()[0]
    kept += [("To", failure.header("To")), ("CSeq", f"{number} ACK")]
    return write(f"ACK {uri} SIP/2.0", kept)


def unsupported(request: Message, known: Collection[str]) -> list[str]:
    """The option tags of Require that we do not have."""
    return [tag for tag in request.headers("Require") if tag.lower() not in known]
