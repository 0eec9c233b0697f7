"""What is read from and changed in a request that goes to another backend, and in its answer. Pure."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")
_KEY = re.compile(r"(Credential=)[^/]+(/)")
_PRESIGNED_KEY = re.compile(r"(X-Amz-Credential=)[^/%&]+(/|%2[Ff])")
_QUEUE = re.compile(r"https?://[^/]+/(?:queue/[^/]+/|_aws/sqs/queue/[^/]+/)?([0-9]{12}/[^/]+)")
_QUEUE_ELEMENT = re.compile(r"<(QueueUrl)>([^<]+)</QueueUrl>")
_QUEUE_FIELDS = ("QueueUrl", "QueueUrls", "queueUrls")
_ANSWERS_WITH_URLS = ("CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues")
"""Operations whose answers name queues; the bodies of received messages are nobody's to change."""


def service_of(*, authorization: str, query: str, host: str) -> str:
    """The service a request is for: by its signature's scope, in the header or the query, else by its host."""
    scope = _SCOPE.search(authorization)
    if scope is not None:
        return scope[1]
    presigned = parse_qs(query).get("X-Amz-Credential", [""])[0].split("/")
    return presigned[3] if len(presigned) > 4 else host.partition(".")[0]


def for_account(authorization: str, account_id: str) -> str:
    """The header with the account's number as access key: so LocalStack tells accounts apart.

    Real and made-up keys alike would otherwise mean account 000000000000 there (`localstack/aws/accounts.py`). The
    signature no longer fits, which no emulator checks.
    """
    return _KEY.sub(rf"\g<1>{account_id}\g<2>", authorization)


def query_for_account(query: str, account_id: str) -> str:
    """The same for a presigned request."""
    return _PRESIGNED_KEY.sub(rf"\g<1>{account_id}\g<2>", query)


def sent_headers(headers: Mapping[str, str], account_id: str) -> dict[str, str]:
    """The request's headers as the backend gets them: its own host, our account."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _HOP_HEADERS}
    return {
        name: for_account(value, account_id) if name.lower() == "authorization" else value
        for name, value in kept.items()
    }


def queue_base(host: str) -> str:
    """Where the client that asked finds its queues: as on AWS under AWS's names, else at the host that it asked."""
    return f"https://{host}" if host.endswith(".amazonaws.com") else f"http://{host}"


def with_reachable_queues(body: bytes, *, target: str, base: str) -> bytes:
    """The answer with queue URLs that lead the client back here. `target` is the `X-Amz-Target` of the request.

    LocalStack names queues by a host of its own (`sqs.REGION.localhost.localstack.cloud`), which is not found offline.
    """
    if not target:
        return _QUEUE_ELEMENT.sub(
            lambda found: f"<QueueUrl>{_here(found[2], base)}</QueueUrl>", body.decode("utf-8", "surrogateescape")
        ).encode("utf-8", "surrogateescape")
    if target.rpartition(".")[2] not in _ANSWERS_WITH_URLS:
        return body
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if not isinstance(document, dict):
        return body
    for name in _QUEUE_FIELDS:
        value = document.get(name)
        if isinstance(value, str):
            document[name] = _here(value, base)
        elif isinstance(value, list):
            document[name] = [_here(str(one), base) for one in value]
    return json.dumps(document).encode()


def kept_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The answer's headers that are about the answer, not about the connection it came over."""
    return [(name, value) for name, value in headers.items() if name.lower() not in _HOP_HEADERS]


_HOP_HEADERS = frozenset(
    ["host", "connection", "keep-alive", "transfer-encoding", "proxy-connection", "expect", "te", "content-length"]
)


def _here(url: str, base: str) -> str:
    queue = _QUEUE.fullmatch(url)
    return f"{base}/{queue[1]}" if queue else url
