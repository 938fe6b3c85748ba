"""The plan of a hotline's queues: who calls, who answers, by which rules. Read by `reading`.

What the engine knows (`Queue`, `Group`) is kept in the engine's own words; beside it stands when
calls come and when agents are there, which becomes numbers only for a given horizon
(`hotline.simulation.building`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.figures import Limits
from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.arrivals import Profile, Surge, steady
from hotline.simulation.engine.model import Group, Queue, Routing
from hotline.simulation.front import Front, Ivr
from hotline.simulation.load_rules import LoadRules
from hotline.simulation.staff_rules import StaffRules
from menus.model import Place


@dataclass(frozen=True, slots=True)
class Levels:
    """Agents on duty in intervals of `every` seconds, over whole days; then it begins again."""

    every: float
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupShift:
    """So many `agents` of a group work this `shift` (seconds after midnight) on `days`: numbers
    from the first day of the run, 0 to 6, which come again every week; () every day."""

    shift: Shift
    agents: int
    days: tuple[int, ...] = ()

    def begins_on(self, day: int) -> bool:
        """Whether it is worked on a day of the run, 0 = the first; -1 is the day before."""
        return not self.days or day % 7 in self.days

    def at_work(self, clock: float) -> bool:
        """Whether it is being worked `clock` seconds after the run's first midnight."""
        return any(
            self.begins_on(day) and _during(self.shift, clock - day * DAY)
            for day in (int(clock // DAY), int(clock // DAY) - 1)
        )


def _during(shift: Shift, clock: float) -> bool:
    if not shift.start <= clock < shift.end:
        return False
    return not any(start <= clock < end for start, end in shift.breaks)


@dataclass(frozen=True, slots=True)
class PlannedQueue:
    """A queue and its calls: by `profile`, or given `arrivals` (s from the start of the run)."""

    queue: Queue
    profile: Profile = field(default_factory=lambda: steady(0.0))
    arrivals: tuple[float, ...] = ()
    place: Place = field(default_factory=Place)

    @property
    def name(self) -> str:
        """Its name."""
        return self.queue.name


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """A group and when it works: by `levels`, by `shifts`, or (neither) all its agents always."""

    group: Group
    levels: Levels | None = None
    shifts: tuple[GroupShift, ...] = ()
    place: Place = field(default_factory=Place)

    @property
    def name(self) -> str:
        """Its name."""
        return self.group.name

    @property
    def steady(self) -> bool:
        """Whether the same number works all the time."""
        if self.shifts:
            return False
        return self.levels is None or len(set(self.levels.numbers)) == 1

    def on_duty(self, clock: float) -> int:
        """How many work at `clock`, seconds after the midnight at which the run began."""
        if self.levels is not None:
            slot = int(clock // self.levels.every) % len(self.levels.numbers)
            return self.levels.numbers[slot]
        if not self.shifts:
            return self.group.agents
        return sum(one.agents for one in self.shifts if one.at_work(clock))


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that can be. Times in seconds; None: no limit."""

    queues: tuple[PlannedQueue, ...]
    groups: tuple[PlannedGroup, ...]
    title: str = ""
    limits: Limits = field(default_factory=Limits)
    redirect_after: float = 20.0
    back_after: float = 10.0
    routing: Routing = "groups"
    ageing: float = 0.0
    trunks: int | None = None
    waiting_room: int | None = None
    overflow_after: float = 30.0
    centres: tuple[str, ...] = ()
    week: tuple[float, ...] = ()
    weekday: int = 0
    busyness: float = 0.0
    surges: tuple[Surge, ...] = ()
    days: int = 1
    staff: StaffRules = field(default_factory=StaffRules)
    load: LoadRules = field(default_factory=LoadRules)
    file: str = ""
    ivr: Ivr | None = None
    """menus in front, to be measured (`front.with_menus`)"""
    front: Front | None = None
    """what was measured"""
    variants: tuple[tuple[str, Plan], ...] = ()
    """name -> what would be if"""

    @property
    def stationary(self) -> bool:
        """Whether nothing depends on the time of day: then a long run has a steady state."""
        return (
            all(item.profile.constant and not item.arrivals for item in self.queues)
            and all(group.steady for group in self.groups)
            and not (self.week or self.busyness or self.surges)
        )

    @property
    def given_calls(self) -> bool:
        """Whether the calls are a list of arrivals, not drawn."""
        return any(item.arrivals for item in self.queues)
