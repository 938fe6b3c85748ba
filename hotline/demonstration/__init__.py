"""The demonstration day: ordinary callers, and one planted violation of every checkable rule."""
