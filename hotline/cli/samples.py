"""Sample callers and inputs for suites enumerated from a book, from the invented customers."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.callers.ways import Ask, Samples, World
from hotline.cli.compose import EPOCH
from hotline.services.catalogue import answer
from hotline.services.model import Binding, Customer, WorkOrder
from hotline.services.seed import seeded
from menus.services import AREAS

CUSTOMERS = 30
"""invented customers that a scenario's hotline knows (`cli.virtual`)"""


def seeded_world() -> tuple[World, Samples]:
    """Worlds such as scenarios begin with, and who and what there is in them."""
    records = seeded(EPOCH, customers=CUSTOMERS)

    def world() -> Ask:
        own = records.fork()

        def ask(service: str, inputs: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
            return answer(service, own, inputs, EPOCH)

        return ask

    fixed = [record.account for record in records.find(Customer) if record.account < "2"]
    phones = sorted({record.phone for record in records.find(Binding) if record.account in fixed})
    return world, Samples(
        callers=(*phones, "13900139000"),
        inputs={
            "account": (*sorted(fixed, key=lambda account: (len(account), account)), "9999999999"),
            "phone": ("13900139001",),
            "area": (*AREAS, "9999"),
            "order": (*(order.order for order in records.find(WorkOrder)), "111111111111"),
            "digits": ("99999", "1", "123456"),
            "reading": ("99999", "12"),
        },
    )
