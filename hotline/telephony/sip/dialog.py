"""Dialogs (RFC 3261 section 12): who talks to whom, in which order, along which way.

caller side (12.1.2)                            called side (12.1.1)
From, To of the request it sent                 To, From of the request that came
routes: Record-Route of the response, reversed  routes: Record-Route of the request, in order
target: Contact of the response                 target: Contact of the request
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sipmessage import URI

from hotline.telephony.sip.message import (
    MAX_FORWARDS,
    Header,
    Hop,
    Message,
    is_address,
    parameter,
    parse_name,
    parse_uri,
    unspoken,
    write,
)

Key = tuple[str, str, str]
"""Call-ID, our tag, their tag."""


@dataclass(slots=True)
class Dialog:
    """One dialog, early or confirmed. `local` and `remote` are whole From and To values."""

    call_id: str
    local: str
    remote: str
    local_tag: str
    remote_tag: str
    target: str
    peer: Hop
    """where the other side's signalling comes from"""
    routes: list[str] = field(default_factory=list)
    sequence: int = 0
    """CSeq of our latest request"""
    heard: int = -1
    """CSeq of their latest request; -1 before the first"""
    behind_nat: bool = False
    """the peer does not know its own address: answer to where its requests come from"""

    @property
    def key(self) -> Key:
        """What a request within this dialog is found by."""
        return self.call_id, self.local_tag, self.remote_tag

    def is_new(self, request: Message) -> bool:
        """12.2.2: note the request's CSeq; False if it is older than what was heard before."""
        if request.sequence < self.heard:
            return False
        self.heard = request.sequence
        return True

    def refresh(self, message: Message) -> None:
        """A target refresh (12.2): re-INVITE and UPDATE, and their 2xx, may move the target."""
        contact = message.contact()
        if contact is not None and contact.scheme == "sip":
            self.target = str(contact)

    def next_hop(self) -> Hop:
        """Where our requests go: the first route, else the target; an open connection and a peer
        behind an address translator are answered where they came from."""
        if self.peer.flow or (self.behind_nat and not self.routes):
            return self.peer
        first = parse_name(self.routes[0]) if self.routes else None
        uri = parse_uri(first.uri if first is not None else self.target)
        if uri is None or unspoken(uri) is not None:  # TLS, say: what came in goes back
            return self.peer
        return hop_of(uri, self.peer.transport)

    def request(
        self,
        method: str,
        via: str,
        *,
        sequence: int | None = None,
        headers: list[Header] | None = None,
        body: bytes = b"",
    ) -> bytes:
        """A request within the dialog (12.2.1.1). An ACK gives the `sequence` of its INVITE."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        uri, routes = self.target, self.routes
        first = parse_name(routes[0]) if routes else None
        first_uri = parse_uri(first.uri) if first is not None else None
        if first_uri is not None and parameter(first_uri.parameters, "lr") is None:
            # a strict router of RFC 2543 wants to be the Request-URI
            uri, routes = str(first_uri), [*routes[1:], f"<{self.target}>"]
        head: list[Header] = [("Via", via), ("Max-Forwards", str(MAX_FORWARDS))]
        head += [("Route", route) for route in routes]
        head += [("From", self.local), ("To", self.remote), ("Call-ID", self.call_id)]
        head += [("CSeq", f"{sequence} {method}"), *(headers or [])]
        return write(f"{method} {uri} SIP/2.0", head, body)


def hop_of(uri: URI, transport: str = "UDP") -> Hop:
    """The host that a URI names, without a look into any directory (RFC 3263 4.1 and 4.2 where
    there is a number; names are left to the endpoint)."""
    named = parameter(uri.parameters, "transport")
    host = parameter(uri.parameters, "maddr") or uri.host
    return Hop((named or transport).upper(), host.strip("[]"), uri.port or 5060)


def _behind_nat(sent_by: str, source: str, target: str) -> bool:
    """Whether a caller does not know its own address (RFC 3581 1): it says another than it has. A
    name in its Via proves nothing, if its Contact is an address."""
    if sent_by.strip("[]").lower() == source.lower():
        return False
    return is_address(sent_by) or not is_address(target)


def called(request: Message, tag: str, target: URI) -> Dialog:
    """The dialog that a request (INVITE) makes on the called side."""
    source, via = request.source, request.via
    to = request.header("To")
    return Dialog(
        request.call_id,
        to if request.to.tag else f"{to};tag={tag}",
        request.header("From"),
        tag,
        request.from_.tag,
        str(target),
        source,
        routes=request.headers("Record-Route"),
        heard=request.sequence,
        behind_nat=_behind_nat(via.host, source.host, target.host),
    )


def calling(response: Message, sequence: int) -> Dialog:
    """The dialog that a response to our INVITE makes on the calling side. A Contact that is
    missing, though it must be there, is taken as the address that answered."""
    contact, source = response.contact(), response.source
    target = str(contact) if contact is not None else f"sip:{source.host}:{source.port}"
    return Dialog(
        response.call_id,
        response.header("From"),
        response.header("To"),
        response.from_.tag,
        response.to.tag,
        target,
        source,
        routes=response.headers("Record-Route")[::-1],
        sequence=sequence,
    )
