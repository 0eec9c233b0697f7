"""The command line of a process that deploys: what is deployed, from where and to where."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A project's definitions for one environment, and the endpoint of the account and Region that they go to."""

    project: Path
    cache_dir: Path
    endpoint_url: str
    environment: str
    account_id: str
    region: str

    def command(self, module: str) -> list[str]:
        """The command that runs a module of this package for this deployment."""
        return [
            sys.executable, "-m", module, "--project", str(self.project), "--cache-dir", str(self.cache_dir),
            "--endpoint-url", self.endpoint_url, "--environment", self.environment,
            "--account-id", self.account_id, "--region", self.region,
        ]  # fmt: skip

    def session(self) -> Any:
        """A boto3 session for the endpoint; boto3 is loaded here, since synthesis needs none of it."""
        import boto3

        return boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the sandbox takes any key pair
            region_name=self.region,
        )


def parsed(about: str | None) -> Deployment:
    """What this process's command line says; `about` is shown by --help."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--cache-dir", type=Path, required=True)
    for name in ("--endpoint-url", "--environment", "--account-id", "--region"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    return Deployment(
        project=given.project.resolve(), cache_dir=given.cache_dir, endpoint_url=given.endpoint_url,
        environment=given.environment, account_id=given.account_id, region=given.region,
    )  # fmt: skip
