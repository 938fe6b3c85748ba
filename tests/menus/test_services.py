"""The catalogue is consistent in itself."""

import pytest

from menus.services import AREAS, SERVICES, WORDS, phrases
from menus.texts import KINDS


@pytest.mark.parametrize("spec", SERVICES.values(), ids=lambda spec: spec.name)
def test_each_service(spec):
    assert "failed" not in spec.outcomes  # every service may fail; none declares it
    assert len(set(spec.outcomes)) == len(spec.outcomes) > 0
    assert set(spec.solves) <= set(spec.outcomes)
    assert set(spec.gives.values()) <= set(KINDS)
    assert not set(spec.needs) & set(spec.uses)


def test_areas_have_their_words():
    for code, name in AREAS.items():
        assert code.isdigit()
        for group in ("area", "hall", "address"):
            assert set(WORDS[f"{group}.{name}"]) == {"zh-CN", "en-US"}


def test_phrases_are_distinct_words():
    for language in ("zh-CN", "en-US"):
        said = phrases(language)
        assert len(set(said)) == len(said) == len(WORDS)
    assert phrases("bo-CN") == ()
