"""A page of documentation, followed word by word in a scratch folder.

```yaml FILE        is written to FILE        (yaml, python, ini, csv)
```yaml FILE:LINE   takes the place of that line
```sh               each line is run; exit code 0
```sh fails         exit code 1;  `sh error`: 2
```sh background    is started, and is ready when it has printed a line
```text             after a `sh`: each line was printed, in this order; ... stands for anything
```shell            is not run: what needs another place (installing)
"""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hotline.cli import main as cli

_BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXITS = {"": 0, "ended": 0, "fails": 1, "error": 2}
_FILES = ("yaml", "python", "ini", "csv")


@dataclass(frozen=True)
class Block:
    kind: str
    about: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(kind, about or "", text) for kind, about, text in _BLOCK.findall(page)]


def sections(page: str, mark: str = "## ") -> Iterator[tuple[str, str]]:
    """(heading, text) of each section."""
    for part in re.split(rf"^{mark}", page, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        yield heading, text


@dataclass
class Reader:
    """Somebody who follows a page. `folder` is where the page begins."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    stack: ExitStack
    ports: dict[str, str] = field(default_factory=dict)
    printed: str = ""

    def follow(self, page: str) -> None:
        for block in blocks(page):
            self.take(block)

    def take(self, block: Block) -> None:
        if block.kind in _FILES and block.about:
            self.write(block.about, block.text)
        elif block.kind == "sh":
            commands = self.ported(block.text).strip().splitlines()
            if block.about == "background":
                for command in commands:
                    self.start(command)
                return
            if block.about == "ended":
                self.stack.pop_all().close()
            self.printed = "".join(self.run(line, _EXITS[block.about]) for line in commands)
        elif block.kind == "text":
            self.compare(self.ported(block.text))

    def write(self, name: str, text: str) -> None:
        file, _, line = name.partition(":")
        path = self.folder / file
        if line:
            lines = path.read_text("utf-8").splitlines(keepends=True)
            lines[int(line) - 1] = text
            text = "".join(lines)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def ported(self, text: str) -> str:
        """With ports that are free here in place of the page's."""
        return re.sub(r"\b8[0-9]{3}\b", lambda port: self.port(port.group()), text)

    def port(self, written: str) -> str:
        if written not in self.ports:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.ports[written] = str(free.getsockname()[1])
        return self.ports[written]

    def run(self, command: str, code: int) -> str:
        words = shlex.split(command, comments=True)
        with pytest.MonkeyPatch.context() as place:
            place.chdir(self.folder)
            match words:
                case ["cd", folder]:
                    self.folder = self.folder / folder
                    return ""
                case ["cp", "-r", source, target]:
                    shutil.copytree(source, target)
                    return ""
                case ["hotline", *arguments]:
                    return self.hotline(arguments, code)
                case ["pytest", *arguments]:
                    return self.pytest(arguments, code)
        raise AssertionError(f"the page says a command that its tests do not know: {command}")

    def hotline(self, arguments: list[str], code: int) -> str:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        out, err = self.capsys.readouterr()
        assert ended.value.code == code, (arguments, out, err)
        return out + err

    def pytest(self, arguments: list[str], code: int) -> str:
        plugin = ("-p", "hotline.cli.pytest_plugin", "-p", "no:cacheprovider")
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *plugin, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**cli_environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def start(self, command: str) -> None:
        words = shlex.split(command)
        if words[0] == "hotline":
            words[:1] = ["python", "-m", "hotline.cli.main"]
        assert words[0] == "python", command
        process = subprocess.Popen(
            [sys.executable, *words[1:]],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=cli_environment(),
        )
        assert process.stdout is not None
        self.stack.callback(_end, process)
        assert process.stdout.readline(), command

    def compare(self, wanted: str) -> None:
        at = 0
        for line in wanted.splitlines():
            pattern = ".*?".join(re.escape(part) for part in line.strip().split("..."))
            found = re.compile(pattern).search(self.printed, at)
            assert found is not None, f"not printed: {line}\nprinted:\n{self.printed}"
            at = found.end()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.communicate(timeout=20)


def cli_environment() -> dict[str, str]:
    import os

    return {**os.environ, "HOTLINE_LANG": "en", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
