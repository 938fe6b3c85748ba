"""The pure automatic call distributor, its agents, routing policies and their behaviour."""
