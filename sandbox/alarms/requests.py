"""The two requests that an alarm's change makes, in their services' query protocol. Pure."""

from urllib.parse import urlencode

from sandbox.edge.http import HttpRequest


def publish(topic_arn: str, subject: str, text: str, *, region: str) -> HttpRequest:
    """Amazon SNS, Publish."""
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic_arn, "Subject": subject, "Message": text}
    return _request("sns", form, region)


def set_alarm_state(name: str, state: str, reason: str, *, region: str) -> HttpRequest:
    """CloudWatch, SetAlarmState."""
    form = {"Action": "SetAlarmState", "Version": "2010-08-01", "AlarmName": name, "StateValue": state,
            "StateReason": reason}  # fmt: skip
    return _request("monitoring", form, region)


def _request(service: str, form: dict[str, str], region: str) -> HttpRequest:
    scope = f"Credential=AKIDALARMS/20260101/{region}/{service}/aws4_request"
    headers = (
        ("Host", f"{service}.{region}.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
    )
    return HttpRequest(
        method="POST",
        host="localhost",
        path="/",
        query="",
        headers=headers,
        body=urlencode(form).encode(),
        source_ip="127.0.0.1",
    )
