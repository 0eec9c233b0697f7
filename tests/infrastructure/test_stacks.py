"""The three stacks are what the staging record says, and nothing that AWS would refuse."""

import json

from sandbox.control_plane.function_rules import environment_refusal
from sandbox.control_plane.rules import schedule_refusal


def of_type(resources, kind: str) -> list[dict]:
    return [properties for _, _, type_, properties in resources if type_ == kind]


def test_the_stacks_have_the_records_names(templates):
    """`aws cloudformation describe-stacks --stack-name …` finds them."""
    assert set(templates) == {
        "TranslationPipeline-staging", "audio-transcription-staging", "SessionManagement-staging",
    }  # fmt: skip


def test_functions_are_python_3_11_with_the_records_names_and_limits(resources):
    """And no environment says what Lambda reserves (fault 2 of the record)."""
    functions = {one["FunctionName"]: one for one in of_type(resources, "AWS::Lambda::Function")}
    assert {
        "audio-processor-staging", "TranslationProcessor-staging", "AuthorizerFunction-staging",
        "ConnectionHandler-staging", "DisconnectHandler-staging", "SessionStatusHandler-staging",
    } <= set(functions)  # fmt: skip
    audio = functions["audio-processor-staging"]
    assert (audio["MemorySize"], audio["Timeout"], audio["RecursiveLoop"]) == (512, 60, "Allow")
    for function in functions.values():
        assert function["Runtime"] == "python3.11"
        variables = {name: str(value) for name, value in function["Environment"]["Variables"].items()}
        assert environment_refusal(variables) is None


def test_names_in_environments_are_names_that_a_stack_creates(resources):
    """The fault that the record itself still shows: `Sessions` where the table is `Sessions-staging`."""
    made = {one.get("TableName") for one in of_type(resources, "AWS::DynamoDB::Table")}
    made |= {one.get("FunctionName") for one in of_type(resources, "AWS::Lambda::Function")}
    references = {
        value
        for one in of_type(resources, "AWS::Lambda::Function")
        for name, value in one["Environment"]["Variables"].items()
        if name.endswith(("_TABLE_NAME", "_FUNCTION_NAME")) and isinstance(value, str)
    }
    assert references <= made


def test_tables_expire_and_listeners_are_found_by_session_and_language(resources):
    """Keys, TTL attributes and the index of the contract."""
    tables = {one["TableName"]: one for one in of_type(resources, "AWS::DynamoDB::Table")}
    expiry = {name: one["TimeToLiveSpecification"]["AttributeName"] for name, one in tables.items()}
    assert expiry["Sessions-staging"] == expiry["RateLimits-staging"] == "expiresAt"
    assert expiry["Connections-staging"] == "ttl"
    (index,) = tables["Connections-staging"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "sessionId-targetLanguage-index"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["sessionId", "targetLanguage"]


def test_the_api_has_its_routes_and_an_authorizer_without_identity_sources(resources):
    """With the default source every browser would get a 401."""
    routes = {one["RouteKey"] for one in of_type(resources, "AWS::ApiGatewayV2::Route")}
    assert {
        "$connect", "$disconnect", "$default", "createSession", "joinSession", "sendAudio", "speakerControl",
        "sessionStatus",
    } <= routes  # fmt: skip
    (authorizer,) = of_type(resources, "AWS::ApiGatewayV2::Authorizer")
    assert authorizer["IdentitySource"] == []
    assert [one["StageName"] for one in of_type(resources, "AWS::ApiGatewayV2::Stage")] == ["prod"]


def test_the_workers_events_are_tried_once_and_for_a_minute(resources):
    """A worker that was lost is started by the next chunk, not by Lambda."""
    configs = of_type(resources, "AWS::Lambda::EventInvokeConfig")
    assert (0, 60) in [(one["MaximumRetryAttempts"], one["MaximumEventAgeInSeconds"]) for one in configs]


def test_the_rule_fires_at_the_least_interval_that_eventbridge_takes(resources):
    """Fault 3 of the record was a schedule of 30 seconds."""
    (rule,) = of_type(resources, "AWS::Events::Rule")
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule_refusal(rule["ScheduleExpression"]) is None


def test_the_session_stack_has_the_records_outputs(templates):
    """The five of them."""
    assert set(templates["SessionManagement-staging"]["Outputs"]) == {
        "AlarmTopicArn", "ConnectionsTableName", "RateLimitsTableName", "SessionsTableName", "WebSocketAPIEndpoint",
    }  # fmt: skip


def test_no_role_may_do_everything_and_no_resource_is_custom(resources):
    """Least privilege; custom resources would need code of their own at deployment."""
    for stack, name, type_, properties in resources:
        assert not type_.startswith("Custom::"), (stack, name)
        for statement in properties.get("PolicyDocument", {}).get("Statement", []):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if action == "*" or action.endswith(":*")], (stack, name)


def test_the_feature_flag_holds_the_records_settings(resources):
    """The JSON of `partial_results`."""
    (flag,) = of_type(resources, "AWS::SSM::Parameter")
    assert flag["Name"] == "/audio-transcription/partial-results/config"
    assert json.loads(flag["Value"])["min_stability_threshold"] == 0.85


def test_translations_and_claims_expire(resources):
    """Both tables of the pipeline delete what is old by themselves."""
    tables = {one["TableName"]: one for one in of_type(resources, "AWS::DynamoDB::Table")}
    for name, key in (("TranslationCache-staging", "cacheKey"), ("TranslationClaims-staging", "claimId")):
        assert tables[name]["KeySchema"] == [{"AttributeName": key, "KeyType": "HASH"}]
        assert tables[name]["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_the_translation_processor_may_do_what_it_does_and_no_more(resources):
    """Wildcards only where the service has no resource to name: Translate's text, Polly's speech."""
    statements = [
        statement
        for stack, _, type_, one in resources
        if stack == "TranslationPipeline-staging" and type_ == "AWS::IAM::Policy"
        for statement in one["PolicyDocument"]["Statement"]
    ]
    allowed: dict[str, set[str]] = {}
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            allowed.setdefault(action, set()).add(json.dumps(statement["Resource"]))
    assert {action for action, on in allowed.items() if on == {'"*"'}} == {
        "translate:TranslateText", "polly:SynthesizeSpeech",
    }  # fmt: skip
    assert set(allowed) == {
        "logs:CreateLogStream", "logs:PutLogEvents", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:PutItem",
        "dynamodb:Query", "dynamodb:DeleteItem", "translate:TranslateText", "polly:SynthesizeSpeech",
        "execute-api:ManageConnections",
    }  # fmt: skip
