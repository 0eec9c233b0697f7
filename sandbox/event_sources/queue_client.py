"""The three operations of a queue that a poller needs, in the service's JSON protocol."""

import json
from typing import Any

from sandbox.edge.http import HttpRequest, Route

OWN_KEY = "AKIDEVENTSOURCE"
"""What no role has to allow is asked with it."""


class QueueCallError(ConnectionError):
    """The queue service refused or did not answer."""

    def __init__(self, operation: str, status: int, code: str) -> None:
        super().__init__(f"expected {operation} to be answered, got HTTP {status} {code}")
        self.code = code


class QueueClient:
    """Asks through `send`, the way that requests to the queue service take in this sandbox."""

    def __init__(self, send: Route, *, region: str) -> None:
        self._send = send
        self._region = region

    async def url(self, queue_arn: str) -> str:
        """The URL of a queue by its ARN. Raises QueueCallError."""
        account, name = queue_arn.split(":")[4:6]
        answer = await self._call("GetQueueUrl", {"QueueName": name, "QueueOwnerAWSAccountId": account})
        return str(answer["QueueUrl"])

    async def receive(self, url: str, *, most: int, wait_s: int, access_key: str) -> list[dict[str, Any]]:
        """Up to `most` messages, after a long poll, as the role of this key may. Raises QueueCallError."""
        wanted = {
            "QueueUrl": url, "MaxNumberOfMessages": most, "WaitTimeSeconds": wait_s, "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        }  # fmt: skip
        messages: list[dict[str, Any]] = (await self._call("ReceiveMessage", wanted, access_key)).get("Messages") or []
        return messages

    async def delete(self, url: str, receipts: list[str], *, access_key: str) -> None:
        """Delete messages by their receipt handles, as the role of this key may. Raises QueueCallError."""
        entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]
        await self._call("DeleteMessageBatch", {"QueueUrl": url, "Entries": entries}, access_key)

    async def _call(self, operation: str, body: dict[str, Any], access_key: str = OWN_KEY) -> dict[str, Any]:
        # The signature is not checked; its scope names the caller and the service.
        scope = f"Credential={access_key}/20260101/{self._region}/sqs/aws4_request"
        headers = (
            ("Host", "localhost"),
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", f"AmazonSQS.{operation}"),
            ("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        )
        answer = await self._send(
            HttpRequest(
                method="POST",
                host="localhost",
                path="/",
                query="",
                headers=headers,
                body=json.dumps(body).encode(),
                source_ip="127.0.0.1",
            )
        )
        if answer.status != 200:
            code = (answer.body or b"{}").decode(errors="replace")
            raise QueueCallError(operation, answer.status, code[:200])
        parsed: dict[str, Any] = json.loads(answer.body or b"{}")
        return parsed
