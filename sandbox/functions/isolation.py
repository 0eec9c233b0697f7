"""File systems of environments' own, where this machine lets processes have them (`runtime/sandbox_isolation.py`)."""

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sandbox.definitions.model import Function

PROBED_WITHIN_S = 20
HIDDEN = Path("/tmp")  # noqa: S108 - a new root must be under something that it does not show
_PROBE = Path(__file__).parent / "runtime" / "sandbox_isolation.py"


class Isolation:
    """Tells how an environment's file system is made. `close` when none is left."""

    def __init__(self, root: Path, *, keep: Sequence[Path]) -> None:
        self._root = root
        self._keep = keep

    @classmethod
    def find(cls, python: str, *, keep: Sequence[Path]) -> "Isolation | None":
        """None where a process may not have mounts of its own. `keep` is seen at its place in every environment.

        Blocks for as long as one process takes.
        """
        root = Path(tempfile.mkdtemp(prefix="sandbox-environments-", dir=HIDDEN if HIDDEN.is_dir() else None))
        made = cls(root, keep=keep)
        try:
            probed = subprocess.run(
                [python, "-S", str(_PROBE), str(root), str(root)], capture_output=True, check=False,
                timeout=PROBED_WITHIN_S,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            probed = None
        if probed is None or probed.returncode:
            made.close()
            return None
        return made

    def plan(
        self,
        function: Function,
        *,
        layers: Path | None,
        runtime: Path,
        own_paths: Sequence[str],
        seen_too: Sequence[Path] = (),
    ) -> str:
        """The argument of `runtime/sandbox_runtime.py`; `own_paths` are where the code would be found without it, and
        `seen_too` what it must see at its place besides."""
        return json.dumps(
            {
                "root": str(self._root),
                "task": function.path,
                "layers": str(layers) if layers is not None else "",
                "runtime": str(runtime),
                "tmp_mb": function.ephemeral_storage_mb,
                "keep": [str(path) for path in (*self._keep, runtime, *seen_too) if path.exists()],
                "own_paths": list(own_paths),
            }
        )

    def close(self) -> None:
        """Remove the folder on which every environment's root is mounted."""
        with contextlib.suppress(OSError):
            self._root.rmdir()
