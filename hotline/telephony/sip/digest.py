"""Digest authentication (RFC 7616 as RFC 8760 applies it to SIP), as client and as server.

    HA1 = H(user:realm:password)        HA2 = H(method:uri)
    response = H(HA1:nonce:nc:cnonce:qop:HA2)     or, of RFC 2069, H(HA1:nonce:HA2)

As a server we challenge with SHA-256 first and MD5 for old peers (RFC 8760 2.4). Nonces are signed,
not stored; only how often each was used is kept, so that a recorded answer is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hotline.telephony.sip.message import Header

ALGORITHMS = {"SHA-256": "sha256", "SHA-512-256": "sha512_256", "MD5": "md5"}
"""Name -> hash, strongest preferred last but for MD5; a challenge is taken in the server's order
(RFC 8760 2.5: the topmost that one supports)."""
NONCE_LIFE = 300.0
"""Seconds for which a nonce is good; later it is `stale` (our choice)."""
NONCES = 20_000
"""Nonces whose use is remembered (our choice)."""

_PAIR = re.compile(r'\s*([A-Za-z0-9\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password; the password never appears in a repr."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.user!r})"


def fields(value: str) -> dict[str, str]:
    """The parameters of a Digest challenge or answer, names in lower case; {} for another scheme
    or what cannot be read. Commas may stand inside quotes (`qop="auth,auth-int"`)."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    found: dict[str, str] = {}
    at = 0
    while at < len(rest):
        pair = _PAIR.match(rest, at)
        if pair is None:
            return {}
        text = pair[2]
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        found[pair[1].lower()] = text
        at = pair.end()
    return found


def hashed(algorithm: str, *parts: str) -> str:
    """H(a:b:c) in hexadecimal."""
    name = ALGORITHMS[algorithm.upper().removesuffix("-SESS")]
    return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()


def response(given: Mapping[str, str], user: str, password: str, method: str) -> str:
    """The `response` that belongs to the other fields of an answer."""
    algorithm = given.get("algorithm", "MD5") or "MD5"
    secret = hashed(algorithm, user, given["realm"], password)
    if algorithm.upper().endswith("-SESS"):
        secret = hashed(algorithm, secret, given["nonce"], given.get("cnonce", ""))
    what = hashed(algorithm, method, given["uri"])
    if not given.get("qop"):
        return hashed(algorithm, secret, given["nonce"], what)
    rest = (given["nonce"], given.get("nc", ""), given.get("cnonce", ""), given["qop"])
    return hashed(algorithm, secret, *rest, what)


# --- client ----------------------------------------------------------------------------------


def authorize(
    challenges: Sequence[str],
    credentials: Credentials,
    method: str,
    uri: str,
    cnonce: str,
    count: int = 1,
) -> str | None:
    """The answer to the first challenge that can be met; None if none can. `count`: how often its
    nonce has been used, this time included."""
    for challenge in challenges:
        asked = fields(challenge)
        algorithm = asked.get("algorithm", "MD5") or "MD5"
        options = [option.strip() for option in asked.get("qop", "").split(",") if option.strip()]
        known = algorithm.upper().removesuffix("-SESS") in ALGORITHMS
        if not known or "nonce" not in asked or (options and "auth" not in options):
            continue
        given = {"realm": asked.get("realm", ""), "nonce": asked["nonce"], "uri": uri}
        given |= {"algorithm": algorithm}
        if options:
            given |= {"qop": "auth", "nc": f"{count:08x}", "cnonce": cnonce}
        elif algorithm.upper().endswith("-SESS"):
            given |= {"cnonce": cnonce}
        answer = response(given, credentials.user, credentials.password, method)
        given |= {"username": credentials.user, "response": answer}
        if "opaque" in asked:
            given["opaque"] = asked["opaque"]
        return "Digest " + ", ".join(_written(name, value) for name, value in given.items())
    return None


def _written(name: str, value: str) -> str:
    if name in ("algorithm", "qop", "nc", "stale"):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


# --- server ----------------------------------------------------------------------------------


class Verdict(Enum):
    """What an answer is worth."""

    GOOD = auto()
    STALE = auto()
    """right, but with an old or used nonce: challenge again, the user is not asked anew"""
    WRONG = auto()


class Challenger:
    """Challenges and checks for `realm`. `secret` signs the nonces; `users` name -> password.
    One challenge goes out for each of `algorithms`, in this order."""

    def __init__(
        self,
        realm: str,
        users: Mapping[str, str],
        secret: bytes,
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
    ) -> None:
        self.realm, self._users, self._secret = realm, users, secret
        self._algorithms = algorithms
        self._used: OrderedDict[str, int] = OrderedDict()

    def challenge(self, now: float, unique: str, *, stale: bool = False) -> list[Header]:
        """One WWW-Authenticate for each algorithm; `unique` tells nonces of one instant apart."""
        nonce = self._nonce(f"{now:.3f}", unique)
        return [
            (
                "WWW-Authenticate",
                f'Digest realm="{self.realm}", nonce="{nonce}", algorithm={algorithm}, '
                f'qop="auth"{", stale=true" if stale else ""}',
            )
            for algorithm in self._algorithms
        ]

    def check(self, answers: Sequence[str], method: str, now: float) -> tuple[Verdict, str]:
        """What the Authorization headers of a request are worth, and the user's name.

        Its `uri` is not compared with the Request-URI, which proxies on the way may rewrite.
        """
        for answer in answers:
            given = fields(answer)
            if given.get("realm") == self.realm and {"username", "nonce", "uri"} <= given.keys():
                return self._check(given, method, now), given["username"]
        return Verdict.WRONG, ""

    def _check(self, given: dict[str, str], method: str, now: float) -> Verdict:
        algorithm = (given.get("algorithm") or "MD5").upper()
        if algorithm not in self._algorithms or given.get("qop", "auth") != "auth":
            return Verdict.WRONG
        user = given["username"]
        expected = response(given, user, self._users.get(user, "\0"), method)
        right = hmac.compare_digest(expected.encode(), given.get("response", "").lower().encode())
        if not right or user not in self._users:
            return Verdict.WRONG
        return Verdict.GOOD if self._fresh(given, now) else Verdict.STALE

    def _fresh(self, given: dict[str, str], now: float) -> bool:
        """Ours, not old, and its count higher than ever before (RFC 7616 3.4: replay)."""
        nonce = given["nonce"]
        instant, _, rest = nonce.partition("-")
        unique, _, _ = rest.partition("-")
        if not hmac.compare_digest(self._nonce(instant, unique).encode(), nonce.encode()):
            return False
        if not 0 <= now - float(instant) <= NONCE_LIFE:
            return False
        counted = re.fullmatch(r"[0-9a-fA-F]{8}", given.get("nc", "")) and given.get("qop")
        count = int(given["nc"], 16) if counted else 1
        if count <= self._used.get(nonce, 0):
            return False
        self._used[nonce] = count
        self._used.move_to_end(nonce)
        while len(self._used) > NONCES:
            self._used.popitem(last=False)
        return True

    def _nonce(self, instant: str, unique: str) -> str:
        signed = hmac.new(self._secret, f"{instant}-{unique}".encode(), hashlib.sha256)
        return f"{instant}-{unique}-{signed.hexdigest()[:32]}"
