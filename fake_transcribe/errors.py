"""The service's exceptions with their texts, and our own."""

from dataclasses import dataclass


class FakeTranscribeError(Exception):
    """Base of this package's errors."""


class ScriptError(FakeTranscribeError, ValueError):
    """A script that cannot be played; the text says what was expected, what came and where."""


class FaultError(FakeTranscribeError, ValueError):
    """A fault on demand that is not known; the text says what was expected and what came."""


class FrameError(FakeTranscribeError, ValueError):
    """Bytes that are no event-stream message."""


class FrameTooBigError(FrameError):
    """A message that announces more bytes than are taken."""


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
UNEXPECTED_FRAME = ServiceException(
    name="BadRequestException", status=400, message="Unexpected WebSocket frame received."
)
NOT_DECODED = ServiceException(
    name="BadRequestException", status=400, message="The event stream message could not be decoded."
)
"""Assumed text; for bytes of an HTTP/2 body that are no event-stream message."""

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
MISSING_TOKEN = ServiceException(
    name="MissingAuthenticationTokenException", status=403, message="Missing Authentication Token"
)


def access_denied(message: str) -> ServiceException:
    """A key that may not do what it asks."""
    return ServiceException(name="AccessDeniedException", status=403, message=message)


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
CONFLICT = ServiceException(
    name="ConflictException",
    status=409,
    message="A new stream started with the same session ID. The current stream has been terminated.",
)
OVER_A_LIMIT = ServiceException(
    name="LimitExceededException",
    status=429,
    message="Your client has exceeded one of the Amazon Transcribe limits, typically the concurrent stream service "
    "quota. This error can also occur if a stream exceeds the maximum session duration. In rare cases, this error can "
    "also occur if you increase your number of concurrent streams too quickly. Reduce your number of concurrent "
    "streams and try your request again using an exponential backoff strategy.",
)
"""For the longest stream and for too many starts: the API reference's description, no recorded text is public."""

BY_NAME = {
    one.name: one
    for one in (
        SILENCE,
        BAD_SIGNATURE,
        UNKNOWN_KEY,
        access_denied("User is not authorized."),
        INTERNAL,
        UNAVAILABLE,
        OVER_A_LIMIT,
        CONFLICT,
    )
}
"""What a fault may name with the service's own text."""


def named(name: str) -> ServiceException:
    """The exception of this name, for a fault; a name that is not known is sent as it is: clients must survive it."""
    unknown = ServiceException(name=name, status=400, message="An exception that the service does not document.")
    return BY_NAME.get(name, unknown)


def bad_request(message: str) -> ServiceException:
    """A request that is refused before its stream begins."""
    return ServiceException(name="BadRequestException", status=400, message=message)


def too_many_streams(allowed: int) -> ServiceException:
    """One concurrent stream too many (text recorded in 2020 with 5 and in 2025 with 25)."""
    return ServiceException(
        name="LimitExceededException",
        status=429,
        message=f"You have reached your limit of concurrent streams, {allowed}. Try again later.",
    )
