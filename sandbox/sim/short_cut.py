"""The short way for the calls that a stream makes all the time: from the client's method to the core, and back.

Validation, serialisation and parsing are more than half of a simulation's cost. Where nothing goes wrong on the way, a
hot call goes straight to the core with the parameters as they are, under the same drawn latency; its refusals are
parsed by botocore, so that handlers meet the same exceptions. A call that meets a fault takes the long way, with its
retries and timeouts. A test holds that a run's journal without faults is the same, to the byte, on both ways.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.endpoint import convert_to_response_dict

from sandbox.edge.authorization import needed
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.router import Target
from sandbox.items.errors import ItemError
from sandbox.permissions import needs
from sandbox.permissions.evaluation import Need
from sandbox.queues import operations
from sandbox.sim.aws import SimulatedAws
from sandbox.sim.trouble import WELL
from sandbox.standins import translate

Parameters = Mapping[str, Any]
Call = Callable[[Any, str, Parameters], dict[str, Any]]

TRANSACTION = "TransactWriteItems"
"""Without the token by which botocore has its own retries known as such: on the short way there are none."""
ITEMS = frozenset(["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", TRANSACTION])
QUEUES = frozenset(
    ["SendMessage", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"]
)
CALLBACKS = {"PostToConnection": "POST", "DeleteConnection": "DELETE"}
"""What is asked of `@connections`, and by which method."""
PLAIN = {"Invoke": "lambda", "TranslateText": "translate", "GetParameter": "ssm"}
"""What is asked of the world's own handlers by HTTP, and of which service."""
HOT = ITEMS | QUEUES | PLAIN.keys() | CALLBACKS.keys()
NAMES = {"apigatewaymanagementapi": "execute-api"}
_WELL = {"HTTPStatusCode": 200, "RetryAttempts": 0, "HTTPHeaders": {}}


