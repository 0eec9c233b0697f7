"""`TranslationPipeline-{env}`: the function that translates segments and posts them to listeners."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb, aws_lambda
from cdk_common import layers
from cdk_common.checks import accept
from cdk_common.config import ACCOUNT, LOG_LEVEL, MEMORY, REGION, Shape, Text, Whole
from cdk_common.functions import FunctionSpec, Permission, post_to_connections, powertools, python_function, table_arn
from constructs import Construct

TIER = "standard|premium"
SHAPE: Shape = {
    "account": ACCOUNT,
    "region": REGION,
    "lambda": {
        "memory_size": MEMORY,
        "timeout": Whole(least=5, most=60, unit="seconds, in which all languages of a segment are served"),
        "log_level": LOG_LEVEL,
    },
    "translation": {"cache_ttl_hours": Whole(least=1, most=8_760, unit="hours")},
    "speech": {
        "tiers": Text(pattern=f"(({TIER})(,({TIER}))*)?", form="standard, premium, both with a comma, or nothing")
    },
}
"""`speech.tiers`: quality tiers whose listeners also hear the translation, with commas between; empty for none.
A session of any other tier makes no call to Polly and waits for none."""

INDEX = "sessionId-targetLanguage-index"
CODE = Path(__file__).resolve().parents[1] / "lambda"


class TranslationPipelineStack(cdk.Stack):
    """One function, the table of what it has claimed, and the table of what it has translated."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, settings: dict[str, Any], env: cdk.Environment
    ) -> None:
        super().__init__(scope, construct_id, env=env)
        claims = self._table("TranslationClaims", environment, key="claimId")
        cache = self._table("TranslationCache", environment, key="cacheKey")
        connections, sessions = f"Connections-{environment}", f"Sessions-{environment}"
        function = python_function(
            self,
            CODE,
            FunctionSpec(
                construct_id="TranslationProcessor",
                name=f"TranslationProcessor-{environment}",
                package="translation_processor",
                memory_mb=settings["lambda"]["memory_size"],
                timeout_s=settings["lambda"]["timeout"],
                layers=[layers.shared_code(self, "SharedLayer"), layers.dependencies(self, "LightLayer", "light")],
                environment={
                    "ENVIRONMENT": environment,
                    "CONNECTIONS_TABLE_NAME": connections,
                    "SESSIONS_TABLE_NAME": sessions,
                    "CLAIMS_TABLE_NAME": claims.table_name,
                    "TRANSLATION_CACHE_TABLE_NAME": cache.table_name,
                    "TRANSLATION_CACHE_TTL_HOURS": str(settings["translation"]["cache_ttl_hours"]),
                    "SPEECH_TIERS": settings["speech"]["tiers"],
                    **powertools("translation-pipeline", "TranslationPipeline", settings["lambda"]["log_level"]),
                },
                permissions=[
                    Permission(actions=["dynamodb:UpdateItem"], resources=[claims.table_arn]),
                    Permission(actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[cache.table_arn]),
                    Permission(actions=["dynamodb:Query"], resources=[f"{table_arn(self, connections)}/index/{INDEX}"]),
                    # Listeners whose connection is gone are counted out.
                    Permission(
                        actions=["dynamodb:GetItem", "dynamodb:DeleteItem"], resources=[table_arn(self, connections)]
                    ),
                    Permission(actions=["dynamodb:UpdateItem"], resources=[table_arn(self, sessions)]),
                    Permission(
                        actions=["translate:TranslateText"],
                        resources=["*"],
                        why="Amazon Translate's texts have no resources to name.",
                    ),
                    Permission(
                        actions=["polly:SynthesizeSpeech"],
                        resources=["*"],
                        why="Polly's only resources are lexicons; a request that names none needs the wildcard.",
                    ),
                    post_to_connections(self, "prod"),
                ],
            ),
        )
        events = aws_lambda.EventInvokeConfig(
            self,
            "TranslationProcessorEvents",
            function=function,
            retry_attempts=1,
            max_event_age=cdk.Duration.minutes(2),
        )
        accept(events, "Serverless-LambdaAsyncFailureDestination", "a segment that is two minutes late helps nobody")
        cdk.CfnOutput(self, "TranslationProcessorArn", value=function.function_arn)

    def _table(self, name: str, environment: str, *, key: str) -> aws_dynamodb.Table:
        table = aws_dynamodb.Table(
            self,
            name,
            table_name=f"{name}-{environment}",
            partition_key=aws_dynamodb.Attribute(name=key, type=aws_dynamodb.AttributeType.STRING),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expiresAt",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        accept(table, "AwsSolutions-DDB3", "what it holds expires by itself and can be made again")
        return table
