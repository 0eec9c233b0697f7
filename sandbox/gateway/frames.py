"""The frames that API Gateway itself sends, byte for byte (WS-18, WS-20, WS-22). Pure."""

FORBIDDEN = "Forbidden"
"""WS-18: no route takes the message."""

INTERNAL_SERVER_ERROR = "Internal server error"
"""WS-20: the function failed."""

TIMED_OUT = "Endpoint request timed out"
"""WS-22: the integration took too long."""

TOO_MANY_REQUESTS = "Too Many Requests"
"""WS-45: the text of API Gateway's THROTTLED response; no recording of the frame was found."""


def refusal(message: str, connection_id: str, request_id: str) -> str:
    """A message of the gateway's own with the ids that support asks for."""
    # The blank after the first colon and none after the others is the service's.
    return f'{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}'
