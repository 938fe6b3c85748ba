"""Which scenarios are run: the words of `-k`, tags, what failed last."""

import click
import pytest

from hotline.cli.choosing import expression


@pytest.mark.parametrize(
    ("asked", "name", "found"),
    [
        ("", "anything", True),
        ("报修", "来电号码无停电，报修", True),
        ("REPAIR", "a repair at night", True),
        ("repair and night", "a repair at night", True),
        ("repair and not night", "a repair at night", False),
        ("repair and not night", "a repair", True),
        ("not night", "a repair", True),
        ("bill or repair", "a repair", True),
        ("bill or repair and day", "a repair at night", False),
        ("(bill or repair) and night", "a repair at night", True),
        ("not (bill or repair)", "a repair at night", False),
        ("at night", "a repair at night", True),
        ("night at", "a repair at night", False),
        ("not not repair", "a repair", True),
    ],
)
def test_words_and_operators(asked, name, found):
    assert expression(asked)(name) is found


@pytest.mark.parametrize("asked", ["and", "a and", "(a", "a)", "not", "a or or b", "()"])
def test_an_expression_that_is_none_is_explained(asked):
    with pytest.raises(click.UsageError, match="-k"):
        expression(asked)
