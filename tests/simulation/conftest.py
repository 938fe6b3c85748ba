"""The command inside the process, for tests of what it prints."""

import pytest

from hotline.cli import main as cli


@pytest.fixture
def hotline_command(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as done:
            cli.main(["--lang", "en", *map(str, arguments)])
        said = capsys.readouterr()
        assert done.value.code == 0, said.err
        return said.out

    return run
