"""The planted violations: what is done wrong, and the clause and rule that must find it.

`CALLS` are calls to branch hotlines with one fault each; `ORDERS`, `OUTAGES` and `DISPOSITIONS` are
records of the back office with one lapse each; `BOOK` is what is wrong with the outdated book.
`expected()` lists everything that a report on the day must find, and it must find nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from agents.behaviours import Behaviour, behaviour
from agents.roster import AgentProfile, SignInLimits
from agents.settings import AcdSettings
from hotline.demonstration import faults
from hotline.demonstration.faults import Fault
from hotline.switch.actions import AGENT, CALL

HOUR = 3600.0
PLAIN, NEW, DARK = "13800138000", "13800138004", "13800138009"
"""invented customers of `hotline.services.seed`: with an account; another; without power"""


class Broken(NamedTuple):
    """One violation: `where` is a call, order, outage, agent, area, clock hour or file."""

    clause: str
    rule: str
    where: str


@dataclass(frozen=True)
class Branch:
    """A branch hotline as it is set up for one planted call."""

    agents: tuple[AgentProfile, ...] = (AgentProfile("b1", "2001", skills=("*",)),)
    behaviour: Behaviour = field(
        default_factory=lambda: behaviour({"like": "steady", "ring": _fixed(6.0)})
    )
    acd: AcdSettings = field(default_factory=AcdSettings)
    on_duty: bool = True
    book: str = ""
    """a file of `books`; the default book if empty"""
    broken_services: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Planted:
    """One call with one fault. `plan`: (seconds after the answer, keys; "" hangs up)."""

    name: str
    broken: tuple[tuple[str, str], ...]
    plan: tuple[tuple[float, str], ...]
    branch: Branch = field(default_factory=Branch)
    faulty: Mapping[str, Fault] = field(default_factory=dict)
    """CALL or AGENT -> the fault of that machine"""
    number: str = PLAIN
    at: float = 10 * HOUR
    after: tuple[float, tuple[tuple[float, str], ...]] | None = None
    """another, innocent call on the same branch: seconds before this one, and its plan"""
    killed: bool = False
    """the branch's machine stops in the middle of the call"""

    @property
    def call(self) -> str:
        """The call's id."""
        return f"planted-{self.name}"


def _fixed(seconds: float) -> dict[str, object]:
    return {"distribution": "deterministic", "mean": seconds}


def _like(name: str, **changes: object) -> Branch:
    return Branch(behaviour=behaviour({"like": name, "ring": _fixed(6.0), **changes}))


AGENT_CALL = ((2.0, "0"), (300.0, ""))
"""asks for an agent, and stays until the hotline says goodbye and hangs up"""
LEAVES = ((2.0, "0"), (40.0, ""))
HOLDS_THE_LINE = ((2.0, "2"), *((float(at), "9") for at in range(15, 700, 12)), (710.0, ""))
BALANCE = ((2.0, "211"), (60.0, ""))


