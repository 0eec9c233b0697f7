"""The deployment as a process of its own, so that CDK and boto3 never stay in the world's memory."""

import asyncio

from sandbox.deployment.command import Deployment
from sandbox.deployment.errors import EXIT_REFUSED
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.errors import DefinitionsRefusedError, DeploymentFailedError
from sandbox.live.settings import SandboxSettings
from sandbox.parents_death import end_with_parent


def deployment(settings: SandboxSettings, endpoint_url: str) -> Deployment:
    """What a sandbox deploys to itself."""
    return Deployment(
        project=settings.project, cache_dir=settings.cache_dir, endpoint_url=endpoint_url,
        environment=settings.environment, account_id=ACCOUNT_ID, region=REGION,
    )  # fmt: skip


async def deploy(settings: SandboxSettings, endpoint_url: str) -> None:
    """Synthesise and deploy the project's definitions. Raises DefinitionsRefusedError or
    DeploymentFailedError with the first failure's line."""
    process = await asyncio.create_subprocess_exec(
        *deployment(settings, endpoint_url).command("sandbox.deployment"),
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
