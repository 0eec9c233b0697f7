"""The application of the gateway's bench, the same on every emulator: it needs boto3 and nothing of this project.

Variables: `TABLE` (its key is the text `id`), optionally `DDB_ENDPOINT` and `MGMT_ENDPOINT`. Routes: `$connect` and
`$disconnect` keep the connection in the table; `echo` returns a body after one update of the table, `echopost` posts
it; `fanout` posts to every connection of a session.
"""

import json
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

TABLE = os.environ.get("TABLE", "gateway-bench")
ENVIRONMENT = f"{os.getpid()}-{uuid.uuid4().hex[:6]}"
THREADS = 32
_CONFIG = Config(
    max_pool_connections=64, retries={"max_attempts": 2, "mode": "standard"}, connect_timeout=10, read_timeout=25
)
_tables = boto3.client("dynamodb", endpoint_url=os.environ.get("DDB_ENDPOINT") or None, config=_CONFIG)
_callbacks: dict[str, Any] = {}

Event = dict[str, Any]


def callbacks(context: Event) -> Any:
    """The client of the API's `@connections`, made once for each API."""
    url = os.environ.get("MGMT_ENDPOINT") or f"https://{context['domainName']}/{context['stage']}"
    if url not in _callbacks:
        _callbacks[url] = boto3.client("apigatewaymanagementapi", endpoint_url=url, config=_CONFIG)
    return _callbacks[url]


def echo(message: Event) -> str:
    began = time.time()
    _tables.update_item(
        TableName=TABLE, Key={"id": {"S": "counter"}}, UpdateExpression="ADD #n :one",
        ExpressionAttributeNames={"#n": "n"}, ExpressionAttributeValues={":one": {"N": "1"}},
    )  # fmt: skip
    return json.dumps({"n": message.get("n"), "env": ENVIRONMENT, "began": began, "ended": time.time()})


def session_connections(session: str) -> list[str]:
    """The connections of a session, whose records are scanned for."""
    found: list[str] = []
    start: Any = None
    while True:
        page = _tables.scan(
            TableName=TABLE, ConsistentRead=True, FilterExpression="#s = :s",
            ExpressionAttributeNames={"#s": "session"}, ExpressionAttributeValues={":s": {"S": session}},
            **({"ExclusiveStartKey": start} if start else {}),
        )  # fmt: skip
        found += [item["id"]["S"] for item in page["Items"]]
        start = page.get("LastEvaluatedKey")
        if not start:
            return found


def fan_out(message: Event, context: Event) -> str:
    client, connections = callbacks(context), session_connections(message["session"])
    head = json.dumps({"fan": message["id"], "pad": ""})
    data = json.dumps({"fan": message["id"], "pad": "x" * (message["size"] - len(head))}).encode()
    counts, lock = {"sent": 0, "failed": 0}, threading.Lock()

    def post(connection_id: str) -> None:
        try:
            client.post_to_connection(ConnectionId=connection_id, Data=data)
            result = "sent"
        except (ClientError, BotoCoreError):
            result = "failed"
        with lock:
            counts[result] += 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, connections))
    return json.dumps({"fanned": message["id"], **counts})


def handler(event: Event, _context: object) -> Event:
    context = event["requestContext"]
    kind, connection_id = context.get("eventType"), context["connectionId"]
    if kind == "CONNECT":
        session = (event.get("queryStringParameters") or {}).get("session", "-")
        _tables.put_item(TableName=TABLE, Item={"id": {"S": connection_id}, "session": {"S": session}})
        return {"statusCode": 200, "body": ""}
    if kind == "DISCONNECT":
        _tables.delete_item(TableName=TABLE, Key={"id": {"S": connection_id}})
        return {"statusCode": 200, "body": ""}
    message = json.loads(event.get("body") or "{}")
    action = message.get("action")
    body = fan_out(message, context) if action == "fanout" else echo(message)
    if action == "echopost" or message.get("reply") == "post":
        callbacks(context).post_to_connection(ConnectionId=connection_id, Data=body.encode())
        return {"statusCode": 200, "body": ""}
    return {"statusCode": 200, "body": body}


def authorize(event: Event, _context: object) -> Event:
    """A REQUEST authorizer: `?token=allow`, and nobody else."""
    allowed = (event.get("queryStringParameters") or {}).get("token") == "allow"
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow" if allowed else "Deny",
                 "Resource": event.get("methodArn") or "*"}  # fmt: skip
    return {"principalId": "bench", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
