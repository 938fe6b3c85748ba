"""All tests. Examples of properties have no deadline: how long one takes on a busy machine says
nothing about the program."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
