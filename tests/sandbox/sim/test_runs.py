"""Whole runs of the deployed handlers: the same seed gives the same bytes, and a seeded bug is found."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHORT = ("--listeners", "2", "--speech", "9")


def sim(*arguments: str, hash_seed: str = "0") -> "subprocess.CompletedProcess[str]":
    """`sandbox sim` in a process of its own, since a run puts the whole process into virtual time."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox.cli", "sim", *arguments],
        cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def journal_of(seed: int, path: Path, *, hash_seed: str) -> bytes:
    ended = sim("--seed", str(seed), *SHORT, "--faults", "all", "--journal", str(path), hash_seed=hash_seed)
    # Whether everything held is not the question here.
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return path.read_bytes()


def test_two_runs_of_a_seed_give_the_same_bytes_and_another_seed_gives_others(tmp_path):
    """In two processes whose strings hash differently, with faults on."""
    first = journal_of(2, tmp_path / "first", hash_seed="1")
    assert len(first) > 100_000
    assert journal_of(2, tmp_path / "second", hash_seed="2") == first
    assert journal_of(5, tmp_path / "other", hash_seed="1") != first


def test_the_short_way_of_hot_calls_gives_the_same_bytes_as_the_long_one(tmp_path):
    """Cutting out botocore's serialising and parsing changes what a run costs and nothing of what it does."""
    journals: list[bytes] = []
    for way in ([], ["--long-way"]):
        path = tmp_path / f"journal{len(journals)}"
        assert sim("--seed", "2", *SHORT, "--journal", str(path), *way).returncode == 0
        journals.append(path.read_bytes())
    assert journals[0] == journals[1]


def test_a_journal_has_whole_numbers_only(tmp_path):
    """No float, whose last digit might depend on the machine."""

    def floats(value: object) -> list[object]:
        if isinstance(value, dict):
            return [found for one in value.values() for found in floats(one)]
        if isinstance(value, list):
            return [found for one in value for found in floats(one)]
        return [value] if isinstance(value, float) else []

    lines = journal_of(2, tmp_path / "journal", hash_seed="0").decode().splitlines()
    assert [found for line in lines for found in floats(json.loads(line))] == []


def test_the_result_as_json_has_what_the_contract_names():
    """`seed`, `scenario`, `virtual_s`, `wall_s`, `invariants`, `faults`, `latency_ms`; nothing else on the output."""
    ended = sim("--seed", "2", *SHORT, "--json")
    document = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert document["seed"] == 2
    assert document["scenario"] == "steady"
    assert document["virtual_s"] > 9
    assert document["wall_s"] > 0
    assert set(document["invariants"].values()) == {"held"}
    assert document["faults"] == {"met": {}}
    assert document["latency_ms"]["word_to_listener"]["count"] == 2 * document["latency_ms"]["word_to_forward"]["count"]


def test_a_counter_that_is_read_and_then_written_is_found_within_four_seeds(tmp_path):
    """The bug is put into a copy of the handlers; the last line repeats it, and repeating it finds it again."""
    source = (ROOT / "services" / "shared" / "broadcast" / "sessions.py").read_text(encoding="utf-8")
    mutant = source.replace(
        '"SET listenerCount = listenerCount + :one"', '"SET listenerCount = :one"'
    ).replace(
        'to_item({":one": 1, ":active"', 'to_item({":one": get(session_id).listenerCount + 1, ":active"'
    )  # fmt: skip
    assert mutant.count("get(session_id).listenerCount + 1") == 1
    file = tmp_path / "sessions.py"
    file.write_text(mutant, encoding="utf-8")
    order = ("--scenario", "swarm", "--listeners", "25", "--speech", "8")
    ended = sim(*order, "--seeds", "1..4", "--fail-fast", "--override", f"broadcast.sessions={file}")
    assert ended.returncode == 1
    assert "listener_count: BROKEN" in ended.stdout
    command = ended.stdout.strip().splitlines()[-1].removeprefix("repeat: sandbox sim ")
    again = sim(*command.split())
    assert again.returncode == 1
    assert "listener_count: BROKEN" in again.stdout
    seed = command.split()[command.split().index("--seed") + 1]
    assert sim(*order, "--seed", seed).returncode == 0


def test_a_handler_that_reaches_for_something_real_is_named(tmp_path):
    """Exit 3 with what it wanted and where."""
    source = (ROOT / "services" / "shared" / "broadcast" / "clock.py").read_text(encoding="utf-8")
    file = tmp_path / "clock.py"
    file.write_text(
        source.replace("return int(", "__import__('socket').create_connection(('10.0.0.1', 80))\n    return int("),
        encoding="utf-8",
    )
    ended = sim("--seed", "2", *SHORT, "--override", f"broadcast.clock={file}")
    assert ended.returncode == 3
    assert "expected nothing real in a simulation, got a name look-up by" in ended.stdout
    assert re.search(r"clock\.py:\d+ in now_ms: give it a stand-in", ended.stdout)
    assert ended.stdout.strip().splitlines()[-1].startswith("repeat: sandbox sim --scenario steady --seed 2")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--scenario", "rest"], "expected a scenario of breaks, farewell, fleet, handover,"),
        (["--seeds", "4..1"], "expected --seeds as FIRST..LAST, for example 1..100, got 4..1"),
        (["--faults", "rain=3"], "expected NAME=NUMBER with a name of"),
        (["--seeds", "1..3", "--shard", "4/3"], "expected --shard as I/N with I from 1 to N, for example 2/4, got 4/3"),
        (["--seeds", "1..3", "--shard", "4/4"], "expected at least 4 seeds for --shard 4/4, got 3"),
        (["--until", "0"], "expected --until to be 1 or more, got 0"),
        (["--listeners", "0"], "expected --listeners to be 1 or more, got 0"),
        (["--chunk", "10"], "expected --chunk from 20 to 750 ms, got 10"),
        (["--override", "a=nowhere.py"], "expected --override MODULE=FILE with a file that exists, got a=nowhere.py"),
        (["--seeds", "1..2", "--journal", "x"], "expected --journal with one seed, got 2 seeds"),
    ],
)
def test_wrong_usage_says_the_next_step(arguments, text):
    """Exit 2, before anything is deployed or run."""
    ended = sim(*arguments)
    assert ended.returncode == 2
    assert text in ended.stderr
