"""DynamoDB's refusals, with its codes and texts."""

from typing import Any


class ItemError(Exception):
    """Base: a refusal with the service's code, text and further fields."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts

    def document(self) -> dict[str, Any]:
        """The refusal's body, as the JSON protocol has it."""
        message = "Message" if self.code == "TransactionCanceledException" else "message"
        return {"__type": f"com.amazonaws.dynamodb.v20120810#{self.code}", message: self.message, **self.facts}


class ValidationError(ItemError):
    """A request that the service does not take."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ConditionFailedError(ItemError):
    """A condition that does not hold; `old` is the item as it is, where the caller asked for it."""

    def __init__(self, old: Any = None) -> None:
        facts = {"Item": old} if old is not None else {}
        super().__init__("ConditionalCheckFailedException", "The conditional request failed", **facts)


class TableMissingError(ItemError):
    """There is no such table."""

    def __init__(self) -> None:
        super().__init__("ResourceNotFoundException", "Requested resource not found")


class TokenMismatchError(ItemError):
    """A token that another transaction has used. The text is that of the service's model."""

    def __init__(self) -> None:
        super().__init__(
            "IdempotentParameterMismatchException",
            "DynamoDB rejected the request because you retried a request with a different payload but with an "
            "idempotent token that was already used.",
        )


class TransactionCancelledError(ItemError):
    """One write of a transaction did not hold, so none was made. `reasons` has one entry a write."""

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        codes = ", ".join(str(reason["Code"]) for reason in reasons)
        super().__init__(
            "TransactionCanceledException",
            f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
            CancellationReasons=reasons,
        )
