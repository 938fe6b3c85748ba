"""The phases of a call: ONE `transitions` table, shared by all calls.

The position in the menus is data (a path of menu ids), never a state: a book of any size has the
same fourteen phases. `transitions` keeps the table, its errors and its diagrams; as no transition
here has a callback, a light event sets the phase directly, which is what lets one core run
thousands of calls a second (measured: about twice the library's own event).
"""

from __future__ import annotations

from typing import Any

from transitions import Event, Machine, MachineError

ARRIVED = "arrived"
RINGING = "ringing"
DIALLING = "dialling"
GREETING = "greeting"
MENU = "menu"
SPEAKING = "speaking"
COLLECTING = "collecting"
REQUESTING = "requesting"
WAITING = "waiting"
ANNOUNCING = "announcing"
TALKING = "talking"
SURVEY = "survey"
CLOSING = "closing"
ENDED = "ended"

STATES = (
    ARRIVED,
    RINGING,
    DIALLING,
    GREETING,
    MENU,
    SPEAKING,
    COLLECTING,
    REQUESTING,
    WAITING,
    ANNOUNCING,
    TALKING,
    SURVEY,
    CLOSING,
    ENDED,
)
NAVIGATING = [GREETING, MENU, SPEAKING, COLLECTING, REQUESTING, WAITING]
"""where the caller moves about the book; a target may lead from each of them to each"""

TABLE: list[Any] = [
    {"trigger": "dial", "source": ARRIVED, "dest": DIALLING},
    {"trigger": "ring", "source": ARRIVED, "dest": RINGING},
    {"trigger": "greet", "source": [ARRIVED, RINGING], "dest": GREETING},
    {"trigger": "enter_menu", "source": NAVIGATING, "dest": MENU},
    {"trigger": "speak", "source": NAVIGATING, "dest": SPEAKING},
    {"trigger": "collect", "source": NAVIGATING, "dest": COLLECTING},
    {"trigger": "request", "source": NAVIGATING, "dest": REQUESTING},
    {"trigger": "queue", "source": [*NAVIGATING, ANNOUNCING, TALKING], "dest": WAITING},
    {"trigger": "connect", "source": [WAITING, DIALLING], "dest": ANNOUNCING},
    {"trigger": "talk", "source": ANNOUNCING, "dest": TALKING},
    {"trigger": "ask_satisfaction", "source": [ANNOUNCING, TALKING], "dest": SURVEY},
    {"trigger": "close", "source": [*NAVIGATING, ANNOUNCING, TALKING, SURVEY], "dest": CLOSING},
    # A hang-up is legal in every phase and always wins.
    {"trigger": "end", "source": [s for s in STATES if s != ENDED], "dest": ENDED},
]


class LightEvent(Event):
    """An event whose transitions have no callbacks: one dictionary look-up."""

    def trigger(self, model: Any, *args: Any, **kwargs: Any) -> bool:
        """Move `model` to the next phase, or raise `MachineError` naming event and phase."""
        found = self.transitions.get(model.state)
        if not found:
            raise MachineError(f"cannot {self.name!r} in phase {model.state!r}")
        model.state = found[0].dest
        return True


class PhaseMachine(Machine):
    """The library's machine with light events."""

    event_cls = LightEvent


MACHINE = PhaseMachine(
    model=None, states=list(STATES), transitions=TABLE, initial=ARRIVED, auto_transitions=False
)
EVENTS = MACHINE.events
"""name -> event; `EVENTS["greet"].trigger(call)` moves a call, which needs only a `state`"""
