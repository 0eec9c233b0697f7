"""One invocation as stream worker, on AWS. Imported by workers alone."""

import asyncio
import logging
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from broadcast import clock

from audio_processor.assignment import Assignment, Ending, Ports
from audio_processor.core_adapter import make_core
from audio_processor.emf_meter import EmfMeter
from audio_processor.invocation import StreamWorkerRequest
from audio_processor.outside import AwsOutside, ParameterSettings
from audio_processor.session_store import DynamoSessionStore
from audio_processor.sqs_queue import SqsAudioQueue
from audio_processor.transcribe_client import SdkTranscriber
from audio_processor.worker import StreamWorker

log = logging.getLogger(__name__)

THREADS = 10
"""Two long polls, one write of the checkpoint, one look, one invocation, and batches of deletions beside them; as many
as botocore keeps connections."""


class _SystemClock:
    # It is asked a hundred times a second: a method would be one more call for each.
    now_ms = staticmethod(clock.now_ms)


def run(request: StreamWorkerRequest, context: Any) -> dict[str, Any]:
    """Work until the session ends or is handed over; returns how it ended. Raises WorkerError."""
    meter = EmfMeter()
    assignment = Assignment(
        # An asynchronous event may be delivered twice with one request id; the workers must not share a name.
        worker=f"{context.aws_request_id}/{uuid.uuid4().hex[:8]}",
        session_id=request.session_id,
        callback_url=request.callback_url,
        generation=request.generation,
        predecessor_token=request.predecessor_token,
        ends_at_ms=clock.now_ms() + context.get_remaining_time_in_millis(),
    )
    ports = Ports(
        store=DynamoSessionStore(request.session_id),
        queue=SqsAudioQueue(request.queue_url),
        transcriber=SdkTranscriber(),
        outside=AwsOutside(request),
        settings=ParameterSettings(meter),
        meter=meter,
        clock=_SystemClock(),
        make_core=make_core,
        jitter=random.random,
    )
    log.info("worker of %s, generation %d, begins", request.session_id, request.generation)
    try:
        ending = asyncio.run(_serve(StreamWorker(assignment=assignment, ports=ports)))
    finally:
        meter.flush()
    log.info("worker of %s, generation %d, ends: %s", request.session_id, request.generation, ending.name)
    return {"sessionId": request.session_id, "ending": ending.name}


async def _serve(worker: StreamWorker) -> Ending:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=THREADS))
    return await worker.run()
