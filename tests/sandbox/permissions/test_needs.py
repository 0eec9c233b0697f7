"""What each call needs, as the Service Authorization Reference says."""

import pytest

from sandbox.permissions.needs import Place, connection, invocation, needs

PLACE = Place(region="us-east-1", account_id="123456789012")
QUEUE_URL = "http://localhost:4566/123456789012/session-audio-staging-brave-otter-123"


def arn(service: str, resource: str) -> str:
    return PLACE.arn(service, resource)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "wanted"),
    [
        ("dynamodb", "PutItem", {"TableName": "T"}, [("dynamodb:PutItem", arn("dynamodb", "table/T"))]),
        ("dynamodb", "Query", {"TableName": "T", "IndexName": "i"},
         [("dynamodb:Query", arn("dynamodb", "table/T/index/i"))]),
        ("dynamodb", "GetItem", {"TableName": arn("dynamodb", "table/T")},
         [("dynamodb:GetItem", arn("dynamodb", "table/T"))]),
        ("dynamodb", "TransactWriteItems", {"TransactItems": [
            {"Put": {"TableName": "A"}}, {"ConditionCheck": {"TableName": "B"}}, {"Update": {"TableName": "A"}}]},
         [("dynamodb:PutItem", arn("dynamodb", "table/A")), ("dynamodb:ConditionCheckItem", arn("dynamodb", "table/B")),
          ("dynamodb:UpdateItem", arn("dynamodb", "table/A"))]),
        ("dynamodb", "BatchWriteItem", {"RequestItems": {"A": [], "B": []}},
         [("dynamodb:BatchWriteItem", arn("dynamodb", "table/A")),
          ("dynamodb:BatchWriteItem", arn("dynamodb", "table/B"))]),
        ("dynamodb", "ListTables", {}, [("dynamodb:ListTables", "*")]),
        ("sqs", "SendMessage", {"QueueUrl": QUEUE_URL},
         [("sqs:SendMessage", arn("sqs", "session-audio-staging-brave-otter-123"))]),
        ("sqs", "DeleteMessageBatch", {"QueueUrl": QUEUE_URL},
         [("sqs:DeleteMessage", arn("sqs", "session-audio-staging-brave-otter-123"))]),
        ("sqs", "CreateQueue", {"QueueName": "q"}, [("sqs:CreateQueue", arn("sqs", "q"))]),
        ("sqs", "ListQueues", {}, [("sqs:ListQueues", "*")]),
        ("sns", "Publish", {"TopicArn": arn("sns", "t")}, [("sns:Publish", arn("sns", "t"))]),
        ("sns", "Unsubscribe", {"SubscriptionArn": arn("sns", "t:0f-1")}, [("sns:Unsubscribe", arn("sns", "t"))]),
        ("sns", "Publish", {"PhoneNumber": "+1"}, [("sns:Publish", "*")]),
        ("ssm", "GetParameter", {"Name": "/a/b"}, [("ssm:GetParameter", arn("ssm", "parameter/a/b"))]),
        ("ssm", "GetParameter", {"Name": "plain:3"}, [("ssm:GetParameter", arn("ssm", "parameter/plain"))]),
        ("ssm", "GetParameters", {"Names": ["/a", "b"]},
         [("ssm:GetParameters", arn("ssm", "parameter/a")), ("ssm:GetParameters", arn("ssm", "parameter/b"))]),
        ("lambda", "Invoke", {"FunctionName": "f"}, [("lambda:InvokeFunction", arn("lambda", "function:f"))]),
        ("lambda", "GetFunction", {"FunctionName": "f"}, [("lambda:GetFunction", arn("lambda", "function:f"))]),
        ("lambda", "ListFunctions", {}, [("lambda:ListFunctions", "*")]),
        ("logs", "PutLogEvents", {"logGroupName": "/aws/lambda/f", "logStreamName": "s"},
         [("logs:PutLogEvents", arn("logs", "log-group:/aws/lambda/f:log-stream:s"))]),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "GetObject", {"Bucket": "b", "Key": "k/x"}, [("s3:GetObject", "arn:aws:s3:::b/k/x")]),
        ("events", "PutEvents", {"Entries": [{}, {"EventBusName": "mine"}]},
         [("events:PutEvents", arn("events", "event-bus/default")),
          ("events:PutEvents", arn("events", "event-bus/mine"))]),
        ("polly", "SynthesizeSpeech", {"Text": "x"}, [("polly:SynthesizeSpeech", "*")]),
        ("polly", "SynthesizeSpeech", {"LexiconNames": ["l"]},
         [("polly:SynthesizeSpeech", arn("polly", "lexicon/l"))]),
        ("translate", "TranslateText", {}, [("translate:TranslateText", "*")]),
        ("sts", "GetCallerIdentity", {}, []),
        ("kinesis", "PutRecord", {"StreamName": "s"}, [("kinesis:PutRecord", "*")]),
    ],
)  # fmt: skip
def test_what_a_call_needs(service, operation, parameters, wanted):
    """Actions that have no resource, and services that are not known, are about the wildcard."""
    assert [(one.action, one.resource) for one in needs(service, operation, parameters, PLACE)] == wanted


def test_a_metrics_namespace_is_a_condition_key():
    """PutMetricData has no resource; policies name the namespace."""
    (need,) = needs("cloudwatch", "PutMetricData", {"Namespace": "Ours"}, PLACE)
    assert (need.resource, need.context) == ("*", {"cloudwatch:namespace": ["Ours"]})


@pytest.mark.parametrize("function", ["f", "123456789012:function:f", arn("lambda", "function:f")])
def test_a_function_is_named_in_three_ways(function):
    """By name, by part of its ARN, by its ARN: one resource."""
    assert invocation(PLACE, function).resource == arn("lambda", "function:f")


def test_a_connection_has_an_arn():
    """WS-51: the method is a part of it."""
    need = connection(PLACE, api_id="abc", stage="prod", method="POST", connection_id="RYG0LEicPHcFo_A=")
    assert need.resource == "arn:aws:execute-api:us-east-1:123456789012:abc/prod/POST/@connections/RYG0LEicPHcFo_A="
