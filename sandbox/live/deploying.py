"""The deployment as a process of its own, so that CDK and boto3 never stay in the world's memory."""

import asyncio
import sys

from sandbox.deployment.errors import EXIT_REFUSED
from sandbox.live.errors import DefinitionsRefusedError, DeploymentFailedError
from sandbox.live.settings import ACCOUNT_ID, REGION, SandboxSettings
from sandbox.processes import end_with_parent


async def deploy(settings: SandboxSettings, endpoint_url: str) -> None:
    """Synthesise and deploy the project's definitions. Raises DefinitionsRefusedError or
    DeploymentFailedError with the first failure's line."""
    command = [
        sys.executable, "-m", "sandbox.deployment", "--project", str(settings.project),
        "--cache-dir", str(settings.cache_dir), "--endpoint-url", endpoint_url,
        "--environment", settings.environment, "--account-id", ACCOUNT_ID, "--region", REGION,
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    log = settings.state_dir / "deployment.log"
    log.write_bytes(errors)
    if process.returncode:
        said = errors.decode(errors="replace").strip().splitlines()
        failure = DefinitionsRefusedError if process.returncode == EXIT_REFUSED else DeploymentFailedError
        raise failure(said[-1] if said else "nothing said", str(log))
