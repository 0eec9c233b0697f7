"""The frames that API Gateway itself sends, byte for byte (WS-18, WS-20, WS-22). Pure."""


def refusal(message: str, connection_id: str, request_id: str) -> str:
    """A message of the gateway's own with the ids that support asks for."""
    # The blank after the first colon and none after the others is the service's.
    return f'{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}'


def forbidden(connection_id: str, request_id: str) -> str:
    """WS-18: no route takes the message."""
    return refusal("Forbidden", connection_id, request_id)


def internal_server_error(connection_id: str, request_id: str) -> str:
    """WS-20: the function failed."""
    return refusal("Internal server error", connection_id, request_id)


def timed_out(connection_id: str, request_id: str) -> str:
    """WS-22: the integration took too long."""
    return refusal("Endpoint request timed out", connection_id, request_id)


def too_many_requests(connection_id: str, request_id: str) -> str:
    """WS-45: the text is that of API Gateway's THROTTLED response; no recording of the frame was found."""
    return refusal("Too Many Requests", connection_id, request_id)
