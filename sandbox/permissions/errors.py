"""What can be wrong with a policy."""


class PolicyError(ValueError):
    """A policy document that IAM would not have taken."""

    def __init__(self, expected: str, got: object) -> None:
        super().__init__(f"policy: expected {expected}, got {got!r}"[:300])
