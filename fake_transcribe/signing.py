"""Signature Version 4 of requests, presigned URLs and audio chunks, checked as the service checks it. Pure."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, unquote

from fake_transcribe import errors, limits
from fake_transcribe.errors import ServiceException
from fake_transcribe.event_stream import Message, Timestamp, encode_header

SecretLookup = Callable[[str], str | None]
"""Gives the secret of an access key id, or None for one that is not known."""

SERVICE = "transcribe"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
STREAMING = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
ALGORITHM = "AWS4-HMAC-SHA256"
_PARTS = ("Credential", "Signature", "SignedHeaders")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    """Who signed a request, and what its chunks' signatures build on."""

    access_key: str
    secret_key: str
    region: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """What a request says of its signature; `valid_s` is a presigned URL's life, None in headers."""

    credential: str
    signed_names: Sequence[str]
    signature: str
    date: str
    valid_s: int | None


@lru_cache(maxsize=64)
def signing_key(secret_key: str, day: str, region: str, service: str = SERVICE) -> bytes:
    """The derived key of a day, Region and service."""
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def check_request(
    *, method: str, path: str, query: str, headers: Mapping[str, str], secrets: SecretLookup, now_ms: int
) -> SignedRequest | ServiceException:
    """The signer of a request with an Authorization header, or why it is refused.

    `headers` have lower-case names; `:authority` is among them. The payload's hash is what the request says, or one of
    the two that clients sign without saying so.
    """
    claim = _header_claim(headers)
    if isinstance(claim, ServiceException):
        return claim
    stated = headers.get("x-amz-content-sha256")
    hashes = [stated] if stated else []
    return _check(claim, method, path, query, headers, [*hashes, STREAMING, EMPTY_HASH], secrets, now_ms)


def check_presigned(
    *, path: str, query: str, headers: Mapping[str, str], secrets: SecretLookup, now_ms: int
) -> SignedRequest | ServiceException:
    """The signer of a presigned GET, or why it is refused."""
    claim = _query_claim(query)
    if isinstance(claim, ServiceException):
        return claim
    unsigned = "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature="))
    return _check(claim, "GET", path, unsigned, headers, [EMPTY_HASH], secrets, now_ms)


def _header_claim(headers: Mapping[str, str]) -> _Claim | ServiceException:
    given = headers.get("authorization", "")
    if not given:
        return errors.MISSING_TOKEN
    algorithm, _, rest = given.partition(" ")
    # Some clients put no blank after the commas.
    parts = dict(part.partition("=")[::2] for part in re.split(r",\s*", rest.strip()))
    lacking = [name for name in _PARTS if not parts.get(name)]
    if algorithm != ALGORITHM or lacking:
        return _incomplete("".join(f"Authorization header requires '{name}' parameter. " for name in lacking or _PARTS))
    if not headers.get("x-amz-date"):
        return _incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return _Claim(
        credential=parts["Credential"],
        signed_names=parts["SignedHeaders"].split(";"),
        signature=parts["Signature"],
        date=headers["x-amz-date"],
        valid_s=None,
    )


def _query_claim(query: str) -> _Claim | ServiceException:
    given = {name: unquote(value) for name, _, value in _parts_of(query)}
    if not given.get("X-Amz-Algorithm"):
        return errors.MISSING_TOKEN
    wanted = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature", "X-Amz-SignedHeaders")
    lacking = [name for name in wanted if not given.get(name)]
    if lacking or given["X-Amz-Algorithm"] != ALGORITHM:
        return _incomplete(f"AWS query-string parameters must include {', '.join(map(repr, lacking or wanted))}.")
    expires = given["X-Amz-Expires"]
    if not expires.isdecimal() or not 0 < int(expires) <= limits.PRESIGNED_S:
        return _incomplete(f"X-Amz-Expires must be a number of seconds from 1 to {limits.PRESIGNED_S}.")
    return _Claim(
        credential=given["X-Amz-Credential"],
        signed_names=given["X-Amz-SignedHeaders"].split(";"),
        signature=given["X-Amz-Signature"],
        date=given["X-Amz-Date"],
        valid_s=int(expires),
    )


