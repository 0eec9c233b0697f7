"""What a demo plays and who listens; refused in one line before anything is started."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.client import recording
from sandbox.client.recording import Recording, RecordingError

DEFAULT_SAMPLES = ("austen-0870", "austen-0880", "austen-0890")


@dataclass(frozen=True, kw_only=True)
class DemoPlan:
    """The recordings in the order they are played, and the listeners' languages."""

    recordings: tuple[Recording, ...]
    listen: tuple[str, ...]
    source_language: str = "en"

    @property
    def duration_ms(self) -> int:
        return sum(one.duration_ms for one in self.recordings)

    def placed(self) -> list[tuple[int, Recording]]:
        """Each recording with the position in the session's audio at which it begins."""
        position_ms = 0
        placed = []
        for one in self.recordings:
            placed.append((position_ms, one))
            position_ms += one.duration_ms
        return placed


def sample_names(folder: Path) -> list[str]:
    """The recordings that can be named: those with both audio and script."""
    return sorted(path.stem for path in folder.glob("*.wav") if path.with_suffix(".script.yaml").exists())


def plan_samples(folder: Path, names: list[str], *, listen: list[str], repeat: int) -> DemoPlan:
    """Named recordings, played one after another, `repeat` times over. Raises RecordingError with what there is."""
    known = sample_names(folder)
    for name in names:
        if name not in known:
            raise RecordingError(
                f"expected one of {', '.join(known) or 'no samples at all'}, got {name}: "
                "name one of these, or give a recording of your own with --audio"
            )
    if repeat < 1:
        raise RecordingError(f"expected to play the recordings at least once, got --repeat {repeat}")
    if not listen or not all(code.isalpha() and len(code) == 2 and code.islower() for code in listen):
        raise RecordingError(f"expected two-letter languages such as es,fr, got {','.join(listen) or 'none'}")
    loaded = [recording.load(folder / f"{name}.wav") for name in names]
    return DemoPlan(recordings=tuple(loaded * repeat), listen=tuple(listen))
