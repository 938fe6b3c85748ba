"""The hotline command and the composition roots."""
