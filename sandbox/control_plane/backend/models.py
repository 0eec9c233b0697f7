"""Data resources on a backend, as moto's models, and what makes moto use them."""

from collections.abc import Mapping

from sandbox.control_plane.backend.resource import OnBackend


def install(endpoints: Mapping[str, str], *, account_id: str, region: str) -> None:
    """Take the place of moto's models for the services with an endpoint, once a process, before the first request."""
    OnBackend.connect(endpoints, account_id=account_id, region=region)
    # moto knows each direct subclass of its model class, the latest imported of a type.
    if "dynamodb" in endpoints:
        import sandbox.control_plane.backend.tables
    if "ssm" in endpoints:
        import sandbox.control_plane.backend.parameters
    if "sns" in endpoints:
        import sandbox.control_plane.backend.topics
    if "sqs" in endpoints:
        import sandbox.control_plane.backend.queues  # noqa: F401 - all four are imported for what they define
