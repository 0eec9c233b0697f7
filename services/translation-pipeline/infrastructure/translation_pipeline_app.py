"""The translation pipeline's CDK app: `cdk synth -c environment=staging` in this folder."""

import sys
from pathlib import Path

import aws_cdk as cdk

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cdk_common import checks, config
from translation_pipeline_stack import SHAPE, TranslationPipelineStack

app = cdk.App(analytics_reporting=False)
environment = config.environment_of(app)
settings = config.load(Path(__file__).parent, environment, SHAPE)
TranslationPipelineStack(
    app,
    f"TranslationPipeline-{environment}",
    environment=environment,
    settings=settings,
    env=cdk.Environment(account=settings["account"], region=settings["region"]),
)
checks.add(app)
app.synth()
