"""`sandbox script make` and `demo --audio`: words come with times, or as a text that is aligned to the audio."""

import json
import shutil
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from fake_transcribe import recordings
from sandbox.alignment.aligner import available
from sandbox.cli.app import app

SAMPLES = Path(__file__).resolve().parents[3] / "audio_samples"
TEXT = "He was not an ill-disposed young man."
needs_the_extra = pytest.mark.skipif(not available(), reason="the extra 'align' is not installed")


def run(*arguments: object):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@needs_the_extra
def test_a_text_is_enough_for_a_script(tmp_path):
    """The final is the text; the words end where the known ones do."""
    shutil.copy(SAMPLES / "austen-0880.wav", tmp_path / "talk.wav")
    made = run("script", "make", tmp_path / "talk.wav", "--text", TEXT, "-o", tmp_path / "talk.script.yaml")
    assert made.exit_code == 0, made.output
    (segment,) = recordings.load(tmp_path).scripts["talk"].segments
    assert segment.final is not None
    assert segment.final.text == TEXT
    known = json.loads((SAMPLES / "austen-0880.words.json").read_text())["words"]
    assert abs(segment.final.words[-1].end_ms - known[-1]["end"] * 1000) <= 50


@needs_the_extra
def test_another_format_is_written_again_beside_the_script(tmp_path):
    """A FLAC in stereo at 48 kHz becomes what the fake plays."""
    samples, _ = soundfile.read(SAMPLES / "austen-0880.wav")
    talk = tmp_path / "given" / "talk.flac"
    talk.parent.mkdir()
    import soxr

    wide = soxr.resample(samples, 16_000, 48_000)
    soundfile.write(talk, [[one, one] for one in wide], 48_000)
    output = tmp_path / "talk.script.yaml"
    made = run("script", "make", talk, "--text", TEXT, "-o", output, "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["audio"] == str(tmp_path / "talk.wav")
    assert "talk" in recordings.load(tmp_path).scripts

    again = run("script", "make", talk, "--text", TEXT, "-o", output)
    assert again.exit_code == 2
    assert "expected no file at" in again.output


@needs_the_extra
def test_a_text_that_is_not_spoken_there_is_exit_2(tmp_path):
    """In both commands, one line."""
    wav = SAMPLES / "austen-0880.wav"
    for ended in (
        run("script", "make", wav, "--text", "The weather will be fine tomorrow"),
        run("demo", "--audio", wav, "--text", "The weather will be fine tomorrow", "--state-dir", tmp_path),
    ):
        assert ended.exit_code == 2
        assert "check the text against the audio" in ended.output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["demo", "--audio", "a.wav"], "expected --audio together with --words or --text"),
        (["demo", "--text", "hello"], "expected --audio together with --words or --text"),
        (["script", "make", SAMPLES / "austen-0880.wav", "--text", "x", "--words", "y"], "got both: give one of them"),
        (["script", "make", "nothing.wav", "--text", "x"], "expected a recording at nothing.wav, found nothing"),
    ],
)
def test_wrong_usage_says_the_next_step(arguments, text):
    """Exit 2."""
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert text in ended.output


def test_a_recording_in_another_form_needs_a_place(tmp_path):
    """Printed, a script would name audio that nobody has."""
    soundfile.write(tmp_path / "talk.flac", [0.0] * 8000, 8000)
    (tmp_path / "talk.words.json").write_text(json.dumps({"words": [{"word": "hm", "start": 0.1, "end": 0.5}]}))
    ended = run("script", "make", tmp_path / "talk.flac")
    assert ended.exit_code == 2
    assert "give -o NAME.script.yaml" in ended.output
