"""The service standard as data, its checks at three depths, and the clause-by-clause report."""