def _check(
    claim: _Claim,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    hashes: Sequence[str],
    secrets: SecretLookup,
    now_ms: int,
) -> SignedRequest | ServiceException:
    scope = claim.credential.split("/")
    if len(scope) != 5:
        return _incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        )
    access_key, day, region, service, _ = scope
    if not {"host", ":authority"} & set(claim.signed_names):
        return errors.HOST_NOT_SIGNED
    if service != SERVICE:
        return _invalid(f"Credential should be scoped to correct service: '{SERVICE}'.")
    if day != claim.date[:8]:
        return _invalid("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")
    too_late = _beyond_its_time(claim, now_ms)
    if too_late is not None:
        return too_late
    secret_key = secrets(access_key)
    if secret_key is None:
        return errors.UNKNOWN_KEY
    key = signing_key(secret_key, day, region)
    for payload_hash in hashes:
        canonical = _canonical(method, path, query, headers, claim.signed_names, payload_hash)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join([ALGORITHM, claim.date, "/".join(scope[1:]), digest])
        if hmac.compare_digest(_hmac(key, to_sign).hex().encode(), claim.signature.encode()):
            return SignedRequest(access_key=access_key, secret_key=secret_key, region=region, signature=claim.signature)
    return errors.BAD_SIGNATURE


def _beyond_its_time(claim: _Claim, now_ms: int) -> ServiceException | None:
    try:
        signed_ms = int(datetime.strptime(claim.date, _STAMP).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return _incomplete("Date must be in ISO-8601 'basic format'.")
    valid_ms = limits.SIGNATURE_AGE_MS if claim.valid_s is None else claim.valid_s * 1000
    # A date has whole seconds.
    if now_ms - signed_ms > valid_ms + 999:
        return _invalid(expired_text(signed_ms, now_ms, valid_ms))
    if signed_ms - now_ms > limits.SIGNATURE_AGE_MS:
        latest = stamp(now_ms + limits.SIGNATURE_AGE_MS)
        return _invalid(
            f"Signature not yet current: {claim.date} is still later than {latest} ({stamp(now_ms)} + 5 min.)"
        )
    return None


def expired_text(signed_ms: int, now_ms: int, valid_ms: int) -> str:
    """The service's own text for a signature that is too old."""
    life = f"{valid_ms // 60_000} min." if valid_ms % 60_000 == 0 else f"{valid_ms // 1000} sec."
    earliest = stamp(now_ms - valid_ms)
    return f"Signature expired: {stamp(signed_ms)} is now earlier than {earliest} ({stamp(now_ms)} - {life})"


def stamp(at_ms: int) -> str:
    """A moment as signatures write it: `20261123T160000Z`."""
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime(_STAMP)


def _incomplete(message: str) -> ServiceException:
    return ServiceException(name="IncompleteSignatureException", status=403, message=message.strip())


def _invalid(message: str) -> ServiceException:
    return ServiceException(name="InvalidSignatureException", status=403, message=message)


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
        try:
            expected = chunk_signature(self._request, previous=self._previous, date=date, payload=message.payload)
        except (ValueError, OverflowError, OSError):
            # A date that no calendar has.
            return False
        self._previous = expected
        return hmac.compare_digest(bytes.fromhex(expected), given)


def chunk_signature(request: SignedRequest, *, previous: str, date: Timestamp, payload: bytes) -> str:
    """The signature of one outer frame, in hex; only the encoded `:date` header is hashed, not the others."""
    moment = stamp(date.ms)
    day = moment[:8]
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256-PAYLOAD",
            moment,
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
    pairs = sorted((_encoded(name), _encoded(value)) for name, _, value in _parts_of(query))
    canonical_query = "&".join(f"{name}={value}" for name, value in pairs)
    host = headers.get("host") or headers.get(":authority", "")
    values = {**headers, "host": host, ":authority": headers.get(":authority", host)}
    lines = "".join(f"{name}:{' '.join(values.get(name, '').split())}\n" for name in names)
    return "\n".join([method, path, canonical_query, lines, ";".join(names), payload_hash])


def _parts_of(query: str) -> list[tuple[str, str, str]]:
    return [part.partition("=") for part in query.split("&") if part]


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
