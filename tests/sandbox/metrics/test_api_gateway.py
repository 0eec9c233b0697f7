"""API Gateway's metrics, from the journal's events."""

import pytest

from sandbox.metrics import platform

WHOSE = {"connectionId": "c", "apiId": "a", "stage": "prod"}


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ({"kind": "gateway.connect", "status": 101}, ["ConnectCount"]),
        ({"kind": "gateway.connect", "status": 403, "fault": "ClientError"}, ["ClientError"]),
        ({"kind": "gateway.connect", "status": 502, "fault": "IntegrationError"}, ["ConnectCount", "IntegrationError"]),
        ({"kind": "gateway.frame_in"}, ["MessageCount"]),
        ({"kind": "gateway.frame_out"}, ["MessageCount"]),
        ({"kind": "gateway.error", "fault": "IntegrationError"}, ["IntegrationError"]),
        ({"kind": "gateway.error", "fault": "ExecutionError"}, ["ExecutionError"]),
        ({"kind": "gateway.close"}, []),
    ],
)
def test_each_event_counts_for_its_api_and_its_stage(event, names):
    """WS-58."""
    data = platform.read({**event, **WHOSE}, now_ms=7)
    api, stage = ("ApiId", "a"), ("Stage", "prod")
    assert [(one.name, one.dimensions) for one in data] == [
        (name, dimensions) for name in names for dimensions in ((api,), (api, stage))
    ]
    assert {(one.namespace, one.values, one.timestamp_ms) for one in data} <= {("AWS/ApiGateway", (1.0,), 7)}


def test_the_integrations_latency_is_in_milliseconds():
    """WS-58."""
    data = platform.read({"kind": "gateway.integration", "latencyMs": 31, **WHOSE}, now_ms=7)
    assert [(one.name, one.unit, one.values) for one in data] == [("IntegrationLatency", "Milliseconds", (31.0,))] * 2


def test_a_route_is_counted_by_itself_where_detailed_metrics_are_on():
    """WS-58: and not otherwise."""
    event = {"kind": "gateway.frame_in", "routeKey": "sendAudio", **WHOSE}
    assert len(platform.read(event, now_ms=7)) == 2
    detailed = platform.read(event | {"detailed": True}, now_ms=7)
    assert detailed[2].dimensions == (("ApiId", "a"), ("Stage", "prod"), ("Route", "sendAudio"))
