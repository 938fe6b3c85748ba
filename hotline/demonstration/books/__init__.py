"""Faulty menu books of branches that the demonstration day plants."""
