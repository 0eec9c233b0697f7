"""A recording goes in at the gateway, a listener reads every word: the whole system, real processes."""

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from rich.console import Console

from sandbox.demo.plan import plan_samples
from sandbox.demo.run import run_demo

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(sandbox_session):
    """One demo: what it printed, whether it was whole, and its run folder."""
    plan = plan_samples(ROOT / "audio_samples", ["austen-0880"], listen=["es", "fr"], repeat=1)
    printed = io.StringIO()
    console = Console(file=printed, width=120)
    whole = asyncio.run(run_demo(sandbox_session.state, plan, console))
    folder = Path(printed.getvalue().split("run folder:")[1].strip())
    return whole, printed.getvalue(), folder


def test_every_listener_reads_every_word_once(demo):
    """The main job."""
    whole, printed, _ = demo
    assert whole, printed
    assert "es-1: every word, once" in printed
    assert "fr-2: every word, once" in printed


def test_listeners_read_the_scripts_translations(demo):
    """The pieces join to the sentence, in each language."""
    events = [json.loads(line) for line in (demo[2] / "journal.jsonl").read_text().splitlines()]
    texts = {
        listener: " ".join(
            event["text"] for event in events if event["kind"] == "client.translation" and event["listener"] == listener
        )
        for listener in ("es-1", "fr-2")
    }
    assert texts["es-1"] == "No era un joven de mala índole."
    assert texts["fr-2"] == "Ce n'était pas un jeune homme mal intentionné."


def test_every_hop_is_in_the_journal(demo):
    """The report is a view of these events alone."""
    kinds = {json.loads(line)["kind"] for line in (demo[2] / "journal.jsonl").read_text().splitlines()}
    assert {
        "gateway.connect", "gateway.frame_in", "lambda.invoke", "lambda.end", "transcribe.stream_opened",
        "transcribe.audio", "transcribe.partial", "transcribe.final", "segment.forwarded", "gateway.frame_out",
        "client.translation", "metric",
    } <= kinds  # fmt: skip


def test_neither_tokens_nor_audio_are_in_the_run_folder(demo):
    """What must not leak: a JWT begins with eyJ, and a chunk of audio is a long run of base64."""
    for path in demo[2].iterdir():
        text = path.read_text()
        assert "eyJ" not in text
        assert not re.search(r"[A-Za-z0-9+/]{200}", text)


def test_the_report_has_the_contracts_figures(demo):
    """Words later than two seconds, or lost, would show here."""
    report = json.loads((demo[2] / "report.json").read_text())
    assert set(report["latency_ms"]) == {
        "word_to_listener", "word_to_forward", "stable_to_forward", "release_to_forward", "audio_to_transcribe",
        "forward_to_listener", "stream_start",
    }  # fmt: skip
    assert report["counts"]["omitted_words"] == report["counts"]["duplicated_words"] == 0
    assert report["counts"]["audio_chunks"] > 15
    assert report["latency_ms"]["word_to_forward"]["count"] == 8


def test_the_three_stacks_are_complete_to_any_aws_client(sandbox_session):
    """`aws cloudformation describe-stacks` with AWS_ENDPOINT_URL."""
    client = boto3.client(
        "cloudformation", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip
    status = {stack["StackName"]: stack["StackStatus"] for stack in client.describe_stacks()["Stacks"]}
    client.close()
    assert status == {
        "CDKToolkit": "CREATE_COMPLETE",
        "TranslationPipeline-staging": "CREATE_COMPLETE",
        "audio-transcription-staging": "CREATE_COMPLETE",
        "SessionManagement-staging": "CREATE_COMPLETE",
    }


def test_ctrl_c_leaves_no_process_and_no_port(tmp_path):
    """SIGINT in the middle of a demo: the sandbox and its environments end with it."""
    import signal

    import psutil

    command = [sys.executable, "-m", "sandbox.cli", "demo", "--state-dir", str(tmp_path)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("hears"):
            break
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) > 3
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait(20) == 130
    process.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert not (tmp_path / "state.json").exists()
