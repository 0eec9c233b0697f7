"""Chunk signatures chain from the request's; each is checked with its own day's key."""

import hashlib

import pytest

from fake_transcribe import errors
from fake_transcribe.event_stream import Message, Timestamp
from fake_transcribe.signing import ChunkChain, SignedRequest, check_request, chunk_signature

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
    """Section 11: the official client's signer agrees; the end frame has an empty payload."""
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


@pytest.mark.parametrize(
    ("authorization", "refusal"),
    [
        ("", errors.UNKNOWN_KEY),
        ("AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/transcribe/aws4_request, SignedHeaders=x-amz-date, "
         f"Signature={'0' * 64}", errors.HOST_NOT_SIGNED),
        ("AWS4-HMAC-SHA256 Credential=OTHER/20261123/us-east-1/transcribe/aws4_request, SignedHeaders=host, "
         f"Signature={'0' * 64}", errors.UNKNOWN_KEY),
        ("AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/transcribe/aws4_request, SignedHeaders=host, "
         f"Signature={'0' * 64}", errors.BAD_SIGNATURE),
    ],
)  # fmt: skip
def test_a_bad_authorization_is_refused_with_the_services_exception(authorization, refusal):
    """Unsigned, host not signed, unknown key, wrong signature."""
    headers = {"authorization": authorization, ":authority": "localhost"}
    keys = {"AKID": "secret"}
    assert check_request(path="/stream-transcription", query="", headers=headers, secrets=keys.get) == refusal
