"""The staging record's inventory, walked: everything that it names is synthesised, and is read or sent by the code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AUDIO, SESSIONS, TRANSLATION = "audio-transcription-staging", "SessionManagement-staging", "TranslationPipeline-staging"

RESOURCES = {
    AUDIO: {
        "AWS::SNS::Topic": ["AudioTranscriptionAlarmTopic"],
        "AWS::SSM::Parameter": ["PartialResultsFeatureFlagParameter"],
        "AWS::IAM::Role": ["AudioProcessorLambdaRole"],
        "AWS::IAM::Policy": ["AudioProcessorLambdaRole"],
        "AWS::Lambda::Function": ["AudioProcessor"],
        "AWS::CloudWatch::Dashboard": ["AudioQualityDashboard"],
        "AWS::CloudWatch::Alarm": [
            "PartialResultLatencyAlarm", "PartialResultsDroppedAlarm", "OrphanedResultsAlarm",
            "TranscribeFallbackAlarm", "LambdaErrorAlarm", "LambdaThrottleAlarm",
            "AudioQualitySNRAlarm", "AudioQualityClippingAlarm",
        ],
    },
    SESSIONS: {
        "AWS::DynamoDB::Table": ["SessionsTable", "ConnectionsTable", "RateLimitsTable"],
        "AWS::Lambda::Function": [
            "AuthorizerFunction", "ConnectionHandler", "DisconnectHandler", "HeartbeatHandler", "RefreshHandler",
            "SessionStatusHandler",
        ],
        "AWS::Lambda::LayerVersion": ["SharedLayer"],
        "AWS::ApiGatewayV2::Api": ["WebSocketApi"],
        "AWS::ApiGatewayV2::Stage": ["ProdStage"],
        "AWS::Events::Rule": ["PeriodicStatusUpdateRule"],
        "AWS::SNS::Topic": ["AlarmTopic"],
        "AWS::CloudWatch::Alarm": [
            "ActiveSessionsAlarm", "SessionCreationLatencyAlarm", "ConnectionErrorsAlarm", "HeartbeatHandlerErrorAlarm",
            "DisconnectHandlerErrorAlarm", "ConnectionHandlerErrorAlarm", "RefreshHandlerErrorAlarm",
        ],
    },
    TRANSLATION: {"AWS::Lambda::Function": ["TranslationProcessor"]},
}  # fmt: skip
NAMES = {
    "AWS::DynamoDB::Table": ("TableName", {"Sessions-staging", "Connections-staging", "RateLimits-staging"}),
    "AWS::Lambda::Function": (
        "FunctionName",
        {
            "audio-processor-staging", "AuthorizerFunction-staging", "ConnectionHandler-staging",
            "DisconnectHandler-staging", "HeartbeatHandler-staging", "RefreshHandler-staging",
            "SessionStatusHandler-staging", "TranslationProcessor-staging",
        },
    ),
    "AWS::SNS::Topic": ("TopicName", {"session-management-alarms-staging"}),
    "AWS::SSM::Parameter": ("Name", {"/audio-transcription/partial-results/config"}),
    "AWS::CloudWatch::Dashboard": ("DashboardName", {"AudioQualityDashboard-staging"}),
    "AWS::ApiGatewayV2::Stage": ("StageName", {"prod"}),
}  # fmt: skip
ROUTES = {
    "$connect", "$disconnect", "$default", "createSession", "joinSession", "heartbeat", "refresh", "sessionStatus",
    "speakerControl", "listenerControl", "sendAudio",
}  # fmt: skip
OUTPUTS = {"AlarmTopicArn", "ConnectionsTableName", "RateLimitsTableName", "SessionsTableName", "WebSocketAPIEndpoint"}
METRICS = {
    "AudioChunksReceived", "AudioProcessingLatency", "TranscribeStreamInitLatency", "TranscriptionForwardingLatency",
    "EmotionExtractionLatency", "LambdaErrors", "TranscribeErrors",
}  # fmt: skip
OUR_NAMESPACES = {"AudioTranscription": "audio-transcription", "SessionManagement": "session-management"}
"""Each with the value of the one dimension `service` that Powertools gives its metrics."""


def of_type(resources, kind: str) -> list[dict[str, Any]]:
    return [properties for _, _, type_, properties in resources if type_ == kind]


def sources(*folders: str) -> str:
    """The text of all Python files of these folders of `services`."""
    return "\n".join(
        path.read_text()
        for folder in folders
        for path in sorted((ROOT / "services" / folder).rglob("*.py"))
        if "infrastructure" not in path.parts
    )


def watched(resources) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """(namespace, metric, dimensions) of every alarm, and of every metric on the dashboard."""
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm"):
        yield alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"]
    for dashboard in of_type(resources, "AWS::CloudWatch::Dashboard"):
        body = dashboard["DashboardBody"]
        text = "".join(part if isinstance(part, str) else "name" for part in body["Fn::Join"][1])
        for widget in json.loads(text)["widgets"]:
            for namespace, metric, name, value, *_ in widget["properties"].get("metrics", []):
                yield namespace, metric, [{"Name": name, "Value": value}]


@pytest.mark.parametrize("stack", RESOURCES)
def test_each_resource_of_the_record_is_in_its_stack(resources, stack):
    """By the construct's id, which CDK makes logical ids of."""
    for kind, names in RESOURCES[stack].items():
        found = [name for owner, name, type_, _ in resources if (owner, type_) == (stack, kind)]
        for name in names:
            assert any(one.startswith(name) for one in found), (kind, name, found)


@pytest.mark.parametrize("kind", NAMES)
def test_each_name_of_the_record_is_given(resources, kind):
    """What `aws … list-…` and the code find them by."""
    attribute, names = NAMES[kind]
    assert names <= {one.get(attribute) for one in of_type(resources, kind)}


