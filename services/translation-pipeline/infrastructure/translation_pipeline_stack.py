"""`TranslationPipeline-{env}`: the function that translates segments and posts them to listeners."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb, aws_lambda
from cdk_common import layers
from cdk_common.functions import FunctionSpec, arn, powertools, python_function, statement, table_arns
from constructs import Construct

SHAPE = {"account": str, "region": str, "lambda": {"memory_size": int, "timeout": int, "log_level": str}}
CODE = Path(__file__).resolve().parents[1] / "lambda"


class TranslationPipelineStack(cdk.Stack):
    """One function, and the table of what it has claimed."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, settings: dict[str, Any], env: cdk.Environment
    ) -> None:
        super().__init__(scope, construct_id, env=env)
        claims = aws_dynamodb.Table(
            self,
            "TranslationClaims",
            table_name=f"TranslationClaims-{environment}",
            partition_key=aws_dynamodb.Attribute(name="claimId", type=aws_dynamodb.AttributeType.STRING),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expiresAt",
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
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
                    **powertools("translation-pipeline", "TranslationPipeline", settings["lambda"]["log_level"]),
                },
                statements=[
                    statement(["dynamodb:PutItem"], [claims.table_arn]),
                    statement(
                        ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:DeleteItem"],
                        table_arns(self, connections, index=True),
                    ),
                    statement(["dynamodb:UpdateItem"], table_arns(self, sessions)),
                    # Amazon Translate has no resources to name.
                    statement(["translate:TranslateText"], ["*"]),
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
