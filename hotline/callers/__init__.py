"""Scripted callers: scenario files, the pure player, what it hears, and the runner."""
