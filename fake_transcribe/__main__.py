"""`python -m fake_transcribe`: the fake alone; prints one JSON line when it is ready."""

import argparse
import asyncio
import contextlib
import json
import signal
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import trustme

from fake_transcribe import recordings
from fake_transcribe.errors import FakeTranscribeError
from fake_transcribe.faults import Faults, parse
from fake_transcribe.limits import Quotas
from fake_transcribe.server import ALPN, TranscribeServer

HOST = "127.0.0.1"
NAMES = (HOST, "localhost", "*.amazonaws.com", "transcribestreaming.us-east-1.amazonaws.com")
SAMPLES = Path(__file__).resolve().parents[1] / "audio_samples"
EXAMPLE = """\
example:
  python -m fake_transcribe --port 0 --write-ca /tmp/ca.pem --fault exception=InternalFailureException@1500
  SSL_CERT_FILE=/tmp/ca.pem  with the printed "url" as the endpoint, access key "test", secret "test"

faults, for the next stream (or, with *N, the next N):
  exception=NAME          refused before the stream     header-delay=MS   answered late
  exception=NAME@AUDIO_MS in it, at this audio position reset@, goaway@, bad-crc@, truncated@, unknown-event@AUDIO_MS
  more while it runs: curl PLAIN_URL/_fake/faults -d '["reset@2000*3"]'
"""


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def main() -> None:
    given = _parser().parse_args()
    try:
        asyncio.run(_serve(given))
    except (FakeTranscribeError, OSError) as error:
        print(f"fake_transcribe: {error}", file=sys.stderr)
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fake_transcribe",
        description="A fake of Amazon Transcribe streaming: HTTP/2 and WebSocket, on this machine only. It says what "
        "the script of a recording says when it hears the recording.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, required=True, help="for TLS: HTTP/2 and wss; 0 takes a free one")
    parser.add_argument(
        "--plain-port", type=int, default=0, help="without TLS: HTTP/2 with prior knowledge, ws, faults"
    )
    parser.add_argument("--wss-port", type=int, help="one more port with TLS: 8443 is where browser clients insist on")
    parser.add_argument("--scripts", type=Path, default=SAMPLES, help="the folder of recordings and scripts")
    parser.add_argument("--write-ca", type=Path, required=True, help="where the certificate to trust is written")
    parser.add_argument("--access-key", default="test", help="the key id that may stream")
    parser.add_argument("--secret-key", default="test", help="its secret")
    parser.add_argument("--no-verify", action="store_true", help="let every signature pass")
    parser.add_argument("--streams", type=int, default=Quotas.http2_streams, help="concurrent streams a transport")
    parser.add_argument("--starts", type=int, default=Quotas.starts_per_s, help="streams that may begin in a second")
    parser.add_argument("--vocabulary-filter", action="append", default=[], metavar="NAME=WORD,…", type=_filter)
    parser.add_argument("--fault", action="append", default=[], metavar="FAULT", help="see below; may be repeated")
    return parser


def _filter(text: str) -> tuple[str, list[str]]:
    name, _, words = text.partition("=")
    if not name or not words:
        raise argparse.ArgumentTypeError(f"expected NAME=WORD,WORD, got {text!r}")
    return name, words.split(",")


async def _serve(given: argparse.Namespace) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    context.set_alpn_protocols(list(ALPN))
    keys = {given.access_key: given.secret_key}
    server = TranscribeServer(
        recordings=recordings.load(given.scripts),
        tls=context,
        credentials=None if given.no_verify else keys.get,
        clock=WallClock(),
        quotas=Quotas(http2_streams=given.streams, websocket_streams=given.streams, starts_per_s=given.starts),
        faults=Faults([parse(text) for text in given.fault]),
        vocabulary_filters=dict(given.vocabulary_filter),
    )
    async with contextlib.AsyncExitStack() as stopping:
        stopping.push_async_callback(server.stop)
        with _naming(given.port, "--port"):
            port = await server.start(HOST, given.port)
        with _naming(given.plain_port, "--plain-port"):
            plain_port = await server.start_plain(HOST, given.plain_port)
        wss_port = port
        if given.wss_port is not None:
            with _naming(given.wss_port, "--wss-port"):
                wss_port = await server.start(HOST, given.wss_port)
        authority.cert_pem.write_to_path(given.write_ca)
        told_to_end = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told_to_end.set)
        ready = {
            "url": f"https://{HOST}:{port}",
            "ca": str(given.write_ca),
            "plainUrl": f"http://{HOST}:{plain_port}",
            "webSocketUrl": f"wss://{HOST}:{wss_port}",
        }
        print(json.dumps(ready), flush=True)
        await told_to_end.wait()


@contextlib.contextmanager
def _naming(port: int, option: str) -> Iterator[None]:
    """Say which port is taken."""
    try:
        yield
    except OSError as error:
        if error.errno in (98, 48):
            text = (
                f"expected port {port} to be free, another process has it: give another {option}, or 0 for a free one"
            )
            raise FakeTranscribeError(text) from None
        raise


if __name__ == "__main__":
    main()
