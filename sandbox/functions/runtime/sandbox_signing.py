"""Signature Version 4 of an ordinary request, put together in one pass.

botocore reads a request's headers four times to sign it, prepares the whole request for each look at its body, and
derives the same key anew: a fifth of an AWS call's work. With the CRT, which some layers bring, it is more: a request,
its body and its headers are copied there and back. The signature is the same. Whatever is out of the ordinary
(parameters beside the URL, a body that is no bytes or is not signed, a `Date`, a header twice) is signed in botocore's
way.
"""

import hmac
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

TIMESTAMP = "%Y%m%dT%H%M%SZ"
REPLACED = frozenset(["authorization", "x-amz-date", "x-amz-security-token"])
"""What an attempt before this one has left."""
UNUSUAL = frozenset(["date", "x-amz-content-sha256"])


@lru_cache(64)
def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key of a day, a Region and a service (AWS General Reference, "Create a signed AWS API request"). Pure."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(1024)
def canonical_target(url: str, normalise: Callable[[str], str]) -> str:
    """The canonical path and query of a URL. Pure."""
    parts = urlsplit(url)
    pairs = sorted(pair.partition("=")[::2] for pair in parts.query.split("&")) if parts.query else []
    return quote(normalise(parts.path), safe="/~") + "\n" + "&".join(f"{name}={value}" for name, value in pairs)


def authorization(
    *, method: str, target: str, headers: list[tuple[str, str]], body: bytes, access_key: str, key: bytes,
    timestamp: str, scope: str,
) -> str:  # fmt: skip
    """The header's value. `headers` are those to sign, named in lower case, each once. Pure."""
    headers.sort()
    names = ";".join([name for name, _ in headers])
    lines = "\n".join([f"{name}:{' '.join(value.split())}" for name, value in headers])
    request = f"{method}\n{target}\n{lines}\n\n{names}\n{sha256(body).hexdigest()}"
    said = f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(key, said.encode(), "sha256").hex()
    return f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"


def install() -> None:
    """Have botocore sign so, with the CRT and without."""
    from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth

    for signer in {SigV4Auth, AUTH_TYPE_MAPS["v4"]}:
        signer.add_auth = _with_signing(signer)


def _with_signing(signer: Any) -> Callable[[Any, Any], None]:
    from botocore.auth import SIGNED_HEADERS_BLACKLIST, _host_from_url
    from botocore.compat import HTTPHeaders, get_current_datetime
    from botocore.utils import normalize_url_path

    whole, unsigned = signer.add_auth, frozenset(SIGNED_HEADERS_BLACKLIST)

    def add_auth(auth: Any, request: Any) -> None:
        body, credentials = request.data or b"", auth.credentials
        if isinstance(body, str):
            body = body.encode()
        pairs = [(name, value, name.lower()) for name, value in request.headers.items()]
        names = {name for _, _, name in pairs}
        if (
            # Those derived from it sign in ways of their own.
            type(auth) is not signer
            or credentials is None
            or request.params
            or not isinstance(body, bytes)
            or len(names) != len(pairs)
            or not UNUSUAL.isdisjoint(names)
            or ("x-amz-security-token" in names and not credentials.token)
            or not all(isinstance(value, str) for _, value, _ in pairs)
            or not request.context.get("payload_signing_enabled", True)
            or request.context.get("checksum", {}).get("request_algorithm")
        ):
            whole(auth, request)
            return
        timestamp = get_current_datetime().strftime(TIMESTAMP)
        request.context["timestamp"] = timestamp
        kept = [pair for pair in pairs if pair[2] not in REPLACED]
        kept.append(("X-Amz-Date", timestamp, "x-amz-date"))
        if credentials.token:
            kept.append(("X-Amz-Security-Token", credentials.token, "x-amz-security-token"))
        signed = [(name, value) for _, value, name in kept if name not in unsigned]
        if "host" not in names:
            signed.append(("host", _host_from_url(request.url)))
        place = (timestamp[:8], auth._region_name, auth._service_name)
        value = authorization(
            method=request.method.upper(),
            target=canonical_target(request.url, normalize_url_path),
            headers=signed,
            body=body,
            access_key=credentials.access_key,
            key=signing_key(credentials.secret_key, *place),
            timestamp=timestamp,
            scope="/".join([*place, "aws4_request"]),
        )
        request.headers = HTTPHeaders()
        request.headers._headers = [(name, value) for name, value, _ in kept]
        request.headers["Authorization"] = value

    return add_auth
