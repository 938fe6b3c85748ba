"""The reference values, computed elsewhere: closed forms, or the Markov chain solved."""

import csv
from pathlib import Path

FILE = Path(__file__).with_name("queue_reference.csv")


def outputs(row):
    """The outputs of a row that are `name=number`."""
    found = {}
    for part in rows()[row]["outputs"].split(";"):
        name, _, value = part.strip().rpartition("=")
        try:
            found[name] = float(value)
        except ValueError:
            continue
    return found


def rows():
    with FILE.open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}
