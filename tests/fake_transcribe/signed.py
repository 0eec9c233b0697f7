"""Signs as clients do, for tests: by the published algorithm, without the fake's own code."""

import hashlib
import hmac
import struct
from binascii import crc32
from datetime import UTC, datetime
from urllib.parse import quote

EMPTY = hashlib.sha256(b"").hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-EVENTS"


def stamp(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y%m%dT%H%M%SZ")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _key(secret: str, day: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, "us-east-1", service, "aws4_request"):
        key = _hmac(key, part)
    return key


def signature(canonical: str, at_ms: int, *, secret: str = "test", service: str = "transcribe") -> str:
    day = stamp(at_ms)[:8]
    scope = f"{day}/us-east-1/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return _hmac(_key(secret, day, service), f"AWS4-HMAC-SHA256\n{stamp(at_ms)}\n{scope}\n{digest}").hex()


def headers(
    at_ms: int,
    *,
    names: str,
    payload_hash: str,
    authority: str = "localhost:19443",
    extra: dict[str, str] | None = None,
    comma: str = ", ",
    secret: str = "test",
    key: str = "test",
    service: str = "transcribe",
) -> dict[str, str]:
    """A signed HTTP/2 request's headers; `names` are its SignedHeaders."""
    given = {
        ":method": "POST", ":scheme": "https", ":path": "/stream-transcription", ":authority": authority,
        "x-amz-date": stamp(at_ms), **(extra or {}),
    }  # fmt: skip
    values = {"host": authority, **given}
    lines = "".join(f"{name}:{values.get(name, '')}\n" for name in names.split(";"))
    canonical = f"POST\n/stream-transcription\n\n{lines}\n{names}\n{payload_hash}"
    scope = f"{key}/{stamp(at_ms)[:8]}/us-east-1/{service}/aws4_request"
    parts = [f"Credential={scope}", f"SignedHeaders={names}"]
    parts.append(f"Signature={signature(canonical, at_ms, secret=secret, service=service)}")
    return {**given, "authorization": "AWS4-HMAC-SHA256 " + comma.join(parts)}


PARAMETERS = {
    "x-amzn-transcribe-language-code": "en-US",
    "x-amzn-transcribe-sample-rate": "16000",
    "x-amzn-transcribe-media-encoding": "pcm",
}


def request(at_ms: int, authority: str, **parameters: str) -> dict[str, str]:
    """A whole HTTP/2 request as one client signs it; parameters as `session_id="…"`."""
    extra = PARAMETERS | {f"x-amzn-transcribe-{name.replace('_', '-')}": value for name, value in parameters.items()}
    names = ";".join(["host", "x-amz-date", *sorted(extra)])
    return headers(at_ms, names=names, payload_hash=EMPTY, authority=authority, extra=extra)


def target(at_ms: int, host: str, *, expires: int = 300, secret: str = "test", key: str = "test", **parameters) -> str:
    """A presigned WebSocket request's path and query."""
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key}/{stamp(at_ms)[:8]}/us-east-1/transcribe/aws4_request",
        "X-Amz-Date": stamp(at_ms),
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": "host",
        "language-code": "en-US",
        "media-encoding": "pcm",
        "sample-rate": "16000",
        **{name.replace("_", "-"): value for name, value in parameters.items()},
    }
    encoded = "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
    canonical = f"GET\n/stream-transcription-websocket\n{encoded}\nhost:{host}\n\nhost\n{EMPTY}"
    return f"/stream-transcription-websocket?{encoded}&X-Amz-Signature={signature(canonical, at_ms, secret=secret)}"


def audio_event(audio: bytes, *, content_type: bool = True) -> bytes:
    """An AudioEvent message; one client leaves the content type out."""
    fields = [(":message-type", "event"), (":event-type", "AudioEvent")]
    if content_type:
        fields.append((":content-type", "application/octet-stream"))
    head = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in fields
    )
    return message(head, audio)


def message(head: bytes, payload: bytes) -> bytes:
    """An event-stream message of these encoded headers."""
    prelude = struct.pack("!II", 16 + len(head) + len(payload), len(head))
    prelude += struct.pack("!I", crc32(prelude))
    body = prelude + head + payload
    return body + struct.pack("!I", crc32(body))


class Chunks:
    """Signs audio events in a chain that begins with a request's signature."""

    def __init__(self, authorization: str) -> None:
        self._previous = authorization.rsplit("Signature=", 1)[1]

    def frame(self, inner: bytes, at_ms: int) -> bytes:
        """The outer message; empty `inner` is the end frame."""
        date = b"\x05:date\x08" + struct.pack("!q", at_ms)
        day = stamp(at_ms)[:8]
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256-PAYLOAD", stamp(at_ms), f"{day}/us-east-1/transcribe/aws4_request", self._previous,
                hashlib.sha256(date).hexdigest(), hashlib.sha256(inner).hexdigest(),
            ]
        )  # fmt: skip
        made = _hmac(_key("test", day, "transcribe"), to_sign)
        self._previous = made.hex()
        return message(date + b"\x10:chunk-signature\x06\x00\x20" + made, inner)