def calls() -> tuple[Planted, ...]:
    """The planted calls, made anew: faults keep state."""
    untrained = AgentProfile("a1010", "1010", skills=("*",), putonghua="二级甲等")
    boasting = AgentProfile("a1003", "1003", skills=("*",), languages=("zh-CN", "en-US"))
    return (
        # --- what the caller hears ---------------------------------------------------------------
        Planted(
            "greeting", (("5.2.6.1", "first"),), LEAVES,
            faulty={CALL: faults.loses_greeting()},
        ),
        Planted(
            "layers", (("5.2.6.2", "depth"),), ((2.0, "11111"), (40.0, "")),
            Branch(book="deep.yaml"),
        ),
        Planted(
            "transfer", (("5.2.6.2", "transfer"),), LEAVES,
            faulty={CALL: faults.loses_requests()},
        ),
        Planted(
            "back", (("5.2.6.2", "back"),), ((2.0, "2"), (15.0, "*"), (40.0, "")),
            faulty={CALL: faults.back_stays()},
        ),
        Planted(
            "barge-in", (("5.2.6.3", "barge_in"),), ((12.0, "2"), (25.0, "")),
            faulty={CALL: faults.interrupts_late(0.8)},
        ),
        Planted(
            "lost-key", (("5.2.6.3", "kept"),), ((25.0, "2"), (45.0, "")),
            faulty={CALL: faults.loses_keys()},
        ),
        Planted(
            "no-reprompt", (("5.2.6.3", "reprompt"),), ((90.0, ""),),
            faulty={CALL: faults.no_reprompt()},
        ),
        Planted(
            "no-last-resort", (("5.2.6.3", "last_resort"),), ((200.0, ""),),
            faulty={CALL: faults.no_last_resort()},
        ),
        Planted(
            "no-music", (("5.2.6.4", "music"),), AGENT_CALL,
            _like("steady", ring=_fixed(11.0)), {CALL: faults.no_music()},
        ),
        Planted(
            "wrong-number", (("5.2.6.5", "announced"),), AGENT_CALL,
            faulty={
                CALL: faults.says_instead(
                    "agent.announcement", "您好！{agent:agent}号客服专员为您服务。",
                    (("agent", "9999"),),
                )
            },
        ),
        Planted(
            "no-goodbye", (("5.2.6.6", "closing"),), AGENT_CALL,
            faulty={CALL: faults.ends_without_goodbye()},
        ),
        Planted(
            "account-spoken", (("7.1.3", "account"),), BALANCE,
            faulty={
                CALL: faults.says_instead(
                    "balance_credit", "户号{account:account}。", (("account", "1000000001"),)
                )
            },
        ),
        Planted(
            "no-restoration-time", (("6.2.5.2", "told"),), ((2.0, "111"), (60.0, "")),
            faulty={CALL: faults.says_instead("outage_found", "您所在的区域停电。")},
            number=DARK,
        ),
        # --- whether the hotline can be had -------------------------------------------------------
        Planted(
            "busy", (("5.2.7.1", "admitted"),), LEAVES,
            Branch(acd=AcdSettings(trunks=1)),
            at=3 * HOUR + 300,
            after=(600.0, HOLDS_THE_LINE),
        ),
        Planted("killed", (("5.2.7.1", "kept"),), LEAVES, killed=True, at=11 * HOUR),
        Planted(
            "turned-away", (("5.2.7.1", "queued"),), LEAVES,
            Branch(acd=AcdSettings(waiting_room=0), on_duty=False),
        ),
        Planted(
            "closed", (("5.2.4.2", "open"),), LEAVES,
            Branch(acd=AcdSettings(hours=((8 * HOUR, 20 * HOUR),))),
            at=22 * HOUR,
        ),
        Planted(
            "no-english", (("5.2.5.1", "served"),), ((2.0, "80"), (40.0, "")),
        ),
        Planted(
            "service-down", (("5.2.7.2", "works"),), BALANCE,
            Branch(broken_services=frozenset({"balance"})),
        ),
        # --- who answers, and how ----------------------------------------------------------------
        Planted(
            "wrong-language", (("5.2.5.1", "language"),), ((2.0, "80"), (300.0, "")),
            Branch(agents=(boasting,)),
        ),
        Planted(
            "untrained", (("5.2.5.2", "certified"),), AGENT_CALL,
            Branch(
                agents=(untrained,),
                acd=AcdSettings(sign_in=SignInLimits(training_required=False)),
            ),
        ),
        Planted(
            "late", (("5.2.7.3", "ring"),), AGENT_CALL, _like("steady", ring=_fixed(13.0))
        ),
        Planted(
            "hangs-up-first", (("5.2.7.3", "not_first"),), AGENT_CALL, _like("hangs_up")
        ),
        Planted(
            "no-hello", (("5.2.7.4", "greeted"),), AGENT_CALL,
            faulty={AGENT: faults.agent_says(instead="户号多少？")},
        ),
        Planted(
            "no-warning", (("5.2.7.6", "warned"),), AGENT_CALL, _like("harassed"),
            {AGENT: faults.agent_gives_no_warning()},
        ),
        Planted(
            "shirks", (("7.1.2", "words"),), AGENT_CALL,
            faulty={AGENT: faults.agent_says(after="这个不归我管。")},
        ),
        Planted(
            "rude", (("7.3.2", "words"),), AGENT_CALL,
            faulty={AGENT: faults.agent_says(after="你急什么。")},
        ),
    )  # fmt: skip


UNFIT = "a1009"
"""refused at sign-in by the main hotline (5.2.5.2) and put on duty all the same"""

BOOK_FILE = "outdated.yaml"
BOOK = (
    ("5.2.3", "offered"),
    ("5.2.4.1", "ways"),
    ("5.2.4.2", "hours"),
    ("5.2.5.1", "offered"),
    ("5.2.6.1", "text"),
    ("5.2.6.2", "layers"),
    ("5.2.6.2", "keys"),
    ("5.2.6.3", "menus"),
    ("5.2.6.5", "text"),
    ("5.2.6.6", "text"),
)
"""what is wrong with the outdated book"""


