"""The session management's CDK app: `cdk synth -c env=staging` in this folder."""

import sys
from pathlib import Path

import aws_cdk as cdk

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cdk_common import checks, config
from session_management_stack import SHAPE, SessionManagementStack, conflict

app = cdk.App(analytics_reporting=False)
environment = config.environment_of(app)
settings = config.load(Path(__file__).parent, environment, SHAPE, conflict=conflict)
SessionManagementStack(
    app,
    f"SessionManagement-{environment}",
    environment=environment,
    settings=settings,
    env=cdk.Environment(account=settings["account"], region=settings["region"]),
)
checks.add(app)
app.synth()
