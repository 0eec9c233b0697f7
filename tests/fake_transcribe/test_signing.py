"""Requests, presigned URLs and chunks are signed as clients sign them, and no other way is taken."""

import hashlib
from typing import Any

import pytest

from fake_transcribe import errors
from fake_transcribe.event_stream import Message, Timestamp
from fake_transcribe.signing import ChunkChain, SignedRequest, check_presigned, check_request, chunk_signature
from tests.fake_transcribe import signed

REQUEST = SignedRequest(
    access_key="AKID", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region="us-east-1",
    signature=hashlib.sha256(b"seed").hexdigest(),
)  # fmt: skip
DATE = Timestamp(1_795_449_600_123)
FIRST = "fc876180bfded86953e0c475b2abf4f4eb65cc83bda252c58202591b8b82ae9f"
SECOND = "1373d573dc594aad091138808e1a78edebea2f7fc908058a3aaaec5cbf73546a"
INNER = bytes.fromhex(
    "0000006c000000585c509ce30d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000a417564696f4576656e"
    "740d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d00000100c204a09e"
)


def outer(payload: bytes, signature: str) -> Message:
    return Message(headers=((":date", DATE), (":chunk-signature", bytes.fromhex(signature))), payload=payload)


def test_chunk_signatures_equal_the_golden_vectors():
    """T-09: the official client's signer agrees; the end frame has an empty payload."""
    first = chunk_signature(REQUEST, previous=REQUEST.signature, date=DATE, payload=INNER)
    assert first == FIRST
    assert chunk_signature(REQUEST, previous=first, date=DATE, payload=b"") == SECOND


def test_a_chain_takes_its_chunks_in_order_and_no_other():
    """A repeated, forged or unsigned chunk does not fit."""
    chain = ChunkChain(REQUEST)
    assert chain.check(outer(INNER, FIRST))
    assert chain.check(outer(b"", SECOND))
    assert not ChunkChain(REQUEST).check(outer(b"", SECOND))
    assert not ChunkChain(REQUEST).check(Message(headers=(), payload=INNER))


NOW = 1_795_449_600_000
COMMON = "x-amzn-transcribe-language-code"
SHAPES: dict[str, dict[str, Any]] = {
    "amazon-transcribe 0.6.4": {
        "names": f"host;x-amz-date;{COMMON}", "payload_hash": signed.EMPTY, "authority": "127.0.0.1",
    },
    "aws-sdk-transcribe-streaming": {
        "names": f"content-type;host;x-amz-content-sha256;x-amz-date;{COMMON}", "payload_hash": signed.STREAMING,
        "extra": {"x-amz-content-sha256": signed.STREAMING, "content-type": "application/vnd.amazon.eventstream"},
    },
    "JavaScript v3": {
        "names": f":authority;amz-sdk-invocation-id;content-type;x-amz-content-sha256;x-amz-date;{COMMON}",
        "payload_hash": signed.STREAMING,
        "extra": {
            "x-amz-content-sha256": signed.STREAMING, "content-type": "application/vnd.amazon.eventstream",
            "amz-sdk-invocation-id": "9f0b",
        },
    },
    "capo": {
        "names": "content-type;host;x-amz-content-sha256;x-amz-date", "payload_hash": signed.STREAMING, "comma": ",",
        "extra": {"x-amz-content-sha256": signed.STREAMING, "content-type": "application/vnd.amazon-eventstream"},
    },
    "Rust": {
        "names": "content-type;host;x-amz-date;x-amz-user-agent", "payload_hash": signed.STREAMING,
        "extra": {"content-type": "application/vnd.amazon.eventstream", "x-amz-user-agent": "aws-sdk-rust/0.0.17"},
    },
    "Java v2": {
        "names": "amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-content-sha256;x-amz-date",
        "payload_hash": signed.STREAMING,
        "extra": {
            "x-amz-content-sha256": signed.STREAMING, "amz-sdk-invocation-id": "1", "amz-sdk-request": "attempt=1",
            "content-type": "application/vnd.amazon.eventstream",
        },
    },
}  # fmt: skip


def checked(headers, *, now_ms=NOW):
    return check_request(
        method="POST", path="/stream-transcription", query="", headers=headers, secrets={"test": "test"}.get,
        now_ms=now_ms,
    )  # fmt: skip


def presigned(target, *, now_ms=NOW, host="localhost:8443"):
    path, _, query = target.partition("?")
    return check_presigned(path=path, query=query, headers={"host": host}, secrets={"test": "test"}.get, now_ms=now_ms)


