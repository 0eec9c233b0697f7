"""A command's side of the sandbox's own routes."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from sandbox.live.state import SandboxState


class AdminError(RuntimeError):
    """The running sandbox refused a command's request."""


def ask(state: SandboxState, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
    """One request to `/_sandbox/NAME`; the answer's JSON. Raises AdminError with the sandbox's own words."""
    address = urlsplit(state.endpointUrl)
    connection = http.client.HTTPConnection(address.hostname or "localhost", address.port, timeout=30)
    try:
        content = json.dumps(body).encode() if body is not None else None
        connection.request(method, f"/_sandbox/{name}", body=content, headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        document = json.loads(answer.read())
    except OSError as error:
        raise AdminError(
            f"expected the sandbox at {state.endpointUrl} to answer, got {error}: is it still up?"
        ) from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise AdminError(document["message"])
    return document
