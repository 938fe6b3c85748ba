"""The words everyone shares, and the exchange that runs calls, ACD, agents and callers."""
