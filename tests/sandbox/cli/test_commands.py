"""Every command explains itself with an example; wrong usage is exit 2 with the next step."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
WORD = {"word": "hello", "start": 0.1, "end": 0.5}
GOOD = {"words": [WORD]}
COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands)


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name):
    """`sandbox NAME --help`."""
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert re.search(rf"Example: sandbox {name}\b", shown.output)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name):
    """A command that nobody can find is none."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`(sandbox )?{name}\b", readme), name


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["status"], "found none: start one with 'sandbox up'"),
        (["down"], "found none: start one with 'sandbox up'"),
        (["up", "--backend", "cloud"], "expected --backend to be embedded, localstack or a URL, got cloud"),
        (["demo", "--sample", "nothing"], "expected one of austen-0870, austen-0880, austen-0890, got nothing"),
        (["demo", "--listen", "spanish"], "expected two-letter languages such as es,fr, got spanish"),
        (["demo", "--repeat", "0"], "expected to play the recordings at least once, got --repeat 0"),
        (["clock", "advance", "soon"], "expected a duration such as 90s, 100m or 2h, got soon"),
        (["clock", "stop"], "expected 'show' or 'advance DURATION', got stop"),
        (["invoke", "f", "{"], "expected a JSON document"),
        (["metrics"], "found none: run 'sandbox demo' first"),
        (["smoke", "--url", "http://a/prod", "--token", "t"], "expected --url such as wss://"),
        (["smoke", "--url", "wss://a/prod"], "expected --token or SANDBOX_SMOKE_TOKEN together with --url"),
        (["up", "--port", "70000"], "expected --port from 0 (a free one) to 65535, got 70000"),
        (["up", "--watch", "--empty"], "expected --watch or --empty, got both"),
        (["up", "--environment", "moon"], "expected --environment to be one of dev, prod, staging, got moon"),
        (["demo", "--audio", "no.wav"], "expected --audio together with --words or --text: give the other too"),
        (["demo", "--audio", "no.wav", "--words", "no.json"], "expected a recording at no.wav, found nothing: give"),
        (["trace"], "found none: run 'sandbox demo' first"),
        (["speak", "no.wav", "--chunk", "751"], "expected --chunk from 20 to 750 ms, got 751"),
        *(
            (command, "found none: start one with 'sandbox up'")
            for command in (
                ["speak", "no.wav"],
                ["listen", "golden-eagle-427", "es"],
                ["token", "--user", "ada"],
                ["clock"],
                ["logs"],
                ["invoke", "f"],
            )
        ),
    ],
)
def test_wrong_usage_is_exit_2_with_the_next_step(arguments, text, tmp_path):
    """One line that says what was expected and what came."""
    ended = run(*arguments, "--state-dir", str(tmp_path))
    assert ended.exit_code == 2
    assert text in ended.output
    assert len(ended.output.splitlines()) == 1


def test_a_state_folder_that_is_a_file_is_one_line(tmp_path):
    """For every command alike."""
    (tmp_path / "file").write_text("")
    ended = run("status", "--state-dir", str(tmp_path / "file"))
    assert ended.exit_code == 2
    assert "expected --state-dir to be a folder" in ended.output


@pytest.mark.parametrize(
    ("recording", "words", "output", "text"),
    [
        ("none.wav", GOOD, "o.yaml", "none.wav, found nothing: give the path of a WAV, FLAC or OGG file"),
        ("text.wav", GOOD, "o.yaml", "text.wav, got one that"),
        ("empty.wav", GOOD, "o.yaml", "empty.wav, got one that"),
        ("austen-0880.wav", {"words": []}, "o.yaml", "expected the words of austen-0880.wav, got none"),
        (
            "austen-0880.wav",
            {"words": [WORD | {"end": 9}]},
            "o.yaml",
            "got 'hello' until 9000 ms: give the words of this",
        ),
        ("austen-0880.wav", {"words": [WORD | {"end": 0}]}, "o.yaml", "after 0 ms: correct its times"),
        ("austen-0880.wav", {}, "o.yaml", "see audio_samples for the form"),
        ("austen-0880.wav", GOOD, "none/o.yaml", "No such file or directory: give a file in a folder that exists"),
    ],
)
def test_a_script_that_cannot_be_made_is_one_line(tmp_path, recording, words, output, text):
    """The recording, its words, or the place for the result."""
    shutil.copy(ROOT / "audio_samples" / "austen-0880.wav", tmp_path)
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "words.json").write_text(json.dumps(words))
    arguments = ["--words", str(tmp_path / "words.json"), "-o", str(tmp_path / output)]
    ended = run("script", "make", str(tmp_path / recording), *arguments)
    assert (ended.exit_code, len(ended.output.splitlines())) == (2, 1), ended.output
    assert text in ended.output
