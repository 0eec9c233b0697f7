"""Data resources on a backend, as moto's models, and what makes moto use them."""

from collections.abc import Mapping
from typing import Any

from moto.cloudformation import parsing

from sandbox.control_plane.backend.resource import OnBackend, refusals


def install(endpoints: Mapping[str, str], *, account_id: str, region: str) -> None:
    """Take the place of moto's models for the services with an endpoint, once a process, before the first request."""
    OnBackend.connect(endpoints, account_id=account_id, region=region)
    # moto knows each direct subclass of its model class, the latest imported of a type.
    if "dynamodb" in endpoints:
        import sandbox.control_plane.backend.tables
    if "ssm" in endpoints:
        import sandbox.control_plane.backend.parameters

        parsing.ResourceMap.parse_ssm_parameter = _parameter_value
    if "sns" in endpoints:
        import sandbox.control_plane.backend.topics
    if "sqs" in endpoints:
        import sandbox.control_plane.backend.queues  # noqa: F401 - all four are imported for what they define


def _parameter_value(_resources: Any, name: str, value_type: str) -> Any:
    """The value of a template's parameter of type `AWS::SSM::Parameter::Value<…>`, from where parameters live."""
    with refusals():
        value: str = OnBackend.clients["ssm"].get_parameter(Name=name)["Parameter"]["Value"]
    return value.split(",") if "List" in value_type else value
