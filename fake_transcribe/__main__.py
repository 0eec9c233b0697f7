"""`python -m fake_transcribe`: the fake alone; prints `{"url", "ca"}` when ready."""

import argparse
import asyncio
import json
import signal
import ssl
import sys
import time
from pathlib import Path

import trustme

from fake_transcribe import recordings
from fake_transcribe.errors import ScriptError
from fake_transcribe.server import TranscribeServer

SAMPLES = Path(__file__).resolve().parents[1] / "audio_samples"


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m fake_transcribe", description="A fake of Amazon Transcribe streaming."
    )
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    parser.add_argument("--scripts", type=Path, default=SAMPLES, help="the folder of recordings and scripts")
    parser.add_argument("--write-ca", type=Path, required=True, help="where the certificate to trust is written")
    parser.add_argument("--access-key", default="test", help="the key id that may stream")
    parser.add_argument("--secret-key", default="test", help="its secret")
    parser.add_argument("--no-verify", action="store_true", help="let every signature pass")
    given = parser.parse_args()
    try:
        asyncio.run(_serve(given))
    except (ScriptError, OSError) as error:
        print(f"fake_transcribe: {_one_line(error, given.port)}", file=sys.stderr)
        sys.exit(2)


async def _serve(given: argparse.Namespace) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", "transcribestreaming.us-east-1.amazonaws.com").configure_cert(
        context
    )
    context.set_alpn_protocols(["h2"])
    keys = {given.access_key: given.secret_key}
    server = TranscribeServer(
        recordings=recordings.load(given.scripts),
        tls=context,
        credentials=None if given.no_verify else keys.get,
        clock=WallClock(),
    )
    port = await server.start("127.0.0.1", given.port)
    authority.cert_pem.write_to_path(given.write_ca)
    told_to_end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_end.set)
    print(json.dumps({"url": f"https://127.0.0.1:{port}", "ca": str(given.write_ca)}), flush=True)
    await told_to_end.wait()
    await server.stop()


def _one_line(error: Exception, port: int) -> str:
    if isinstance(error, OSError) and error.errno in (98, 48):
        return f"expected port {port} to be free, another process has it: give another --port, or 0 for a free one"
    return str(error)


if __name__ == "__main__":
    main()
