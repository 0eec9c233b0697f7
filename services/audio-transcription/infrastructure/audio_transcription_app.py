"""The audio transcription's CDK app: `cdk synth -c environment=staging` in this folder."""

import sys
from pathlib import Path

import aws_cdk as cdk

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "shared"))

from audio_transcription_stack import SHAPE, AudioTranscriptionStack
from cdk_common import checks, config

app = cdk.App(analytics_reporting=False)
environment = config.environment_of(app)
AudioTranscriptionStack(
    app,
    f"audio-transcription-{environment}",
    environment=environment,
    settings=config.load(Path(__file__).parent, environment, SHAPE),
    env=cdk.Environment(account=app.node.try_get_context("account"), region=app.node.try_get_context("region")),
)
checks.add(app)
app.synth()
