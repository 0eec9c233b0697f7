"""AWS's own words, and the form in which each service's clients read them."""

import json

import botocore.parsers
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.endpoint import convert_to_response_dict

from sandbox.permissions.calls import Protocol
from sandbox.permissions.evaluation import Decision, Need
from sandbox.permissions.refusals import Refusal, answer
from tests.sandbox.permissions.policies import ACCOUNT, CALLER, TABLE

USER = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Reader/reads-staging is not authorized to perform:"


def refusal(action: str, resource: str = "*", decision: Decision = Decision.NOT_ALLOWED) -> Refusal:
    return Refusal(caller=CALLER.arn, need=Need(action=action, resource=resource), decision=decision)


@pytest.mark.parametrize(
    ("refused", "text"),
    [
        (
            refusal("dynamodb:PutItem", TABLE),
            f"dynamodb:PutItem on resource: {TABLE} because no identity-based policy allows the dynamodb:PutItem "
            "action",
        ),
        (
            refusal("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"),
            f"sqs:sendmessage on resource: arn:aws:sqs:us-east-1:{ACCOUNT}:jobs because no identity-based policy "
            "allows the sqs:sendmessage action",
        ),
        (
            refusal("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:t"),
            f"SNS:Publish on resource: arn:aws:sns:us-east-1:{ACCOUNT}:t because no identity-based policy allows the "
            "SNS:Publish action",
        ),
        (
            refusal("translate:TranslateText"),
            "translate:TranslateText because no identity-based policy allows the translate:TranslateText action",
        ),
        (
            refusal("s3:GetObject", "arn:aws:s3:::b/k"),
            's3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject '
            "action",
        ),
        (
            refusal("dynamodb:PutItem", TABLE, Decision.DENIED_BY_IDENTITY),
            f"dynamodb:PutItem on resource: {TABLE} with an explicit deny in an identity-based policy",
        ),
    ],
)
def test_the_text_names_who_what_and_why(refused, text):
    """SQS writes its actions in lower case, SNS its own name in upper case; no resource, none named."""
    assert refused.text == f"{USER} {text}"


def test_api_gateway_hides_the_account_and_the_connection():
    """WS-51: as recorded, with the method that was asked for."""
    need = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:abc/prod/POST/@connections/RYG0LEicPHcFo_A="
    refused = refusal("execute-api:ManageConnections", need)
    assert (
        "on resource: arn:aws:execute-api:us-east-1:********9012:abc/prod/POST/@connections/{connectionId} "
        in refused.text
    )
    response = answer(refused, "rest-json")
    assert response.status == 403
    assert dict(response.headers)["x-amzn-ErrorType"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("service", "operation", "action", "status", "code"),
    [
        ("dynamodb", "PutItem", "dynamodb:PutItem", 400, "AccessDeniedException"),
        ("ssm", "GetParameter", "ssm:GetParameter", 400, "AccessDeniedException"),
        ("translate", "TranslateText", "translate:TranslateText", 400, "AccessDeniedException"),
        ("sqs", "SendMessage", "sqs:SendMessage", 403, "AccessDenied"),
        ("sns", "Publish", "sns:Publish", 403, "AuthorizationError"),
        ("lambda", "Invoke", "lambda:InvokeFunction", 403, "AccessDeniedException"),
        ("polly", "SynthesizeSpeech", "polly:SynthesizeSpeech", 403, "AccessDeniedException"),
        ("sts", "AssumeRole", "sts:AssumeRole", 403, "AccessDenied"),
        ("s3", "GetObject", "s3:GetObject", 403, "AccessDenied"),
    ],
)
def test_boto3_reads_the_code_and_the_message(service, operation, action, status, code):
    """Each in its service's protocol."""
    model = botocore.session.get_session().get_service_model(service)
    protocols: dict[str, Protocol] = {"query": "query", "rest-json": "rest-json", "rest-xml": "rest-xml"}
    refused = refusal(action, TABLE)
    response = answer(refused, protocols.get(model.resolved_protocol, "json"))
    raw = AWSResponse("http://localhost", response.status, dict(response.headers), None)
    raw._content = response.body
    of_operation = model.operation_model(operation)
    parser = botocore.parsers.create_parser(model.resolved_protocol)
    parsed = parser.parse(convert_to_response_dict(raw, of_operation), of_operation.output_shape)
    assert response.status == status
    assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == (code, refused.text)


def test_the_newest_protocol_reads_a_map_of_two_texts():
    """Smithy RPC v2 CBOR (RFC 8949): a map, and each text with its length."""
    body = answer(refusal("cloudwatch:PutMetricData"), "cbor").body
    assert body.startswith(b"\xa2\x79\x00\x06__type\x79\x00\x2ecom.amazon.coral.service#AccessDeniedException")
    assert json.dumps(body.decode("latin-1")).count("is not authorized to perform") == 1
