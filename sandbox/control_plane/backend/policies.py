"""The policies of queues and topics that live on another backend, asked for there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.definitions.model import Statement

READ_AGAIN_AFTER_MS = 5_000
"""Ours: how late a changed policy may count. Each message that a function sends is held against its queue's."""

CONNECT_WITHIN_S = 5.0


class BackendPolicies:
    """`own` knows the policies of everything that lives here, `read` a document's statements."""

    def __init__(
        self,
        own: Callable[[str], Sequence[Statement]],
        endpoints: Mapping[str, str],
        *,
        account_id: str,
        region: str,
        now_ms: Callable[[], int],
        read: Callable[[str], Sequence[Statement]],
    ) -> None:
        self._own = own
        self._now_ms = now_ms
        self._read = read
        self._queues = f"{endpoints.get('sqs', '')}/{account_id}"
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=CONNECT_WITHIN_S)
        self._clients: dict[str, Any] = {
            service: boto3.client(
                service, endpoint_url=endpoints[service], region_name=region, aws_access_key_id=account_id,
                aws_secret_access_key="test", config=config,  # noqa: S106 - no emulator checks it
            )
            for service in ("sns", "sqs") if service in endpoints
        }  # fmt: skip
        self._kept: dict[str, tuple[int, Sequence[Statement]]] = {}

    def __call__(self, arn: str) -> Sequence[Statement]:
        """() for what has no policy, is not there, or is on a backend that does not answer."""
        service = arn.split(":", 3)[2] if arn.count(":") > 2 else ""
        if service not in self._clients:
            return self._own(arn)
        kept = self._kept.get(arn)
        now_ms = self._now_ms()
        if kept is None or now_ms - kept[0] >= READ_AGAIN_AFTER_MS:
            text = self._asked(service, arn)
            kept = self._kept[arn] = (now_ms, self._read(text) if text else ())
        return kept[1]

    def _asked(self, service: str, arn: str) -> str:
        client = self._clients[service]
        try:
            if service == "sns":
                answer = client.get_topic_attributes(TopicArn=arn)
            else:
                url = f"{self._queues}/{arn.rpartition(':')[2]}"
                answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        except (BotoCoreError, ClientError):
            return ""
        return str(answer.get("Attributes", {}).get("Policy", ""))