@pytest.mark.parametrize("client", SHAPES)
def test_each_of_the_six_ways_in_which_clients_sign_is_taken_and_checked(client):
    """T-08: payload hash, signed names, `:authority` or host, blanks after the commas; a wrong secret fits none."""
    shape = SHAPES[client]
    extra = {COMMON: "en-US", **shape.get("extra", {})}
    arguments = {**shape, "extra": extra}
    assert isinstance(checked(signed.headers(NOW, **arguments)), SignedRequest)
    assert checked(signed.headers(NOW, **arguments, secret="other")) == errors.BAD_SIGNATURE
    changed = {**signed.headers(NOW, **arguments), "x-amz-date": signed.stamp(NOW + 1000)}
    assert checked(changed) == errors.BAD_SIGNATURE


def refusal(**arguments):
    shape = {"names": "host;x-amz-date", "payload_hash": signed.EMPTY, **arguments}
    return checked(signed.headers(NOW, **shape))


@pytest.mark.parametrize(
    ("found", "name", "text"),
    [
        (checked({}), "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (checked({"authorization": "Bearer x"}), "IncompleteSignatureException", "requires 'Credential' parameter"),
        (checked({"authorization": "AWS4-HMAC-SHA256 Credential=a, Signature=b, SignedHeaders=host"}),
         "IncompleteSignatureException", "requires existence of either a 'X-Amz-Date' or a 'Date' header"),
        (refusal(names="x-amz-date"), "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader'"),
        (refusal(key="other"), "UnrecognizedClientException", "The security token included in the request is invalid."),
        (refusal(service="transcribestreaming"), "InvalidSignatureException", "correct service: 'transcribe'"),
        (refusal(secret="other"), "InvalidSignatureException", "The request signature we calculated does not match"),
    ],
)  # fmt: skip
def test_a_bad_authorization_is_refused_with_the_services_exception(found, name, text):
    """T-12: over HTTP/2 each of them is a 403."""
    assert (found.name, found.status) == (name, 403)
    assert text in found.message


@pytest.mark.parametrize(("late_ms", "taken"), [(300_999, True), (301_000, False), (-300_000, True), (-300_001, False)])
def test_a_request_is_good_for_five_minutes_either_way(late_ms, taken):
    """T-08: at the limit and one past it; a date has whole seconds."""
    found = checked(signed.request(NOW, "localhost"), now_ms=NOW + late_ms)
    assert isinstance(found, SignedRequest) == taken
    if not taken:
        late = "Signature expired: 20261123T160000Z is now earlier than 20261123T160001Z (20261123T160501Z - 5 min.)"
        early = "Signature not yet current: 20261123T160000Z is still later than 20261123T155959Z"
        assert found.message.startswith(late if late_ms > 0 else early)


@pytest.mark.parametrize(("late_ms", "taken"), [(60_999, True), (61_000, False)])
def test_a_presigned_url_is_good_for_the_seconds_that_it_says(late_ms, taken):
    """T-11: at the limit and one past it."""
    found = presigned(signed.target(NOW, "localhost:8443", expires=60), now_ms=NOW + late_ms)
    assert isinstance(found, SignedRequest) == taken
    if not taken:
        assert found.message.startswith("Signature expired: 20261123T160000Z is now earlier than 20261123T160001Z")


@pytest.mark.parametrize(("expires", "taken"), [(300, True), (301, False), (0, False)])
def test_a_presigned_url_may_live_for_300_seconds(expires, taken):
    """T-11: not longer."""
    assert isinstance(presigned(signed.target(NOW, "localhost:8443", expires=expires)), SignedRequest) == taken


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (signed.target(NOW, "localhost:8443", secret="other"), "InvalidSignatureException"),
        (signed.target(NOW, "other:8443"), "InvalidSignatureException"),
        (signed.target(NOW, "localhost:8443", key="other"), "UnrecognizedClientException"),
        (signed.target(NOW, "localhost:8443").replace("en-US", "fr-FR"), "InvalidSignatureException"),
        (signed.target(NOW, "localhost:8443").replace("X-Amz-Date", "X-Amz-Dote"), "IncompleteSignatureException"),
        ("/stream-transcription-websocket?language-code=en-US", "MissingAuthenticationTokenException"),
        ("/stream-transcription-websocket?%00=%ff&&=&X-Amz-Algorithm=x", "IncompleteSignatureException"),
    ],
)
def test_a_bad_presigned_url_is_refused(target, name):
    """T-12: a wrong secret, host, key or parameter, or half a signature."""
    assert presigned(target).name == name


@pytest.mark.parametrize("at_ms", [2**62, -(2**62), 253_402_300_800_000])
def test_a_chunk_with_a_date_that_no_calendar_has_does_not_fit(at_ms):
    """T-10: and nothing breaks."""
    headers = ((":date", Timestamp(at_ms)), (":chunk-signature", bytes(32)))
    assert not ChunkChain(REQUEST).check(Message(headers=headers, payload=b""))
