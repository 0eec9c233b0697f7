"""Refusals of the queue service."""

import json


class QueueRefusal(Exception):  # noqa: N818 - the service's word for its answer
    """A refusal with the JSON protocol's type and the query protocol's code."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.message = message

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The answer's headers: clients of the older protocol know the error by the second."""
        return (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-query-error", f"{self.code};Sender"))

    @property
    def body(self) -> bytes:
        return json.dumps({"__type": f"com.amazonaws.sqs#{self.kind}", "message": self.message}).encode()


def missing_queue() -> QueueRefusal:
    text = "The specified queue does not exist."
    return QueueRefusal("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", text)


def missing_parameter(name: str) -> QueueRefusal:
    text = f"The request must contain the parameter {name}."
    return QueueRefusal("MissingParameter", "MissingParameter", text)


def invalid(message: str) -> QueueRefusal:
    return QueueRefusal("InvalidParameterValueException", "InvalidParameterValue", message)


def over_limit() -> QueueRefusal:
    """The words are those of the service's model, which has no recorded ones."""
    text = "The specified action violates a limit: the maximum number of in flight messages is reached."
    return QueueRefusal("OverLimit", "OverLimit", text)
