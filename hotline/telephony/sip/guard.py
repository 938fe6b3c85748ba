"""Who may talk to us, and how fast (our own rules; RFC 3261 26.1 names the threats).

    address not allowed                          403
    stranger beyond the rate                     dropped: an answer would only help to flood
    trusted peer, or within the rate             go on

A stranger is anybody whose network is not among the trusted ones. Each has a bucket of tokens: one
for each request outside a call, filled again at a steady rate.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = ("127.0.0.0/8", "::1/128")
BUCKETS = 10_000
"""Strangers remembered at once; who was forgotten begins with a full bucket."""


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """`192.0.2.0/24`, `192.0.2.7`, ...; raises ValueError that names the culprit."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class Guard:
    """`allowed` empty means everybody. `rate` in requests a second, `burst` at once."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        trusted: Sequence[Network] = networks(LOOPBACK),
        rate: float = 10.0,
        burst: float = 30.0,
    ) -> None:
        self._allowed, self._trusted = allowed, trusted
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self.allows = lru_cache(4096)(self._allows)
        self.trusts = lru_cache(4096)(self._trusts)

    def _allows(self, host: str) -> bool:
        """Whether this address may talk to us at all."""
        return not self._allowed or _within(host, self._allowed) or self.trusts(host)

    def _trusts(self, host: str) -> bool:
        """Whether this peer is believed: what it asserts of a caller (RFC 3325), without limit."""
        return _within(host, self._trusted)

    def admits(self, host: str, now: float) -> bool:
        """Whether one more request of this host is within its rate; takes a token."""
        if self.trusts(host):
            return True
        bucket = self._buckets.pop(host, None) or _Bucket(self._burst, now)
        filled = bucket.tokens + (now - bucket.filled) * self._rate
        bucket.tokens, bucket.filled = min(self._burst, filled), now
        self._buckets[host] = bucket
        if len(self._buckets) > BUCKETS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True


def _within(host: str, among: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == n.version and address in n for n in among)
