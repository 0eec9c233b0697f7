"""What AWS refuses of a request by itself, whoever holds the data: limits of parameters, metrics, messages, tables and
queues. Pure: each rule takes an operation's parameters and returns a fault or None.

Sources: the API references of the operations, and the rows of docs/fidelity that a rule names.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, Any]

STANDARD_PARAMETER_CHARS = 4096
ADVANCED_PARAMETER_CHARS = 8192
PARAMETER_NAME_CHARS = 1011
PARAMETER_LEVELS = 15
"""P-02, P-04."""

METRIC_DATA = 1000
METRIC_VALUES = 150
METRIC_DIMENSIONS = 30
METRIC_VALUE = 2.0**360
METRIC_OLDEST_S = 14 * 86_400
METRIC_NEWEST_S = 2 * 3600
"""C-01."""

STATISTICS_POINTS = 1440
SHORT_PERIODS_S = (10, 30)
HOUR_S = 3600
"""C-05, C-06."""

SUBJECT_CHARS = 100
TOPIC_MESSAGE_BYTES = 262_144
"""N-07."""

UNREACHED_PROTOCOLS = ("http", "https", "lambda", "firehose", "sms")
"""N-03 to N-06: endpoints outside this machine, and those that no stack here has; refused rather than forgotten."""

BATCH_WRITES = 25
"""D-12."""

_PARAMETER_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+")
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.\-]+")
_ADVANCED = (
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter "
    "value, upgrade the parameter to use the advanced-parameter tier. For more information, see "
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A refusal: the service's code and message. `status` is HTTP's."""

    code: str
    message: str
    status: int = 400


def refusal(service: str, operation: str, parameters: Parameters, *, now_ms: int) -> Fault | None:
    """The fault of a call, or None where nothing is wrong with the request itself."""
    rule = RULES.get((service, operation))
    return rule(parameters, now_ms) if rule is not None else None


def _put_parameter(given: Parameters, _now_ms: int) -> Fault | None:
    name, value, tier = str(given.get("Name", "")), str(given.get("Value", "")), given.get("Tier", "Standard")
    if len(name) > PARAMETER_NAME_CHARS or _PARAMETER_NAME.fullmatch(name) is None:
        symbols = "Only a mix of letters, numbers and the following 4 symbols .-/_ are allowed."
        return Fault(code="ValidationException", message=f"Parameter name: {symbols}")
    if name.strip("/").count("/") >= PARAMETER_LEVELS:
        text = f"A parameter name can have a maximum of {PARAMETER_LEVELS} levels."
        return Fault(code="HierarchyLevelLimitExceededException", message=text)
    if tier == "Standard" and len(value) > STANDARD_PARAMETER_CHARS:
        return Fault(code="ValidationException", message=_ADVANCED)
    if len(value) > ADVANCED_PARAMETER_CHARS:
        text = f"Advanced tier parameters support a maximum parameter value of {ADVANCED_PARAMETER_CHARS} characters."
        return Fault(code="ValidationException", message=text)
    return None


def _put_metric_data(given: Parameters, now_ms: int) -> Fault | None:
    data = given.get("MetricData") or ()
    if str(given.get("Namespace", "")).startswith("AWS/"):
        return _invalid_value("The value AWS/ for parameter Namespace is invalid.")
    if len(data) > METRIC_DATA:
        return _invalid_value(f"The collection MetricData must not have a size greater than {METRIC_DATA}.")
    for number, datum in enumerate(data, start=1):
        fault = _datum_fault(datum, f"MetricData.member.{number}", now_ms)
        if fault is not None:
            return fault
    return None


def _datum_fault(datum: Parameters, at: str, now_ms: int) -> Fault | None:
    values, counts = datum.get("Values") or (), datum.get("Counts") or ()
    if "Value" in datum and values:
        text = f"The parameters {at}.Value and {at}.Values are mutually exclusive and you have specified both."
        return Fault(code="InvalidParameterCombination", message=text)
    for name, collection, most in (
        ("Values", values, METRIC_VALUES),
        ("Dimensions", datum.get("Dimensions") or (), METRIC_DIMENSIONS),
    ):
        if len(collection) > most:
            return _invalid_value(f"The collection {at}.{name} must not have a size greater than {most}.")
    if counts and len(counts) != len(values):
        return _invalid_value(f"The parameters {at}.Values and {at}.Counts must be of the same size.")
    for name, value in (("Value", datum.get("Value")), *(("Values", one) for one in values)):
        if value is not None and not _is_metric_value(value):
            return _invalid_value(f"The value {value} for parameter {at}.{name} is invalid.")
    timestamp_s = datum.get("Timestamp")
    if isinstance(timestamp_s, int | float):
        age_s = now_ms / 1000 - timestamp_s
        if age_s > METRIC_OLDEST_S:
            return _invalid_value(f"The parameter {at}.Timestamp must specify a time within the past two weeks.")
        if age_s < -METRIC_NEWEST_S:
            text = f"The parameter {at}.Timestamp must specify a time no more than two hours in the future."
            return _invalid_value(text)
    return None


