"""Event source mappings of queues: refused as Lambda refuses them, and polled by the data plane instead of moto."""

from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.sqs.models import sqs_backends

from sandbox.control_plane import function_rules
from sandbox.control_plane.function_operations import refuse


def install(*, queues_elsewhere: bool) -> None:
    """Wrap moto's operations, once a process; `queues_elsewhere`: on another backend, where moto does not see them."""
    create, update = LambdaBackend.create_event_source_mapping, LambdaBackend.update_event_source_mapping

    def created(backend: Any, spec: dict[str, Any]) -> Any:
        function = backend.get_function(spec["FunctionName"])
        _check(backend, spec, spec.get("EventSourceArn", ""), function, batch_size=spec.get("BatchSize"))
        if queues_elsewhere and ":sqs:" in spec.get("EventSourceArn", ""):
            return _of_a_foreign_queue(backend, spec, function)
        mapping = create(backend, spec)
        # moto would run the function itself, in Docker, while a message is sent.
        for queue in sqs_backends[backend.account_id][backend.region_name].queues.values():
            queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
        return mapping

    def updated(backend: Any, uuid: str, spec: dict[str, Any]) -> Any:
        mapping = backend.get_event_source_mapping(uuid)
        if mapping is not None:
            function = backend.get_function(spec.get("FunctionName") or mapping.function_arn)
            given = {"MaximumBatchingWindowInSeconds": mapping.max_batch_window, **spec}
            _check(
                backend, given, mapping.event_source_arn, function,
                batch_size=spec.get("BatchSize", mapping.batch_size),
            )  # fmt: skip
            # moto keeps neither of these from an update.
            if "MaximumBatchingWindowInSeconds" in spec:
                mapping.max_batch_window = spec["MaximumBatchingWindowInSeconds"]
            if "ScalingConfig" in spec:
                mapping.scaling_config = spec["ScalingConfig"]
            if "FunctionResponseTypes" in spec:
                mapping.function_response_types = spec["FunctionResponseTypes"]
        return update(backend, uuid, spec)

    LambdaBackend.create_event_source_mapping, LambdaBackend.update_event_source_mapping = created, updated


def _check(backend: Any, given: dict[str, Any], source_arn: str, function: Any, *, batch_size: Any) -> None:
    if ":sqs:" not in source_arn:
        return
    queues = sqs_backends[backend.account_id][backend.region_name].queues.values()
    queue = next((one for one in queues if one.queue_arn == source_arn), None)
    refuse(
        function_rules.mapping_refusal(
            batch_size=int(batch_size or function_rules.BATCH_WITHOUT_WINDOW),
            window_s=int(given.get("MaximumBatchingWindowInSeconds") or 0),
            is_fifo=source_arn.endswith(".fifo"),
            visibility_timeout_s=int(queue.visibility_timeout) if queue is not None else None,
            function_timeout_s=int(function.timeout),
        )
    )


def _of_a_foreign_queue(backend: Any, spec: dict[str, Any], function: Any) -> EventSourceMapping:
    owner = {"RegionName": backend.region_name, "AccountId": backend.account_id, "FunctionArn": function.function_arn}
    mapping = EventSourceMapping(spec | owner)
    backend._event_source_mappings[mapping.uuid] = mapping
    return mapping
