"""Those whom the worker tells: the translation, its own successor, the speaker; and where its settings come from."""

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from broadcast import aws, callbacks, settings
from broadcast.segments import SegmentRequest
from partial_results import ConfigError
from partial_results.config import from_mapping

from audio_processor import metric_names
from audio_processor.aws_call import call
from audio_processor.errors import ServiceCallError
from audio_processor.invocation import StreamWorkerRequest
from audio_processor.ports import Meter

log = logging.getLogger(__name__)


async def invoke(function_name: str, payload: bytes) -> None:
    """Start a function asynchronously; returns when Lambda has accepted the event."""
    await call(aws.client("lambda").invoke, FunctionName=function_name, InvocationType="Event", Payload=payload)


class AwsOutside:
    """`ports.Outside` for one worker."""

    def __init__(self, request: StreamWorkerRequest) -> None:
        self._request = request

    async def forward(self, segment: SegmentRequest) -> None:
        await invoke(settings.translation_processor(), segment.to_payload())

    async def start_successor(self, *, predecessor_token: int, generation: int) -> None:
        request = StreamWorkerRequest(
            session_id=self._request.session_id,
            queue_url=self._request.queue_url,
            callback_url=self._request.callback_url,
            generation=generation,
            predecessor_token=predecessor_token,
        )
        await invoke(settings.audio_processor(), request.to_payload())

    async def warn_speaker(self, *, connection_id: str, message: Mapping[str, Any]) -> None:
        try:
            await asyncio.to_thread(callbacks.post, self._request.callback_url, connection_id, message)
        except (ClientError, BotoCoreError) as error:
            log.warning("the speaker could not be told %s: %s", message["type"], type(error).__name__)

    async def close_connection(self, connection_id: str) -> None:
        try:
            await asyncio.to_thread(callbacks.close, self._request.callback_url, connection_id)
        except (ClientError, BotoCoreError) as error:
            log.warning("a connection that sends too fast could not be closed: %s", type(error).__name__)


class ParameterSettings:
    """`ports.Settings` on the Parameter Store."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    async def partial_results(self) -> Mapping[str, Any] | None:
        name = os.environ.get("PARTIAL_RESULTS_PARAMETER")
        if not name:
            return {}
        try:
            found = await call(aws.client("ssm").get_parameter, Name=name)
            return checked(found["Parameter"]["Value"])
        except (ServiceCallError, ConfigError) as error:
            log.warning("the parameter %s is not taken, the last good one stays: %s", name, error)
            self._meter.count(metric_names.CONFIGURATION_REFUSED)
            return None


def checked(text: str) -> Mapping[str, Any]:
    """The parameter's settings. Raises ConfigError, which says what is wrong with them."""
    try:
        stored = json.loads(text)
    except ValueError:
        raise ConfigError("expected JSON, got text that is not") from None
    if not isinstance(stored, dict):
        raise ConfigError(f"expected a JSON object, got a {type(stored).__name__}")
    from_mapping(stored)
    return stored
