"""The bench runs our own sandbox whole, and says what it lacks for a peer."""

import json

import pytest
from typer.testing import CliRunner

from sandbox.bench.gateway import peers
from sandbox.bench.gateway.errors import InstallFailedError, ToolMissingError
from sandbox.bench.gateway.node_targets import Architect, ServerlessOffline
from sandbox.bench.gateway.run import Sizes, measure
from sandbox.bench.gateway.targets import TARGET, MiniStack
from sandbox.cli.app import app


@pytest.mark.e2e
def test_our_own_sandbox_takes_the_application_as_boto3_deploys_it():
    """Every workload has its figures, and none an error."""
    results = measure((), TARGET, Sizes(messages=20, pipe=20, crowd=8, repetitions=1), lambda _: None)
    (found,) = results["sandbox"]
    assert [name for name, one in found.items() if isinstance(one, dict) and "failed" in one] == []
    assert found["returned"]["errors"] == found["posted"]["errors"] == found["pipelined"]["errors"] == 0
    assert found["fan_out"]["warm"]["failures"] == 0
    assert found["storm"]["opened"] == 8


def test_the_target_file_starts_the_command_line_of_this_project():
    """Its options are options of `sandbox up`."""
    target = json.loads(TARGET.read_text())
    program, command, *options = target["command"]
    offered = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    assert program == "sandbox"
    assert [one for one in options if one.startswith("--") and one not in offered] == []


def test_a_peer_that_is_not_known_is_refused_with_those_that_are():
    refused = CliRunner().invoke(app, ["bench", "gateway", "--against", "moto"])
    assert refused.exit_code == 2
    assert "ministack, serverless-offline, architect" in refused.output


def test_a_node_emulator_without_node_is_refused_with_the_next_step(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="npm and node on the PATH to install architect"):
        peers.install(["architect"], tmp_path, lambda _: None)
    assert not (tmp_path / "peers" / "architect").exists()


def test_a_package_client_that_fails_leaves_nothing_half_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(peers, "MINISTACK", "./not-there")
    with pytest.raises(InstallFailedError, match="expected ministack to be installed"):
        peers.install(["ministack"], tmp_path, lambda _: None)
    assert not (tmp_path / "peers" / "ministack").exists()


def test_what_a_peer_is_not_asked_for_is_said_in_its_class(tmp_path):
    """A peer that would exhaust the machine, or never answers, is not measured there."""
    made = [make(tmp_path / make.name, tmp_path) for make in (ServerlessOffline, Architect) if _folder(tmp_path, make)]
    assert ["storm" in one.workloads for one in made] == [False, False]
    assert made[1].replies == ("post",)
    assert MiniStack(tmp_path, tmp_path).workloads >= {"storm", "fan_out"}


def _folder(place, make) -> bool:
    (place / make.name).mkdir()
    return True
