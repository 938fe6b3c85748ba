"""The built-in menu books (YAML)."""
