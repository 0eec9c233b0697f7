"""Condition operators, with what a missing key means to each."""

import pytest

from sandbox.definitions.model import Condition
from sandbox.permissions.conditions import met

CONTEXT = {
    "aws:principalarn": ["arn:aws:iam::123456789012:role/Reader"],
    "aws:sourceip": ["192.0.2.7"],
    "aws:securetransport": ["true"],
    "aws:currenttime": ["2026-11-25T12:00:00Z"],
    "s3:max-keys": ["10"],
    "dynamodb:attributes": ["a", "b"],
    "cloudwatch:namespace": ["AudioTranscription"],
}


@pytest.mark.parametrize(
    ("operator", "key", "values", "holds"),
    [
        ("StringEquals", "cloudwatch:namespace", ["Other", "AudioTranscription"], True),
        ("StringEquals", "CloudWatch:Namespace", ["audiotranscription"], False),
        ("StringEqualsIgnoreCase", "cloudwatch:namespace", ["audiotranscription"], True),
        ("StringNotEquals", "cloudwatch:namespace", ["Other"], True),
        ("StringNotEquals", "cloudwatch:namespace", ["Other", "AudioTranscription"], False),
        ("StringLike", "cloudwatch:namespace", ["Audio*"], True),
        ("StringNotLike", "cloudwatch:namespace", ["Audio*"], False),
        ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/Rea*"], True),
        ("ArnEquals", "aws:PrincipalArn", ["arn:aws:iam::*:role/Writer"], False),
        ("ArnNotLike", "aws:PrincipalArn", ["arn:aws:iam::*:role/Writer"], True),
        ("Bool", "aws:SecureTransport", ["false"], False),
        ("NumericLessThanEquals", "s3:max-keys", ["10"], True),
        ("NumericLessThan", "s3:max-keys", ["10"], False),
        ("NumericEquals", "s3:max-keys", ["ten"], False),
        ("NumericNotEquals", "s3:max-keys", ["11"], True),
        ("DateGreaterThan", "aws:CurrentTime", ["2026-11-25T11:59:59Z"], True),
        ("DateLessThan", "aws:CurrentTime", ["2026-11-25"], False),
        ("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "192.0.2.0/24"], True),
        ("NotIpAddress", "aws:SourceIp", ["192.0.2.0/24"], False),
        ("IpAddress", "aws:SourceIp", ["nonsense"], False),
        ("ForAllValues:StringEquals", "dynamodb:Attributes", ["a", "b", "c"], True),
        ("ForAllValues:StringEquals", "dynamodb:Attributes", ["a"], False),
        ("ForAnyValue:StringEquals", "dynamodb:Attributes", ["b"], True),
        ("ForAnyValue:StringEquals", "dynamodb:Attributes", ["c"], False),
        ("StringEquals", "aws:PrincipalArn", ["arn:aws:iam::123456789012:role/${cloudwatch:namespace}"], False),
        ("StringLike", "cloudwatch:namespace", ["Audio${*}"], False),
        ("StringOfTheFuture", "cloudwatch:namespace", ["AudioTranscription"], False),
    ],
)
def test_what_an_operator_holds_of(operator, key, values, holds):
    """Several values are alternatives, and to a negative operator each of them must differ."""
    assert met(Condition(operator=operator, key=key, values=tuple(values)), CONTEXT) is holds


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("StringEquals", ["x"], False),
        ("StringNotEquals", ["x"], True),
        ("StringEqualsIfExists", ["x"], True),
        ("ForAllValues:StringEquals", ["x"], True),
        ("ForAnyValue:StringEquals", ["x"], False),
        ("Null", ["true"], True),
        ("Null", ["false"], False),
    ],
)
def test_what_a_missing_key_means(operator, values, holds):
    """Only what is negative, IfExists, all of nothing, and Null take it."""
    assert met(Condition(operator=operator, key="dynamodb:LeadingKeys", values=tuple(values)), CONTEXT) is holds


def test_a_variable_with_a_default():
    """`${key, 'default'}` stands for the default where the key is missing."""
    condition = Condition(
        operator="StringEquals", key="cloudwatch:namespace", values=("${aws:PrincipalTag/ns, 'AudioTranscription'}",)
    )
    assert met(condition, CONTEXT)
