"""Clients that we did not write stream to the fake: AWS's next Python client, capo, and AWS's JavaScript client.

They are installed once, under `.cache`; each runs in a process of its own.
"""

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fake_transcribe.faults import Faults, parse
from sandbox.deployment.synth import node_binary
from sandbox.tools.errors import InstallError
from tests.fake_transcribe.clients import install
from tests.fake_transcribe.clients.install import PythonClients
from tests.fake_transcribe.served import Served, final_of, pcm_of

HERE = Path(install.__file__).parent
NAME = "austen-0880"
BROWSERS_PORT = 8443
NEWEST, OF_2024 = "@aws-sdk/client-transcribe-streaming", "client-transcribe-streaming-2024"


@pytest.fixture(scope="module")
def python_clients() -> PythonClients:
    try:
        return install.python_clients()
    except InstallError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def javascript_clients() -> Path:
    try:
        return install.javascript_clients()
    except InstallError as error:
        pytest.skip(str(error))


@pytest.fixture
def aws_sdk(python_clients) -> list[str]:
    if not python_clients.has_aws_sdk:
        pytest.skip("expected a Python 3.12 or newer for aws-sdk-transcribe-streaming, found none on this machine")
    return [str(python_clients.python), str(HERE / "stream_aws_sdk.py")]


@pytest.fixture
def capo(python_clients) -> list[str]:
    return [str(python_clients.python), str(HERE / "stream_capo.py")]


class Streaming:
    """One client's process against one server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "audio.pcm").write_bytes(pcm_of(NAME))

    async def with_client(self, fake: Served, command: list[str], about: dict[str, Any], cwd: Path | None = None):
        """What the client prints."""
        ca = self._folder / "ca.pem"
        fake.authority.cert_pem.write_to_path(ca)
        trust = {"SSL_CERT_FILE": str(ca), "NODE_EXTRA_CA_CERTS": str(ca)}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=cwd, env=os.environ | trust, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        asked = {"audio": str(self._folder / "audio.pcm"), "chunkBytes": 3200, "language": "en-US"} | about
        try:
            printed, _ = await asyncio.wait_for(process.communicate(json.dumps(asked).encode()), 60)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return json.loads(printed)

    def python(self, command: list[str], *, plain: bool = False, fault: str | None = None, **about):
        """A Python client's finals and error."""

        async def run():
            async with Served(faults=Faults([parse(fault)] if fault else [])) as fake:
                endpoint = f"http://127.0.0.1:{fake.plain_port}" if plain else f"https://127.0.0.1:{fake.port}"
                return await self.with_client(fake, command, {"endpoint": endpoint, **about})

        return asyncio.run(run())

    def javascript(self, folder: Path, module: str, *, way: str = "tls", fault: str | None = None, **parameters):
        """The JavaScript client's results and error; `way` is tls, plain or websocket."""

        async def run():
            address = loopback_of_this_process() if way == "websocket" else "127.0.0.1"
            async with Served(address=address, faults=Faults([parse(fault)] if fault else [])) as fake:
                endpoints = {
                    "tls": f"https://127.0.0.1:{fake.port}",
                    "plain": f"http://127.0.0.1:{fake.plain_port}",
                    "websocket": f"https://{address}",
                }
                if way == "websocket":
                    await listen_for_browsers(fake, address)
                about = {
                    "module": module,
                    "transport": "websocket" if way == "websocket" else "http2",
                    "endpoint": endpoints[way],
                    "parameters": {
                        "LanguageCode": "en-US",
                        "MediaSampleRateHertz": 16000,
                        "MediaEncoding": "pcm",
                        "EnablePartialResultsStabilization": True,
                        "PartialResultsStability": "high",
                        **parameters,
                    },
                }
                return await self.with_client(fake, [str(node_binary()), str(HERE / "stream.cjs")], about, folder)

        return asyncio.run(run())


def loopback_of_this_process() -> str:
    """An address of 127/8 that no other test process has, since the browser's build always takes port 8443."""
    number = os.getpid()
    return f"127.{1 + number // 62_500 % 250}.{number // 250 % 250}.{1 + number % 250}"


