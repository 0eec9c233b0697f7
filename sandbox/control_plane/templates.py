"""What is added to moto's CloudFormation: refusals, types that it lacks, and resources on another backend."""

from collections.abc import Mapping
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from sandbox.control_plane import resources, rules

IGNORED_TYPES = ("AWS::CDK::Metadata",)
"""Types that carry nothing to create."""


def install(endpoints: Mapping[str, str], *, account_id: str, region: str) -> None:
    """Wrap moto's operations, once a process, before the first template; `endpoints` are those of other backends."""
    assert resources.__all__, "importing them makes moto know the added resource types"
    _refuse_unknown_types()
    if endpoints:
        from sandbox.control_plane.backend import models

        models.install(endpoints, account_id=account_id, region=region)


def _refuse_unknown_types() -> None:
    parsing.NULL_MODELS.extend(IGNORED_TYPES)
    load = parsing.ResourceMap.load

    def strict(resources: Any) -> None:
        types = [resource["Type"] for resource in resources._resource_json_map.values()]
        custom = [name for name in types if name.startswith("Custom::")]
        refusal = rules.unrecognised_types(types, [*parsing.get_model_map(), *parsing.NULL_MODELS, *custom])
        if refusal is not None:
            raise ValidationError(message=refusal)
        load(resources)

    parsing.ResourceMap.load = strict