class ShortCut:
    """In the place of `botocore.client.BaseClient._make_api_call`, whose own way is `long`. `posts`: callbacks too."""

    def __init__(self, aws: SimulatedAws, long: Call, place: needs.Place, *, posts: bool) -> None:
        self._aws = aws
        self._place = place
        self._long = long
        self._hot = HOT if posts else HOT - CALLBACKS.keys()
        self._needs: dict[tuple[str, str | None, str | None], tuple[Need, ...]] = {}
        """What the calls of each operation need, by what they are about."""

    def call(
        self, client: Any, operation: str, parameters: Parameters, whole: Callable[[], Any] | None = None
    ) -> dict[str, Any]:
        """One call of a client's method. `whole` gives the client for the long way. Raises the client's exceptions."""
        service = client.meta.service_model.service_name
        if not (
            operation in self._hot
            and parameters.get("InvocationType", "Event") == "Event"
            and self._aws.foresee(NAMES.get(service, service), operation)
        ):
            return self._long(whole() if whole is not None else client, operation, parameters)
        if service == "dynamodb" and operation in ITEMS:
            answer = self._aws.journey(service, operation, lambda: self._items(operation, parameters), WELL)
        elif service == "sqs" and operation in QUEUES:
            answer = self._aws.journey(service, operation, lambda: self._queues(operation, parameters), WELL)
        elif service == "apigatewaymanagementapi" and operation in CALLBACKS:
            answer = self._aws.journey(
                "execute-api", operation, lambda: self._callback(client, operation, parameters), WELL
            )
        else:
            request, target = _plain(operation, parameters)
            told = self._aws.journey(
                service, operation, lambda: self._aws.answer(service, operation, request, target), WELL
            )
            if told.status >= 300:
                # Some refusals are tried again, which is botocore's to do.
                return self._long(whole() if whole is not None else client, operation, parameters)
            answer = {"StatusCode": told.status} if operation == "Invoke" else json.loads(told.body)
        if isinstance(answer, HttpResponse):
            raise _exception(client, operation, answer)
        return {**answer, "ResponseMetadata": _WELL}

    def _items(self, operation: str, parameters: Parameters) -> dict[str, Any] | HttpResponse:
        if operation == TRANSACTION:
            wanted = needs.needs("dynamodb", operation, parameters, self._place)
        else:
            about = (operation, parameters["TableName"], parameters.get("IndexName"))
            wanted = self._needed("dynamodb", about, parameters)
        refused = self._aws.refusal(wanted, "json")
        if refused is not None:
            return refused
        try:
            return self._aws.services.tables.call(operation, parameters)
        except ItemError as error:
            return self._aws.item_refusal(error)

    def _needed(
        self, service: str, about: tuple[str, str | None, str | None], parameters: Parameters
    ) -> tuple[Need, ...]:
        wanted = self._needs.get(about)
        if wanted is None:
            wanted = self._needs[about] = needs.needs(service, about[0], parameters, self._place)
        return wanted

    def _queues(self, operation: str, parameters: Parameters) -> dict[str, Any] | HttpResponse:
        about = (operation, parameters["QueueUrl"], None)
        refused = self._aws.refusal(self._needed("sqs", about, parameters), "json")
        if refused is not None:
            return refused
        # As botocore does, which names the trace of whoever sends in a header.
        asked = operations.traced(parameters, os.environ.get("_X_AMZN_TRACE_ID"))
        return self._aws.ask_queue(operation, asked)

    def _callback(self, client: Any, operation: str, parameters: Parameters) -> dict[str, Any] | HttpResponse:
        parts = urlsplit(client.meta.endpoint_url)
        host, stage, connection_id = parts.hostname or "", parts.path.strip("/"), parameters["ConnectionId"]
        request = HttpRequest(
            method=CALLBACKS[operation], host=host, path=f"/{stage}/@connections/{connection_id}", query="",
            headers=(), body=parameters.get("Data", b""), source_ip="127.0.0.1",
        )  # fmt: skip
        target = Target(kind="connections", api_id=host.partition(".")[0], stage=stage, connection_id=connection_id)
        wanted, protocol = needed(request, target, service="execute-api", place=self._place)
        refused = self._aws.refusal(wanted, protocol)
        if refused is not None:
            return refused
        answer = self._aws.at_once(self._aws.services.connections(request, target))
        return {} if answer.status < 300 else answer


def _plain(operation: str, parameters: Parameters) -> tuple[HttpRequest, Target]:
    """The HTTP request of an operation of `PLAIN`, and whose it is to answer."""
    path, body = "/", b""
    headers: tuple[tuple[str, str], ...] = ()
    match operation:
        case "Invoke":
            path = f"/2015-03-31/functions/{quote(parameters['FunctionName'], safe='')}/invocations"
            trace = os.environ.get("_X_AMZN_TRACE_ID")
            headers = (("X-Amz-Invocation-Type", "Event"), *((("X-Amzn-Trace-Id", trace),) if trace else ()))
            body, target = parameters.get("Payload", b""), Target(kind="functions")
        case "TranslateText":
            headers, body = (("X-Amz-Target", translate.TARGET),), json.dumps(parameters).encode()
            target = Target(kind="standin", service="translate")
        case _:
            headers, body = (("X-Amz-Target", f"AmazonSSM.{operation}"),), json.dumps(parameters).encode()
            target = Target(kind="control_plane")
    request = HttpRequest(
        method="POST", host="", path=path, query="", headers=headers, body=body, source_ip="127.0.0.1",
    )  # fmt: skip
    return request, target


def _exception(client: Any, operation: str, answer: HttpResponse) -> Exception:
    """The refusal as the client's own exception."""
    endpoint, model = client._endpoint, client.meta.service_model.operation_model(operation)
    response = AWSResponse(client.meta.endpoint_url, answer.status, dict(answer.headers), None)
    response._content = answer.body
    shape = convert_to_response_dict(response, model)
    parser = endpoint._response_parser_factory.create_parser(model.service_model.resolved_protocol)
    parsed = parser.parse(shape, model.output_shape)
    endpoint._add_modeled_error_fields(shape, parsed, model, parser)
    error: Exception = client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)
    return error