async def listen_for_browsers(fake: Served, address: str) -> None:
    with contextlib.suppress(OSError):
        await fake.server.start(address, BROWSERS_PORT)
        return
    pytest.skip(f"expected {address}:{BROWSERS_PORT} to be free and 127/8 to be loopback, it is not on this machine")


@pytest.fixture
def streaming(tmp_path) -> Streaming:
    return Streaming(tmp_path)


def finals(printed) -> list[str]:
    return [one["Alternatives"][0]["Transcript"] for one in printed["results"] if not one["IsPartial"]]


def test_aws_next_python_client_gets_every_word(streaming, aws_sdk):
    """T-38: audio before the headers, explicit `false`s, a trailing `?`."""
    assert streaming.python(aws_sdk) == {"finals": [final_of(NAME)], "error": None}


@pytest.mark.parametrize(
    ("about", "fault", "name"),
    [
        ({"language": "xx-XX"}, None, "BadRequestException"),
        ({}, "exception=ServiceUnavailableException@1000", "ServiceUnavailableException"),
    ],
)
def test_aws_next_python_client_raises_the_services_exceptions(streaming, aws_sdk, about, fault, name):
    """T-38, T-34: before the stream and in it."""
    assert streaming.python(aws_sdk, fault=fault, **about)["error"]["name"] == name


@pytest.mark.parametrize("plain", [False, True], ids=["TLS", "h2c"])
def test_capo_gets_every_word(streaming, capo, plain):
    """T-39: over TLS, and in the clear with prior knowledge."""
    assert streaming.python(capo, plain=plain) == {"finals": [final_of(NAME)], "error": None}


def test_capo_raises_the_services_exceptions(streaming, capo):
    """T-39, T-34."""
    printed = streaming.python(capo, fault="exception=InternalFailureException@1000")
    assert printed["error"]["name"] == "InternalFailureException"


@pytest.mark.parametrize(("module", "way"), [(NEWEST, "tls"), (NEWEST, "plain"), (OF_2024, "tls"), (OF_2024, "plain")])
def test_the_javascript_client_gets_every_word_over_http2(streaming, javascript_clients, module, way):
    """T-40, T-04: the newest and one of 2024; both send GOAWAY as soon as they have the headers."""
    printed = streaming.javascript(javascript_clients, module, way=way)
    assert printed["error"] is None
    assert finals(printed) == [final_of(NAME)]
    items = [item for one in printed["results"] for item in one["Alternatives"][0]["Items"]]
    assert all(isinstance(item["Stable"], bool) for item in items)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("exception=LimitExceededException", "LimitExceededException"),
        ("exception=ConflictException@1000", "ConflictException"),
        ("exception=SomethingNewException@1000", "SomethingNewException"),
    ],
)
def test_the_javascript_client_throws_the_services_exceptions(streaming, javascript_clients, fault, name):
    """T-40, T-34, T-36: before the stream and in it, and one that it does not know."""
    assert streaming.javascript(javascript_clients, NEWEST, fault=fault)["error"]["name"] == name


def test_the_javascript_client_is_told_what_is_wrong_with_its_request(streaming, javascript_clients):
    """T-40, T-14: the constraint's own words."""
    printed = streaming.javascript(javascript_clients, NEWEST, LanguageCode="xx-XX")
    assert printed["error"]["status"] == 400
    assert printed["error"]["message"].startswith("1 validation error detected: Value 'xx-XX' at 'languageCode'")


def test_the_javascript_client_of_browsers_gets_every_word_over_websocket(streaming, javascript_clients):
    """T-41, T-03, T-32: port 8443, a presigned URL, an empty message and a close in one breath; finals all the same."""
    printed = streaming.javascript(javascript_clients, NEWEST, way="websocket")
    assert printed["error"] is None
    assert finals(printed) == [final_of(NAME)]


def test_the_javascript_client_of_browsers_throws_what_comes_after_the_upgrade(streaming, javascript_clients):
    """T-41, T-12: a refusal is an exception message there."""
    printed = streaming.javascript(javascript_clients, NEWEST, way="websocket", LanguageCode="xx-XX")
    assert printed["error"]["name"] == "BadRequestException"
