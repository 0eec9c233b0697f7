"""Which run a command is about."""

import contextlib
from pathlib import Path

from sandbox import journal
from sandbox.cli.options import usage_error


def run_folder(state_dir: Path, run: str) -> Path:
    """The folder of a run by its id, or of the latest; exit 2 when there is none. A run under way is written out."""
    return _folders(state_dir, run)[-1]


def run_with(state_dir: Path, run: str, kind: str) -> Path | None:
    """As `run_folder`, but the latest with an event of this kind; None where there is none."""
    noted = f'"kind":"{kind}"'
    for folder in reversed(_folders(state_dir, run)):
        with (folder / "journal.jsonl").open(encoding="utf-8") as lines:
            if any(noted in line for line in lines):
                return folder
    return None


def _folders(state_dir: Path, run: str) -> list[Path]:
    from sandbox.live import state as state_file
    from sandbox.live.client import AdminError, ask
    from sandbox.live.settings import SandboxSettings

    settings = SandboxSettings(state_dir=state_dir.resolve())
    with contextlib.suppress(state_file.NotRunningError, AdminError):
        ask(state_file.read(settings.state_file), "POST", "events", {"events": []})
    found = sorted(path.parent for path in (state_dir / "runs").glob("*/journal.jsonl"))
    chosen = [folder for folder in found if run in ("", folder.name)]
    if not chosen:
        usage_error(f"expected a run in {state_dir / 'runs'}, found {run or 'none'}: run 'sandbox demo' first")
    return chosen


def events_of(folder: Path) -> list[journal.Event]:
    """The run's journal."""
    return journal.read(folder / "journal.jsonl")
