"""The command as a user sees it: exit code, standard output, standard error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotline.callers.reading import load
from hotline.callers.runner import run_with_journal
from hotline.cli import main as cli
from hotline.cli.compose import EPOCH
from hotline.cli.init import init
from hotline.cli.test import shipped
from hotline.store.database import open_database
from hotline.store.journal import DatabaseJournal

ROOT = Path(__file__).parents[2]
STARTER = Path(sys.modules[init.callback.__module__].__file__).with_name("starter")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def complaint(self):
        """The one line on standard error of a command that could not do its work."""
        assert self.code == 2, (self.out, self.err)
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("hotline: ")
        return lines[0]


@pytest.fixture
def hotline(capsys, monkeypatch):
    """`hotline("lint", path)`: the command in this process, in English unless asked otherwise."""
    monkeypatch.setenv("HOTLINE_LANG", "en")

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ran(exit_.value.code, out, err)

    return run


def start(*arguments, cwd=ROOT, **options):
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "hotline.cli.main", *map(str, arguments)],
        cwd=cwd,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOTLINE_LANG": "en", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
        # whoever runs the tests in the background may have them ignore Ctrl-C, which is inherited
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


@pytest.fixture(scope="session")
def journals():
    """name -> journal entries of each shipped scenario's first call."""
    from agents.roster_file import DEMO, load_roster
    from hotline.cli.compose import Parts, built_in_pack
    from hotline.cli.virtual import ScenarioHotlines
    from hotline.services.records import MemoryRecords
    from menus.loader import load as load_book

    parts = Parts(load_book(), load_roster(DEMO), built_in_pack(), MemoryRecords())
    hotlines = ScenarioHotlines(parts)
    made = {}
    for scenario in load(shipped()):
        _, journal = run_with_journal(scenario, hotlines)
        for call, entries in journal.items():
            if entries:
                made[f"{scenario.name} {call}"] = entries
    return made


@pytest.fixture
def database(tmp_path, journals):
    """A database with two finished calls: (file, id of one with an agent, id of one who types)."""
    file = tmp_path / "calls.db"
    agent = next(e for name, e in journals.items() if name.startswith("满意 "))
    typing = next(
        e for name, e in journals.items() if name.startswith("未绑定的号码输入他人户号查余额 ")
    )
    opened = open_database(str(file))
    sink = DatabaseJournal(opened, clock_start=EPOCH.timestamp())
    for entries in (agent, typing):
        for entry in entries:
            sink.append(entry.to, entry.event)
        sink.closed(entries[-1].event)
    sink.close()
    opened.close()
    return file, agent[0].event.call, typing[0].event.call
