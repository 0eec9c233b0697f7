"""What is watched of the audio processor: its alarms, and the dashboard beside them."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch
from cdk_common.alarms import AlarmSpec, Source
from constructs import Construct

NAMESPACE = "AudioTranscription"
SERVICE = "audio-transcription"
OURS = Source(namespace=NAMESPACE, dimension="service", value=SERVICE)
"""Where the audio processor's own metrics are: Powertools gives each the one dimension `service`."""

_QUIET_IS_WELL = "while nobody speaks there is no data, and nothing is wrong"


def alarms(function_name: str, limits: Mapping[str, int]) -> list[AlarmSpec]:
    """The eight alarms of the record; `limits` are the configured thresholds."""
    platform = Source(namespace="AWS/Lambda", dimension="FunctionName", value=function_name)
    return [
        AlarmSpec(
            construct_id="PartialResultLatencyAlarm",
            about="One segment in twenty waits too long between its last stable word and its translation",
            why="p95, for a mean hides the listeners who wait; two of three minutes, for one cold start or handover is "
            f"no outage; {_QUIET_IS_WELL}",
            source=OURS, metric="PartialResultProcessingLatency", statistic="p95",
            threshold=limits["latency_threshold_ms"], period_s=60, periods=3, datapoints=2,
        ),
        AlarmSpec(
            construct_id="PartialResultsDroppedAlarm",
            about="Partial results come faster than they are used, and many are thinned out",
            why="A sum of five minutes, since thinning comes in bursts with the speech and a burst does no harm; "
            f"{_QUIET_IS_WELL}",
            source=OURS, metric="PartialResultsDropped", threshold=limits["dropped_results_threshold"],
        ),
        AlarmSpec(
            construct_id="OrphanedResultsAlarm",
            about="Transcribe begins results and never finishes them; listeners get their words late",
            why="A sum of five minutes, since a lost stream orphans one result and is no fault of ours; "
            f"{_QUIET_IS_WELL}",
            source=OURS, metric="OrphanedResults", threshold=limits["orphaned_results_threshold"],
        ),
        AlarmSpec(
            construct_id="TranscribeFallbackAlarm",
            about="Transcribe's streams fail again and again; audio is kept for 5 s and then dropped",
            why="More than three in five minutes, since a single failed stream is opened again and loses nothing; "
            f"{_QUIET_IS_WELL}",
            source=OURS, metric="TranscribeErrors", threshold=3,
        ),
        AlarmSpec(
            construct_id="LambdaErrorAlarm",
            about="The audio processor fails: chunks are lost, or stream workers die and words come 20 s late",
            why="Lambda's own count, which also has what our code cannot count (a timeout, no memory); more than five "
            f"in five minutes, for the queue gives a lost worker's audio to the next; {_QUIET_IS_WELL}",
            source=platform, metric="Errors", threshold=5,
        ),
        AlarmSpec(
            construct_id="LambdaThrottleAlarm",
            about="The audio processor is throttled: each throttled sendAudio is audio that nobody hears",
            why=f"Any in one minute, since nothing tries a refused chunk again but its speaker; {_QUIET_IS_WELL}",
            source=platform, metric="Throttles", threshold=0, period_s=60,
        ),
        AlarmSpec(
            construct_id="AudioQualitySNRAlarm",
            about="Speakers are hard to hear: the mean signal-to-noise ratio is low, and words will be wrong",
            why="The mean of five minutes of all sessions: one poor microphone is its speaker's affair, who is warned; "
            f"{_QUIET_IS_WELL}",
            source=OURS, metric="AudioSNR", statistic="Average", threshold=15, below=True,
        ),
        AlarmSpec(
            construct_id="AudioQualityClippingAlarm",
            about="Speakers are too loud for their microphones, or something before us amplifies them",
            why="The mean of five minutes of all sessions: one loud speaker is warned, and a shout is over sooner; "
            f"{_QUIET_IS_WELL}",
            source=OURS, metric="AudioClipping", statistic="Average", threshold=5,
        ),
    ]  # fmt: skip


def add_dashboard(
    scope: Construct, name: str, function_name: str, alarms: Sequence[aws_cloudwatch.IAlarm]
) -> aws_cloudwatch.Dashboard:
    """Every metric that the audio processor emits, grouped by the question that it answers, under its alarms."""
    dashboard = aws_cloudwatch.Dashboard(scope, "AudioQualityDashboard", dashboard_name=name)
    dashboard.add_widgets(aws_cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=24, height=3))
    platform = Source(namespace="AWS/Lambda", dimension="FunctionName", value=function_name)
    latencies = [
        "PartialResultProcessingLatency", "AudioProcessingLatency", "TranscribeStreamInitLatency",
        "TranscriptionForwardingLatency", "EmotionExtractionLatency",
    ]  # fmt: skip
    graphs: list[tuple[str, Source, str, list[str]]] = [
        ("How late are words? (p95, ms)", OURS, "p95", latencies),
        ("How late are words? (median, ms)", OURS, "p50", latencies),
        (
            "Does audio arrive? (chunks)", OURS, "Sum",
            ["AudioChunksReceived", "AudioChunksLost", "AudioChunksDropped", "AudioChunksRedelivered"],
        ),
        ("How do speakers sound? (dB)", OURS, "Average", ["AudioSNR"]),
        ("How do speakers sound? (% of samples clipped)", OURS, "Average", ["AudioClipping"]),
        ("What is given up or mended?", OURS, "Sum", ["PartialResultsDropped", "OrphanedResults", "Handovers",
                                                      "ChunkRateExceeded"]),
        ("What fails?", OURS, "Sum", ["TranscribeErrors", "ForwardingErrors", "ConfigurationRefused",
                                            "LambdaErrors"]),
        ("What does Lambda say?", platform, "Sum", ["Invocations", "Errors", "Throttles"]),
        ("How long do invocations take? (p95, ms)", platform, "p95", ["Duration"]),
    ]  # fmt: skip
    for title, source, statistic, names in graphs:
        metrics = [source.metric(name, statistic) for name in names]
        dashboard.add_widgets(aws_cloudwatch.GraphWidget(title=title, left=metrics, width=12))
    return dashboard
