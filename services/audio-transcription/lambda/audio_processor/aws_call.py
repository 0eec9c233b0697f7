"""AWS calls from the worker's loop: in a thread, with one error for all that may go wrong."""

import asyncio
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from audio_processor.errors import ServiceCallError


async def call(operation: Callable[..., Any], /, **request: Any) -> dict[str, Any]:
    """A client's operation. Raises ServiceCallError with AWS's code, or the name of the client's own error."""
    try:
        answer: dict[str, Any] = await asyncio.to_thread(operation, **request)
    except ClientError as error:
        raise ServiceCallError(code=error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise ServiceCallError(code=type(error).__name__) from error
    return answer
