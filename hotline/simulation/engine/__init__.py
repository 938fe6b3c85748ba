"""The compiled queue engine.

    simulate(model, seed=0, replication=0, *, agents=False, rows=False) -> Result    (engine.run)
    compile_now(progress=None) -> None    compiles and caches both loops             (engine.run)

    laws      distributions of durations, in the contract's names
    model     what goes in: queues, groups, agents, arrivals, rules
    staffing  who is on duty when: from levels by interval, or from shifts with breaks
    results   what comes out: sums by interval, histograms of waits, agents, rows of calls
    kernel    the event loop (numba), one flat function for all that a plan may ask for
    single    a smaller one for a single skill whose agents are alike and always there
    agenda    what is foreseen, in order; lists: lines and idle agents; sums, draws, centres
    compiling what is compiled apart, what together, and when the machine code is used again

It is the one exception to "no rule twice": the Python ACD (`agents.acd`) says what is right, and
`tests/parity` holds the engine to it, call by call and to the last bit of every instant.
"""
