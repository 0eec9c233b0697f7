"""`SessionManagement-{env}`: the WebSocket API, its handlers, the tables, the rule, the alarms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import session_watching
from aws_cdk import (
    aws_apigatewayv2,
    aws_apigatewayv2_authorizers,
    aws_apigatewayv2_integrations,
    aws_dynamodb,
    aws_events,
    aws_events_targets,
    aws_lambda,
    aws_lambda_event_sources,
    aws_sns,
    aws_sqs,
)
from cdk_common import layers
from cdk_common.alarms import add_alarms
from cdk_common.checks import accept
from cdk_common.config import ACCOUNT, REGION, Shape, Text, Whole
from cdk_common.functions import (
    FunctionSpec,
    Permission,
    arn,
    post_to_connections,
    powertools,
    python_function,
    session_queues,
)
from constructs import Construct

SHAPE: Shape = {
    "account": ACCOUNT,
    "region": REGION,
    "cognitoUserPoolId": Text(pattern=r"[a-z0-9-]+_[0-9A-Za-z]+", form="a user pool's id such as us-east-1_AbC123"),
    "cognitoClientId": Text(pattern=r"[\w+-]{1,128}", form="a user pool client's id"),
    "sessionMaxDurationHours": Whole(least=1, most=24, unit="hours"),
    # API Gateway ends a connection after 120 minutes.
    "connectionRefreshMinutes": Whole(least=1, most=118, unit="minutes, before API Gateway's 120"),
    "connectionWarningMinutes": Whole(least=2, most=119, unit="minutes, before API Gateway's 120"),
    "maxListenersPerSession": Whole(least=1, most=100_000, unit="listeners"),
    "rateLimitSessionsPerHour": Whole(least=1, most=3_600, unit="sessions"),
    "rateLimitListenerJoinsPerMin": Whole(least=1, most=6_000, unit="joins"),
    "rateLimitConnectionAttemptsPerMin": Whole(least=1, most=6_000, unit="attempts"),
    "rateLimitHeartbeatsPerMin": Whole(least=1, most=600, unit="heartbeats"),
    "dataRetentionHours": Whole(least=1, most=8_760, unit="hours"),
}


def conflict(settings: Mapping[str, Any]) -> str | None:
    """Values that do not go together, or None."""
    refresh, warning = settings["connectionRefreshMinutes"], settings["connectionWarningMinutes"]
    if warning <= refresh:
        return f"connectionWarningMinutes: expected more than connectionRefreshMinutes ({refresh}), got {warning}"
    return None


CODE = Path(__file__).resolve().parents[1] / "lambda"
STAGE = "prod"
HANDLER_TIMEOUT_S = 10
PASS_TIMEOUT_S = 30
"""The minute's pass looks after every live session, and the next pass is due 30 s later."""


