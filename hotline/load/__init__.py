"""A load of real calls on a running hotline, by a queue plan: who calls when, what came of it."""
