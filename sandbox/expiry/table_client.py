"""The tables' operations that deletions need, in DynamoDB's JSON protocol."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.edge.http import HttpRequest, Route
from sandbox.expiry.service import TableCallError
from sandbox.expiry.sweep import Expiring


class TableClient:
    """Asks through `send`, the way that requests to DynamoDB take in this sandbox."""

    def __init__(self, send: Route, *, region: str) -> None:
        self._send = send
        self._region = region

    async def tables(self) -> list[Expiring]:
        """The tables whose time to live is enabled. Raises TableCallError."""
        found = []
        for name in await self._names():
            described = (await self.call("DescribeTimeToLive", {"TableName": name}))["TimeToLiveDescription"]
            if described.get("TimeToLiveStatus") == "ENABLED":
                about = (await self.call("DescribeTable", {"TableName": name}))["Table"]
                key = tuple(one["AttributeName"] for one in about["KeySchema"])
                found.append(Expiring(name=name, key=key, attribute=described["AttributeName"]))
        return found

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """One operation's answer. Raises TableCallError."""
        scope = f"Credential=AKIDEXPIRY/20260101/{self._region}/dynamodb/aws4_request"
        headers = (
            ("Host", "localhost"),
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", f"DynamoDB_20120810.{operation}"),
            ("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        )
        body = json.dumps(request).encode()
        answer = await self._send(
            HttpRequest(
                method="POST", host="localhost", path="/", query="", headers=headers, body=body, source_ip="127.0.0.1"
            )
        )
        parsed: dict[str, Any] = json.loads(answer.body or b"{}")
        if answer.status != 200:
            raise TableCallError(operation, str(parsed.get("__type", answer.status)).rpartition("#")[2])
        return parsed

    async def _names(self) -> list[str]:
        names: list[str] = []
        page: dict[str, Any] = {}
        while True:
            start = {"ExclusiveStartTableName": names[-1]} if page.get("LastEvaluatedTableName") else {}
            page = await self.call("ListTables", start)
            names += page.get("TableNames", [])
            if not page.get("LastEvaluatedTableName"):
                return names
