"""`@quick` changes how a dataclass is filled and nothing else."""

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.quick import quick


@dataclass(frozen=True, slots=True)
class Plain:
    at: float
    name: str = "x"


@quick
@dataclass(frozen=True, slots=True)
class Swift(Plain):
    extra: int = 3


@dataclass(frozen=True, slots=True)
class Child(Swift):
    more: int = 4


def test_fields_by_place_by_name_and_by_default():
    assert Swift(1.0, "a", 2) == Swift(extra=2, name="a", at=1.0)
    made = Swift(1.0)
    assert (made.at, made.name, made.extra) == (1.0, "x", 3)


@pytest.mark.parametrize("arguments", [{}, {"at": 1.0, "other": 2}])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(TypeError):
        Swift(**arguments)


def test_it_stays_frozen():
    with pytest.raises(FrozenInstanceError):
        Swift(1.0).at = 2.0
    with pytest.raises(FrozenInstanceError):
        del Swift(1.0).name


def test_it_compares_hashes_copies_and_is_replaced():
    made = Swift(1.0, "a")
    assert hash(made) == hash(Swift(1.0, "a"))
    assert made != Swift(1.0, "b")
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert replace(made, extra=9) == Swift(1.0, "a", 9)


def test_subclasses_have_their_own_fields():
    assert Child(1.0, more=5) == Child(1.0, "x", 3, 5)
    assert [f.name for f in fields(Child)] == ["at", "name", "extra", "more"]


def test_a_factory_is_refused_rather_than_shared():
    @dataclass(frozen=True, slots=True)
    class Listed:
        items: list = field(default_factory=list)

    with pytest.raises(TypeError, match="items"):
        quick(Listed)


@pytest.mark.parametrize("kind", [ev.KeyPressed, ev.Did, ev.MenuEntered, do.Tell, do.Prompt])
def test_the_signature_is_that_of_the_fields(kind):
    names = list(inspect.signature(kind).parameters)
    assert names == [f.name for f in fields(kind)]
