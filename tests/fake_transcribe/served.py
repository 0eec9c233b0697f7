"""A running fake for a test: its ports, its certificate, and who is told what."""

import asyncio
import ssl
import time
from pathlib import Path

import trustme

from fake_transcribe import recordings
from fake_transcribe.server import ALPN, TranscribeServer

SAMPLES = Path(__file__).resolve().parents[2] / "audio_samples"
LOADED = recordings.load(SAMPLES)
KEYS = {"test": "test"}


def pcm_of(name: str) -> bytes:
    """A recording's samples."""
    return recordings.read_pcm(SAMPLES / f"{name}.wav")


def final_of(name: str) -> str:
    """What is said in a recording."""
    final = LOADED.scripts[name].segments[0].final
    assert final is not None
    return final.text


class TestClock:
    """The machine's clock, which a test may move on."""

    __test__ = False

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


class Watching:
    """Keeps what the server tells."""

    def __init__(self) -> None:
        self.told: list[tuple] = []
        self.a_stream_closed = asyncio.Event()

    def stream_opened(self, stream_id, session_id):
        self.told.append(("opened", stream_id))

    def audio(self, stream_id, position_ms, size, digest):
        self.told.append(("audio", size))

    def result(self, stream_id, result, *, is_partial):
        self.told.append(("result", is_partial))

    def exception(self, stream_id, name, message):
        self.told.append(("exception", name))

    def stream_closed(self, stream_id):
        self.told.append(("closed", stream_id))
        self.a_stream_closed.set()

    def kinds(self) -> list[str]:
        return [one[0] for one in self.told]


class Served:
    """A server with its certificate for this address, for `async with`; further arguments are the server's."""

    def __init__(self, *, address: str = "127.0.0.1", **arguments) -> None:
        self.authority = trustme.CA()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(address).configure_cert(tls)
        tls.set_alpn_protocols(list(ALPN))
        self.clock, self.watching = TestClock(), Watching()
        given = {"credentials": KEYS.get, **arguments}
        self.server = TranscribeServer(recordings=LOADED, tls=tls, clock=self.clock, observer=self.watching, **given)

    async def __aenter__(self) -> "Served":
        self.port = await self.server.start("127.0.0.1", 0)
        self.plain_port = await self.server.start_plain("127.0.0.1", 0)
        return self

    async def __aexit__(self, *_) -> None:
        await self.server.stop()

    def trusting(self, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
        """A client's context that trusts the certificate."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context
