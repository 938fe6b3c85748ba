"""The built wheel is whole: away from the repository, with nothing but it, the hotline works."""

import os
import subprocess
import sys
import zipfile

import pytest

from tests.cli.conftest import ROOT

SOURCES = ("ivr", "agents", "menus", "audio", "hotline", "pyproject.toml", "LICENSE", "README.md")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel's content, unpacked. It is built from links, so that the tree stays clean."""
    sources, wheels = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheels")
    for name in SOURCES:
        if (ROOT / name).exists():
            (sources / name).symlink_to(ROOT / name)
        elif name == "README.md":  # named by pyproject.toml
            (sources / name).write_text("", "utf-8")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", wheels, sources],
        check=True,
        capture_output=True,
    )
    [wheel] = wheels.glob("*.whl")
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def installed(unpacked, tmp_path):
    """Run the unpacked command elsewhere; fails when a module comes from the repository."""
    guard = (
        "import sys\n"
        # an editable installation of the repository must not help
        "sys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f).lower()]\n"
        "from hotline.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally:\n"
        f"    inside = {str(ROOT)!r} + '/'\n"
        "    ours = [m for m in list(sys.modules.values())\n"
        "            if (getattr(m, '__file__', None) or '').startswith(inside)\n"
        "            and '/site-packages/' not in m.__file__]\n"
        "    assert not ours, ours\n"
    )

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-c", guard, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(unpacked), "HOTLINE_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def test_lint_checks_the_book_inside(installed):
    ran = installed("lint")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "No findings.\n", "")


def test_the_scenarios_inside_pass(installed):
    ran = installed("test", "--tag", "survey")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "0 failed" in ran.stdout


def test_init_writes_the_starter_files(installed, tmp_path):
    assert installed("init", "mine").returncode == 0
    ran = installed("test", "mine/scenarios", "--book", "mine/book.yaml")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("folder", ["hotline", "menus", "audio", "agents", "ivr"])
def test_every_data_file_is_inside(unpacked, folder):
    """Whatever git keeps below a package (pages, migrations, templates, schemas, recordings)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]
    assert names
    assert [name for name in names if not (unpacked / name).exists()] == []


def test_a_database_is_made_from_the_migrations_inside(installed, unpacked, tmp_path):
    code = "from hotline.store.database import open_database; open_database('x.db').close()"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        check=True,
    )
    ran = installed("report", "--database", "x.db", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert '"calls": 0' in ran.stdout
