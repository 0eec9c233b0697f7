"""A topic's messages to its queues: by the queue's own policy, in SNS's envelope or raw, and noticed at once."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import has_request_context, request
from moto.sns.models import Subscription
from moto.sqs.models import sqs_backends

from sandbox.control_plane.kept_messages import kept_of
from sandbox.permissions.evaluation import Need
from sandbox.permissions.guard import Guard
from sandbox.queues import operations

ENVELOPE = (
    "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
    "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
)  # fmt: skip
"""N-01: the order of the fields."""


def install(guard: Guard, now_ms: Callable[[], int], draw_id: Callable[[], str]) -> None:
    """Wrap moto's delivery, once a process, before the first request."""
    publish = Subscription.publish

    def delivered(subscription: Subscription, message: str, message_id: str, *given: Any, **named: Any) -> None:
        if subscription.protocol != "sqs":
            publish(subscription, message, message_id, *given, **named)
            return
        _to_queue(subscription, message, message_id, **_named(given, named))

    def _to_queue(
        subscription: Subscription,
        message: str,
        message_id: str,
        *,
        subject: str | None = None,
        message_attributes: Mapping[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = subscription._parse_message_structure(message, "sqs")
        region, name = subscription.endpoint.split(":")[3], subscription.endpoint.split(":")[-1]
        queue = sqs_backends[subscription.account_id][region].queues.get(name)
        need = Need(action="sqs:SendMessage", resource=subscription.endpoint)
        if queue is None or guard.admit("sns.amazonaws.com", need, source_arn=subscription.topic.arn) is not None:
            # SNS gives up what it may not deliver.
            return
        if str(subscription.attributes.get("RawMessageDelivery")).lower() == "true":
            body = {"MessageBody": message, "MessageAttributes": _raw(message_attributes or {})}
        else:
            posted = subscription.get_post_data(message, message_id, subject, message_attributes=message_attributes)
            body = {"MessageBody": json.dumps({one: posted[one] for one in ENVELOPE if one in posted})}
        if queue.fifo_queue:
            body |= {"MessageGroupId": group_id or "", "MessageDeduplicationId": deduplication_id or message_id}
        kept = kept_of(queue, now_ms)
        with kept.changed:
            kept.refresh()
            operations.send(
                kept.queue, operations.traced(body, _senders_trace()), now_ms=now_ms(), message_id=draw_id()
            )
            kept.tell()

    Subscription.publish = delivered


def _senders_trace() -> str | None:
    """L-33: the trace of the request that publishes, which SNS passes on with each message."""
    return request.headers.get("X-Amzn-Trace-Id") if has_request_context() else None


_POSITIONS = ("subject", "message_attributes", "group_id", "deduplication_id", "message_structure")


def _named(given: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    return {**dict(zip(_POSITIONS, given, strict=False)), **named}


def _raw(attributes: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """N-02: a message's attributes as the queue's own."""
    shown = {}
    for name, one in attributes.items():
        key = "BinaryValue" if one["Type"].startswith("Binary") else "StringValue"
        shown[name] = {"DataType": one["Type"], key: str(one["Value"])}
    return shown
