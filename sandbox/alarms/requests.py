"""The two requests that an alarm's change makes, in their services' query protocol. Pure.

What CloudWatch asks as a service says for which resource, as AWS's services do; the topic's policy must let it in.
"""

from urllib.parse import urlencode

from sandbox.edge.http import Headers, HttpRequest


def publish(topic_arn: str, subject: str, text: str, *, source_arn: str, region: str) -> HttpRequest:
    """Amazon SNS, Publish, by CloudWatch for the alarm `source_arn`."""
    form = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic_arn, "Subject": subject, "Message": text}
    return _request("sns", form, region, caller="cloudwatch.amazonaws.com", more=(("X-Amz-Source-Arn", source_arn),))


def set_alarm_state(name: str, state: str, reason: str, *, region: str) -> HttpRequest:
    """CloudWatch, SetAlarmState."""
    form = {"Action": "SetAlarmState", "Version": "2010-08-01", "AlarmName": name, "StateValue": state,
            "StateReason": reason}  # fmt: skip
    return _request("monitoring", form, region, caller="AKIDALARMS")


def _request(service: str, form: dict[str, str], region: str, *, caller: str, more: Headers = ()) -> HttpRequest:
    scope = f"Credential={caller}/20260101/{region}/{service}/aws4_request"
    headers = (
        ("Host", f"{service}.{region}.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        *more,
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
