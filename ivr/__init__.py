"""The pure call machine: from ring to report row."""
