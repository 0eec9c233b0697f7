"""A copy of the CDK apps that a test breaks, synthesised and checked as the project's own are."""

import shutil
from datetime import date
from pathlib import Path

from sandbox.preflight.findings import Finding
from sandbox.preflight.run import definitions

ROOT = Path(__file__).resolve().parents[3]


def copied(folder: Path) -> Path:
    """The apps in a project of their own, which shares the locks and the layers made from them."""
    shutil.copytree(ROOT / "services", folder / "services", ignore=shutil.ignore_patterns("__pycache__", "cdk.out"))
    (folder / "requirements").symlink_to(ROOT / "requirements")
    layers = ROOT / ".cache" / "layers"
    layers.mkdir(parents=True, exist_ok=True)
    (folder / ".cache").mkdir()
    (folder / ".cache" / "layers").symlink_to(layers)
    return folder


def leave_only(project: Path, app: str) -> None:
    """No other app is synthesised, since a fault of this one is enough to see."""
    for definition in (project / "services").glob("*/infrastructure/cdk.json"):
        if definition.parent.parent.name != app:
            definition.unlink()


def replace(project: Path, path: str, before: str, after: str) -> None:
    """Put other text into a file of the copy, which has the old one exactly once."""
    file = project / "services" / path
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path} has {before!r} {text.count(before)} times"
    file.write_text(text.replace(before, after), encoding="utf-8")


def found_in(project: Path) -> list[Finding]:
    """What preflight finds in the copy's definitions."""
    return definitions(
        project, environment="staging", cache_dir=project / ".cache", account_id="123456789012", region="us-east-1",
        today=date(2026, 11, 25),
    )  # fmt: skip
