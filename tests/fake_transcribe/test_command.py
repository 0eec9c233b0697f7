"""`python -m fake_transcribe`: ready in one JSON line, ended by a signal, refusing in one line."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fake_transcribe", *arguments]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_when_told(tmp_path, number):
    """The certificate to trust is written before the line is."""
    ca = tmp_path / "ca.pem"
    with subprocess.Popen(
        command("--port", "0", "--write-ca", str(ca)), cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["url"].startswith("https://127.0.0.1:")
        assert ready["ca"] == str(ca)
        assert "BEGIN CERTIFICATE" in ca.read_text()
        process.send_signal(number)
        assert process.wait(10) == 0


def test_faults_can_be_ordered_and_seen_over_the_plain_port(tmp_path):
    """What was given on the command line waits; more may be added."""
    arguments = command("--port", "0", "--write-ca", str(tmp_path / "ca.pem"), "--fault", "reset@2000*3")
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        route = f"{ready['plainUrl']}/_fake/faults"
        with urllib.request.urlopen(route, data=b'["goaway@1"]', timeout=10) as answer:
            assert json.load(answer) == {"faults": ["reset@2000*3", "goaway@1"], "streams": 0}
        assert ready["webSocketUrl"] == ready["url"].replace("https", "wss")
        process.terminate()
        assert process.wait(10) == 0


def test_its_help_has_an_example():
    """And says how faults are written."""
    shown = subprocess.run(command("--help"), cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "example:" in shown
    assert "exception=NAME@AUDIO_MS" in shown


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--fault", "nonsense"], "fake_transcribe: expected a fault as KIND[=VALUE][@AUDIO_MS][*STREAMS]"),
        (["--vocabulary-filter", "rude"], "expected NAME=WORD,WORD, got 'rude'"),
    ],
)
def test_an_option_that_means_nothing_is_refused(tmp_path, arguments, text):
    """With what was expected."""
    assert text in refused("--port", "0", "--write-ca", str(tmp_path / "ca.pem"), *arguments)


def refused(*arguments: str) -> str:
    ended = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 2
    return ended.stderr.strip()


def test_a_busy_port_is_one_line(tmp_path):
    """With the next step."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--port", str(port), "--write-ca", str(tmp_path / "ca.pem")) == (
            f"fake_transcribe: expected port {port} to be free, another process has it: "
            "give another --port, or 0 for a free one"
        )


def test_a_folder_without_scripts_is_one_line(tmp_path):
    """With the next step."""
    text = refused("--port", "0", "--scripts", str(tmp_path / "none"), "--write-ca", str(tmp_path / "ca.pem"))
    assert text.endswith("found none: give one with --scripts")


def test_a_script_that_is_not_of_its_recording_is_one_line(tmp_path):
    """The pair is checked before anything is played."""
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    (tmp_path / "a.script.yaml").write_text("language: en-US\naudio_sha256: other\nsegments: []\n")
    text = refused("--port", "0", "--scripts", str(tmp_path), "--write-ca", str(tmp_path / "ca.pem"))
    assert text == (
        "fake_transcribe: expected a.script.yaml to be of a.wav, its audio_sha256 is another: make the script again"
    )