# --- the back office -----------------------------------------------------------------------------


def _order(kind: str, detail: str, accepted: datetime, **steps: object) -> dict[str, object]:
    """A work order with all its fields, dispatched at once; `steps` adds or spoils."""
    return {
        "order": f"planted-{kind}-{detail}", "kind": kind, "detail": detail, "call": "",
        "account": "1000000001", "phone": PLAIN, "accepted_at": accepted,
        "dispatched_at": accepted + timedelta(minutes=1), **steps,
    }  # fmt: skip


def orders(start: datetime) -> list[tuple[dict[str, object], tuple[str, str]]]:
    """Work orders of the days before, each with one lapse and the (clause, rule) it breaks."""
    begun = start - timedelta(days=30)

    def days(number: float) -> datetime:
        return begun + timedelta(days=number)

    late_repair = _order(
        "fault", "rural", begun, area_type="rural", arrived_at=begun + timedelta(minutes=60),
        restored_at=begun + timedelta(hours=9),
    )  # fmt: skip
    return [
        (_order("fault", "no-phone", begun, phone=""), ("5.2.7.5", "complete")),
        (
            _order("consult", "late-dispatch", begun, answered_at=days(1),
                   dispatched_at=begun + timedelta(minutes=50)),
            ("5.2.7.5", "dispatched"),
        ),
        (_order("business", "new", begun, answered_at=days(12)), ("6.1.5.3", "accepted")),
        (_order("business", "suspend", begun, done_at=days(20)), ("6.1.5.10", "done")),
        (_order("business", "rename", begun, done_at=days(20)), ("6.1.5.11", "done")),
        (_order("business", "tariff", begun, done_at=days(20)), ("6.1.5.12", "done")),
        (
            _order("fault", "slow-crew", begun, area_type="city",
                   arrived_at=begun + timedelta(minutes=80)),
            ("6.2.5.1", "arrived"),
        ),
        (late_repair, ("6.2.5.3", "restored")),
        (_order("consult", "late-answer", begun, answered_at=days(20)), ("6.3.5", "answered")),
        (
            _order("complaint", "late-contact", begun, contacted_at=days(2), answered_at=days(3)),
            ("6.4.5.1", "contacted"),
        ),
        (
            _order("complaint", "late-answer", begun, contacted_at=begun, answered_at=days(20)),
            ("6.4.5.1", "answered"),
        ),
        (_order("opinion", "late-answer", begun, answered_at=days(29)), ("6.4.5.2", "answered")),
        (
            _order("report", "no-callback", begun, answered_at=days(2), closed_at=days(3),
                   called_back_at=None),
            ("6.4.5.4", "called_back"),
        ),
        (
            _order("report", "named", begun, answered_at=days(2), anonymous=True),
            ("6.4.5.5", "anonymous"),
        ),
        (_order("reconnect", "late", begun, restored_at=days(2)), ("6.5", "done")),
        (_order("refund", "late", begun, done_at=days(25)), ("6.7.5.3", "refunded")),
    ]  # fmt: skip


def outages(start: datetime) -> list[dict[str, object]]:
    """An outage published late (6.2.5.2)."""
    return [
        {
            "outage": "planted-outage",
            "known_at": start + timedelta(hours=9),
            "published_at": start + timedelta(hours=10),
        }
    ]


def dispositions() -> list[dict[str, object]]:
    """A matter that is not the company's, without a note (5.2.7.6)."""
    return [{"call": "", "code": "not_our_business", "note": ""}]


def expected(start: datetime) -> frozenset[Broken]:
    """Everything that a report on the day must find."""
    found = [Broken(clause, rule, plant.call) for plant in calls() for clause, rule in plant.broken]
    found += [Broken(clause, rule, BOOK_FILE) for clause, rule in BOOK]
    for order, (clause, rule) in orders(start):
        where = str(order["area_type"]) if rule == "restored" else str(order["order"])
        found.append(Broken(clause, rule, where))
    found += [
        Broken("5.2.5.2", "gate", UNFIT),
        Broken("5.2.7.1", "hours", "3:00"),
        Broken("6.2.5.2", "published", "planted-outage"),
        Broken("5.2.7.6", "noted", "not_our_business"),
    ]
    return frozenset(found)


__all__: Sequence[str] = ("BOOK_FILE", "Branch", "Broken", "Planted", "calls", "expected")
