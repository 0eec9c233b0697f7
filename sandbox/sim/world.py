"""The simulated world: the live world's parts on virtual time, with the edges that touch this machine replaced.

Gateway, functions, pools, schedules, event sources, stand-ins and journal are the live world's own objects. In the
place of processes there are fibers, of sockets a network of delays, of moto and SQS their cores, and of HTTP a
scheduling point.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import amazon_transcribe.client
import boto3
import botocore.endpoint
import botocore.handlers
import botocore.hooks
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session
from botocore.useragent import UserAgentString

import sandbox.client.connection
from fake_transcribe.recordings import Recordings
from sandbox.alarms.service import Alarms
from sandbox.definitions.model import Function
from sandbox.deliveries.service import Deliveries
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.edge.router import Target
from sandbox.event_sources.queue_client import QueueClient
from sandbox.event_sources.service import EventSources
from sandbox.expiry.service import Expiry, TableCallError
from sandbox.expiry.sweep import DELETED_AFTER_MS, Expiring
from sandbox.functions import credentials
from sandbox.functions.destinations import Notice
from sandbox.functions.invocation import Invocation
from sandbox.functions.invoke_api import InvokeApi
from sandbox.functions.pool import PoolLimits
from sandbox.functions.service import FunctionService
from sandbox.functions.settings import FunctionSettings
from sandbox.gateway.service import Gateway
from sandbox.items.errors import ItemError
from sandbox.items.tables import in_memory
from sandbox.journal import Journal
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.observers import forwarded_segment
from sandbox.live.settings import PROJECT
from sandbox.live.transcribe import TranscribeJournal, forbidden
from sandbox.metrics.recorder import MetricsRecorder
from sandbox.metrics.series import Series
from sandbox.permissions.function_policy import FunctionPolicies
from sandbox.permissions.guard import Guard
from sandbox.permissions.logs import LogPermissions
from sandbox.schedules.service import Schedules
from sandbox.sim import chance
from sandbox.sim.aws import USER_AGENT, Services, SimulatedAws, unsigned
from sandbox.sim.clients import LateClients, accepts_kwargs
from sandbox.sim.clock import VirtualClock
from sandbox.sim.connection_events import ConnectionEvents
from sandbox.sim.deployed import Deployed
from sandbox.sim.faults import Faults
from sandbox.sim.host import FiberHosts, HostSettings
from sandbox.sim.latency import LatencyModel
from sandbox.sim.network import Network
from sandbox.sim.private_modules import PrivateFinder
from sandbox.sim.queues import Queues
from sandbox.sim.scheduler import US_PER_MS, Scheduler
from sandbox.sim.short_cut import ShortCut
from sandbox.sim.transcribe import TranscribeService
from sandbox.sim.trouble import Trouble
from sandbox.standins.phrase_book import PhraseBook
from sandbox.standins.polly import PollyStandIn
from sandbox.standins.translate import TranslateStandIn
from sandbox.user_pool.claims import User
from sandbox.user_pool.pool import UserPools

NO_MACHINE_LIMIT = PoolLimits(environments=1_000, starting=1_000, idle_reclaim_ms=300_000)
"""Here no machine bounds the environments; AWS's own limits do."""


@dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """What one run is made of."""

    seed: int
    deployed: Deployed
    recordings: Recordings
    latency: LatencyModel
    faults: Faults
    overrides: Mapping[str, Path] = field(default_factory=dict)
    """Files in the place of the functions' modules, by module name."""
    long_way: bool = False
    """Every AWS call through all of botocore, hot ones too."""


