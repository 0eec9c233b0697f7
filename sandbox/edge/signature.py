"""Signature Version 4 of an HTTP request, checked as API Gateway checks it. Pure.

Source: "Signature Version 4 for API requests" (IAM user guide). A signature's age is not checked: functions follow the
sandbox's clock, other clients the machine's.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from sandbox.edge.http import HttpRequest

Secrets = Callable[[str], str | None]
"""The secret of an access key, or None for a key that is not ours: a developer's own, whose secret nobody here has."""

ALGORITHM = "AWS4-HMAC-SHA256"
_PARAMETER = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a request is not taken: 403, with the error's type and API Gateway's text."""

    error_type: str
    message: str


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """What a request says of its signature. `credential` is a key id and a scope."""

    credential: Sequence[str]
    names: Sequence[str]
    signature: str
    date: str
    token: str | None
    query: str
    payload_hash: str


MISSING = Refusal(error_type="MissingAuthenticationTokenException", message="Missing Authentication Token")
UNKNOWN = Refusal(
    error_type="UnrecognizedClientException", message="The security token included in the request is invalid."
)
MISMATCH = Refusal(
    error_type="InvalidSignatureException",
    message="The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details.",
)


def refusal(request: HttpRequest, *, service: str, region: str, secrets: Secrets) -> Refusal | None:
    """None for a request that is signed for this service and Region; a key that is not ours may sign as it likes."""
    claim = _claim(request)
    if claim is None or isinstance(claim, Refusal):
        return claim or MISSING
    if len(claim.credential) != 5 or claim.credential[4] != "aws4_request":
        return _incomplete("Credential")
    key_id, day, signed_region, signed_service, _ = claim.credential
    if signed_region != region:
        return _invalid(f"Credential should be scoped to a valid region, not '{signed_region}'. ")
    if signed_service != service:
        return _invalid(f"Credential should be scoped to correct service: '{service}'. ")
    secret = secrets(key_id)
    if secret is None:
        return None
    if claim.token is None:
        return UNKNOWN
    to_sign = "\n".join([ALGORITHM, claim.date, "/".join(claim.credential[1:]), _hash(_canonical(request, claim))])
    expected = _hmac(_signing_key(secret, day, region, service), to_sign).hex()
    return None if hmac.compare_digest(expected, claim.signature) else MISMATCH


def _claim(request: HttpRequest) -> _Claim | Refusal | None:
    """From the Authorization header, else from the query of a presigned URL; None when there is neither."""
    header = request.header("Authorization")
    if header is not None:
        given = dict(_PARAMETER.findall(header)) if header.startswith(ALGORITHM) else {}
        absent = [name for name in ("Credential", "Signature", "SignedHeaders") if name not in given]
        if absent:
            return _incomplete(*absent)
        return _Claim(
            credential=given["Credential"].split("/"),
            names=given["SignedHeaders"].split(";"),
            signature=given["Signature"],
            date=request.header("X-Amz-Date") or "",
            token=request.header("X-Amz-Security-Token"),
            query=request.query,
            payload_hash=request.header("X-Amz-Content-SHA256") or hashlib.sha256(request.body).hexdigest(),
        )
    pairs = [part.partition("=")[::2] for part in request.query.split("&") if part]
    signed = {name: unquote(value) for name, value in pairs}
    if "X-Amz-Signature" not in signed:
        return None
    return _Claim(
        credential=signed.get("X-Amz-Credential", "").split("/"),
        names=signed.get("X-Amz-SignedHeaders", "").split(";"),
        signature=signed["X-Amz-Signature"],
        date=signed.get("X-Amz-Date", ""),
        token=signed.get("X-Amz-Security-Token"),
        query="&".join(f"{name}={value}" for name, value in pairs if name != "X-Amz-Signature"),
        payload_hash=_EMPTY,
    )


def _canonical(request: HttpRequest, claim: _Claim) -> str:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        lower, plain = name.lower(), " ".join(value.split())
        headers[lower] = f"{headers[lower]},{plain}" if lower in headers else plain
    # The path is encoded once more than it is on the wire, for every service but S3.
    path = quote(request.path or "/", safe="/~")
    lines = "".join(f"{name}:{headers.get(name, '')}\n" for name in claim.names)
    query = _canonical_query(claim.query)
    return "\n".join([request.method, path, query, lines, ";".join(claim.names), claim.payload_hash])


def _canonical_query(query: str) -> str:
    pairs = sorted(tuple(map(_encoded, part.partition("=")[::2])) for part in query.split("&") if part)
    return "&".join(f"{name}={value}" for name, value in pairs)


@lru_cache(maxsize=256)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _incomplete(*names: str) -> Refusal:
    text = " ".join(f"Authorization header requires '{name}' parameter." for name in names)
    return Refusal(error_type="IncompleteSignatureException", message=text)


def _invalid(message: str) -> Refusal:
    return Refusal(error_type="InvalidSignatureException", message=message)


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
