"""The deployment report says what is deployed, tried, observed, proven, met and changed, in two forms."""

from html.parser import HTMLParser
from typing import Any

import pytest

from sandbox.deployment_report import deployed
from sandbox.deployment_report.changes import Change, changes
from sandbox.deployment_report.deployed import Deployed
from sandbox.deployment_report.issues import OPEN, OVER, issues
from sandbox.deployment_report.model import Findings, sections
from sandbox.deployment_report.write import markdown, page
from sandbox.metrics.observed import Observed


class Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href")]


FUNCTION = {
    "FunctionName": "f-staging", "CodeSha256": "abc=", "Runtime": "python3.11", "Handler": "f.handler",
    "MemorySize": 512, "Timeout": 60, "Layers": [{"Arn": "arn:aws:lambda:us-east-1:1:layer:Shared:3"}],
    "Environment": {"Variables": {"TABLE": "T-staging"}},
}  # fmt: skip
ALARM = {
    "AlarmName": "LateAlarm-staging", "ExtendedStatistic": "p95", "MetricName": "Late", "Threshold": 5000.0,
    "Period": 60, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
    "TreatMissingData": "notBreaching",
}  # fmt: skip
STACK = deployed.stack(
    {"StackName": "S", "StackStatus": "CREATE_COMPLETE", "Outputs": [{"OutputKey": "Url", "OutputValue": "wss://a"}]},
    [{"LogicalResourceId": "F|1", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "f-staging",
      "ResourceStatus": "CREATE_COMPLETE"}],
    {"Resources": {}},
)  # fmt: skip
SMOKE = {
    "passed": False, "target": "ws://a/prod", "atMs": 0,
    "steps": [{"name": "one", "passed": True, "tookMs": 5, "reason": "seen"},
              {"name": "two", "passed": False, "tookMs": 9, "reason": "<not> seen"}],
}  # fmt: skip
PROOFS = {
    "atMs": 0,
    "alarms": [{"alarm": "LateAlarm-staging", "proven": True, "cause": "late", "missing": "", "reason": "6 of 5",
                "messageIds": ["m1", "m2"]}],
}  # fmt: skip


def configured(**changed: str) -> dict[str, str]:
    return deployed.of_function(FUNCTION) | deployed.of_alarm(ALARM) | changed


def findings(**given) -> Findings:
    about: dict[str, Any] = {
        "deployed": Deployed(environment="staging", endpoint="http://a", stacks=(STACK,), configuration=configured()),
        "at_ms": 0, "smoke": None, "proofs": None, "run_id": "r", "observed": [], "issues": [], "changes": None,
    }  # fmt: skip
    return Findings(**about | given)


def test_a_function_s_and_an_alarm_s_settings_are_named_one_by_one():
    """So that a change of one of them is one line."""
    found = configured()
    assert found["function.f-staging.memoryMb"] == "512"
    assert found["function.f-staging.environment.TABLE"] == "T-staging"
    assert found["function.f-staging.layers"] == "Shared:3"
    assert found["alarm.LateAlarm-staging"] == (
        "p95 of Late GreaterThanThreshold 5000, 2 of 3 x 60 s, missing data notBreaching"
    )
    assert deployed.of_parameter({"Name": "/p", "Value": '{"enabled": true}'}) == {"parameter./p.enabled": "true"}
    assert deployed.of_parameter({"Name": "/p", "Value": "text"}) == {"parameter./p": "text"}


def test_the_fingerprint_is_of_templates_and_code():
    """The same for another address, another for other code."""
    first = findings().deployed
    moved = Deployed(environment="staging", endpoint="http://b", stacks=(STACK,), configuration=configured())
    code = {"function.f-staging.codeSha256": "xyz="}
    changed = Deployed(environment="staging", endpoint="http://a", stacks=(STACK,), configuration=configured(**code))
    assert first.fingerprint == moved.fingerprint != changed.fingerprint


def test_changes_are_additions_removals_and_new_values():
    """By name."""
    assert changes({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"}) == [
        Change(name="a", before="1", after=None), Change(name="c", before="3", after="4"),
        Change(name="d", before=None, after="5"),
    ]  # fmt: skip


END = {"kind": "lambda.end", "function": "f"}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([END | {"status": "ok"}], []),
        ([END | {"status": "error"}, END | {"status": "error"}], [("f failed (error)", 2, OPEN)]),
        ([END | {"status": "error"}, END | {"status": "ok"}], [("f failed (error)", 1, OVER)]),
        ([END | {"status": "error"}, END | {"status": "ok"}, END | {"status": "error"}],
         [("f failed (error)", 2, OPEN)]),
        ([{"kind": "lambda.throttled", "function": "f"}, END | {"function": "g", "status": "ok"}],
         [("f was throttled", 1, OPEN)]),
        ([{"kind": "transcribe.exception", "exception": "InternalFailureException"},
          {"kind": "transcribe.stream_opened"}],
         [("a Transcribe stream ended with InternalFailureException", 1, OVER)]),
        ([{"kind": "alarm.state", "alarm": "A", "new": "ALARM"}, {"kind": "alarm.state", "alarm": "A", "new": "OK"}],
         [("A was raised", 1, OVER)]),
        ([{"kind": "iam.denied", "function": "f", "action": "sqs:SendMessage", "resource": "arn"}],
         [("f was denied sqs:SendMessage", 1, OPEN)]),
        ([{"kind": "lambda.event_dropped", "function": "f", "condition": "RetriesExhausted"}],
         [("an event of f was dropped (RetriesExhausted)", 1, OPEN)]),
    ],
)  # fmt: skip
def test_an_issue_is_open_until_the_journal_shows_its_end(events, expected):
    """And open again when it comes again."""
    timed = [{"t_ms": number * 10, **event} for number, event in enumerate(events)]
    assert [(one.what, one.times, one.state) for one in issues(timed)] == expected


def test_the_report_says_what_has_not_been_done():
    """With the command that does it."""
    text = markdown("Report", sections(findings()))
    assert "not run: run 'sandbox smoke'" in text
    assert "not verified: run 'sandbox alarms verify'" in text
    assert "This is the first report." in text
    assert "| smoke tests | not run: run 'sandbox smoke' |  |" in text


def test_the_report_has_every_part_and_escapes_what_others_named():
    """A bar in a table's cell, a tag in a reason; a failed test is no good report."""
    observed = [Observed(
        namespace="N", name="Chunks", dimensions={"service": "a"}, watched=True, unit="Count", samples=[(0, 2.0)]
    )]  # fmt: skip
    change = Change(name="alarm.A", before=None, after="p95")
    told = sections(findings(smoke=SMOKE, proofs=PROOFS, observed=observed, changes=[change]))
    text = markdown("Report", told)
    for part in ("F\\|1", "<summary>S: CREATE_COMPLETE, template",
                 "wss://a", "abc=", "1 of 2 passed against ws://a/prod", "Messages m1, m2", "2 in all",
                 "| alarm.A | absent | p95 |", "None in run r."):  # fmt: skip
        assert part in text, part
    assert told[0].good is False
    made = page("Report", told, metrics="<h2>Metrics</h2>")
    assert "&lt;not&gt; seen" in made and "<not>" not in made
    assert '<span class="bad">FAIL</span>' in made

    links = Links()
    links.feed(made)
    assert links.fetched == []
