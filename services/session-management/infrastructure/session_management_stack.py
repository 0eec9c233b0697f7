"""`SessionManagement-{env}`: the WebSocket API, its handlers, the tables, the rule, the alarms."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import (
    aws_apigatewayv2,
    aws_apigatewayv2_authorizers,
    aws_apigatewayv2_integrations,
    aws_dynamodb,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_lambda,
    aws_lambda_event_sources,
    aws_sns,
    aws_sqs,
)
from cdk_common import layers
from cdk_common.alarms import AlarmSpec, Source, add_alarms
from cdk_common.functions import FunctionSpec, arn, powertools, python_function, statement
from constructs import Construct

SHAPE = {
    "account": str,
    "region": str,
    "cognitoUserPoolId": str,
    "cognitoClientId": str,
    "sessionMaxDurationHours": int,
    "connectionRefreshMinutes": int,
    "connectionWarningMinutes": int,
    "maxListenersPerSession": int,
    "rateLimitSessionsPerHour": int,
    "rateLimitListenerJoinsPerMin": int,
    "rateLimitConnectionAttemptsPerMin": int,
    "rateLimitHeartbeatsPerMin": int,
    "dataRetentionHours": int,
}
CODE = Path(__file__).resolve().parents[1] / "lambda"
NAMESPACE = "SessionManagement"
SERVICE = "session-management"
STAGE = "prod"
HANDLER_TIMEOUT_S = 10


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
            visibility_timeout=cdk.Duration.seconds(6 * HANDLER_TIMEOUT_S),
            retention_period=cdk.Duration.minutes(10),
        )
        functions = self._functions()
        functions["SessionStatusHandler"].add_event_source(
            aws_lambda_event_sources.SqsEventSource(self._errands, batch_size=10)
        )
        endpoint = self._api(functions)
        aws_events.Rule(
            self,
            "PeriodicStatusUpdateRule",
            schedule=aws_events.Schedule.rate(cdk.Duration.minutes(1)),
            targets=[aws_events_targets.LambdaFunction(functions["SessionStatusHandler"])],
        )
        topic = aws_sns.Topic(self, "AlarmTopic", topic_name=f"session-management-alarms-{environment}")
        add_alarms(self, topic, self._alarms(functions))
        for name, value in {
            "AlarmTopicArn": topic.topic_arn,
            "ConnectionsTableName": self._connections.table_name,
            "RateLimitsTableName": self._rate_limits.table_name,
            "SessionsTableName": self._sessions.table_name,
            "WebSocketAPIEndpoint": endpoint,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _table(self, name: str, key: str, ttl: str) -> aws_dynamodb.Table:
        return aws_dynamodb.Table(
            self,
            f"{name}Table",
            table_name=f"{name}-{self._environment}",
            partition_key=_text(key),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=ttl,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    def _functions(self) -> dict[str, aws_lambda.Function]:
        audio_processor = f"audio-processor-{self._environment}"
        queues = [arn(self, "sqs", f"session-audio-{self._environment}-*")]
        sessions, connections = self._sessions.table_arn, self._connections.table_arn
        index = f"{connections}/index/sessionId-targetLanguage-index"
        # The API's own id would make functions and API depend on each other.
        post = statement(["execute-api:ManageConnections"], [arn(self, "execute-api", f"*/{STAGE}/*/@connections/*")])
        errand = statement(["sqs:SendMessage"], [self._errands.queue_arn])
        limits = statement(["dynamodb:GetItem", "dynamodb:PutItem"], [self._rate_limits.table_arn])
        item = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]
        whole = [statement(item, [sessions, connections]), statement(["dynamodb:Query"], [index]), post]
        needs: dict[str, tuple[str, list[aws_iam.PolicyStatement]]] = {
            "AuthorizerFunction": ("authorizer", []),
            "ConnectionHandler": (
                "connection_handler",
                [
                    *whole,
                    limits,
                    errand,
                    statement(["sqs:CreateQueue", "sqs:DeleteQueue"], queues),
                    statement(["lambda:InvokeFunction"], [arn(self, "lambda", f"function:{audio_processor}")]),
                ],
            ),
            "DisconnectHandler": ("disconnect_handler", [statement(item, [sessions, connections]), errand]),
            "HeartbeatHandler": (
                "heartbeat_handler",
                [statement(["dynamodb:UpdateItem"], [connections]), limits, post],
            ),
            "RefreshHandler": (
                "refresh_handler",
                [statement([*item, "dynamodb:ConditionCheckItem"], [sessions, connections]), errand, post],
            ),
            "SessionStatusHandler": (
                "session_status_handler",
                [
                    *whole,
                    errand,
                    statement(["dynamodb:Scan"], [sessions]),
                    statement(["sqs:DeleteQueue"], queues),
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
            **powertools(SERVICE, NAMESPACE, "INFO"),
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
                    timeout_s=HANDLER_TIMEOUT_S,
                    layers=self._layers,
                    environment=environment,
                    statements=statements,
                ),
            )
            for construct_id, (package, statements) in needs.items()
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
        return str(stage.url)

    def _alarms(self, functions: dict[str, aws_lambda.Function]) -> list[AlarmSpec]:
        ours = Source(namespace=NAMESPACE, dimension="service", value=SERVICE)
        named = {
            "ActiveSessionsAlarm": ("ActiveSessions", "Maximum", 100),
            "SessionCreationLatencyAlarm": ("SessionCreationLatency", "p95", 2000),
            "ConnectionErrorsAlarm": ("ConnectionErrors", "Sum", 100),
        }
        alarms = [
            AlarmSpec(
                construct_id=name, about=f"{metric} is beyond {threshold}", metric=metric, statistic=statistic,
                threshold=threshold, period_s=300, source=ours,
            )
            for name, (metric, statistic, threshold) in named.items()
        ]  # fmt: skip
        for handler in ("HeartbeatHandler", "DisconnectHandler", "ConnectionHandler", "RefreshHandler"):
            alarms.append(
                AlarmSpec(
                    construct_id=f"{handler}ErrorAlarm", about=f"{handler} fails", metric="Errors", threshold=5,
                    period_s=300,
                    source=Source(
                        namespace="AWS/Lambda", dimension="FunctionName", value=functions[handler].function_name
                    ),
                )
            )  # fmt: skip
        return alarms


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)


def _integration(name: str, function: aws_lambda.IFunction) -> aws_apigatewayv2_integrations.WebSocketLambdaIntegration:
    return aws_apigatewayv2_integrations.WebSocketLambdaIntegration(f"{name}Integration", function)