class SessionManagementStack(cdk.Stack):
    """The resources of the staging record's second stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, settings: dict[str, Any], env: cdk.Environment
    ) -> None:
        super().__init__(scope, construct_id, env=env)
        self._environment = environment
        self._settings = settings
        self._sessions = self._table("Sessions", "sessionId", "expiresAt")
        self._connections = self._table("Connections", "connectionId", "ttl")
        self._connections.add_global_secondary_index(
            index_name="sessionId-targetLanguage-index",
            partition_key=_text("sessionId"),
            sort_key=_text("targetLanguage"),
        )
        self._rate_limits = self._table("RateLimits", "identifier", "expiresAt")
        self._layers = [layers.shared_code(self, "SharedLayer"), layers.dependencies(self, "LightLayer", "light")]
        self._errands = aws_sqs.Queue(
            self,
            "StatusQueue",
            queue_name=f"session-status-{environment}",
            visibility_timeout=cdk.Duration.seconds(6 * PASS_TIMEOUT_S),
            retention_period=cdk.Duration.minutes(10),
        )
        errand_lost = "an errand that fails until it expires is made up for by the minute's pass"
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"):
            accept(self._errands, rule, errand_lost)
        accept(self._errands, "AwsSolutions-SQS4", "only this stack's functions may send, over TLS as the SDK does")
        functions = self._functions()
        accept(functions["SessionStatusHandler"], "Serverless-LambdaEventSourceMappingDestination", errand_lost)
        functions["SessionStatusHandler"].add_event_source(
            aws_lambda_event_sources.SqsEventSource(self._errands, batch_size=10)
        )
        endpoint = self._api(functions)
        rule = aws_events.Rule(
            self,
            "PeriodicStatusUpdateRule",
            schedule=aws_events.Schedule.rate(cdk.Duration.minutes(1)),
            targets=[aws_events_targets.LambdaFunction(functions["SessionStatusHandler"])],
        )
        accept(rule, "Serverless-EventBusDLQ", "a pass that is missed is made up for by the next one")
        topic = aws_sns.Topic(self, "AlarmTopic", topic_name=f"session-management-alarms-{environment}")
        accept(topic, "AwsSolutions-SNS3", "CloudWatch alone publishes, from inside AWS and over TLS")
        names = {name: function.function_name for name, function in functions.items()}
        add_alarms(self, topic, session_watching.alarms(names), environment=environment)
        for name, value in {
            "AlarmTopicArn": topic.topic_arn,
            "ConnectionsTableName": self._connections.table_name,
            "RateLimitsTableName": self._rate_limits.table_name,
            "SessionsTableName": self._sessions.table_name,
            "WebSocketAPIEndpoint": endpoint,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _table(self, name: str, key: str, ttl: str) -> aws_dynamodb.Table:
        table = aws_dynamodb.Table(
            self,
            f"{name}Table",
            table_name=f"{name}-{self._environment}",
            partition_key=_text(key),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=ttl,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        accept(table, "AwsSolutions-DDB3", "sessions, connections and windows of rates are over within hours")
        return table

    def _functions(self) -> dict[str, aws_lambda.Function]:
        audio_processor = f"audio-processor-{self._environment}"
        sessions, connections = self._sessions.table_arn, self._connections.table_arn
        index = f"{connections}/index/sessionId-targetLanguage-index"
        post = post_to_connections(self, STAGE)
        errand = Permission(actions=["sqs:SendMessage"], resources=[self._errands.queue_arn])
        limits = Permission(actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[self._rate_limits.table_arn])
        item = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
        both = Permission(actions=item, resources=[sessions, connections])
        whole = [both, Permission(actions=["dynamodb:Query"], resources=[index]), post]
        replace = Permission(actions=[*item, "dynamodb:ConditionCheckItem"], resources=[sessions, connections])
        worker = arn(self, "lambda", f"function:{audio_processor}")
        start_worker = Permission(actions=["lambda:InvokeFunction"], resources=[worker])
        needs: dict[str, tuple[str, list[Permission]]] = {
            "AuthorizerFunction": ("authorizer", []),
            "ConnectionHandler": (
                "connection_handler",
                [
                    *whole,
                    limits,
                    errand,
                    session_queues(self, self._environment, ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SendMessage"]),
                    start_worker,
                ],
            ),
            "DisconnectHandler": ("disconnect_handler", [both, errand]),
            "HeartbeatHandler": (
                "heartbeat_handler",
                [Permission(actions=["dynamodb:UpdateItem"], resources=[connections]), limits, post],
            ),
            "RefreshHandler": ("refresh_handler", [replace, errand, post]),
            "SessionStatusHandler": (
                "session_status_handler",
                [
                    *whole,
                    errand,
                    Permission(actions=["dynamodb:Scan"], resources=[sessions]),
                    session_queues(
                        self, self._environment, ["sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:SendMessage"]
                    ),
                    Permission(actions=["sqs:ListQueues"], resources=["*"], why="A list of queues has no name."),
                    start_worker,
                ],
            ),
        }
        environment = {
            "ENVIRONMENT": self._environment,
            "SESSIONS_TABLE_NAME": self._sessions.table_name,
            "CONNECTIONS_TABLE_NAME": self._connections.table_name,
            "RATE_LIMITS_TABLE_NAME": self._rate_limits.table_name,
            "AUDIO_PROCESSOR_FUNCTION_NAME": audio_processor,
            "COGNITO_USER_POOL_ID": self._settings["cognitoUserPoolId"],
            "COGNITO_CLIENT_ID": self._settings["cognitoClientId"],
            "STATUS_QUEUE_URL": self._errands.queue_url,
            "SESSION_MAX_DURATION_HOURS": str(self._settings["sessionMaxDurationHours"]),
            "DATA_RETENTION_HOURS": str(self._settings["dataRetentionHours"]),
            "CONNECTION_REFRESH_MINUTES": str(self._settings["connectionRefreshMinutes"]),
            "CONNECTION_WARNING_MINUTES": str(self._settings["connectionWarningMinutes"]),
            "MAX_LISTENERS_PER_SESSION": str(self._settings["maxListenersPerSession"]),
            "RATE_LIMIT_SESSIONS_PER_HOUR": str(self._settings["rateLimitSessionsPerHour"]),
            "RATE_LIMIT_LISTENER_JOINS_PER_MIN": str(self._settings["rateLimitListenerJoinsPerMin"]),
            "RATE_LIMIT_CONNECTION_ATTEMPTS_PER_MIN": str(self._settings["rateLimitConnectionAttemptsPerMin"]),
            "RATE_LIMIT_HEARTBEATS_PER_MIN": str(self._settings["rateLimitHeartbeatsPerMin"]),
            **powertools(session_watching.SERVICE, session_watching.NAMESPACE, "INFO"),
        }
        return {
            construct_id: python_function(
                self,
                CODE,
                FunctionSpec(
                    construct_id=construct_id,
                    name=f"{construct_id}-{self._environment}",
                    package=package,
                    memory_mb=256,
                    timeout_s=PASS_TIMEOUT_S if construct_id == "SessionStatusHandler" else HANDLER_TIMEOUT_S,
                    layers=self._layers,
                    environment=environment,
                    permissions=permissions,
                ),
            )
            for construct_id, (package, permissions) in needs.items()
        }

    def _api(self, functions: dict[str, aws_lambda.Function]) -> str:
        audio_processor = aws_lambda.Function.from_function_attributes(
            self,
            "ImportedAudioProcessor",
            function_arn=arn(self, "lambda", f"function:audio-processor-{self._environment}"),
            same_environment=True,
        )
        routes: dict[str, aws_lambda.IFunction] = {
            "$disconnect": functions["DisconnectHandler"],
            "$default": functions["ConnectionHandler"],
            "createSession": functions["ConnectionHandler"],
            "joinSession": functions["ConnectionHandler"],
            "speakerControl": functions["ConnectionHandler"],
            "listenerControl": functions["ConnectionHandler"],
            "heartbeat": functions["HeartbeatHandler"],
            "refresh": functions["RefreshHandler"],
            "sessionStatus": functions["SessionStatusHandler"],
            "sendAudio": audio_processor,
        }
        # Without identity sources a browser's handshake reaches the authorizer, which answers for itself.
        authorizer = aws_apigatewayv2_authorizers.WebSocketLambdaAuthorizer(
            "Authorizer", functions["AuthorizerFunction"], identity_source=[]
        )
        api = aws_apigatewayv2.WebSocketApi(
            self,
            "WebSocketApi",
            api_name=f"live-translation-{self._environment}",
            route_selection_expression="$request.body.action",
            connect_route_options=aws_apigatewayv2.WebSocketRouteOptions(
                integration=_integration("Connect", functions["ConnectionHandler"]), authorizer=authorizer
            ),
        )
        for key, function in routes.items():
            api.add_route(key, integration=_integration(key.strip("$").capitalize(), function))
        stage = aws_apigatewayv2.WebSocketStage(
            self, "ProdStage", web_socket_api=api, stage_name=STAGE, auto_deploy=True
        )
        accept(
            api,
            "AwsSolutions-APIG4",
            "a WebSocket API authorizes at $connect, which has an authorizer, and there alone",
        )
        for rule in ("AwsSolutions-APIG1", "Serverless-APIGWAccessLogging"):
            accept(stage, rule, "needs a role set for the whole account; the handlers log each connection and message")
        accept(stage, "Serverless-APIGWDefaultThrottling", "rates are limited for each user, address and connection")
        return str(stage.url)


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)


def _integration(name: str, function: aws_lambda.IFunction) -> aws_apigatewayv2_integrations.WebSocketLambdaIntegration:
    return aws_apigatewayv2_integrations.WebSocketLambdaIntegration(f"{name}Integration", function)
