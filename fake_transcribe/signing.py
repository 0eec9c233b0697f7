"""Signature Version 4 of requests and of audio chunks, checked as the service checks it. Pure."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from fake_transcribe import errors
from fake_transcribe.errors import ServiceException
from fake_transcribe.event_stream import Message, Timestamp, encode_header

SecretLookup = Callable[[str], str | None]
"""Gives the secret of an access key id, or None for one that is not known."""

SERVICE = "transcribe"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """Who signed a request, and what its chunks' signatures build on."""

    access_key: str
    secret_key: str
    region: str
    signature: str


def signing_key(secret_key: str, day: str, region: str, service: str = SERVICE) -> bytes:
    """The derived key of a day, Region and service."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def check_request(
    *, path: str, query: str, headers: Mapping[str, str], secrets: SecretLookup, method: str = "POST"
) -> SignedRequest | ServiceException:
    """The request's signer, or why it is refused. `headers` have lower-case names; `:authority` is among them."""
    match = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if match is None:
        return errors.UNKNOWN_KEY
    scope, signed_names, signature = match[1].split("/"), match[2].split(";"), match[3]
    if len(scope) != 5:
        return errors.UNKNOWN_KEY
    access_key, day, region = scope[0], scope[1], scope[2]
    if not {"host", ":authority"} & set(signed_names):
        return errors.HOST_NOT_SIGNED
    secret_key = secrets(access_key)
    if secret_key is None:
        return errors.UNKNOWN_KEY
    key = signing_key(secret_key, day, region)
    hashes = [headers.get("x-amz-content-sha256"), STREAMING, EMPTY_HASH]
    for payload_hash in filter(None, hashes):
        canonical = _canonical(method, path, query, headers, signed_names, payload_hash)
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                headers.get("x-amz-date", ""),
                "/".join(scope[1:]),
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        if hmac.compare_digest(_hmac(key, to_sign).hex(), signature):
            return SignedRequest(access_key=access_key, secret_key=secret_key, region=region, signature=signature)
    return errors.BAD_SIGNATURE


class ChunkChain:
    """The chain of a stream's chunk signatures: each builds on the one before, the first on the request's."""

    def __init__(self, request: SignedRequest) -> None:
        self._request = request
        self._previous = request.signature

    def check(self, message: Message) -> bool:
        """Check the next outer frame; the chain goes on from its signature."""
        date, given = message.header(":date"), message.header(":chunk-signature")
        if not isinstance(date, Timestamp) or not isinstance(given, bytes):
            return False
        expected = chunk_signature(self._request, previous=self._previous, date=date, payload=message.payload)
        self._previous = expected
        return hmac.compare_digest(bytes.fromhex(expected), given)


def chunk_signature(request: SignedRequest, *, previous: str, date: Timestamp, payload: bytes) -> str:
    """The signature of one outer frame, in hex; only the encoded `:date` header is hashed, not the others."""
    moment = datetime.fromtimestamp(date.ms / 1000, tz=UTC)
    day = moment.strftime("%Y%m%d")
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256-PAYLOAD",
            moment.strftime("%Y%m%dT%H%M%SZ"),
            f"{day}/{request.region}/{SERVICE}/aws4_request",
            previous,
            hashlib.sha256(encode_header(":date", date)).hexdigest(),
            hashlib.sha256(payload).hexdigest(),
        ]
    )
    return _hmac(signing_key(request.secret_key, day, request.region), to_sign).hex()


def _canonical(
    method: str, path: str, query: str, headers: Mapping[str, str], names: Sequence[str], payload_hash: str
) -> str:
    pairs = sorted(part.partition("=")[::2] for part in query.split("&") if part)
    canonical_query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs)
    host = headers.get("host") or headers.get(":authority", "")
    values = {**headers, "host": host, ":authority": headers.get(":authority", host)}
    lines = "".join(f"{name}:{' '.join(values.get(name, '').split())}\n" for name in names)
    return "\n".join([method, path, canonical_query, lines, ";".join(names), payload_hash])


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
