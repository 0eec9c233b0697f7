"""What is watched of sessions and connections: their alarms."""

from collections.abc import Mapping

from cdk_common.alarms import AlarmSpec, Source

NAMESPACE = "SessionManagement"
SERVICE = "session-management"
OURS = Source(namespace=NAMESPACE, dimension="service", value=SERVICE)
"""Where the handlers' own metrics are: Powertools gives each the one dimension `service`."""

_FAILS = {
    "HeartbeatHandler": "clients hear no answer, take their connections for dead, and come back all at once",
    "DisconnectHandler": "listeners stay counted and sessions open until the minute's pass repairs them",
    "ConnectionHandler": "nobody can come in, create a session, join one or control it",
    "RefreshHandler": "connections cannot be replaced, and sessions end at API Gateway's two hours",
}


def alarms(function_names: Mapping[str, str]) -> list[AlarmSpec]:
    """The seven alarms of the record; `function_names` by construct id."""
    return [
        AlarmSpec(
            construct_id="ActiveSessionsAlarm",
            about="More sessions are live than were planned for; each holds a stream worker and a Transcribe stream",
            why="The maximum of five minutes, since a peak uses up quotas however short it is; the count is reported "
            "twice a minute even when it is 0, so missing data says that the minute's pass does not run",
            source=OURS, metric="ActiveSessions", statistic="Maximum", threshold=100, missing="missing",
        ),
        AlarmSpec(
            construct_id="SessionCreationLatencyAlarm",
            about="Speakers wait too long for their session",
            why="p95 of five minutes, since one cold start is no outage; "
            "while nobody creates a session there is no data, and nothing is wrong",
            source=OURS, metric="SessionCreationLatency", statistic="p95", threshold=2000,
        ),
        AlarmSpec(
            construct_id="ConnectionErrorsAlarm",
            about="Many connections are refused: bad tokens, unknown sessions, or one address that does not give up",
            why="A sum of five minutes that is beyond what single clients get wrong; while nobody connects there is no "
            "data, and nothing is wrong",
            source=OURS, metric="ConnectionErrors", threshold=100,
        ),
        *(
            AlarmSpec(
                construct_id=f"{handler}ErrorAlarm",
                about=f"{handler} fails: {harm}",
                why="Lambda's own count, which also has what our code cannot count; more than five in five minutes, "
                "for clients try again after one; without invocations there is no data, and nothing is wrong",
                source=Source(namespace="AWS/Lambda", dimension="FunctionName", value=function_names[handler]),
                metric="Errors", threshold=5,
            )
            for handler, harm in _FAILS.items()
        ),
    ]  # fmt: skip
