"""The named services that books ask: pure functions over business records."""
