"""What the functions speak with: the fake Transcribe and the stand-ins of Translate and Polly, with the recordings they
know. All of it is loaded when it is first needed: a sandbox that deploys nothing may never need it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_transcribe.faults import Faults
from sandbox.clock import LiveClock
from sandbox.edge.certificates import CertificateAuthority
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.functions import credentials
from sandbox.journal import Journal
from sandbox.live.account import REGION
from sandbox.live.listening import listening
from sandbox.permissions.guard import Guard

if TYPE_CHECKING:
    from fake_transcribe.recordings import Recordings
    from fake_transcribe.server import TranscribeServer
    from sandbox.standins.phrase_book import PhraseBook
    from sandbox.standins.polly import PollyStandIn
    from sandbox.standins.translate import TranslateStandIn

HOST = f"transcribestreaming.{REGION}.amazonaws.com"


class Speech:
    """`samples` is the folder of recordings that are known from the beginning; `streams` may be open at a time."""

    def __init__(
        self,
        *,
        samples: Path,
        clock: LiveClock,
        journal: Journal,
        authority: CertificateAuthority,
        guard: Guard,
        faults: Faults,
        streams: int,
    ) -> None:
        self._folders = [samples]
        self._clock = clock
        self._journal = journal
        self._authority = authority
        self._guard = guard
        self._faults = faults
        self._streams = streams
        self._listening: socket.socket | None = None
        self._server: TranscribeServer | None = None
        self._starting: asyncio.Task[None] | None = None

    @cached_property
    def recordings(self) -> "Recordings":
        """Raises ScriptError for a recording that does not fit its script."""
        from fake_transcribe import recordings

        return recordings.load(*self._folders)

    @cached_property
    def _translate(self) -> "TranslateStandIn":
        from sandbox.standins.translate import TranslateStandIn

        return TranslateStandIn(self._phrases(), now_ms=self._clock.now_ms)

    @cached_property
    def _polly(self) -> "PollyStandIn":
        from sandbox.standins.polly import PollyStandIn
        from sandbox.standins.synthesizer import Synthesizer

        return PollyStandIn(now_ms=self._clock.now_ms, synthesizer=Synthesizer.find())

    def routes(self) -> dict[str, Callable[[HttpRequest], Awaitable[HttpResponse]]]:
        """The stand-ins by the service that requests are signed for."""

        async def translate(request: HttpRequest) -> HttpResponse:
            return await self._translate.handle(request)

        async def polly(request: HttpRequest) -> HttpResponse:
            return await self._polly.handle(request)

        return {"translate": translate, "polly": polly}

    # the fake Transcribe

    def listen(self) -> int:
        """Take a port, on which clients wait until the fake is started; the first of them starts it."""
        self._listening = listening()
        self._listening.setblocking(False)
        asyncio.get_running_loop().add_reader(self._listening, self._knocked)
        port: int = self._listening.getsockname()[1]
        return port

    async def start(self) -> None:
        """Load everything and let the fake serve, whether somebody waits for it or not. Raises ScriptError."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._serve())
        await asyncio.shield(self._starting)
        assert self._translate
        assert self._polly

    async def stop(self) -> None:
        """End every stream and free the port."""
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._server is not None:
            await self._server.stop()
        elif self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
            self._listening.close()

    def _knocked(self) -> None:
        if self._starting is None:
            self._starting = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        from fake_transcribe.limits import Quotas
        from fake_transcribe.server import ALPN, TranscribeServer
        from sandbox.live.transcribe import TranscribeJournal, forbidden

        assert self._listening is not None
        asyncio.get_running_loop().remove_reader(self._listening)
        server = TranscribeServer(
            recordings=self.recordings,
            tls=self._authority.server_context(HOST, alpn=ALPN),
            credentials=credentials.secret_of,
            clock=self._clock,
            forbidden=forbidden(self._guard),
            faults=self._faults,
            quotas=Quotas(http2_streams=self._streams, websocket_streams=self._streams),
            observer=TranscribeJournal(self._journal),
        )
        await server.start_on(self._listening)
        self._server = server

    # what the sandbox's own commands ask

    def models(self) -> dict[str, dict[str, Any]]:
        """Of each known recording, what its script says of the recogniser."""
        return {name: dict(script.model) for name, script in self.recordings.scripts.items()}

    def add_recordings(self, folder: Path) -> list[str]:
        """Know the recordings of one more folder; the names that are known then. Raises ScriptError."""
        from fake_transcribe import recordings

        folders = self._folders if folder in self._folders else [*self._folders, folder]
        known = recordings.load(*folders)
        self._folders, self.__dict__["recordings"] = folders, known
        if self._server is not None:
            self._server.service.recordings = known
        self._translate.phrases = self._phrases()
        return sorted(known.scripts)

    def standins(self) -> "Mapping[str, TranslateStandIn | PollyStandIn]":
        """Translate's and Polly's, by name."""
        return {"translate": self._translate, "polly": self._polly}

    def _phrases(self) -> "PhraseBook":
        from sandbox.standins.phrase_book import PhraseBook, ScriptText

        return PhraseBook(
            [
                [
                    ScriptText(
                        text=segment.final.text,
                        language=script.language.partition("-")[0],
                        translations=segment.translations,
                    )
                    for segment in script.segments
                    if segment.final is not None
                ]
                for script in self.recordings.scripts.values()
            ]
        )
