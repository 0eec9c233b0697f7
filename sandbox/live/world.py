"""The live world: every part of a sandbox, started in order and stopped in the reverse of it."""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psutil

from fake_transcribe.server import TranscribeServer
from sandbox.clock import LiveClock
from sandbox.definitions.model import Definitions, Function
from sandbox.edge.certificates import CertificateAuthority
from sandbox.edge.server import Edge
from sandbox.functions.service import FunctionService, FunctionSettings
from sandbox.gateway.service import Gateway
from sandbox.journal import Event, Journal
from sandbox.live.admin import Admin
from sandbox.live.errors import DeploymentFailedError
from sandbox.live.feed import DefinitionsFeed
from sandbox.live.observers import forwarded_segment
from sandbox.processes import Child
from sandbox.live.recordings import Recordings
from sandbox.live.settings import ACCOUNT_ID, REGION, SandboxSettings
from sandbox.live.state import SandboxState
from sandbox.live.transcribe import TranscribeJournal
from sandbox.metrics import emf
from sandbox.schedules.service import Schedules
from sandbox.standins.translate import TranslateStandIn
from sandbox.user_pool.claims import TokenKind
from sandbox.user_pool.pool import UserPools

FLUSH_EVERY_S = 0.05


class LiveWorld:
    """One running sandbox. `start` returns its state when clients may come; `stop` leaves no process and no port."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._clock = LiveClock()
        self._journal = Journal(self._clock)
        self._recordings = Recordings(settings.samples_dir)
        self._pools = UserPools(clock=self._clock, folder=settings.state_dir / "user-pools")
        self._stopping = contextlib.AsyncExitStack()
        self._state: SandboxState | None = None
        self._run_folder = settings.runs_dir
        self._functions: FunctionService
        self._gateway: Gateway
        self._feed: DefinitionsFeed

    async def start(self) -> SandboxState:
        """Start every part; each registers how it is stopped, so that stopping is the mirror of starting."""
        settings, stopping = self._settings, self._stopping
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        # 1. the journal, so that everything after it is on record
        self.begin_run()
        stopping.callback(self._journal.close)
        self._journal.subscribe(self._metrics_of)
        flushing = asyncio.create_task(self._keep_flushing())
        stopping.push_async_callback(_end, flushing)
        # 2. the control plane, in a process of its own
        authority = CertificateAuthority.load_or_create(settings.state_dir / "tls")
        control_plane = await self._start_control_plane()
        stopping.push_async_callback(control_plane.stop)
        # 3. the fake Transcribe
        transcribe = TranscribeServer(
            scripts=self._recordings.library,
            tls=authority.server_context(f"transcribestreaming.{REGION}.amazonaws.com", alpn=("h2",)),
            credentials=self._secret_of,
            observer=TranscribeJournal(self._journal),
            clock=self._clock,
        )
        transcribe_port = await transcribe.start("127.0.0.1", 0)
        stopping.push_async_callback(transcribe.stop)
        # 4. functions, gateway and schedules: the data plane
        self._functions = FunctionService(
            clock=self._clock, journal=self._journal, settings=self._function_settings(), on_accepted=self._accepted
        )
        await self._functions.start()
        stopping.push_async_callback(self._functions.stop)
        self._gateway = Gateway(
            clock=self._clock,
            journal=self._journal,
            invoke=self._functions.invoke,
            region=REGION,
            account_id=ACCOUNT_ID,
            random=random.Random(),
        )
        stopping.push_async_callback(self._gateway.stop)
        schedules = Schedules(clock=self._clock, journal=self._journal, invoke=self._functions.invoke)
        stopping.callback(schedules.stop)
        # 5. the one port
        edge = Edge(
            port=settings.port,
            gateway=self._gateway,
            functions=self._functions.handle_http,
            user_pool=self._pools.handle,
            admin=Admin(self).handle,
            standins={"translate": TranslateStandIn(self._recordings.phrase_book()).handle},
            tunnels={f"transcribestreaming.{REGION}.amazonaws.com": transcribe_port},
            control_plane_url=control_plane.ready["url"],
            certificates=authority,
            journal=self._journal,
            region=REGION,
        )
        port = await edge.start()
        stopping.push_async_callback(edge.stop)
        # 6. the definitions: deployed, then followed

        def apply(definitions: Definitions) -> None:
            self._pools.apply(definitions)
            self._functions.apply(definitions)
            self._gateway.apply(definitions)
            schedules.apply(definitions)

        self._feed = DefinitionsFeed(control_plane.ready["url"], apply)
        await self._deploy(f"http://localhost:{port}")
        definitions = await self._feed.refresh()
        self._feed.start()
        stopping.push_async_callback(self._feed.stop)
        # 7. the state, which says that it is ready
        self._state = self._describe(definitions, port, transcribe_port, authority.path)
        return self._state

    async def stop(self) -> None:
        """Stop every part that was started, last first."""
        await self._stopping.aclose()
