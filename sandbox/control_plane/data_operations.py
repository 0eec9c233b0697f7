"""Tables, topics and alarms as AWS has them where moto is kinder or says it otherwise."""

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.sns.exceptions import TopicNotFound
from moto.sns.models import SNSBackend

TTL_CHANGES_APART_MS = 3_600_000
"""D-03 (UpdateTimeToLive: a change can take an hour, and another is refused until then)."""


def install(now_ms: Callable[[], int]) -> None:
    """Wrap moto's operations, once a process, before the first request."""
    _name_the_topic_that_is_missing()
    _begin_alarms_without_data()
    _change_time_to_live_once_an_hour(now_ms)


def _name_the_topic_that_is_missing() -> None:
    """N-07."""
    publish = SNSBackend.publish

    def strict(backend: SNSBackend, message: str, arn: str | None = None, **given: Any) -> Any:
        if arn is not None and ":endpoint/" not in arn and arn not in backend.topics:
            raise TopicNotFound
        return publish(backend, message, arn=arn, **given)

    SNSBackend.publish = strict


def _begin_alarms_without_data() -> None:
    """C-06: a new alarm has no data yet; one that is changed keeps its state."""
    put = CloudWatchBackend.put_metric_alarm

    def strict(backend: CloudWatchBackend, name: str, *given: Any, **named: Any) -> Alarm:
        present = backend.alarms.get(name)
        alarm = put(backend, name, *given, **named)
        alarm.state_value = present.state_value if present is not None else "INSUFFICIENT_DATA"
        return alarm

    CloudWatchBackend.put_metric_alarm = strict


def _change_time_to_live_once_an_hour(now_ms: Callable[[], int]) -> None:
    update = DynamoDBBackend.update_time_to_live

    def strict(backend: DynamoDBBackend, table_name: str, ttl_spec: dict[str, Any]) -> None:
        table = backend.tables.get(table_name)
        if table is not None:
            enabled = table.ttl.get("TimeToLiveStatus") == "ENABLED"
            if enabled == bool(ttl_spec.get("Enabled")):
                raise MockValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
            changed_ms = getattr(table, "ttl_changed_ms", None)
            if changed_ms is not None and now_ms() < changed_ms + TTL_CHANGES_APART_MS:
                raise MockValidationException("Time to live has been modified multiple times within a fixed interval")
            table.ttl_changed_ms = now_ms()
        update(backend, table_name, ttl_spec)

    DynamoDBBackend.update_time_to_live = strict
