"""What raises each alarm: the table of failures. Pure."""

CAUSES = {
    "AudioQualitySNRAlarm": "a speaker in white noise, 4 dB below the voice",
    "AudioQualityClippingAlarm": "a speaker whose microphone clips: the samples times 20",
    "SessionCreationLatencyAlarm": "Lambda takes 3 s to accept each session's stream worker",
    "ConnectionErrorsAlarm": "105 connections with a token of nobody",
    "PartialResultsDroppedAlarm": "a recogniser that sends 100 partial results a second",
    "OrphanedResultsAlarm": "a recogniser that begins more than ten results and finishes none",
    "TranscribeFallbackAlarm": "Transcribe ends each stream with InternalFailureException",
    "PartialResultLatencyAlarm": "Lambda takes 4.5 s to accept each segment, in two minutes of three",
    "LambdaErrorAlarm": "a lost variable in the audio processor's configuration",
    "HeartbeatHandlerErrorAlarm": "a lost variable in the function's configuration",
    "RefreshHandlerErrorAlarm": "a lost variable in the function's configuration",
    "DisconnectHandlerErrorAlarm": "a lost variable in the function's configuration",
    "ConnectionHandlerErrorAlarm": "a lost variable in the function's configuration",
    "LambdaThrottleAlarm": "a reserved concurrency of 0 for the audio processor",
    "ActiveSessionsAlarm": "101 speakers at once",
}
"""By the alarm's name in the record; the deployed name ends in the environment's."""


def cause_of(alarm: str) -> str | None:
    """The failure that is to raise a deployed alarm, or None for one that nobody knows how to raise."""
    return CAUSES.get(alarm.rpartition("-")[0])
