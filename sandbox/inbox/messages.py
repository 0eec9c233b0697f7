"""Accepted publications as messages, read from requests to Amazon SNS and their answers. Pure.

Source: Amazon SNS API reference, Publish and PublishBatch (query protocol: a form in, XML out).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from sandbox.edge.http import HttpRequest, HttpResponse

_MESSAGE_ID = re.compile(rb"<MessageId>([^<]+)</MessageId>")
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/sns/")
_ENTRY = "PublishBatchRequestEntries.member."


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a topic, as its subscribers get it. `subject` is empty where none was given."""

    message_id: str
    topic_arn: str
    subject: str
    text: str
    at_ms: int


def accepted(request: HttpRequest, response: HttpResponse, *, now_ms: int) -> list[Message]:
    """The messages that this request published; none for any other request, or one that was refused."""
    if response.status != 200 or not _SCOPE.search(request.header("Authorization") or ""):
        return []
    form = {name: values[0] for name, values in parse_qs(request.body.decode(errors="replace")).items()}
    ids = [one.decode() for one in _MESSAGE_ID.findall(response.body)]
    topic = form.get("TopicArn") or form.get("TargetArn") or ""
    match form.get("Action"):
        case "Publish" if topic:
            return [_message(form, "", topic, ids[0] if ids else "", now_ms)]
        case "PublishBatch":
            numbers = sorted({int(name.removeprefix(_ENTRY).split(".")[0]) for name in form if name.startswith(_ENTRY)})
            # A refused entry has no MessageId; whole batches are the only ones whose ids tell which is which.
            known = ids if len(ids) == len(numbers) else [""] * len(numbers)
            return [
                _message(form, f"{_ENTRY}{number}.", topic, message_id, now_ms)
                for number, message_id in zip(numbers, known, strict=True)
            ]
        case _:
            return []


def _message(form: Mapping[str, str], prefix: str, topic: str, message_id: str, now_ms: int) -> Message:
    return Message(
        message_id=message_id,
        topic_arn=topic,
        subject=form.get(f"{prefix}Subject", ""),
        text=form.get(f"{prefix}Message", ""),
        at_ms=now_ms,
    )
