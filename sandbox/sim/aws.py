"""AWS as functions meet it in a simulation: each call is a scheduling point, then answered by the world's own parts.

A request travels for part of its drawn latency, takes effect at one moment, and its answer travels for the rest; in
between, others run. The way in is botocore's HTTP session, so serialisers, retries and parsers are the real ones.
Requests are not signed, since nobody here checks signatures of AWS calls, and signing is half of a call's cost.
"""

import asyncio
import io
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from greenlet import GreenletExit

from sandbox.edge.authorization import needed
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.router import Target, route
from sandbox.gateway.quotas import AWS_QUOTAS
from sandbox.items.errors import ItemError
from sandbox.items.idempotency import Idempotency
from sandbox.items.tables import Tables
from sandbox.permissions import refusals
from sandbox.permissions.calls import Protocol
from sandbox.permissions.evaluation import Need
from sandbox.permissions.guard import Guard
from sandbox.queues import operations
from sandbox.sim.container import Container
from sandbox.sim.latency import LatencyModel
from sandbox.sim.queues import Queues
from sandbox.sim.scheduler import US_PER_MS, US_PER_S, Fiber, Scheduler
from sandbox.sim.trouble import LOST_ANSWER, WELL, Trouble, Verdict
from sandbox.standins import parameter_reads
from sandbox.standins.parameter_reads import ParameterReads

Answer = TypeVar("Answer")
Handler = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]
_JSON = ("Content-Type", "application/x-amz-json-1.0")


USER_AGENT = "simulated"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A request as botocore serialised it."""

    method: str
    url: str
    headers: Any
    body: Any

    def reset_stream(self) -> None:
        """Bodies are whole here."""


def unsigned(_endpoint: Any, params: Mapping[str, Any], _operation: Any = None) -> Unsigned:
    """In the place of `botocore.endpoint.Endpoint.create_request`."""
    return Unsigned(params["method"], params["url"], params["headers"], params["body"])


@dataclass(frozen=True, kw_only=True)
class Services:
    """Who answers: the live world's handlers, and the cores of this one."""

    tables: Tables
    parameters: Mapping[str, str]
    queues: Queues
    functions: Handler
    user_pool: Handler
    standins: Mapping[str, Handler]
    connections: Callable[[HttpRequest, Target], Coroutine[Any, Any, HttpResponse]]