def test_there_are_fifteen_alarms_each_with_its_topic_and_its_reasons(resources):
    """ALARM and OK are told; the description says why period, statistic and missing data are treated so."""
    topics = {name for _, name, type_, _ in resources if type_ == "AWS::SNS::Topic"}
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")
    assert len(alarms) == 15
    for alarm in alarms:
        for actions in (alarm["AlarmActions"], alarm["OKActions"]):
            assert {action["Ref"] for action in actions} <= topics
        assert alarm["TreatMissingData"] in ("notBreaching", "missing")
        assert ("InsufficientDataActions" in alarm) == (alarm["TreatMissingData"] == "missing")
        assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]
        assert len(alarm["AlarmDescription"]) > 100
        assert "data" in alarm["AlarmDescription"]
    assert all(any(action["Ref"] == topic for one in alarms for action in one["AlarmActions"]) for topic in topics)


def test_each_watched_metric_is_emitted_under_the_namespace_and_dimension_that_is_watched(resources):
    """A metric is its exact set of dimensions; one that the code names nowhere would never have data."""
    emitted = sources("audio-transcription/lambda", "session-management/lambda", "shared")
    functions = {one["FunctionName"] for one in of_type(resources, "AWS::Lambda::Function")}
    for namespace, metric, dimensions in watched(resources):
        (dimension,) = dimensions
        if namespace == "AWS/Lambda":
            assert dimension["Name"] == "FunctionName"
            assert metric in ("Errors", "Throttles", "Invocations", "Duration")
            assert isinstance(dimension["Value"], dict) or dimension["Value"] in {*functions, "name"}
            continue
        assert dimension == {"Name": "service", "Value": OUR_NAMESPACES[namespace]}
        assert f'"{metric}"' in emitted, metric


def test_functions_emit_under_the_namespaces_that_are_watched(resources):
    """Powertools' variables: the namespace, and the service that becomes the dimension."""
    for function in of_type(resources, "AWS::Lambda::Function"):
        variables = function["Environment"]["Variables"]
        namespace, service = variables["POWERTOOLS_METRICS_NAMESPACE"], variables["POWERTOOLS_SERVICE_NAME"]
        assert OUR_NAMESPACES.get(namespace, "translation-pipeline") == service


def test_the_dashboard_shows_the_records_metrics_and_its_stacks_alarms(resources):
    """`sandbox metrics` takes the list of what to watch from here."""
    shown = {metric for _, metric, _ in watched(resources)}
    assert shown >= METRICS
    (dashboard,) = of_type(resources, "AWS::CloudWatch::Dashboard")
    assert json.dumps(dashboard["DashboardBody"]).count("Alarm") >= 8


def test_each_route_has_a_handler_and_its_messages_a_schema(resources):
    """$connect, $disconnect and $default have no messages of their own."""
    routes = of_type(resources, "AWS::ApiGatewayV2::Route")
    assert {one["RouteKey"] for one in routes} == ROUTES
    assert all(one["Target"] for one in routes)
    schemas = {path.name.split(".")[0] for path in (ROOT / "docs" / "messages" / "client").glob("*.json")}
    assert schemas == {key for key in ROUTES if not key.startswith("$")}


def test_the_five_outputs_are_there_and_their_stacks_own(templates):
    """Names that the record's commands read."""
    outputs = templates[SESSIONS]["Outputs"]
    assert set(outputs) == OUTPUTS
    assert outputs["SessionsTableName"]["Value"] == {"Ref": next(
        name for name in templates[SESSIONS]["Resources"] if name.startswith("SessionsTable")
    )}  # fmt: skip


def test_each_variable_of_a_function_is_read_by_its_code(resources):
    """A configured value that nothing reads is a defect. Powertools reads its own; shared code counts."""
    code = {
        AUDIO: sources("audio-transcription/lambda", "shared"),
        SESSIONS: sources("session-management/lambda", "shared"),
        TRANSLATION: sources("translation-pipeline/lambda", "shared"),
    }
    for stack, name, type_, properties in resources:
        if type_ != "AWS::Lambda::Function":
            continue
        for variable in properties["Environment"]["Variables"]:
            if not variable.startswith("POWERTOOLS_"):
                assert f'"{variable}"' in code[stack], (name, variable)


def test_each_function_has_a_log_group_that_forgets(resources):
    """Two weeks: longer than any report waits, shorter than a privacy complaint."""
    groups = {one["LogGroupName"]: one for one in of_type(resources, "AWS::Logs::LogGroup")}
    for function in of_type(resources, "AWS::Lambda::Function"):
        assert groups[f"/aws/lambda/{function['FunctionName']}"]["RetentionInDays"] == 14
        assert "LogGroup" in function["LoggingConfig"]


def test_roles_name_their_actions_and_resources(resources):
    """No `*` action; a bare `*` resource only for what has no resources to name."""
    unnamed = {"polly:SynthesizeSpeech", "sqs:ListQueues", "transcribe:StartStreamTranscription"}
    unnamed |= {"translate:TranslateText"}
    policies = of_type(resources, "AWS::IAM::Policy")
    assert policies
    for role in of_type(resources, "AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in action]
            if statement["Resource"] == "*":
                assert set(actions) <= unnamed


def test_a_wildcard_in_a_role_has_its_reason_beside_it():
    """`Permission` takes none without; here, that it does so."""
    from cdk_common.functions import Permission

    with pytest.raises(ValueError, match="reason of a wildcard"):
        Permission(actions=["sqs:SendMessage"], resources=["*"])
    with pytest.raises(ValueError, match="actions by their names"):
        Permission(actions=["sqs:*"], resources=["arn:aws:sqs:us-east-1:123456789012:a"])
