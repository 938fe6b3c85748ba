"""`hotline load` as a user meets it: what it refuses, and real calls by WebSocket and SIP."""

import json
import signal
import socket
import subprocess
import time
from contextlib import closing

import pytest

from hotline.store.calls import iter_calls
from hotline.store.database import open_database
from tests.cli.conftest import start
from tests.telephony.sip.peers import free_port, needs

PLAN = """
plan: 小压测
queues:
  - {name: fault, calls_per_hour: 7200, handle: 2, patience: 60}
groups:
  - {name: a, agents: 40, skills: [fault], ring: 1}
load:
  length: 4
  drain: 40
  %s
"""
KEPT = "fail_on: {failed: 0, refused: 0, setup_p99: 30}"


@pytest.fixture
def plan(tmp_path):
    def write(more=KEPT, text=PLAN, name="plan.yaml"):
        file = tmp_path / name
        file.write_text(text % more, "utf-8")
        return file

    return write


@pytest.fixture
def nobody():
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{sock.getsockname()[1]}/media"


def ended(process, seconds=150):
    """(exit code, JSON or output, standard error)"""
    out, err = process.communicate(timeout=seconds)
    assert "Traceback" not in err, err
    return process.returncode, json.loads(out) if out.startswith("{") else out, err


def calls_in(database):
    opened = open_database(f"sqlite:///{database}")
    try:
        return sum(1 for _ in iter_calls(opened))
    finally:
        opened.close()


class TestRefused:
    def test_nobody_at_the_target(self, plan, nobody):
        running = [start("load", plan(), "--target", nobody, "--workers", n) for n in (1, 2)]
        for code, _, err in map(ended, running):
            assert code == 2
            assert err.splitlines()[-1].startswith(f"hotline: {nobody} does not answer")

    @pytest.mark.parametrize("target", ["sip:95598@192.0.43.7", "ws://192.0.43.7/media"])
    def test_a_stranger_is_not_called_by_accident(self, hotline, plan, target):
        complaint = hotline("load", plan(), "--target", target).complaint
        assert "outside private networks" in complaint
        assert "--allow-remote" in complaint

    def test_private_networks_and_this_machine_are_called(self):
        from hotline.cli.remote import allow

        for host in ("127.0.0.1", "[::1]", "10.1.2.3", "192.168.7.7", "localhost", "[fe80::1]"):
            allow(f"ws://{host}:8095/media", remote=False)
            allow(f"sip:95598@{host}:5060;transport=tcp", remote=False)

    @pytest.mark.parametrize("target", ["nonsense", "http://127.0.0.1:1/", "sip:", "ws:///media"])
    def test_what_is_no_target(self, hotline, plan, target):
        said = hotline("load", plan(), "--target", target).complaint
        assert "--target takes ws://HOST:PORT/media or sip:HOST:PORT" in said

    def test_credentials_are_not_shown(self):
        from hotline.cli.remote import shown

        assert shown("sip:me:secret@10.0.0.1:5070") == "sip:10.0.0.1:5070"
        assert shown("ws://me:secret@[::1]:80/media?key=1") == "ws://[::1]:80/media"

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ("lenght: 4", "unknown key 'lenght' in load (did you mean 'length'?)"),
            ("callers: [{queue: fault, persona: elderley}]", "unknown persona 'elderley'"),
            (
                "callers: [{queue: fault, scenario: none.yaml}]",
                "none.yaml: cannot be read: no such file",
            ),
            ("skills: {fault: nothing}", "no way of this book leads to agents of 'nothing'"),
        ],
    )
    def test_a_plan_that_cannot_be(self, hotline, plan, nobody, more, said):
        complaint = hotline("load", plan(more), "--target", nobody).complaint
        assert said in complaint
        assert "plan.yaml:" in complaint or "none.yaml" in complaint

    def test_a_plan_without_calls(self, hotline, plan, nobody):
        ran = hotline("load", plan(), "--target", nobody, "--length", "0.001")
        assert "raise scale or length" in ran.complaint

    def test_speech_recognition_is_too_dear_for_many_calls(self, hotline, plan, nobody):
        ran = hotline("load", plan(), "--target", nobody, "--hear", "speech")
        assert "--hear speech takes a core for each call" in ran.complaint

    def test_menus_in_front_are_the_targets_own(self, hotline, plan, nobody):
        file = plan(text=PLAN.replace("calls_per_hour: 7200, ", "") + "ivr: {calls_per_hour: 9}\n")
        assert "real calls take no `ivr`" in hotline("load", file, "--target", nobody).complaint

    def test_serving_a_plan(self, hotline, plan):
        assert "--scale needs --plan" in hotline("serve", "--scale", 0.5).complaint
        both = hotline("serve", "--plan", plan(), "--roster", "x.yaml").complaint
        assert "exclude each other" in both
        night = "agents: {every: 60, numbers: [5" + ", 0" * 23 + "]}"
        file = plan(text=PLAN.replace("agents: 40", night))
        assert "nobody is on duty" in hotline("serve", "--plan", file).complaint


