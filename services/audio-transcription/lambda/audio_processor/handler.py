"""The function's entry: a `sendAudio` message, or the order to work as a session's stream worker.

The worker's modules are imported by workers alone: ingest's start and memory stay small.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from broadcast import clock

from audio_processor import invocation, logs, metric_names
from audio_processor.ingest import Ingest
from audio_processor.ingest_ports import AwsIngestPorts

logs.set_up()


@lru_cache(maxsize=1)
def _ingest() -> Ingest:
    return Ingest(AwsIngestPorts(), clock.now_ms)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """AWS's entry point. `context` is the Lambda context."""
    try:
        if invocation.is_stream_worker(event):
            from audio_processor import worker_main

            return worker_main.run(invocation.read(event), context)
        return _ingest().handle(event)
    except Exception:
        from audio_processor.emf_meter import EmfMeter

        meter = EmfMeter()
        meter.count(metric_names.LAMBDA_ERRORS)
        meter.flush()
        raise
