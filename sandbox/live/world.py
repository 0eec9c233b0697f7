"""The live world: every part of a sandbox, started in order and stopped in the reverse of it."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fake_transcribe.errors import ScriptError
from fake_transcribe.faults import Faults as StreamFaults
from sandbox.alarms import requests
from sandbox.alarms.service import Alarms
from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function, counts
from sandbox.deliveries.service import Deliveries
from sandbox.edge import signature
from sandbox.edge.certificates import CertificateAuthority
from sandbox.edge.errors import PortInUseError
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.server import Edge
from sandbox.edge.slowness import Slowness
from sandbox.edge.upstream import Upstream
from sandbox.event_sources.queue_client import QueueClient
from sandbox.event_sources.service import ELSEWHERE_WAIT_S, POLL_WAIT_S, EventSources
from sandbox.expiry.service import Expiry
from sandbox.expiry.table_client import TableClient
from sandbox.functions import credentials
from sandbox.functions.destinations import Notice
from sandbox.functions.invocation import Invocation
from sandbox.functions.invoke_api import InvokeApi
from sandbox.functions.service import FunctionService
from sandbox.functions.settings import FunctionSettings
from sandbox.gateway.service import Gateway
from sandbox.inbox.inbox import Inbox
from sandbox.journal import Journal
from sandbox.live import backend_health, debugging, speech
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.addresses import Addresses
from sandbox.live.admin import Admin
from sandbox.live.awaited import Awaited
from sandbox.live.deploying import deploy
from sandbox.live.errors import BadRecordingsError, PortTakenError
from sandbox.live.faults import FaultOrders
from sandbox.live.feed import DefinitionsFeed
from sandbox.live.function_logs import FunctionLogs
from sandbox.live.observers import forwarded_segment
from sandbox.live.plane_process import ControlPlane
from sandbox.live.plane_requests import follow_clock
from sandbox.live.settings import SandboxSettings
from sandbox.live.speech import Speech
from sandbox.live.state import SandboxState
from sandbox.live.terminal import Terminal
from sandbox.metrics.recorder import MetricsRecorder
from sandbox.metrics.series import Series
from sandbox.permissions.function_policy import FunctionPolicies
from sandbox.permissions.guard import Guard
from sandbox.permissions.logs import LogPermissions
from sandbox.schedules.service import Schedules
from sandbox.standins.failing import FailingServices
from sandbox.user_pool.claims import TokenKind, User
from sandbox.user_pool.pool import UserPools

FLUSH_EVERY_S = 0.05


class LiveWorld:
    """One running sandbox. `start` returns its state when clients may come; `stop` leaves no process and no port."""

    def __init__(self, settings: SandboxSettings, plane: ControlPlane, say: Callable[[str], None]) -> None:
        """`plane` is stopped by whoever made it; `say` takes what a person at the terminal should know."""
        self._settings = settings
        self._plane = plane
        self._say = say
        self._clock = LiveClock()
        self._journal = Journal(self._clock)
        self._awaited = Awaited(self._journal)
        self._stopping = contextlib.AsyncExitStack()
        self._authority = CertificateAuthority(settings.state_dir / "tls")
        self._pools = UserPools(clock=self._clock, folder=settings.state_dir / "user-pools")
        self._guard = Guard(settings.iam, note=self._note_denied)
        self._logs_allowed = LogPermissions(self._guard)
        self._failing = FailingServices(self._clock.now_ms)
        self._stream_faults = StreamFaults()
        self._speech = Speech(
            samples=settings.samples_dir,
            clock=self._clock,
            journal=self._journal,
            authority=self._authority,
            guard=self._guard,
            faults=self._stream_faults,
            streams=settings.quotas.transcribe_streams,
        )
        self._slowness = Slowness()
        self._faults = FaultOrders(
            slowness=self._slowness,
            failing=self._failing,
            streams=self._stream_faults,
            standins=self._speech.standins,
            clock=self._clock,
            journal=self._journal,
            to_control_plane=self._to_control_plane,
        )
        self._functions = FunctionService(
            clock=self._clock,
            journal=self._journal,
            settings=self._function_settings(),
            on_accepted=self._accepted,
            deliver=self._deliver_for,
        )
        self._functions.log_book.follow(Terminal(settings.project, say).line)
        self._function_logs = FunctionLogs(self._functions.log_book.after, self._to_control_plane)
        self._deliveries = Deliveries(send=self._to_control_plane, invoke=self._functions.invoke, note=self._note)
        self._gateway = Gateway(
            clock=self._clock,
            journal=self._journal,
            invoke=self._functions.invoke,
            region=REGION,
            account_id=ACCOUNT_ID,
            chance=random.SystemRandom(),
            quotas=settings.quotas,
            check_signature=partial(
                signature.refusal, service="execute-api", region=REGION, secrets=credentials.known_secret
            ),
        )
        self._schedules = Schedules(
            clock=self._clock,
            journal=self._journal,
            invoke=self._functions.invoke,
            admit=self._guard.admit,
            deliver=self._deliveries.deliver,
        )
        self._inbox = Inbox(clock=self._clock, journal=self._journal)
        self._series = Series()
        self._metrics = MetricsRecorder(clock=self._clock, journal=self._journal, series=self._series)
        self._alarms = Alarms(
            clock=self._clock, journal=self._journal, series=self._series, tell=self._publish, show=self._show_alarm
        )
        self._upstream: Upstream | None = None
        self._event_sources: EventSources | None = None
        self._addresses: Addresses | None = None
        self._state: SandboxState | None = None

    async def start(self) -> SandboxState:
        """Start every part; each says how it is stopped, so that stopping is the mirror of starting.

        Raises SandboxError, ChildFailedError or TwinFailedError, each one line with the next step.
        """
        settings, stopping = self._settings, self._stopping
        if not settings.empty:
            self._check_recordings()
        await backend_health.check(settings.backend)
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        # The journal, so that everything after it is on record.
        self._begin_journal()
        stopping.callback(self._journal.close)
        flushing = asyncio.create_task(self._keep_flushing())
        stopping.push_async_callback(_end, flushing)
        # The control plane, in a process of its own, while this one gets ready: its ports are here before it is.
        await self._plane.begin()
        # The fake Transcribe.
        transcribe_port = self._speech.listen()
        stopping.push_async_callback(self._speech.stop)
        # The data plane: functions, gateway, schedules.
        await self._functions.start()
        stopping.push_async_callback(self._functions.stop)
        stopping.push_async_callback(self._gateway.stop)
        stopping.callback(self._schedules.stop)
        self._upstream = Upstream(self._plane.url)
        stopping.callback(self._upstream.stop)
        stopping.push_async_callback(self._alarms.stop)
        self._event_sources = EventSources(
            queues=QueueClient(self._upstream.handle, region=REGION),
            journal=self._journal,
            invoke=self._functions.invoke,
            poll_wait_s=ELSEWHERE_WAIT_S if "sqs" in self._settings.backend.endpoints() else POLL_WAIT_S,
        )
        stopping.push_async_callback(self._event_sources.stop)
        tables = TableClient(self._upstream.handle, region=REGION)
        expiry = Expiry(clock=self._clock, journal=self._journal, tables=tables.tables, call=tables.call)
        expiry.start()
        stopping.push_async_callback(expiry.stop)
        port = await self._start_edge(transcribe_port)
        self._addresses = Addresses(
            edge_port=port, transcribe_port=transcribe_port, control_plane_url=self._plane.url,
            tables_url=self._plane.tables_url, queues_url=self._plane.queues_url, authority=self._authority.path,
        )  # fmt: skip
        # The definitions: deployed, then followed. Whoever deploys waits for the control plane by itself.
        deploying = None if settings.empty else asyncio.create_task(deploy(settings, self._addresses.endpoint_url))
        if deploying is not None:
            stopping.push_async_callback(_end, deploying)
            await self._speech.start()
        control_plane = await self._plane.ready()
        # Whoever deploys waits for the control plane, not for these: only now is there a processor for them.
        preparing = asyncio.create_task(asyncio.to_thread(self._authority.prepare))
        stopping.push_async_callback(_end, preparing)
        await self._functions.load_ahead()
        following = asyncio.create_task(control_plane.follow(self._control_plane_said))
        stopping.push_async_callback(_end, following)
        await preparing
        if deploying is not None:
            await deploying
        self._feed = DefinitionsFeed(self._plane.url, self._apply, self._say)
        definitions = await self._feed.refresh()
        debugging.check(settings, definitions)
        self._feed.start()
        stopping.push_async_callback(self._feed.stop)
        self._state = self._addresses.state(settings, definitions, self._gateway)
        return self._state

    def _check_recordings(self) -> None:
        try:
            assert self._speech.recordings
        except ScriptError as error:
            raise BadRecordingsError(str(error)) from None

    async def _start_edge(self, transcribe_port: int) -> int:
        """The one port."""
        edge = Edge(
            port=self._settings.port,
            gateway=self._gateway,
            functions=InvokeApi(self._functions).handle,
            user_pool=self._pools.handle,
            admin=Admin(self, self._faults).handle,
            standins={**self._speech.routes(), "logs": self._function_logs.handle},
            tunnels={speech.HOST: transcribe_port},
            control_plane_url=self._plane.url,
            on_answered=self._note,
            guard=self._guard,
            failing=self._failing,
            certificates=self._authority,
            journal=self._journal,
            slowness=self._slowness,
        )
        try:
            port = await edge.start()
        except PortInUseError as error:
            raise PortTakenError(str(error)) from None
        self._stopping.push_async_callback(edge.stop)
        return port

    async def stop(self) -> None:
        """Stop every part that was started, the last first."""
        await self._stopping.aclose()

    async def in_force(self) -> None:
        """What is deployed by now is in force when this returns."""
        await self._feed.catch_up()

    # what the sandbox's own commands ask

    def status(self) -> dict[str, Any]:
        """What runs now, with the memory of the whole process tree."""
        from sandbox.live import memory  # for this alone

        taken = memory.taken()
        return {
            "backend": self._settings.backend.name,
            "dataEndpoints": self._settings.backend.endpoints(),
            "webSocketUrl": self._state.webSocketUrl if self._state else "",
            "connections": self._gateway.connection_count(),
            "environments": self._functions.environments(),
            "stacks": dict(self._state.stacks) if self._state else {},
            "processes": taken.processes,
            "memoryPssMb": taken.pss_mib,
        }

    def token(self, user: User, *, kind: TokenKind, expires_in_s: int) -> str:
        return self._pools.token(user, kind=kind, expires_in_s=expires_in_s)

    def begin_run(self) -> dict[str, Any]:
        """Begin a run of its own: a folder with an empty journal."""
        run_id, folder = self._begin_journal()
        models = self._speech.models()
        return {"id": run_id, "folder": str(folder), "beganMs": self._journal.began_ms, "model": models}

    def _begin_journal(self) -> tuple[str, Path]:
        now = time.time()
        run_id = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now)) + f"-{int(now * 1000) % 1000:03d}"
        folder = self._settings.runs_dir / run_id
        self._journal.begin(folder / "journal.jsonl")
        self._metrics.announce()
        return run_id, folder

    def record(self, events: list[dict[str, Any]]) -> None:
        """Put a client's events into the journal, at the moments it says."""
        for event in events:
            about = {name: value for name, value in event.items() if name not in ("kind", "atMs")}
            self._journal.write(event["kind"], about, at_ms=event.get("atMs"))
        self._journal.flush()

    async def awaited(self, wanted: dict[str, Any], *, count: int, within_s: float) -> list[dict[str, Any]]:
        """The run's events with these fields, when there are so many of them or the time is over."""
        return await self._awaited.wait(wanted, count=count, within_s=within_s)

    def clock_ms(self) -> int:
        return self._clock.now_ms()

    async def advance_clock(self, by_ms: int) -> int:
        """Move the clock, here and where queues are; returns its time."""
        self._clock.advance(by_ms)
        self._functions.clock_moved()
        if self._upstream is not None:
            await self._upstream.handle(follow_clock(self._clock.offset_ms))
        self._journal.write("clock.advanced", {"byMs": by_ms})
        return self._clock.now_ms()

    def alarms(self) -> list[dict[str, Any]]:
        return self._alarms.states()

    def inbox(self) -> list[dict[str, Any]]:
        return self._inbox.messages()

    def logs(self, function: str | None) -> list[dict[str, Any]]:
        return [
            {"number": line.number, "function": line.function, "atMs": line.at_ms, "line": line.line}
            for line in self._functions.log_book.lines(function)
        ]

    def add_recordings(self, folder: str) -> list[str]:
        """Let the fake Transcribe know the recordings of one more folder; the names that it knows then."""
        return self._speech.add_recordings(Path(folder))

    # the parts' ways to each other

    def _apply(self, definitions: Definitions) -> None:
        self._guard.policy_of = FunctionPolicies(definitions.functions)
        self._guard.apply(definitions)
        self._logs_allowed.forget()
        self._pools.apply(definitions)
        self._functions.apply(definitions)
        self._gateway.apply(definitions)
        self._schedules.apply(definitions)
        self._metrics.apply(definitions)
        self._alarms.apply(definitions)
        if self._event_sources is not None:
            self._event_sources.apply(definitions)
        self._journal.write("definitions.applied", counts(definitions))

    def _accepted(self, _function: Function, invocation: Invocation, request_id: str) -> None:
        segment = forwarded_segment(invocation.payload, request_id)
        if segment is not None:
            self._journal.write("segment.forwarded", segment)

    def _note_denied(self, facts: dict[str, Any]) -> None:
        self._journal.write("iam.denied", facts)

    def _control_plane_said(self, line: str) -> None:
        if line.startswith('{"iam.denied"'):
            self._note_denied(json.loads(line)["iam.denied"])
        elif line.startswith('{"backend.lost"'):
            self._say(backend_health.lost(**json.loads(line)["backend.lost"]))

    async def _to_control_plane(self, request: HttpRequest) -> HttpResponse:
        assert self._upstream is not None, "nothing runs before the control plane"
        return await self._upstream.handle(request)

    async def _deliver_for(self, function: Function, notice: Notice) -> str | None:
        """Lambda tells of an event's end as the function's role."""
        access_key, _, _ = credentials.of_role(function)
        failure = await self._deliveries.deliver(
            notice.arn, notice.body, notice.attributes, source="lambda.amazonaws.com", access_key=access_key
        )
        return failure.reason if failure is not None else None

    def _note(self, request: HttpRequest, answer: HttpResponse) -> None:
        self._inbox.note(request, answer)
        self._metrics.note(request, answer)

    async def _publish(self, topic_arn: str, subject: str, text: str, alarm_arn: str) -> None:
        if self._upstream is not None:
            request = requests.publish(topic_arn, subject, text, source_arn=alarm_arn, region=REGION)
            self._inbox.note(request, await self._upstream.handle(request))

    async def _show_alarm(self, name: str, state: str, reason: str) -> None:
        if self._upstream is not None:
            await self._upstream.handle(requests.set_alarm_state(name, state, reason, region=REGION))

    def _function_settings(self) -> FunctionSettings:
        return FunctionSettings(
            region=REGION,
            account_id=ACCOUNT_ID,
            cache_dir=self._settings.cache_dir,
            runtime_lock=self._settings.project / "requirements" / "runtime.lock",
            clock_file=(self._settings.state_dir / "clock-ahead-ms").resolve(),
            kept_paths=((self._settings.state_dir / "tls").resolve(),),
            base_environment=lambda _: self._addresses.for_functions() if self._addresses else {},
            credentials=credentials.of_role,
            may_log=self._logs_allowed.may_log,
            debugging=debugging.debugging(self._settings, self._say),
        )

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            self._journal.flush()
            await self._function_logs.flush_many()


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