@pytest.mark.live
def test_real_calls_by_websocket_and_sip_side_by_side(plan, tmp_path):
    file = plan()
    page = tmp_path / "load.html"
    serving = start("serve", "--plan", file, "--port", 0, "--sip", "127.0.0.1:0", "--no-pages",
                    "--database", tmp_path / "load.db", "--drain", 5)  # fmt: skip
    try:
        _, _, ws, sip = serving.stdout.readline().split()
        common = ("--json", "--seed", 3)
        running = [start("load", file, "--target", ws, *common, "--html", page),
                   start("load", file, "--target", sip, *common, "--workers", 2)]  # fmt: skip
        results = [ended(process) for process in running]
    finally:
        serving.terminate()
        _, err = serving.communicate(timeout=30)
    assert "Traceback" not in err
    for code, found, told in results:
        assert code == 0, (found, told)
        figures = found["all"]
        assert figures["calls"] == figures["started"] == results[0][1]["all"]["calls"] > 2
        assert figures["connected"] == 1.0
        assert figures["offered"] == figures["answered"] + figures["abandoned"] > 2
        assert figures["answered"] > 0
        assert 1.0 <= figures["mean_wait_answered"] < 30.0
        assert found["simulated"]["heard_agent_within"][0] == 1.0
        assert "real calls in 4 s" in told
    assert results[0][1]["all"]["mos_p50"] is None  # no RTP
    assert 1.0 <= results[1][1]["all"]["mos_p50"] <= 4.5
    assert "<svg" in page.read_text("utf-8")


@pytest.mark.live
def test_a_missed_threshold_is_exit_code_1_and_ctrl_c_keeps_what_was_measured(plan, tmp_path):
    database = tmp_path / "load.db"
    serving = start("serve", "--port", 0, "--no-pages", "--database", database, "--drain", 5,
                    "--trunks", 1)  # fmt: skip
    try:
        ws = serving.stdout.readline().split()[2]
        stopped = start("load", plan(), "--target", ws, "--length", 600, "--workers", 2)
        strict = plan("fail_on: {connected: 1}", name="strict.yaml")
        missed = start("load", strict, "--target", ws, "--json", "--length", 3)
        code, found, _ = ended(missed)
        assert code == 1, found
        assert found["all"]["refused"] + found["all"]["connected"] == 1.0
        assert list(found["refusals_and_failures"]) == ["busy tone"]
        assert found["thresholds"] == [
            {"figure": "connected", "limit": 1.0, "value": found["all"]["connected"],
             "missed": True}
        ]  # fmt: skip
        before = calls_in(database)
        while calls_in(database) == before:  # until it is calling
            assert stopped.poll() is None
            time.sleep(0.2)
        stopped.send_signal(signal.SIGINT)
        code, out, _ = ended(stopped, 60)
        assert code == 130
        assert "calls due" in out
        assert "interrupted: these are the calls so far" in out
    finally:
        serving.terminate()
        _, err = serving.communicate(timeout=30)
    assert "Traceback" not in err


FOREIGN = """
queues:
  - {name: trunk, calls_per_hour: 7200, handle: 1, patience: 20}
groups:
  - {name: a, agents: 1, skills: [trunk]}
load: {length: 3, drain: 10, agent_is: answer, fail_on: {connected: 1, heard_agent_within: 1}}
"""


class TestForeign:
    pytestmark = needs("sipp")

    def test_a_hotline_of_which_nothing_is_known(self, tmp_path):
        """SIPp's user agent answers, and echoes what it hears: whoever answers is an agent."""
        file, port = tmp_path / "plan.yaml", free_port()
        file.write_text(FOREIGN, "utf-8")
        uas = subprocess.Popen(
            ["sipp", "-sn", "uas", "-i", "127.0.0.1", "-p", str(port), "-mp", str(free_port()),
             "-rtp_echo", "-nostdin"],
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            code, found, told = ended(
                start("load", file, "--target", f"sip:95598@127.0.0.1:{port}", "--json")
            )
        finally:
            uas.terminate()
            uas.wait(10)
        assert code == 0, (found, told)
        assert found["all"]["answered"] == found["all"]["calls"] > 2
        assert "95598@" not in told
