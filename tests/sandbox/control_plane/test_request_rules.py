"""What AWS refuses of a request by itself: at each limit, and one past it."""

import pytest

from sandbox.control_plane.request_rules import Fault, refusal

NOW_MS = 1_795_640_000_000
NOW_S = NOW_MS // 1000


def fault(service: str, operation: str, **parameters) -> Fault | None:
    return refusal(service, operation, parameters, now_ms=NOW_MS)


def message(service: str, operation: str, **parameters) -> str:
    found = fault(service, operation, **parameters)
    return found.message if found is not None else ""


@pytest.mark.parametrize(
    ("size", "tier", "text"),
    [
        (4096, "Standard", ""),
        (4097, "Standard", "Standard tier parameters support a maximum parameter value of 4096 characters."),
        (8192, "Advanced", ""),
        (8193, "Advanced", "Advanced tier parameters support a maximum parameter value of 8192 characters."),
        (8192, "Intelligent-Tiering", ""),
    ],
)
def test_a_parameters_value_has_the_size_of_its_tier(size, tier, text):
    """P-02."""
    assert message("ssm", "PutParameter", Name="/a", Value="x" * size, Tier=tier).startswith(text)
    assert (fault("ssm", "PutParameter", Name="/a", Value="x" * size, Tier=tier) is None) is (text == "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/a.b-c_d/E9", None),
        ("/a b", "ValidationException"),
        ("/ä", "ValidationException"),
        ("/" + "a" * 1010, None),
        ("/" + "a" * 1011, "ValidationException"),
        ("/" + "/".join("a" * 15), None),
        ("/" + "/".join("a" * 16), "HierarchyLevelLimitExceededException"),
    ],
)
def test_a_parameters_name(name, code):
    """P-04: its signs, its length, and its levels."""
    found = fault("ssm", "PutParameter", Name=name, Value="x")
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("datum", "text"),
    [
        ({"Value": 2.0**360}, ""),
        ({"Value": 2.0**361}, "The value 4.6970851655476665e+108 for parameter MetricData.member.1.Value is invalid."),
        ({"Value": "NaN"}, "The value NaN for parameter MetricData.member.1.Value is invalid."),
        ({"Values": [1.0] * 150, "Counts": [1.0] * 150}, ""),
        ({"Values": [1.0] * 151, "Counts": [1.0] * 151},
         "The collection MetricData.member.1.Values must not have a size greater than 150."),
        ({"Value": 1, "Dimensions": [{}] * 30}, ""),
        ({"Value": 1, "Dimensions": [{}] * 31},
         "The collection MetricData.member.1.Dimensions must not have a size greater than 30."),
        ({"Value": 1, "Timestamp": NOW_S - 14 * 86_400}, ""),
        ({"Value": 1, "Timestamp": NOW_S - 14 * 86_400 - 1},
         "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks."),
        ({"Value": 1, "Timestamp": NOW_S + 7200}, ""),
        ({"Value": 1, "Timestamp": NOW_S + 7201},
         "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future."),
    ],
)  # fmt: skip
def test_a_data_point_has_its_limits(datum, text):
    """C-01."""
    assert message("cloudwatch", "PutMetricData", Namespace="N", MetricData=[datum]) == text


@pytest.mark.parametrize(
    ("namespace", "count", "text"),
    [
        ("N", 1000, ""),
        ("N", 1001, "The collection MetricData must not have a size greater than 1000."),
        ("AWS/Lambda", 1, "The value AWS/ for parameter Namespace is invalid."),
    ],
)
def test_a_request_of_data_points_has_its_limits(namespace, count, text):
    """C-01."""
    assert message("cloudwatch", "PutMetricData", Namespace=namespace, MetricData=[{"Value": 1}] * count) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Message": ""}, "Invalid parameter: Empty message"),
        ({"Message": "x" * 262_144}, ""),
        ({"Message": "x" * 262_145}, "Invalid parameter: Message too long"),
        ({"Message": "é" * 131_073}, "Invalid parameter: Message too long"),
        ({"Message": "x", "Subject": ""}, "Invalid parameter: Subject"),
        ({"Message": "x", "Subject": "s" * 100}, ""),
        ({"Message": "x", "Subject": "s" * 101}, "Invalid parameter: Subject"),
        ({"Message": "x", "Subject": "two\nlines"}, "Invalid parameter: Subject"),
    ],
)
def test_a_published_message(given, text):
    """N-07."""
    assert message("sns", "Publish", TopicArn="arn:aws:sns:us-east-1:1:t", **given) == text


