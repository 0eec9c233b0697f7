"""Configuration files are held against names, types and ranges; a bad one is refused in one line."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cdk_common.config import ACCOUNT, Checked, Choice, ConfigError, Shape, Text, Whole, check

from sandbox.deployment.errors import SynthesisError
from sandbox.deployment.synth import synthesise_all

ROOT = Path(__file__).resolve().parents[2]


def enabled(tuning: Mapping[str, Any]) -> None:
    if tuning["enabled"] is not True:
        raise ValueError("enabled: no")


SHAPE: Shape = {
    "account": ACCOUNT,
    "lambda": {"timeout": Whole(least=3, most=900, unit="seconds")},
    "level": Choice(of=("DEBUG", "INFO")),
    "tuning": Checked(names=("enabled",), check=enabled),
    "pool": Text(pattern="[a-z]+", form="small letters"),
}
GOOD = {
    "account": "123456789012",
    "lambda": {"timeout": 3},
    "level": "INFO",
    "tuning": {"enabled": True},
    "pool": "abc",
}


def test_a_document_of_the_shape_is_taken():
    """At the least value; at the greatest too."""
    check(GOOD, SHAPE, "dev.json")
    check(GOOD | {"lambda": {"timeout": 900}}, SHAPE, "dev.json")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"lambda": {"timeout": 2}}, "lambda: timeout: expected seconds, a whole number from 3 to 900, got 2"),
        ({"lambda": {"timeout": 901}}, "lambda: timeout: expected seconds, a whole number from 3 to 900, got 901"),
        ({"lambda": {"timeout": 60.0}}, "lambda: timeout: expected seconds, a whole number from 3 to 900, got 60.0"),
        ({"lambda": {"timeout": True}}, "lambda: timeout: expected seconds, a whole number from 3 to 900, got True"),
        ({"lambda": {}}, "lambda: expected timeout, got no timeout"),
        ({"lambda": 5}, "lambda: expected an object, got int"),
        ({"level": "LOUD"}, "level: expected one of DEBUG, INFO, got 'LOUD'"),
        ({"account": 123456789012}, "account: expected an AWS account id, 12 digits in quotes, got 123456789012"),
        ({"pool": "A1"}, "pool: expected small letters, got 'A1'"),
        ({"tuning": {"enabled": 0}}, "tuning: enabled: no"),
        ({"tuning": {}}, "tuning: expected an object of enabled, got {}"),
        ({"more": 1}, "expected account, lambda, level, tuning, pool, got more"),
    ],
)
def test_the_first_fault_is_one_line_with_its_place(changes, line):
    """What was expected, and what came."""
    with pytest.raises(ConfigError) as refused:
        check(GOOD | changes, SHAPE, "dev.json")
    assert str(refused.value) == f"dev.json: {line}"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
@pytest.mark.parametrize("app", ["audio-transcription", "session-management", "translation-pipeline"])
def test_each_environment_has_its_file(app, environment):
    """Three apps, three environments; the names in the files are those of staging, and `environment` is their own."""
    folder = ROOT / "services" / app / "infrastructure" / "config"
    document, staging = (json.loads((folder / f"{name}.json").read_text()) for name in (environment, "staging"))
    assert document.keys() == staging.keys()
    assert document.get("environment", environment) == environment


@pytest.mark.parametrize(
    ("app", "changes", "line"),
    [
        (
            "audio-transcription",
            {"partial_results": {"min_stability_threshold": 1.5}},
            "staging.json: partial_results: min_stability_threshold: expected a number from 0 to 1, got 1.5",
        ),
        (
            "session-management",
            {"connectionWarningMinutes": 99},
            "staging.json: connectionWarningMinutes: expected more than connectionRefreshMinutes (100), got 99",
        ),
    ],
)
def test_a_bad_value_stops_the_synthesis_with_that_line(app, changes, line, tmp_path):
    """The core's own rule for partial results, and values that do not go together."""
    shutil.copytree(ROOT / "services", tmp_path / "services", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements").symlink_to(ROOT / "requirements")
    for other in (tmp_path / "services").glob("*/infrastructure/cdk.json"):
        if other.parent.parent.name != app:
            other.unlink()
    path = tmp_path / "services" / app / "infrastructure" / "config" / "staging.json"
    document = json.loads(path.read_text())
    for name, value in changes.items():
        document[name] = document[name] | value if isinstance(value, dict) else value
    path.write_text(json.dumps(document))
    with pytest.raises(SynthesisError) as refused:
        synthesise_all(tmp_path, environment="staging", cache_dir=tmp_path / ".cache")
    assert f"ConfigError: {line}" in str(refused.value)
