"""Arrivals, the compiled queue engine, exact theory, experiments and staffing."""
