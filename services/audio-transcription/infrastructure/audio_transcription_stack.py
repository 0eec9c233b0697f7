"""`audio-transcription-{env}`: the audio processor, its feature flag, its alarms and its dashboard."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch, aws_lambda, aws_sns, aws_ssm
from cdk_common import layers
from cdk_common.alarms import AlarmSpec, Source, add_alarms
from cdk_common.functions import FunctionSpec, arn, powertools, python_function, statement, table_arns
from constructs import Construct

NUMBER = (int, float)
SHAPE = {
    "environment": str,
    "lambda": {"memory_size": int, "timeout": int, "log_level": str},
    "partial_results": {
        "enabled": bool,
        "min_stability_threshold": NUMBER,
        "max_buffer_timeout": NUMBER,
        "pause_threshold": NUMBER,
        "orphan_timeout": NUMBER,
        "max_rate_per_second": int,
        "dedup_cache_ttl": NUMBER,
    },
    "alarms": {"latency_threshold_ms": int, "dropped_results_threshold": int, "orphaned_results_threshold": int},
}
CODE = Path(__file__).resolve().parents[1] / "lambda"
NAMESPACE = "AudioTranscription"
SERVICE = "audio-transcription"
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
        flag = aws_ssm.StringParameter(
            self,
            "PartialResultsFeatureFlagParameter",
            parameter_name=PARAMETER,
            string_value=json.dumps(settings["partial_results"]),
            description="How partial results are forwarded; running sessions follow a change within 30 s",
        )
        function = self._audio_processor(flag)
        add_alarms(self, topic, self._alarms(function))
        self._dashboard()

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
                    **powertools(SERVICE, NAMESPACE, configured["log_level"]),
                },
                statements=[
                    statement(["dynamodb:GetItem", "dynamodb:UpdateItem"], table_arns(self, sessions)),
                    statement(["dynamodb:GetItem"], table_arns(self, connections)),
                    statement(
                        [
                            "sqs:SendMessage",
                            "sqs:ReceiveMessage",
                            "sqs:DeleteMessage",
                            "sqs:ChangeMessageVisibility",
                            "sqs:DeleteQueue",
                        ],
                        [arn(self, "sqs", f"session-audio-{self._environment}-*")],
                    ),
                    statement(
                        ["lambda:InvokeFunction"],
                        [arn(self, "lambda", f"function:{name}"), arn(self, "lambda", f"function:{translation}")],
                    ),
                    statement(["ssm:GetParameter"], [flag.parameter_arn]),
                    # Transcribe's streams have no resources to name.
                    statement(["transcribe:StartStreamTranscription"], ["*"]),
                    # The API is made by a later stack; its id is known to events alone.
                    statement(["execute-api:ManageConnections"], [arn(self, "execute-api", "*/prod/*/@connections/*")]),
                ],
            ),
        )
        # The worker starts its own successor before each of its ends; the chain has an end of its own.
        function.node.default_child.add_property_override("RecursiveLoop", "Allow")
        aws_lambda.EventInvokeConfig(
            self, "StreamWorkerEvents", function=function, retry_attempts=0, max_event_age=cdk.Duration.seconds(60)
        )
        return function

    def _alarms(self, function: aws_lambda.Function) -> list[AlarmSpec]:
        limits = self._settings["alarms"]
        ours = Source(namespace=NAMESPACE, dimension="service", value=SERVICE)
        lambdas = Source(namespace="AWS/Lambda", dimension="FunctionName", value=function.function_name)
        return [
            AlarmSpec(
                construct_id="PartialResultLatencyAlarm", about="Segments wait too long for their translation",
                metric="PartialResultProcessingLatency", statistic="p95", threshold=limits["latency_threshold_ms"],
                periods=3, datapoints=2, source=ours,
            ),
            AlarmSpec(
                construct_id="PartialResultsDroppedAlarm", about="Many partial results are thinned out",
                metric="PartialResultsDropped", threshold=limits["dropped_results_threshold"], period_s=300,
                source=ours,
            ),
            AlarmSpec(
                construct_id="OrphanedResultsAlarm", about="Results whose final never came",
                metric="OrphanedResults", threshold=limits["orphaned_results_threshold"], period_s=300, source=ours,
            ),
            AlarmSpec(
                construct_id="TranscribeFallbackAlarm", about="A stream failed and was opened again",
                metric="TranscribeErrors", threshold=3, period_s=300, source=ours,
            ),
            AlarmSpec(
                construct_id="LambdaErrorAlarm", about="The audio processor fails",
                metric="Errors", threshold=5, period_s=300, source=lambdas,
            ),
            AlarmSpec(
                construct_id="LambdaThrottleAlarm", about="The audio processor is throttled",
                metric="Throttles", threshold=1, period_s=300, source=lambdas,
            ),
            AlarmSpec(
                construct_id="AudioQualitySNRAlarm", about="Speakers are hard to hear",
                metric="AudioSNR", statistic="Average", threshold=15, period_s=300, below=True, source=ours,
            ),
            AlarmSpec(
                construct_id="AudioQualityClippingAlarm", about="Speakers are too loud for their microphones",
                metric="AudioClipping", statistic="Average", threshold=5, period_s=300, source=ours,
            ),
        ]  # fmt: skip

    def _dashboard(self) -> None:
        rows = (
            ("Audio", ("AudioChunksReceived", "AudioProcessingLatency")),
            ("Streams", ("TranscribeStreamInitLatency", "TranscribeErrors")),
            ("Segments", ("TranscriptionForwardingLatency", "OrphanedResults")),
            ("Quality", ("AudioSNR", "AudioClipping")),
        )
        dashboard = aws_cloudwatch.Dashboard(
            self, "AudioQualityDashboard", dashboard_name=f"AudioQualityDashboard-{self._environment}"
        )
        for title, names in rows:
            metrics = [
                aws_cloudwatch.Metric(namespace=NAMESPACE, metric_name=name, dimensions_map={"service": SERVICE})
                for name in names
            ]
            dashboard.add_widgets(aws_cloudwatch.GraphWidget(title=title, left=metrics, width=12))