class SimulatedWorld:
    """Built on its event loop, which runs in a fiber of `scheduler`."""

    def __init__(
        self,
        settings: WorldSettings,
        *,
        scheduler: Scheduler,
        journal: Journal,
        finder: PrivateFinder,
        set_skew: Callable[[int], None],
    ) -> None:
        self.settings = settings
        self.scheduler = scheduler
        self.journal = journal
        self.clock = VirtualClock(scheduler)
        self._loop = asyncio.get_running_loop()
        deployed = settings.deployed
        self.tables = in_memory(deployed.tables)
        self.trouble = Trouble(settings.faults, self._draws, began_us=scheduler.now_us)
        self.queues = Queues(
            now_ms=self.clock.now_ms,
            draw_id=_ids(self._draws("queues")),
            region=REGION,
            account_id=ACCOUNT_ID,
            is_doubled=lambda: self.trouble.happens("message_duplicated"),
            late_ms=lambda: self.trouble.late_us("message_late") // US_PER_MS,
        )
        for name, attributes in deployed.queues.items():
            self.queues.create(name, attributes)
        self.hosts = FiberHosts(
            HostSettings(
                scheduler=scheduler,
                loop=self._loop,
                region=REGION,
                latency=settings.latency,
                chance=self._draws("hosts"),
                finder=finder,
                overrides=settings.overrides,
                trouble=self.trouble,
                set_skew=set_skew,
            )
        )
        self._guard = Guard(
            "enforce",
            note=lambda facts: journal.write("iam.denied", facts),
            policy_of=FunctionPolicies(deployed.definitions.functions),
        )
        self._guard.apply(deployed.definitions)
        self._logs_allowed = LogPermissions(self._guard)
        self.functions = FunctionService(
            event_late_ms=lambda: self.trouble.late_us("event_late") // US_PER_MS,
            clock=self.clock,
            journal=journal,
            settings=self._function_settings(),
            on_accepted=self._accepted,
            deliver=self._deliver_for,
            hosts=self.hosts,
            machine=VirtualClock(scheduler),
        )
        connection_events = ConnectionEvents(invoke=self.functions.invoke, trouble=self.trouble)
        self.unreported = connection_events.unreported
        """Connections of whose end no function heard."""
        self.gateway = Gateway(
            clock=self.clock,
            journal=journal,
            invoke=connection_events.invoke,
            region=REGION,
            account_id=ACCOUNT_ID,
            chance=self._draws("gateway"),
            # Nobody signs in a simulation.
            check_signature=lambda _: None,
        )
        self._deliveries = Deliveries(
            send=self.queues.handle, invoke=self.functions.invoke, note=lambda _request, _answer: None
        )
        self._schedules = Schedules(
            clock=self.clock,
            journal=journal,
            invoke=self.functions.invoke,
            admit=self._guard.admit,
            deliver=self._deliveries.deliver,
        )
        self._event_sources = EventSources(
            queues=QueueClient(self.queues.handle, region=REGION), journal=journal, invoke=self.functions.invoke
        )
        self._expiry = Expiry(
            clock=self.clock,
            journal=journal,
            tables=self._expiring,
            call=self._call_tables,
            # DynamoDB may be quick, or as late as its guide says; no code may rely on either.
            lag_ms=self._draws("expiry").choice((0, DELETED_AFTER_MS)),
        )
        self.pools = UserPools(clock=self.clock, folder=PROJECT / ".cache" / "sim" / "user-pools")
        self.aws = SimulatedAws(
            scheduler=scheduler,
            loop=self._loop,
            services=self._services(),
            guard=self._guard,
            latency=settings.latency,
            trouble=self.trouble,
            chance=self._draws("aws"),
        )
        self.transcribe = TranscribeService(
            scheduler=scheduler,
            recordings=settings.recordings,
            credentials=credentials.secret_of,
            forbidden=forbidden(self._guard),
            observer=TranscribeJournal(journal),
            latency=settings.latency,
            chance=self._draws("transcribe"),
            trouble=self.trouble,
        )
        api_id, stage = self._api()
        self.network = Network(
            gateway=self.gateway, api_id=api_id, stage=stage, latency=settings.latency, chance=self._draws("network")
        )
        series = Series()
        self._metrics = MetricsRecorder(clock=self.clock, journal=journal, series=series)
        self.alarms = Alarms(
            clock=self.clock, journal=journal, series=series, tell=self._tell_topic, show=self._show_alarm
        )

    def seams(self) -> list[tuple[Any, str, Any]]:
        """What is put in the place of the libraries' own ways to the network."""
        aws = self.aws
        # What a connection that takes no more answers is tried again, which is botocore's to do.
        posts = not self.settings.faults.listener_deaf
        short = ShortCut(aws, BaseClient._make_api_call, self._guard.place, posts=posts)
        hot = [
            (BaseClient, "_make_api_call", lambda *call: short.call(*call)),  # noqa: PLW0108
            (boto3, "client", LateClients(boto3.client, short).client),
        ]
        return [
            *([] if self.settings.long_way else hot),
            # A function, so that Python binds it to the session; a bound method would not be bound again.
            (botocore.hooks, "accepts_kwargs", accepts_kwargs),
            # Every client makes one, and nobody connects.
            (URLLib3Session, "_get_ssl_context", lambda _: None),
            (URLLib3Session, "send", lambda session, request: aws.send(session, request)),  # noqa: PLW0108
            (Endpoint, "create_request", unsigned),
            # botocore's ids tell nobody anything; drawn apart, they leave the handlers' own draws alone.
            (botocore.endpoint, "uuid", _Ids(self._draws("botocore"))),
            (botocore.handlers, "uuid", _Ids(self._draws("botocore"))),
            # Its making is a fifth of a call's cost, and nobody reads it.
            (UserAgentString, "to_string", lambda _: USER_AGENT),
            (amazon_transcribe.client, "AwsCrtHttpSessionManager", self.transcribe.session_manager),
            (amazon_transcribe.client, "AWSCRTEventLoop", _NoEventLoop),
            *self.transcribe.client_methods(),
            (sandbox.client.connection, "connect", self.network.connect),
        ]

    async def start(self) -> None:
        """Apply the definitions: from here on clients may come."""
        definitions = self.settings.deployed.definitions
        await self.functions.start()
        self.pools.apply(definitions)
        self.functions.apply(definitions)
        self.gateway.apply(definitions)
        self._schedules.apply(definitions)
        self._event_sources.apply(definitions)
        self._metrics.apply(definitions)
        self.alarms.apply(definitions)
        self._expiry.start()

    async def stop(self) -> None:
        """End every part; nothing of them runs on."""
        await self.alarms.stop()
        self._schedules.stop()
        await self._expiry.stop()
        await self._event_sources.stop()
        await self.gateway.stop()
        await self.functions.stop()

    def heal(self) -> None:
        """No more faults from now on."""
        self.trouble.active = False

    def journal_ms(self) -> int:
        """The journal's moment now."""
        return self.clock.now_ms() - self.journal.began_ms

    def token(self, user: str) -> str:
        return self.pools.token(User(name=user))

    async def _deliver_for(self, _function: Function, notice: Notice) -> str | None:
        failure = await self._deliveries.deliver(
            notice.arn, notice.body, notice.attributes, source="lambda.amazonaws.com"
        )
        return failure.reason if failure is not None else None

    async def _expiring(self) -> list[Expiring]:
        return [
            Expiring(name=table.name, key=table.key, attribute=table.time_to_live)
            for table in self.settings.deployed.tables
            if table.time_to_live is not None
        ]

    async def _call_tables(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.tables.call(operation, request)
        except ItemError as error:
            raise TableCallError(operation, error.code) from error

    def _draws(self, name: str) -> random.Random:
        return chance.stream(self.settings.seed, name)

    def _api(self) -> tuple[str, str]:
        api = next(iter(self.settings.deployed.definitions.apis.values()))
        return api.api_id, next(iter(api.stages))

    def _services(self) -> Services:
        # No recording's translations are known: each text is translated by the marked pseudo-translation.
        translate = TranslateStandIn(PhraseBook([]), now_ms=self.clock.now_ms)
        polly = PollyStandIn(now_ms=self.clock.now_ms, synthesizer=None)
        return Services(
            tables=self.tables,
            parameters=self.settings.deployed.parameters,
            queues=self.queues,
            functions=InvokeApi(self.functions).handle,
            user_pool=self.pools.handle,
            standins={"translate": translate.handle, "polly": polly.handle},
            connections=self._connections,
        )

    async def _connections(self, request: HttpRequest, target: Target) -> HttpResponse:
        assert target.api_id is not None
        return await self.gateway.connections_api(
            request, api_id=target.api_id, stage_name=target.stage, connection_id=target.connection_id
        )

    def _function_settings(self) -> FunctionSettings:
        nowhere = PROJECT / ".cache" / "sim"
        return FunctionSettings(
            region=REGION,
            account_id=ACCOUNT_ID,
            cache_dir=nowhere,
            runtime_lock=nowhere,
            clock_file=nowhere,
            base_environment=lambda _: {},
            credentials=credentials.of_role,
            may_log=self._logs_allowed.may_log,
            limits=NO_MACHINE_LIMIT,
            # Its latencies are drawn: nothing comes sooner for an environment that is awake.
            freeze_after_ms=0,
        )

    def _accepted(self, function: Function, invocation: Invocation, request_id: str) -> None:
        is_event = invocation.invocation_type == "Event"
        if is_event and self.trouble.happens("event_duplicated"):
            self.functions.deliver_again(function, invocation, request_id)
        segment = forwarded_segment(invocation.payload, request_id)
        if segment is not None:
            self.journal.write("segment.forwarded", segment)

    async def _tell_topic(self, topic_arn: str, subject: str, _text: str, _alarm_arn: str) -> None:
        self.journal.write("inbox.message", {"topic": topic_arn.rpartition(":")[2], "subject": subject})

    async def _show_alarm(self, _name: str, _state: str, _reason: str) -> None:
        """Nobody looks with AWS's own clients."""


class _NoEventLoop:
    """awscrt's threads are not wanted."""

    bootstrap = None


class _Ids:
    """What botocore uses of `uuid`."""

    def __init__(self, draws: random.Random) -> None:
        self.uuid4 = _ids(draws)


def _ids(draws: random.Random) -> Callable[[], str]:
    def draw() -> str:
        digits = f"{draws.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    return draw


Story = Callable[[SimulatedWorld], Coroutine[Any, Any, None]]
