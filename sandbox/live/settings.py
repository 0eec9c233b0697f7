"""Where a sandbox keeps its things and what it runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.gateway.quotas import AWS_QUOTAS, Quotas
from sandbox.live.backend import EMBEDDED_BACKEND, Backend

if TYPE_CHECKING:
    from sandbox.permissions.guard import Mode

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout: the definitions under `services/`, the recordings and the lock files are found from here."""

HIGHEST_PORT = 65_535
"""TCP's (RFC 9293)."""

FIRST_READY_WITHIN_S = 300.0
"""A first start on a machine synthesises the definitions and installs the layers' packages."""

DEFAULT_PORT = 4566
"""LocalStack's edge port, which AWS tools' local profiles usually name."""


DEFAULT_DEBUG_PORT = 5678
"""debugpy's own, which editors propose."""


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """One sandbox. Two of them run side by side with two state folders; port 0 takes a free one."""

    state_dir: Path
    port: int = DEFAULT_PORT
    backend: Backend = EMBEDDED_BACKEND
    environment: str = "staging"
    iam: "Mode" = "enforce"
    quotas: Quotas = AWS_QUOTAS
    project: Path = PROJECT
    function_state_ms: int = 100
    """How long a function that the API made or changed is Pending or InProgress; on AWS it is a second or two."""
    empty: bool = False
    """Deploy nothing: whoever has the endpoint deploys what is to run."""
    watch: bool = False
    """Deploy again what changes under `services/`."""
    debug: str = ""
    """The function one of whose environments waits for a debugger."""
    debug_port: int = DEFAULT_DEBUG_PORT

    @property
    def cache_dir(self) -> Path:
        """What can be made again and is shared by all sandboxes of this checkout."""
        return self.project / ".cache"

    @property
    def layers_dir(self) -> Path:
        """Layers, unpacked and named by their content."""
        return self.cache_dir / "layers"

    @property
    def samples_dir(self) -> Path:
        return self.project / "audio_samples"

    @property
    def state_file(self) -> Path:
        return self.state_dir / "state.json"

    @property
    def runs_dir(self) -> Path:
        return self.state_dir / "runs"


def environments(project: Path) -> list[str]:
    """The environments that every app of the project has a configuration for."""
    apps = [
        {path.stem for path in folder.glob("*.json")} for folder in project.glob("services/*/infrastructure/config")
    ]
    return sorted(set.intersection(*apps)) if apps else []
