"""`python -m sandbox.deployment`: synthesise and deploy; prints the stacks' outputs as one JSON line.

A process of its own, so that CDK and boto3 never stay in the sandbox's memory.
"""

import argparse
import json
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError

from sandbox.deployment.deploy import deploy, in_order
from sandbox.deployment.errors import EXIT_REFUSED, DeploymentError, TemplateRefusedError
from sandbox.deployment.synth import synthesise_all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--endpoint-url", required=True)
    parser.add_argument("--environment", required=True)
    parser.add_argument("--account-id", required=True)
    parser.add_argument("--region", required=True)
    given = parser.parse_args()
    try:
        assemblies = synthesise_all(given.project, environment=given.environment, cache_dir=given.cache_dir)
        import boto3  # after synthesis, which needs none of it

        session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the sandbox takes any key pair
            region_name=given.region,
        )
        stacks = in_order(assemblies, account_id=given.account_id, region=given.region)
        print(json.dumps(deploy(session, given.endpoint_url, stacks)))
    except TemplateRefusedError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    except (DeploymentError, BotoCoreError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
