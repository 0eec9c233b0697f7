"""What a stand-in answers in place of a result."""

from typing import Any


class ServiceRefusal(Exception):  # noqa: N818 - it is the service's answer, not a fault of ours
    """The service's error: its code, its text, and the other members of its shape."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = members
