"""The command line of the control plane's process."""

import sys

from sandbox.live.settings import ACCOUNT_ID, REGION, SandboxSettings


def command(settings: SandboxSettings, *, listening: int, listening_tables: int) -> list[str]:
    """For two sockets that listen already, given by their descriptors."""
    said = [
        sys.executable, "-m", "sandbox.control_plane", "--state-dir", str(settings.state_dir),
        "--layers-dir", str(settings.layers_dir), "--account-id", ACCOUNT_ID, "--region", REGION, "--iam", settings.iam,
        "--listening", str(listening), "--listening-tables", str(listening_tables),
        "--function-state-ms", str(settings.function_state_ms),
        "--parameter-reads-per-s", str(settings.quotas.parameter_reads_per_s),
    ]  # fmt: skip
    for service, url in settings.backend.endpoints().items():
        said += ["--data-endpoint", f"{service}={url}"]
    return said if settings.empty else [*said, "--templates-ahead"]
