"""What every added resource type shares.

moto finds only *direct* subclasses of `CloudFormationModel`, so this is a mixin beside it, not a parent between.
"""

from collections.abc import Callable
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")
"""Parts of the names of the errors with which services say that something is not there."""


class AddedResource:
    """A resource with a physical id, attributes for `Fn::GetAtt`, and nothing that takes time to be created."""

    def __init__(
        self, physical_resource_id: str, *, remove: Callable[[], object], attributes: dict[str, str] | None = None
    ) -> None:
        self.physical_resource_id = physical_resource_id
        self._remove = remove
        self._attributes = attributes or {}

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the resource; what it belonged to may be gone already."""
        self._remove()

    def get_cfn_attribute(self, name: str) -> str:
        """The value of `Fn::GetAtt`. Raises moto's template error for an unknown name."""
        if name not in self._attributes:
            raise UnformattedGetAttTemplateException
        return self._attributes[name]

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Unknown names are refused when they are asked for."""
        return bool(attr)

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    def is_created(self) -> bool:
        return True


def lower_camel(properties: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's property names as API Gateway's own: `RouteKey` becomes `routeKey`."""
    return {name[0].lower() + name[1:]: value for name, value in properties.items()}
