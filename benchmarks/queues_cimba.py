"""The work of `queue` for cimba: CALLS RUNS PER_SECOND HANDLE PATIENCE AGENTS -> calls per second.

A call is a spawned process with a timer for its patience; the agents are a resource. It is a
program of its own because cimba teaches numba types which numba learns only before it has compiled
anything else. The first run compiles, so that the best of several is taken.
"""

import sys
import time

import cimba
from cimba import inputs

PATIENCE_ENDS = 17
"""Signal of a call's timer."""
WITHIN = 12.0


class Hotline(cimba.Model):
    """Arrivals of `calls` calls at agents; sums over all of them (waits in seconds)."""

    gap: cimba.Input[float] = inputs.dist.exponential(mean=1.0)
    handle: cimba.Input[float] = inputs.dist.exponential(mean=1.0)
    patience: cimba.Input[float] = inputs.dist.exponential(mean=1.0)
    calls: cimba.Param[int] = 1
    agents: cimba.Resource = cimba.Resource(capacity=1)
    answered: cimba.Output[int]
    abandoned: cimba.Output[int]
    within: cimba.Output[int]
    waits: cimba.Output[float]

    @cimba.process
    def arrivals(self):
        """Start a process for each call."""
        self.waits = 0.0
        for _ in range(self.calls):
            cimba.hold(self.gap.next())
            cimba.spawn(
                Call, hotline=self, patience=self.patience.next(), handle=self.handle.next()
            )


class Call(cimba.Model):
    """One call, with its durations in seconds."""

    hotline: cimba.Ref[Hotline]
    patience: float
    handle: float

    @cimba.process
    def ask(self):
        """Wait for an agent or for the end of patience."""
        asked = cimba.now()
        me = cimba.this_process()
        me.timer_set(self.patience, PATIENCE_ENDS)
        signal = self.hotline.agents.acquire()
        wait = cimba.now() - asked
        self.hotline.waits += wait
        if signal == PATIENCE_ENDS:
            self.hotline.abandoned += 1
        else:
            me.timers_clear()
            self.hotline.answered += 1
            if wait <= WITHIN:
                self.hotline.within += 1
            cimba.hold(self.handle)
            self.hotline.agents.release()


def run(
    calls: int, per_second: float, handle: float, patience: float, agents: int
) -> tuple[float, int]:
    """Processor seconds of a run on one core, and how many calls it answered."""
    hotline = Hotline()
    hotline.calls, hotline.agents.initial_capacity = calls, agents
    hotline.gap = inputs.dist.exponential(mean=1 / per_second)
    hotline.handle = inputs.dist.exponential(mean=handle)
    hotline.patience = inputs.dist.exponential(mean=patience)
    experiment = cimba.Experiment(hotline, window=cimba.Window.until_idle(), seed=1)
    began = time.process_time()
    results = experiment.run()
    return time.process_time() - began, int(results[hotline].answered.values.sum())


def main() -> None:
    """Print calls per second of processor time, the best run."""
    calls, runs = int(sys.argv[1]), int(sys.argv[2])
    work = [float(word) for word in sys.argv[3:6]]
    seconds = []
    for _ in range(runs + 1):
        spent, answered = run(calls, *work, agents=int(sys.argv[6]))
        assert 0.9 * calls < answered <= calls, answered
        seconds.append(spent)
    print(calls / min(seconds))


if __name__ == "__main__":
    main()
