"""Limits of the standard that services apply: configuration with an edition tag, never constants.

    clause   what                                            value here
    6.2.5.1  crew at the fault: city, rural, remote          45, 90, 120 min
    6.2.5.2  outage published after the fault point is known 20 min
    6.4.5.1  complaint: first contact, answer                24 h, 5 working days
    6.4.5.2  report, opinion, suggestion: answer             10 working days
    6.3.5    query that cannot be answered at once           5 working days
    6.1.5    application for a connection: accepted          1 working day

The rest (dispatch minutes, urging, text messages, call-back hours) the public text does not give;
it is the custom of the field or our choice, as said beside each field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from hotline.services.model import AreaType

Slot = tuple[time, time]


def _frozen(values: dict[str, int]) -> Mapping[str, int]:
    return MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class Limits:
    """One edition's limits. Minutes, hours and working days as each name says."""

    edition: str = "2022"

    arrive_minutes: Mapping[AreaType, int] = field(
        default_factory=lambda: MappingProxyType(
            {AreaType.CITY: 45, AreaType.RURAL: 90, AreaType.REMOTE: 120}
        )
    )
    """6.2.5.1"""

    publish_minutes: int = 20
    """6.2.5.2"""

    dispatch_minutes: Mapping[str, int] = field(default_factory=lambda: _frozen({"fault": 2}))
    """work order passed on by the centre; custom of the field, not in the public text"""

    dispatch_minutes_other: int = 20
    """the same for every other kind; complaints had 10 in an older edition"""

    contact_hours: Mapping[str, int] = field(default_factory=lambda: _frozen({"complaint": 24}))
    """6.4.5.1"""

    answer_workdays: Mapping[str, int] = field(
        default_factory=lambda: _frozen(
            {
                "complaint": 5,
                "report": 10,
                "opinion": 10,
                "suggestion": 10,
                "consult": 5,
                "business": 1,
                "meter_check": 5,
                "praise": 1,
            }
        )
    )
    """6.4.5.1, 6.4.5.2, 6.3.5, 6.1.5; meter check from the ten public promises (2022);
    praise has no limit: passed on the next working day"""

    reconnect_hours: int = 24
    """power back after payment (public promise)"""

    urges_a_day: int = 2
    """custom of the field"""

    urge_after: float = 0.5
    """share of an order's time that must have passed before it can be urged; our choice"""

    messages_a_day: int = 5
    """text messages to one number; our choice"""

    callbacks_a_slot: int = 200
    """bookings for one day and slot; our choice"""

    callback_slots: Mapping[str, Slot] = field(
        default_factory=lambda: MappingProxyType(
            {
                "morning": (time(8), time(12)),
                "afternoon": (time(14), time(18)),
                "evening": (time(18), time(21)),
            }
        )
    )
    """no call-backs 12:00-14:00 and 21:00-08:00 (custom of the field)"""

    tiers_kwh: tuple[int, ...] = (2160, 4200)
    """upper ends of the tiers of a residential year, kWh; they differ by province, ours invented"""

    hall_hours: Slot = (time(8, 30), time(17, 30))
    """opening of service halls; invented"""


LIMITS = Limits()
"""The default edition."""
