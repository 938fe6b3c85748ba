"""The call machine goes where `menus.paths` says: every path of the default book, walked."""

import pytest

from hotline.switch import events as ev
from ivr import phases
from ivr.collector import LONE_WAIT, TERMINATOR_WAIT
from menus.loader import load
from menus.model import Target
from menus.paths import CallerPath, Move, paths
from tests.ivr.rig import Rig

BOOK = load()
PATHS = list(paths(BOOK))
SAMPLES = {
    "account": "1000000001",
    "phone": "13800138000",
    "digits": "1234",
    "order": "261123000001",
    "amount": "12856",
    "date": "2026-11-25",
    "time": "08:00",
    "datetime": "2026-11-25T18:30",
    "kwh": "320",
    "count": "2",
    "minutes": "3",
    "word": "城东区",
    "agent": "1001",
}
TYPED = {
    "account": "1000000001#",
    "phone": "13800138000#",
    "area": "1001",
    "order": "261123000001",
    "digits": "4321#",
}


class Answers:
    """Services that answer with the outcomes of one path, in order."""

    def __init__(self, path: CallerPath) -> None:
        self.left = [move for move in path.moves if move.kind == "outcome"]

    def call(self, call, service, inputs, reply):
        if service == BOOK.bulletin.service:
            reply("none", {})
            return
        move = self.left.pop(0)
        assert move.service == service
        spec = BOOK.services[service]
        for name in spec.needs:
            assert inputs.get(name), f"{move.at} asks {service} without {name}"
        given = {} if move.value == "failed" else spec.gives
        reply(move.value, {name: SAMPLES[kind] for name, kind in given.items()})


def stands_at(rig: Rig, move: Move) -> bool:
    """Whether the caller is where the move is made."""
    kind, name = move.at
    if kind == "menu":
        return rig.phase == phases.MENU and rig.call.path[-1][0] == name
    return rig.phase == phases.COLLECTING and rig.call.step.id == name


def walk(path: CallerPath) -> Rig:
    rig = Rig(book=BOOK, start=False)
    rig.exchange._services = rig.services = Answers(path)
    rig.exchange.post(ev.CallArrived(0.0, "c1", "13800138000", area="1001"))
    for move in path.moves:
        if move.kind == "outcome":
            continue  # answered as soon as it is asked
        for _ in range(80):
            if stands_at(rig, move):
                break
            rig.wait(0.25)
        assert stands_at(rig, move), f"{path.keys}: {move} but at {rig.call.path}, {rig.phase}"
        rig.press(TYPED[move.value] if move.kind == "input" else move.value)
        if move.kind == "input":
            rig.wait(TERMINATOR_WAIT + 0.1)  # a # from here on is a key of the menu
    if path.end.kind == "step":
        return rig.wait(LONE_WAIT + 1)
    for _ in range(40):
        if rig.phase in (phases.MENU, phases.WAITING, phases.CLOSING):
            break
        rig.wait(0.25)
    return rig


@pytest.mark.parametrize("first", sorted({path.keys[0] for path in PATHS}))
def test_every_path_ends_where_it_should(first):
    for path in PATHS:
        if path.keys[0] != first:
            continue
        rig = walk(path)
        asked = [event for event in rig.acd.told if type(event) is ev.AgentRequested]
        match path.end:
            case Target("agent", skill):
                assert rig.phase == phases.WAITING
                assert not skill or asked[-1].skill == skill
            case Target("language", language):
                assert asked[-1].language == language
            case Target("step", step):
                assert rig.phase == phases.COLLECTING
                assert rig.call.step.id == step
                assert not rig.call.collector.digits
            case Target("end"):
                assert rig.phase == phases.CLOSING
            case Target("menu", menu):
                assert [name for name, _ in rig.call.path] == list(path.menus)
                assert rig.call.path[-1][0] == menu