@pytest.mark.parametrize(
    ("name", "refused"), [("abc", False), ("ab", True), ("a" * 255, False), ("a" * 256, True), ("a b c", True)]
)
def test_a_tables_name(name, refused):
    """D-09."""
    assert (fault("dynamodb", "CreateTable", TableName=name) is not None) is refused


def test_a_batch_of_writes_has_25_at_most():
    """D-12: over all its tables together."""
    assert message("dynamodb", "BatchWriteItem", RequestItems={"A": [{}] * 20, "B": [{}] * 5}) == ""
    text = "Too many items requested for the BatchWriteItem call"
    assert message("dynamodb", "BatchWriteItem", RequestItems={"A": [{}] * 20, "B": [{}] * 6}) == text


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("VisibilityTimeout", 0, 43_200),
        ("MessageRetentionPeriod", 60, 1_209_600),
        ("DelaySeconds", 0, 900),
        ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ],
)
def test_a_queues_attributes_have_their_ranges(name, lowest, highest):
    """Q-08."""
    for value in (lowest, highest):
        assert fault("sqs", "CreateQueue", QueueName="q", Attributes={name: str(value)}) is None
    for value in (lowest - 1, highest + 1, "soon"):
        found = fault("sqs", "SetQueueAttributes", Attributes={name: str(value)})
        assert found == Fault(code="InvalidAttributeValue", message=f"Invalid value for the parameter {name}.")


def test_what_no_rule_is_about_passes():
    """The service itself decides."""
    assert fault("dynamodb", "PutItem", TableName="x") is None


@pytest.mark.parametrize(("seconds", "refused"), [(1440 * 60, False), (1440 * 60 + 1, True)])
def test_no_more_than_1440_points_are_asked_for(seconds, refused):
    """C-05."""
    given = {"StartTime": NOW_S - seconds, "EndTime": NOW_S, "Period": 60}
    text = (
        "You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints "
        "requested by increasing Period, or decreasing the time range."
    )
    assert message("cloudwatch", "GetMetricStatistics", **given) == (text if refused else "")


@pytest.mark.parametrize(("period", "refused"), [(10, False), (30, False), (60, False), (300, False), (45, True)])
def test_an_alarms_period(period, refused):
    """C-05: the short ones, and whole minutes."""
    assert (fault("cloudwatch", "PutMetricAlarm", Period=period) is not None) is refused


@pytest.mark.parametrize(
    ("period", "count", "refused"),
    [(60, 1440, ""), (60, 1441, "a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600"),
     (3600, 168, ""), (3600, 169, "a week (EvaluationPeriods * Period must be <= 604800) for alarms using period >= "
                                  "3600")],
)  # fmt: skip
def test_an_alarm_looks_back_a_day_or_a_week(period, count, refused):
    """C-06: with CloudWatch's text."""
    found = fault("cloudwatch", "PutMetricAlarm", Period=period, EvaluationPeriods=count)
    assert (found.message if found else "") == (f"Metrics cannot be checked across more than {refused}" * bool(refused))


@pytest.mark.parametrize(
    ("protocol", "refused"), [("sqs", False), ("email", False), ("http", True), ("https", True), ("lambda", True)]
)
def test_what_a_topic_does_not_reach_is_refused_at_once(protocol, refused):
    """N-03, N-04, N-06: a subscription that would get nothing is not taken."""
    found = fault("sns", "Subscribe", Protocol=protocol, Endpoint="x")
    assert (found is not None and protocol in found.message) is refused
