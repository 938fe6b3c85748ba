"""The services that menu books may request: the contract between books and `hotline.services`.

A request carries what the call knows: values collected from the caller, values given by earlier
services, values a step has `set`, and always these:

    number     the caller's telephone number, "" when withheld
    area       the caller's region code (a key of `AREAS`), "" when unknown
    language   the language the call speaks; `word` values are answered in it

The reply is one of `outcomes` (or `failed`, which every service may answer and which needs no
declaration) and, for that outcome, the values of `gives`. All values are strings: an `amount` is
integer fen ("12856" is 128.56 yuan), `kwh` and `count` and `minutes` are integers, a `date` is
YYYY-MM-DD, a `time` HH:MM, a `datetime` YYYY-MM-DDTHH:MM, `digits`, `account`, `phone` and `order`
are digits only, and a `word` is a phrase of `WORDS` in the call's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from menus.model import ServiceSpec

ALWAYS_KNOWN: Mapping[str, str] = MappingProxyType(
    {"number": "phone", "area": "digits", "language": "word"}
)
"""What every request carries, with the kind under which a prompt may speak it."""

SYSTEM_VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "agent.announcement": MappingProxyType({"agent": "agent"}),
        "queue.position": MappingProxyType({"position": "count", "minutes": "minutes"}),
        "queue.wait": MappingProxyType({"position": "count"}),
    }
)
"""Prompt id -> the values that the hotline itself fills in."""

ACCOUNT_DIGITS = (10, 13)
"""户号: 10 digits, 13 in the newer marketing system; both are accepted."""

ORDER_DIGITS = (12, 12)
"""工单号: yymmdd and a serial of six."""


def _spec(
    name: str,
    needs: Iterable[str],
    outcomes: Iterable[str],
    gives: Mapping[str, str] | None = None,
    *,
    solves: Iterable[str] = (),
    uses: Iterable[str] = (),
) -> ServiceSpec:
    return ServiceSpec(
        name,
        needs=tuple(needs),
        outcomes=tuple(outcomes),
        gives=MappingProxyType(dict(gives or {})),
        solves=tuple(solves),
        uses=tuple(uses),
    )


_ACCOUNT = {"account": "account", "tail": "digits"}
_OUTAGE = {"cause": "word", "status": "word", "start": "datetime", "etr": "datetime"}
_ORDER = {"order": "order"}
_STATUS = {"order": "order", "status": "word", "due": "date"}

_SPECS = (
    # --- who is calling -------------------------------------------------------------------------
    # `tail` is the last four digits; more of an account is never read out unasked (7.1.3).
    _spec("account_by_phone", ["number"], ["found", "none", "many"], _ACCOUNT),
    _spec("account_check", ["account"], ["found", "none"], _ACCOUNT),
    # --- outages --------------------------------------------------------------------------------
    _spec(
        "bulletin",
        ["area"],
        ["active", "none"],
        {"area_name": "word", "cause": "word", "etr": "datetime"},
        uses=["number"],
    ),
    # An unknown account or area has no known outage: `none`.
    _spec("outage_lookup", ["account"], ["found", "none"], _OUTAGE, solves=["found", "none"]),
    _spec(
        "outage_by_area",
        ["area"],
        ["found", "none"],
        _OUTAGE | {"area_name": "word"},
        solves=["found", "none"],
    ),
    # `fault`: single | building | voltage | danger | charger | appliance. `phone` is where the
    # crew calls, else `number`. `known_outage`: no new order, the repair time is told instead.
    _spec(
        "fault_report",
        ["account", "fault"],
        ["created", "duplicate", "known_outage"],
        _ORDER | {"etr": "datetime", "cause": "word"},
        uses=["phone"],
        solves=["created", "duplicate", "known_outage"],
    ),
    # Paid but still off (欠费复电). `arrears`: something is still owed.
    _spec(
        "reconnect",
        ["account"],
        ["created", "duplicate", "arrears"],
        _ORDER | {"arrears": "amount"},
        solves=["created", "duplicate"],
    ),
    _spec(
        "subscribe_outage",
        ["account"],
        ["subscribed", "already"],
        uses=["phone"],
        solves=["subscribed", "already"],
    ),
    # --- electricity and money ------------------------------------------------------------------
    _spec(
        "balance",
        ["account"],
        ["credit", "arrears"],
        {"balance": "amount", "arrears": "amount", "due": "date"},
        solves=["credit", "arrears"],
    ),
    _spec(
        "last_bill",
        ["account"],
        ["found", "none"],
        {"amount": "amount", "kwh": "kwh", "billed": "date", "due": "date"},
        solves=["found", "none"],
    ),
    # `left`: kWh before the next tier; outcome `top` when there is no next one.
    _spec(
        "annual_usage",
        ["account"],
        ["found", "top", "none"],
        {"kwh": "kwh", "tier": "word", "left": "kwh"},
        solves=["found", "top", "none"],
    ),
    _spec(
        "meter_reading",
        ["account"],
        ["found", "none"],
        {"reading": "kwh", "read_on": "date"},
        solves=["found", "none"],
    ),
    # `reading`: what the caller typed. `too_low`: less than the last one, nothing is stored.
    _spec(
        "submit_reading",
        ["account", "reading"],
        ["accepted", "too_low"],
        {"used": "kwh"},
        solves=["accepted"],
    ),
    _spec(
        "subscribe_bill",
        ["account"],
        ["subscribed", "already"],
        uses=["phone"],
        solves=["subscribed", "already"],
    ),
    # E-invoice of the last bill, by text message link or to the e-mail address on record (5.2.4.1).
    _spec("send_invoice", ["account"], ["sent", "none"], solves=["sent"]),
    # --- business -------------------------------------------------------------------------------
    # `business`: new | capacity | rename | transfer | tariff | meter_check | charger | solar |
    # suspend | resume. An application for which the caller is called back by `due`.
    _spec(
        "apply_business",
        ["number", "business"],
        ["created", "duplicate"],
        _ORDER | {"due": "date"},
        uses=["account", "phone"],
        solves=["created", "duplicate"],
    ),
    _spec(
        "branch_hall",
        ["area"],
        ["found", "none"],
        {"hall": "word", "address": "word", "opens": "time", "closes": "time"},
        solves=["found"],
    ),
    # `topic`: outage | fault | balance | bill | usage | reading | payment | invoice | business
    # (with `business`) | tariff | app | hall | safety | order | message.
    # `limit`: too many messages to this number today.
    _spec(
        "send_sms",
        ["number", "topic"],
        ["sent", "limit"],
        solves=["sent"],
        uses=["account", "order", "area", "business", "phone"],
    ),
    # --- complaints, reports, opinions, suggestions, praise ---------------------------------------
    # `case`: complaint | report | opinion | suggestion | praise. `anonymous`: "yes" keeps the
    # number out of the work order (6.4.5.5). `due`: 5 working days for a complaint (6.4.5.1),
    # 10 for the others (6.4.5.2).
    _spec(
        "file_case",
        ["case"],
        ["created"],
        _ORDER | {"due": "date"},
        uses=["number", "anonymous", "account"],
        solves=["created"],
    ),
    # A question that the menu has answered; `enquiry` says which. Kept, and closed at once (6.3.5).
    _spec("note_enquiry", ["enquiry"], ["noted"], uses=["number"], solves=["noted"]),
    # --- orders in progress -----------------------------------------------------------------------
    _spec("order_status", ["order"], ["found", "none"], _STATUS, solves=["found"]),
    _spec("order_by_phone", ["number"], ["found", "none"], _STATUS, solves=["found"]),
    # `too_early`: most of the step's time is still left; `limit`: urged twice today already.
    _spec(
        "urge_order",
        ["order"],
        ["accepted", "too_early", "limit", "closed"],
        {"due": "date"},
        solves=["accepted", "too_early", "limit", "closed"],
    ),
    # --- call-back and messages -------------------------------------------------------------------
    # `slot`: morning | afternoon | evening. No call-backs 12:00-14:00 and 21:00-08:00.
    _spec(
        "book_callback",
        ["number", "slot"],
        ["booked", "exists", "full"],
        {"day": "date", "from": "time", "until": "time"},
        uses=["phone", "language"],
        solves=["booked", "exists"],
    ),
    _spec(
        "cancel_callback",
        ["number"],
        ["cancelled", "none"],
        {"day": "date"},
        solves=["cancelled", "none"],
    ),
    # A text message with a link under which the customer writes what the matter is (5.2.4.1).
    _spec("leave_message", ["number"], ["created"], _ORDER, uses=["language"], solves=["created"]),
)

SERVICES: Mapping[str, ServiceSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
"""The built-in services by name."""


def _words(prefix: str, rows: Mapping[str, tuple[str, str]]) -> dict[str, Mapping[str, str]]:
    return {
        f"{prefix}.{code}": MappingProxyType({"zh-CN": chinese, "en-US": english})
        for code, (chinese, english) in rows.items()
    }


WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    _words(
        "cause",
        {  # "因{cause}停电" / "because of {cause}"
            "planned": ("计划检修", "planned maintenance"),
            "storm": ("雷雨大风", "a thunderstorm"),
            "typhoon": ("台风", "a typhoon"),
            "line": ("线路故障", "a line fault"),
            "equipment": ("设备故障", "an equipment fault"),
            "overload": ("负荷过高", "an overload"),
            "damage": ("外力破坏", "third-party damage"),
        },
    )
    | _words(
        "outage",
        {  # "目前{status}" / "The present state is: {status}"
            "planned": ("停电检修中", "maintenance in progress"),
            "dispatched": ("抢修人员正在赶往现场", "the crew is on its way"),
            "on_site": ("正在抢修", "repair in progress"),
            "restoring": ("正在恢复供电", "power is being restored"),
        },
    )
    | _words(
        "order",
        {
            "accepted": ("已受理", "accepted"),
            "dispatched": ("已派发", "dispatched"),
            "working": ("处理中", "being handled"),
            "answered": ("已回复待审核", "answered and under review"),
            "callback": ("等待回访", "waiting for our call"),
            "closed": ("已办结", "closed"),
        },
    )
    | _words(
        "tier",
        {  # of the stepped residential tariff
            "1": ("第一档", "tier one"),
            "2": ("第二档", "tier two"),
            "3": ("第三档", "tier three"),
        },
    )
    | _words(
        "area",
        {  # invented districts
            "east": ("城东区", "East District"),
            "west": ("城西区", "West District"),
            "south": ("城南区", "South District"),
            "north": ("城北区", "North District"),
            "tech": ("高新区", "High-tech Zone"),
            "river": ("云河县", "Yunhe County"),
        },
    )
    | _words(
        "hall",
        {
            "east": ("城东供电营业厅", "the East District service hall"),
            "west": ("城西供电营业厅", "the West District service hall"),
            "south": ("城南供电营业厅", "the South District service hall"),
            "north": ("城北供电营业厅", "the North District service hall"),
            "tech": ("高新区供电营业厅", "the High-tech Zone service hall"),
            "river": ("云河县供电营业厅", "the Yunhe County service hall"),
        },
    )
    | _words(
        "address",
        {
            "east": ("朝阳大道和平路口", "Chaoyang Avenue at Heping Road"),
            "west": ("西环路文化广场旁", "West Ring Road beside Culture Square"),
            "south": ("南湖路电力大楼一楼", "the Power Building on Nanhu Road"),
            "north": ("北站路客运站对面", "Beizhan Road opposite the bus station"),
            "tech": ("创新大街科技园东门", "Chuangxin Street at the park's east gate"),
            "river": ("云河县人民路中段", "Renmin Road in Yunhe County"),
        },
    )
)
"""Code -> the phrase of a `word` value per language: `WORDS["cause.storm"]["zh-CN"]`."""

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "1001": "east",
        "1002": "west",
        "1003": "south",
        "1004": "north",
        "1005": "tech",
        "1006": "river",
    }
)
"""区域码 -> the part after the dot of `area.*`, `hall.*` and `address.*` in `WORDS`. Invented."""


def phrases(language: str) -> tuple[str, ...]:
    """Every phrase of `WORDS` in `language`, without repeats: what a prompt pack must hold."""
    return tuple(dict.fromkeys(row[language] for row in WORDS.values() if language in row))
