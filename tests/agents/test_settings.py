from __future__ import annotations

import pytest

from agents.errors import SettingsError
from agents.settings import AcdSettings


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"redirect_after": 0}, "more than 0"),
        ({"wrap_up": -1}, "0 or more"),
        ({"break_share": 2}, "0 to 1"),
        ({"callback": {"tries": 0}}, "at least 1"),
        ({"callback_of": {"fault": {"retry_after": -1}}}, "0 or more seconds"),
        ({"callback": {"after": 1}}, "unknown setting 'after' of a call-back"),
        ({"queue_for": "all"}, "roster or signed_in"),
        ({"break_approval": "me"}, "rule or supervisor"),
        ({"patience": 3}, "unknown setting 'patience'"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(given, says):
    with pytest.raises(SettingsError, match=says):
        AcdSettings.from_mapping(given)


def test_the_redirect_limit_leaves_room_for_a_late_answer():
    assert AcdSettings().redirect_after > AcdSettings().answer_within == 12.0


def test_opening_hours_may_run_past_midnight():
    night = AcdSettings(hours=((20 * 3600, 6 * 3600),))
    assert [night.open_at(h * 3600) for h in (3, 6, 12, 20, 27)] == [True, False, False, True, True]
    assert AcdSettings().open_at(3 * 3600)
