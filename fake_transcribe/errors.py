"""The service's exceptions with their texts, and our own."""

from dataclasses import dataclass


class FakeTranscribeError(Exception):
    """Base of this package's errors."""


class ScriptError(FakeTranscribeError, ValueError):
    """A script that cannot be played; the text says what was expected, what came and where."""


class FrameError(FakeTranscribeError, ValueError):
    """Bytes that are no event-stream message."""


@dataclass(frozen=True, kw_only=True)
class ServiceException:
    """An exception as the service sends it: `status` is used before the stream has begun, the name in it."""

    name: str
    status: int
    message: str


SILENCE = ServiceException(
    name="BadRequestException",
    status=400,
    message="Your request timed out because no new audio was received for 15 seconds.",
)
NO_END = ServiceException(
    name="BadRequestException",
    status=400,
    message="A complete signal was sent without the preceding empty frame.",
)
TOO_BIG = ServiceException(
    name="BadRequestException",
    status=400,
    message="Your stream is too big. Reduce the frame size and try your request again.",
)
BAD_CHUNK_SIGNATURE = ServiceException(
    name="BadRequestException",
    status=400,
    message="The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details.",
)
BAD_SIGNATURE = ServiceException(name="InvalidSignatureException", status=403, message=BAD_CHUNK_SIGNATURE.message)
HOST_NOT_SIGNED = ServiceException(
    name="InvalidSignatureException",
    status=403,
    message="'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
)
UNKNOWN_KEY = ServiceException(
    name="UnrecognizedClientException", status=403, message="The security token included in the request is invalid."
)
INTERNAL = ServiceException(
    name="InternalFailureException",
    status=500,
    message="A problem occurred while processing the audio. Amazon Transcribe terminated processing.",
)
UNAVAILABLE = ServiceException(
    name="ServiceUnavailableException",
    status=503,
    message="The service is currently unavailable. Try your request later.",
)
BY_NAME = {
    one.name: one
    for one in (
        SILENCE,
        INTERNAL,
        UNAVAILABLE,
        ServiceException(
            name="LimitExceededException",
            status=429,
            message="Your client has exceeded one of the Amazon Transcribe limits.",
        ),
        ServiceException(
            name="ConflictException",
            status=409,
            message="A new stream started with the same session ID. The current stream has been terminated.",
        ),
    )
}
"""What a script's `exception` fault may name."""


def bad_request(message: str) -> ServiceException:
    """A request that is refused before its stream begins."""
    return ServiceException(name="BadRequestException", status=400, message=message)
