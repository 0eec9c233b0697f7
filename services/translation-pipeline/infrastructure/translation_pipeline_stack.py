"""`TranslationPipeline-{env}`: the function that translates segments and posts them to listeners."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb, aws_lambda
from cdk_common import layers
from cdk_common.functions import FunctionSpec, arn, powertools, python_function, statement, table_arns
from constructs import Construct

SHAPE = {
    "account": str,
    "region": str,
    "lambda": {"memory_size": int, "timeout": int, "log_level": str},
    "translation": {"cache_ttl_hours": int},
    "speech": {"tiers": str},
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
                statements=[
                    statement(["dynamodb:UpdateItem"], [claims.table_arn]),
                    statement(["dynamodb:GetItem", "dynamodb:PutItem"], [cache.table_arn]),
                    statement(["dynamodb:Query"], [arn(self, "dynamodb", f"table/{connections}/index/{INDEX}")]),
                    # Listeners whose connection is gone are counted out.
                    statement(["dynamodb:GetItem", "dynamodb:DeleteItem"], table_arns(self, connections)),
                    statement(["dynamodb:UpdateItem"], table_arns(self, sessions)),
                    # Amazon Translate has no resources to name.
                    statement(["translate:TranslateText"], ["*"]),
                    # Polly's only resources are lexicons; a request that names none needs the wildcard.
                    statement(["polly:SynthesizeSpeech"], ["*"]),
                    # The API is made by a later stack; its id is known to events alone.
                    statement(["execute-api:ManageConnections"], [arn(self, "execute-api", "*/prod/*/@connections/*")]),
                ],
            ),
        )
        aws_lambda.EventInvokeConfig(
            self,
            "TranslationProcessorEvents",
            function=function,
            retry_attempts=1,
            max_event_age=cdk.Duration.minutes(2),
        )
        cdk.CfnOutput(self, "TranslationProcessorArn", value=function.function_arn)

    def _table(self, name: str, environment: str, *, key: str) -> aws_dynamodb.Table:
        return aws_dynamodb.Table(
            self,
            name,
            table_name=f"{name}-{environment}",
            partition_key=aws_dynamodb.Attribute(name=key, type=aws_dynamodb.AttributeType.STRING),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expiresAt",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
