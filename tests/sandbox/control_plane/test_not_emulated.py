"""What nobody emulates is refused in one line, in the form of whatever protocol asked."""

import pytest


@pytest.mark.parametrize(
    ("service", "operation", "what"),
    [
        ("cloudtrail", "lookup_events", "The lookup_events action has not been implemented"),
        ("cloudformation", "list_types", "The list_types action has not been implemented"),
        ("translate", "list_terminologies", "The service has not been implemented"),
    ],
)
def test_what_is_not_emulated_is_named(aws, refused, service, operation, what):
    """No SDK tries a 501 again."""
    assert refused(getattr(aws(service), operation)) == (
        "NotImplemented", f"{service}: {what}: the sandbox does not emulate it",
    )  # fmt: skip
