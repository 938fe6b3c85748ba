from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import Queue
from typing import Any

import pytest

from hotline.services.live import DirectServices, Faults, ThreadedServices
from hotline.services.model import WorkOrder
from hotline.services.records import MemoryRecords
from hotline.services.seed import seeded
from hotline.switch.clock import VirtualClock

NOW = datetime(2026, 6, 10, 9)
INPUTS = {"account": "1000000001", "fault": "single", "number": "13800138000"}


def now() -> datetime:
    return NOW


class Replies:
    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str]]] = []
        self.threads: list[int] = []

    def __call__(self, outcome: str, values: Mapping[str, str]) -> None:
        self.heard.append((outcome, dict(values)))
        self.threads.append(threading.get_ident())

    @property
    def outcomes(self) -> list[str]:
        return [outcome for outcome, _ in self.heard]


@pytest.fixture
def records() -> MemoryRecords:
    return seeded(NOW, customers=0)


@pytest.fixture
def replies() -> Replies:
    return Replies()


class TestDirect:
    def test_replies_before_it_returns(self, records: MemoryRecords, replies: Replies) -> None:
        DirectServices(records, now).call("c1", "fault_report", INPUTS, replies)
        assert replies.heard == [("created", {"order": "260610000001"})]

    def test_records_carry_the_call(self, records: MemoryRecords, replies: Replies) -> None:
        DirectServices(records, now).call("c1", "fault_report", INPUTS, replies)
        (order,) = records.find(WorkOrder, call="c1")
        assert order.account == "1000000001"

    def test_a_delay_passes_on_the_call_clock(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        clock = VirtualClock()
        faults = Faults(slow={"last_bill": 2.5})
        services = DirectServices(records, now, clock=clock, faults=faults)
        services.call("c1", "last_bill", INPUTS, replies)
        services.call("c1", "account_check", INPUTS, replies)
        assert len(replies.heard) == 1
        clock.run(2.4)
        assert len(replies.heard) == 1
        clock.run(2.5)
        assert replies.outcomes == ["found", "found"]

    def test_a_broken_service_fails_and_changes_nothing(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        services = DirectServices(records, now, faults=Faults(broken={"fault_report"}))
        services.call("c1", "fault_report", INPUTS, replies)
        services.faults.broken.clear()
        services.call("c1", "last_bill", INPUTS, replies)
        assert replies.outcomes == ["failed", "found"]
        assert records.find(WorkOrder, account="1000000001") == []

    def test_all_services_can_be_broken_at_once(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        DirectServices(records, now, faults=Faults(broken={"*"})).call(
            "c1", "last_bill", INPUTS, replies
        )
        assert replies.outcomes == ["failed"]


class TestThreaded:
    def services(self, records: MemoryRecords, executor: Any, **more: Any) -> Any:
        posted: Queue[Callable[[], None]] = Queue()
        return ThreadedServices(records, now, executor, posted.put, **more), posted

    def test_works_on_another_thread_and_replies_on_the_exchanges(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        asked: list[int] = []

        def clock() -> datetime:
            asked.append(threading.get_ident())
            return NOW

        posted: Queue[Callable[[], None]] = Queue()
        with ThreadPoolExecutor(1) as executor:
            ThreadedServices(records, clock, executor, posted.put).call(
                "c1", "fault_report", INPUTS, replies
            )
            deliver = posted.get(timeout=10)
        assert replies.heard == []
        deliver()
        assert replies.outcomes == ["created"]
        assert asked != [threading.get_ident()]
        assert replies.threads == [threading.get_ident()]

    def test_a_slow_service_is_late_on_the_call_clock(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        clock = VirtualClock()
        with ThreadPoolExecutor(1) as executor:
            services, posted = self.services(
                records, executor, clock=clock, faults=Faults(slow={"*": 3.0})
            )
            services.call("c1", "last_bill", INPUTS, replies)
            posted.get(timeout=10)()
        assert replies.heard == []
        clock.run(3.0)
        assert replies.outcomes == ["found"]

    def test_after_shutdown_the_caller_still_gets_an_answer(
        self, records: MemoryRecords, replies: Replies
    ) -> None:
        executor = ThreadPoolExecutor(1)
        executor.shutdown()
        services, posted = self.services(records, executor)
        services.call("c1", "last_bill", INPUTS, replies)
        posted.get(timeout=10)()
        assert replies.outcomes == ["failed"]
