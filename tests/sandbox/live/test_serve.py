"""What keeps a sandbox from running is told in one line, before anything has been started."""

import asyncio
import shutil
from pathlib import Path

import pytest

from sandbox.live.errors import BadRecordingsError, WrongUsageError
from sandbox.live.serve import serve
from sandbox.live.settings import SandboxSettings, environments

ROOT = Path(__file__).resolve().parents[3]


def test_a_script_of_another_recording_is_refused(tmp_path):
    """The pair is checked on disk by its digest."""
    samples = tmp_path / "project" / "audio_samples"
    samples.mkdir(parents=True)
    shutil.copy(ROOT / "audio_samples" / "austen-0880.script.yaml", samples)
    shutil.copy(ROOT / "audio_samples" / "austen-0890.wav", samples / "austen-0880.wav")
    settings = SandboxSettings(state_dir=tmp_path / "state", port=0, project=tmp_path / "project")
    with pytest.raises(BadRecordingsError, match="audio_sha256 is another: make the script again") as refused:
        asyncio.run(serve(settings, lambda _: None, lambda _: None))
    assert isinstance(refused.value, WrongUsageError)
    assert not (tmp_path / "state").exists()


def test_the_environments_are_those_that_every_app_has(tmp_path):
    """Read from the configurations, listed nowhere else."""
    assert environments(ROOT) == ["dev", "prod", "staging"]
    for app, names in {"a": ("dev", "prod"), "b": ("dev",)}.items():
        folder = tmp_path / "services" / app / "infrastructure" / "config"
        folder.mkdir(parents=True)
        for name in names:
            (folder / f"{name}.json").write_text("{}")
    assert environments(tmp_path) == ["dev"]
