"""`sandbox preflight`: would AWS take what is about to be deployed?"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.options import DEFAULT_STATE_DIR, AsJson, StateDir, failure, print_json, usage_error

if TYPE_CHECKING:
    from sandbox.preflight.account import Target
    from sandbox.preflight.findings import Finding


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: sandbox preflight --deployer deployer-policy.json --json")(preflight)


def preflight(
    environment: Annotated[str, typer.Option(help="Which configuration of the definitions.")] = "staging",
    run: Annotated[str, typer.Option(help="The run whose refused calls count; the latest without.")] = "",
    deployer: Annotated[Path | None, typer.Option(help="The deploying user's policy, a JSON document.")] = None,
    account: Annotated[
        bool, typer.Option("--account", help="Also ask the account that your AWS settings reach.")
    ] = False,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: AsJson = False,
) -> None:
    """Say what AWS would not take, each with its cause and remedy, before anything is deployed.

    Exit 0 when nothing is found, 1 otherwise.
    """
    from sandbox import journal
    from sandbox.deployment.errors import DeploymentError
    from sandbox.live.account import ACCOUNT_ID, REGION
    from sandbox.live.settings import SandboxSettings
    from sandbox.preflight import permissions
    from sandbox.preflight.account import bootstrapped
    from sandbox.preflight.run import definitions

    settings = SandboxSettings(state_dir=state_dir.resolve(), environment=environment)
    runs = [path for path in sorted((state_dir / "runs").glob("*/journal.jsonl")) if run in ("", path.parent.name)]
    if run and not runs:
        usage_error(f"expected a run in {state_dir / 'runs'}, found no {run}: run 'sandbox demo' first")
    policy = _policy(deployer)
    target = _target() if account else None
    account_id, region = (target.account_id, target.region) if target is not None else (ACCOUNT_ID, REGION)
    try:
        found = definitions(
            settings.project, environment=environment, cache_dir=settings.cache_dir, account_id=account_id,
            region=region, today=datetime.now(UTC).date(),
        )  # fmt: skip
    except DeploymentError as error:
        failure(error)
    if runs:
        found += permissions.check(journal.read(runs[-1]))
    if target is not None:
        found += bootstrapped(target)
    found += _deployer(policy, target, account_id, region)
    if as_json:
        print_json({"passed": not found, "findings": [asdict(one) for one in found]})
    else:
        for one in found:
            print(one.line())
        print(f"{len(found)} found" if found else "nothing found that AWS would not take")
    if found:
        raise typer.Exit(1)


def _policy(path: Path | None) -> str | None:
    """The document's text, or exit 2."""
    from sandbox.permissions.documents import statements
    from sandbox.permissions.errors import PolicyError

    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
        statements(text)
    except (OSError, ValueError, PolicyError) as error:
        usage_error(f"expected --deployer to be a policy document: {error}")
    return text


def _deployer(policy: str | None, target: "Target | None", account_id: str, region: str) -> "list[Finding]":
    from sandbox.permissions.documents import statements
    from sandbox.preflight.account import deployer

    if policy is None:
        return []
    bootstraps = target is None or target.bootstrap_version is None
    return deployer(statements(policy), account_id=account_id, region=region, bootstraps=bootstraps)


def _target() -> "Target":
    """What the account says that the environment's AWS settings reach, or exit 1."""
    from botocore.exceptions import BotoCoreError, ClientError

    from sandbox.preflight.asking import ask

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        failure(f"expected an AWS account for --account, got: {error}: set AWS_ENDPOINT_URL, or a profile")
