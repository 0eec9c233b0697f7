"""`audio-transcription-{env}`: the audio processor, its feature flag, its alarms and its dashboard."""

import json
from pathlib import Path
from typing import Any

import audio_watching
import aws_cdk as cdk
from audio_watching import add_dashboard
from aws_cdk import aws_lambda, aws_sns, aws_ssm
from cdk_common import layers
from cdk_common.alarms import add_alarms
from cdk_common.checks import accept
from cdk_common.config import ENVIRONMENTS, LOG_LEVEL, MEMORY, Checked, Choice, Shape, Whole
from cdk_common.functions import (
    FunctionSpec,
    Permission,
    arn,
    post_to_connections,
    powertools,
    python_function,
    session_queues,
    table_arn,
)
from constructs import Construct
from partial_results import config as partial_results

SHAPE: Shape = {
    "environment": Choice(of=ENVIRONMENTS),
    "lambda": {
        "memory_size": MEMORY,
        # A stream worker lives for one invocation and hands over 20 s before its end (`audio_processor/limits.py`).
        "timeout": Whole(least=45, most=900, unit="seconds until a stream worker must have handed over"),
        "log_level": LOG_LEVEL,
    },
    "partial_results": Checked(
        names=(
            "enabled", "min_stability_threshold", "max_buffer_timeout", "pause_threshold", "orphan_timeout",
            "max_rate_per_second", "dedup_cache_ttl",
        ),
        check=partial_results.from_mapping,
    ),
    "alarms": {
        "latency_threshold_ms": Whole(least=500, most=60_000, unit="milliseconds"),
        "dropped_results_threshold": Whole(least=1, most=100_000, unit="results in five minutes"),
        "orphaned_results_threshold": Whole(least=1, most=100_000, unit="results in five minutes"),
    },
}  # fmt: skip
CODE = Path(__file__).resolve().parents[1] / "lambda"
PARAMETER = "/audio-transcription/partial-results/config"


class AudioTranscriptionStack(cdk.Stack):
    """The resources of the staging record's first stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, settings: dict[str, Any], env: cdk.Environment
    ) -> None:
        super().__init__(scope, construct_id, env=env)
        self._environment = environment
        self._settings = settings
        topic = aws_sns.Topic(self, "AudioTranscriptionAlarmTopic")
        accept(topic, "AwsSolutions-SNS3", "CloudWatch alone publishes, from inside AWS and over TLS")
        flag = aws_ssm.StringParameter(
            self,
            "PartialResultsFeatureFlagParameter",
            parameter_name=PARAMETER,
            string_value=json.dumps(settings["partial_results"]),
            description="How partial results are forwarded; running sessions follow a change within 30 s",
        )
        function = self._audio_processor(flag)
        alarms = add_alarms(
            self, topic, audio_watching.alarms(function.function_name, settings["alarms"]), environment=environment
        )
        add_dashboard(self, f"AudioQualityDashboard-{environment}", function.function_name, alarms)

    def _audio_processor(self, flag: aws_ssm.StringParameter) -> aws_lambda.Function:
        name = f"audio-processor-{self._environment}"
        sessions, connections = f"Sessions-{self._environment}", f"Connections-{self._environment}"
        translation = f"TranslationProcessor-{self._environment}"
        configured = self._settings["lambda"]
        function = python_function(
            self,
            CODE,
            FunctionSpec(
                construct_id="AudioProcessor",
                name=name,
                package="audio_processor",
                role_id="AudioProcessorLambdaRole",
                memory_mb=configured["memory_size"],
                timeout_s=configured["timeout"],
                layers=[layers.shared_code(self, "SharedLayer"), layers.dependencies(self, "AudioLayer", "audio")],
                environment={
                    "ENVIRONMENT": self._environment,
                    "SESSIONS_TABLE_NAME": sessions,
                    "CONNECTIONS_TABLE_NAME": connections,
                    "AUDIO_PROCESSOR_FUNCTION_NAME": name,
                    "TRANSLATION_PIPELINE_FUNCTION_NAME": translation,
                    "PARTIAL_RESULTS_PARAMETER": PARAMETER,
                    **powertools(audio_watching.SERVICE, audio_watching.NAMESPACE, configured["log_level"]),
                },
                permissions=[
                    Permission(
                        actions=["dynamodb:GetItem", "dynamodb:UpdateItem"], resources=[table_arn(self, sessions)]
                    ),
                    Permission(actions=["dynamodb:GetItem"], resources=[table_arn(self, connections)]),
                    session_queues(
                        self,
                        self._environment,
                        [
                            "sqs:SendMessage",
                            "sqs:ReceiveMessage",
                            "sqs:DeleteMessage",
                            "sqs:ChangeMessageVisibility",
                            "sqs:DeleteQueue",
                        ],
                    ),
                    Permission(
                        actions=["lambda:InvokeFunction"],
                        resources=[arn(self, "lambda", f"function:{one}") for one in (name, translation)],
                    ),
                    Permission(actions=["ssm:GetParameter"], resources=[flag.parameter_arn]),
                    Permission(
                        actions=["transcribe:StartStreamTranscription"],
                        resources=["*"],
                        why="Transcribe's streams have no resources to name.",
                    ),
                    post_to_connections(self, "prod"),
                ],
            ),
        )
        # The worker starts its own successor before each of its ends; the chain has an end of its own.
        function.node.default_child.add_property_override("RecursiveLoop", "Allow")
        events = aws_lambda.EventInvokeConfig(
            self, "StreamWorkerEvents", function=function, retry_attempts=0, max_event_age=cdk.Duration.seconds(60)
        )
        accept(
            events, "Serverless-LambdaAsyncFailureDestination", "the next chunk starts another worker; LambdaErrorAlarm"
        )
        return function
