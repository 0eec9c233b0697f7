"""`python -m sandbox.deployment`: synthesise and deploy; prints the stacks' outputs as one JSON line.

A process of its own, so that CDK and boto3 never stay in the sandbox's memory.
"""

import json
import sys

from botocore.exceptions import BotoCoreError

from sandbox.deployment.command import parsed
from sandbox.deployment.deploy import deploy, in_order
from sandbox.deployment.errors import EXIT_REFUSED, DeploymentError, TemplateRefusedError
from sandbox.deployment.synth import synthesise_all


def main() -> None:
    asked = parsed(__doc__)
    try:
        assemblies = synthesise_all(asked.project, environment=asked.environment, cache_dir=asked.cache_dir)
        stacks = in_order(assemblies, account_id=asked.account_id, region=asked.region)
        print(json.dumps(deploy(asked.session(), asked.endpoint_url, stacks)))
    except TemplateRefusedError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    except (DeploymentError, BotoCoreError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