class SimulatedAws:
    """Answers prepared requests that the caller's role allows. `loop` is the world's event loop, on which its parts
    run."""

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        loop: asyncio.AbstractEventLoop,
        services: Services,
        guard: Guard,
        latency: LatencyModel,
        trouble: Trouble,
        chance: random.Random,
    ) -> None:
        self._scheduler = scheduler
        self._loop = loop
        self.services = services
        self._guard = guard
        self._latency = latency
        self._trouble = trouble
        self._chance = chance
        self._foreseen: dict[Fiber, Verdict] = {}
        self._transactions = Idempotency()
        self._reads = ParameterReads(AWS_QUOTAS.parameter_reads_per_s)
        self.calls = 0
        self.refusals: Counter[tuple[str, str, int]] = Counter()
        """Refused calls by environment, service and second."""

    def send(self, session: Any, prepared: Any) -> AWSResponse:
        """`botocore.httpsession.URLLib3Session.send`. Raises ReadTimeoutError when the answer is late."""
        began_us = self._scheduler.now_us
        timeout = session._timeout
        read_s = getattr(timeout, "read_timeout", timeout)
        deadline_us = None if read_s is None else began_us + int(read_s * US_PER_S)
        answer = self.ask(_http_request(prepared))
        if deadline_us is not None and self._scheduler.now_us > deadline_us:
            # The answer came, only later than anybody waited: what it tells is lost, what was done stays done.
            raise ReadTimeoutError(endpoint_url=prepared.url)
        response = AWSResponse(prepared.url, answer.status, dict(answer.headers), None)
        response._content = answer.body
        return response

    def fetch(self, url: Any) -> io.BytesIO:
        """`urllib.request.urlopen` for a GET."""
        text = url if isinstance(url, str) else url.full_url
        parts = urlsplit(text)
        request = HttpRequest(
            method="GET", host=parts.hostname or "", path=parts.path, query=parts.query, headers=(), body=b"",
            source_ip="127.0.0.1",
        )  # fmt: skip
        return io.BytesIO(self.ask(request).body)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """One call of the fiber that runs now, as an HTTP request."""
        target = route(request, frozenset(self.services.standins), lambda _: False)
        service, operation = _named(request, target)
        return self.journey(service, operation, lambda: self.answer(service, operation, request, target))

    def journey(
        self, service: str, operation: str, answer: Callable[[], Answer], verdict: Verdict | None = None
    ) -> "Answer | HttpResponse":
        """There, the answer, and back: a part of the drawn latency, the effect at one moment, and the rest.

        `verdict` is what becomes of the call, where that is known before it goes.
        """
        scheduler = self._scheduler
        fiber = scheduler.current()
        confines = fiber.confines
        if confines is not None and confines.gone:
            raise GreenletExit
        self.calls += 1
        latency_us = self._latency.draw_us(self._latency.of_service(service), self._chance)
        there_us = self._latency.draw_there_us(latency_us, self._chance)
        scheduler.sleep_us(there_us)
        if verdict is None:
            verdict = self._foreseen.pop(fiber, None) or self._trouble.of_call(service, operation, scheduler.now_us)
        if verdict.ends == "before":
            self._end_environment()
        answered: Answer | HttpResponse
        if verdict.refusal is not None:
            answered = self._refused(verdict.refusal, service)
        else:
            answered = answer()
            if verdict.answer_lost:
                answered = self._refused(LOST_ANSWER, service)
        if verdict.ends == "after":
            self._end_environment()
        scheduler.sleep_us(latency_us - there_us + verdict.late_us)
        if confines is not None and confines.gone:
            raise GreenletExit
        return answered

    def foresee(self, service: str, operation: str) -> bool:
        """Draw what becomes of this fiber's next call; True when nothing does."""
        verdict = self._trouble.of_call(service, operation, self._scheduler.now_us)
        if verdict is not WELL:
            self._foreseen[self._scheduler.current()] = verdict
        return verdict is WELL

    def _refused(self, refusal: tuple[str, str], service: str) -> HttpResponse:
        confines = self._scheduler.current().confines
        if confines is not None:
            self.refusals[(confines.name, service, self._scheduler.now_us // US_PER_S)] += 1
        return _refused(refusal)

    def _end_environment(self) -> None:
        """The caller's environment ends here, in the middle of what it does."""
        confines = self._scheduler.current().confines
        if confines is not None:
            confines.lose()
        self._alive()

    def _alive(self) -> None:
        confines = self._scheduler.current().confines
        if confines is not None and confines.gone:
            raise GreenletExit

    def refusal(self, wanted: Iterable[Need], protocol: Protocol) -> HttpResponse | None:
        """The refusal of a call by the environment that runs now, or None when its role allows it."""
        confines = self._scheduler.current().confines
        if not isinstance(confines, Container):
            return None
        refused = self._guard.check(confines.environment["AWS_ACCESS_KEY_ID"], wanted)
        return refusals.answer(refused, protocol) if refused is not None else None

    def answer(self, service: str, operation: str, request: HttpRequest, target: Target) -> HttpResponse:
        """What a request is answered when it arrives."""
        services = self.services
        wanted, protocol = needed(request, target, service=service, place=self._guard.place)
        refused = self.refusal(wanted, protocol)
        if refused is not None:
            return refused
        match target.kind:
            case "connections":
                return self.at_once(services.connections(request, target))
            case "functions":
                return self.on_world(services.functions(request))
            case "user_pool":
                return self.on_world(services.user_pool(request))
            case "standin":
                return self.on_world(services.standins[target.service](request))
        match service:
            case "dynamodb":
                return self._items(operation, request)
            case "sqs":
                return self._queue(operation, request)
            case "ssm":
                return self._parameter(operation, request)
        return _refused(("UnknownOperationException", f"{service} {operation} has no stand-in in a simulation"))

    def at_once(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run a handler of the world that waits for nothing, in this fiber."""
        return self._scheduler.as_nobody(lambda: self._finished(work))

    def _finished(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        running = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            work.send(None)
        except StopIteration as finished:
            answer: Answer = finished.value
            return answer
        finally:
            asyncio._set_running_loop(running)
        raise AssertionError("expected a handler that waits for nothing")

    def on_world(self, work: Awaitable[Answer]) -> Answer:
        """Run a handler of the world on its loop; this fiber rests meanwhile."""
        answers: list[Answer] = []
        failures: list[BaseException] = []
        waiting = self._scheduler.current()

        async def run() -> None:
            try:
                answers.append(await work)
            except BaseException as error:
                failures.append(error)
                raise
            finally:
                self._scheduler.wake(waiting)

        def begin() -> None:
            task = self._loop.create_task(run())
            running.append(task)

        running: list[asyncio.Task[None]] = []
        self._loop.call_soon_threadsafe(begin)
        while not (answers or failures):
            self._scheduler.park()
        if failures:
            raise failures[0]
        return answers[0]

    def _queue(self, operation: str, request: HttpRequest) -> HttpResponse:
        asked = operations.traced(json.loads(request.body or b"{}"), request.header("X-Amzn-Trace-Id"))
        answer = self.ask_queue(operation, asked)
        if isinstance(answer, HttpResponse):
            return answer
        return HttpResponse(status=200, headers=(_JSON,), body=json.dumps(answer).encode())

    def ask_queue(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any] | HttpResponse:
        """The document that answers an operation of SQS, or the refusal; a long poll waits where it must."""
        queues = self.services.queues
        answer = self._scheduler.as_nobody(lambda: queues.answer_at_once(operation, asked))
        return answer if answer is not None else self.on_world(queues.answer(operation, asked))

    def _items(self, operation: str, request: HttpRequest) -> HttpResponse:
        parameters, now_ms = json.loads(request.body), self._scheduler.now_us // US_PER_MS
        is_transaction = operation == "TransactWriteItems"
        try:
            if is_transaction and self._transactions.is_done(parameters, now_ms):
                answer: Mapping[str, Any] = {}
            else:
                answer = self.services.tables.call(operation, parameters)
        except ItemError as error:
            return self.item_refusal(error)
        if is_transaction:
            self._transactions.remember(parameters, now_ms)
        return HttpResponse(status=200, headers=(_JSON,), body=json.dumps(answer).encode())

    @staticmethod
    def item_refusal(error: ItemError) -> HttpResponse:
        """A refusal of the tables as DynamoDB writes it."""
        return HttpResponse(status=400, headers=(_JSON,), body=json.dumps(error.document()).encode())

    def _parameter(self, operation: str, request: HttpRequest) -> HttpResponse:
        body = json.loads(request.body)
        if self._reads.throttles(operation, self._scheduler.now_us // US_PER_MS):
            return _refused((parameter_reads.CODE, parameter_reads.TEXT))
        if operation == "GetParameter" and body["Name"] in self.services.parameters:
            found = {"Name": body["Name"], "Type": "String", "Value": self.services.parameters[body["Name"]]}
            answer = {"Parameter": {**found, "Version": 1}}
            return HttpResponse(status=200, headers=(_JSON,), body=json.dumps(answer).encode())
        return _refused(("ParameterNotFound", ""))


def _named(request: HttpRequest, target: Target) -> tuple[str, str]:
    """The service and the operation of a request."""
    match target.kind:
        case "connections":
            return "execute-api", {"POST": "PostToConnection", "DELETE": "DeleteConnection"}.get(request.method, "Get")
        case "functions":
            return "lambda", "Invoke"
        case "user_pool":
            return "cognito-idp", "KeySet"
        case "standin":
            return target.service, target.service
    service, _, operation = (request.header("X-Amz-Target") or "").rpartition(".")
    host = request.host.split(".")[0]
    return {"AmazonSQS": "sqs", "AmazonSSM": "ssm", "DynamoDB_20120810": "dynamodb"}.get(service, host), operation


def _refused(refusal: tuple[str, str]) -> HttpResponse:
    code, message = refusal
    status = 500 if code in ("InternalServerError", "InternalFailure") else 400
    headers = (_JSON, ("x-amzn-ErrorType", code))
    return HttpResponse(status=status, headers=headers, body=json.dumps({"__type": code, "message": message}).encode())


def _http_request(prepared: Any) -> HttpRequest:
    parts = urlsplit(prepared.url)
    body = prepared.body or b""
    if not isinstance(body, (bytes, bytearray, str)):
        body = body.read()
    return HttpRequest(
        method=prepared.method,
        host=parts.hostname or "",
        path=parts.path,
        query=parts.query,
        headers=tuple((name, _text(value)) for name, value in prepared.headers.items()),
        body=body.encode() if isinstance(body, str) else bytes(body),
        source_ip="127.0.0.1",
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
