"""The pure call machine: from ring to report row. `Call(book).handle(event) -> actions`."""

from ivr import handover as _handover
from ivr import navigation as _navigation
from ivr.call import Calendar, Call, Settings

__all__ = ["Calendar", "Call", "Settings"]

# Both modules register their reactions when imported; naming them here is what loads them.
_REACTIONS_OF = (_navigation, _handover)