def _is_metric_value(value: Any) -> bool:
    # JSON's clients write what JSON has no number for as text: NaN, Infinity.
    number = float(value)
    return math.isfinite(number) and abs(number) <= METRIC_VALUE


def _invalid_value(message: str) -> Fault:
    return Fault(code="InvalidParameterValue", message=message)


def _metric_statistics(given: Parameters, _now_ms: int) -> Fault | None:
    start, end, period = (given.get(name) for name in ("StartTime", "EndTime", "Period"))
    if not all(isinstance(one, int | float) for one in (start, end, period)) or not period:
        return None
    points = math.ceil((float(end or 0) - float(start or 0)) / float(period))
    if points <= STATISTICS_POINTS:
        return None
    text = (
        f"You have requested up to {points} datapoints, which exceeds the limit of {STATISTICS_POINTS}. You may reduce "
        "the datapoints requested by increasing Period, or decreasing the time range."
    )
    return Fault(code="InvalidParameterCombination", message=text)


def _put_alarm(given: Parameters, _now_ms: int) -> Fault | None:
    period = given.get("Period")
    if isinstance(period, int) and period not in SHORT_PERIODS_S and (period <= 0 or period % 60):
        return Fault(code="ValidationError", message="Period must be 10, 30 or a multiple of 60")
    periods = given.get("EvaluationPeriods")
    if not isinstance(period, int) or not isinstance(periods, int):
        return None
    over, longest_s, kind = ("day", 86_400, "<") if period < HOUR_S else ("week", 604_800, ">=")
    if period * periods <= longest_s:
        return None
    text = (
        f"Metrics cannot be checked across more than a {over} (EvaluationPeriods * Period must be <= {longest_s}) for "
        f"alarms using period {kind} {HOUR_S}"
    )
    return Fault(code="ValidationError", message=text)


def _publish(given: Parameters, _now_ms: int) -> Fault | None:
    subject = given.get("Subject")
    if not given.get("Message"):
        return Fault(code="InvalidParameter", message="Invalid parameter: Empty message")
    if len(str(given["Message"]).encode()) > TOPIC_MESSAGE_BYTES:
        return Fault(code="InvalidParameter", message="Invalid parameter: Message too long")
    if subject is not None and (
        not subject or len(subject) > SUBJECT_CHARS or not subject.isprintable() or not subject.isascii()
    ):
        return Fault(code="InvalidParameter", message="Invalid parameter: Subject")
    return None


def _subscribe(given: Parameters, _now_ms: int) -> Fault | None:
    protocol = given.get("Protocol")
    if protocol in UNREACHED_PROTOCOLS:
        text = f"expected a queue or an e-mail address, got Protocol {protocol}: nothing is delivered to one here"
        return Fault(code="InvalidParameter", message=f"Invalid parameter: Protocol Reason: {text}")
    return None


def _create_table(given: Parameters, _now_ms: int) -> Fault | None:
    name = str(given.get("TableName", ""))
    if not 3 <= len(name) <= 255:
        text = "TableName must be at least 3 characters long and at most 255 characters long"
        return Fault(code="ValidationException", message=text)
    if _TABLE_NAME.fullmatch(name) is None:
        text = (
            f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        )
        return Fault(code="ValidationException", message=text)
    return None


def _batch_write(given: Parameters, _now_ms: int) -> Fault | None:
    if sum(len(requests) for requests in (given.get("RequestItems") or {}).values()) > BATCH_WRITES:
        return Fault(code="ValidationException", message="Too many items requested for the BatchWriteItem call")
    return None


QUEUE_RANGES = {
    "VisibilityTimeout": (0, 43_200),
    "MessageRetentionPeriod": (60, 1_209_600),
    "DelaySeconds": (0, 900),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "MaximumMessageSize": (1024, 1_048_576),
}
"""Q-08: the lowest and highest value of an attribute (Amazon SQS API reference, SetQueueAttributes)."""


def _queue_attributes(given: Parameters, _now_ms: int) -> Fault | None:
    for name, value in (given.get("Attributes") or {}).items():
        lowest, highest = QUEUE_RANGES.get(name, (0, math.inf))
        if name in QUEUE_RANGES and not (str(value).isdigit() and lowest <= int(value) <= highest):
            return Fault(code="InvalidAttributeValue", message=f"Invalid value for the parameter {name}.")
    return None


RULES: dict[tuple[str, str], Callable[[Parameters, int], Fault | None]] = {
    ("ssm", "PutParameter"): _put_parameter,
    ("cloudwatch", "PutMetricData"): _put_metric_data,
    ("cloudwatch", "GetMetricStatistics"): _metric_statistics,
    ("cloudwatch", "PutMetricAlarm"): _put_alarm,
    ("sns", "Publish"): _publish,
    ("sns", "Subscribe"): _subscribe,
    ("dynamodb", "CreateTable"): _create_table,
    ("dynamodb", "BatchWriteItem"): _batch_write,
    ("sqs", "CreateQueue"): _queue_attributes,
    ("sqs", "SetQueueAttributes"): _queue_attributes,
}
