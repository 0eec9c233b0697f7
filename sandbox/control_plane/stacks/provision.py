"""Resources of stacks, made, changed and deleted as moto's models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from sandbox.control_plane.resources.base import GONE
from sandbox.control_plane.stacks import models, presence
from sandbox.stacks.errors import ResourceError, ResourceGoneError, TemplateError

Properties = Mapping[str, Any]

parsing.NULL_MODELS.append("AWS::CDK::Metadata")  # carries nothing to create


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose resource it is, as moto's models want to know."""

    stack_id: str
    stack_name: str
    account_id: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """One resource that exists: moto's object, its physical id, and the evaluated properties it has."""

    resource_type: str
    physical_id: str
    properties: Properties
    model: Any

    def attribute(self, logical_id: str, name: str) -> Any:
        """`Fn::GetAtt`. Raises TemplateError."""
        try:
            return self.model.get_cfn_attribute(name)
        except (UnformattedGetAttTemplateException, NotImplementedError):
            raise TemplateError(
                f"Template error: resource {logical_id} does not support attribute type {name} in Fn::GetAtt"
            ) from None


def known_types() -> set[str]:
    """The resource types that exist here; CloudFormation refuses a template with another."""
    return {*parsing.get_model_map(), *parsing.NULL_MODELS} - {"AWS::CloudFormation::Stack"}


def create(owner: Owner, logical_id: str, resource_type: str, properties: Properties) -> Made:
    """Make the resource. Raises ResourceError with the service's own words."""
    if resource_type in parsing.NULL_MODELS:
        return Made(resource_type=resource_type, physical_id=logical_id, properties=properties, model=None)
    model_class = parsing.resource_class_from_type(resource_type)
    name = given_name(resource_type, properties) or parsing.generate_resource_name(
        resource_type, owner.stack_name, logical_id
    )
    about = {"LogicalId": logical_id, "StackId": owner.stack_id, "ResourceType": resource_type}
    document = {"Type": resource_type, "Properties": dict(properties)}
    with _refusals():
        model = model_class.create_from_cloudformation_json(name, document, owner.account_id, owner.region, **about)
    return _made(resource_type, name, properties, model)


def update(owner: Owner, logical_id: str, made: Made, properties: Properties) -> tuple[Made, bool]:
    """Change the resource as its type can be changed: in place, or by another in its place, with a new physical id.

    The second value says whether the old one is still there to be deleted. Raises ResourceError; ResourceGoneError for
    one that is there no more.
    """
    resource_type = made.resource_type
    if given_name(resource_type, properties) == given_name(resource_type, made.properties):
        # A change of the name makes another, whether the old one is there or not.
        with _refusals():
            is_there = presence.is_there(owner.account_id, owner.region, resource_type, made.model, made.physical_id)
        if not is_there:
            raise ResourceGoneError(presence.missing(resource_type, made.physical_id))
    change_in_place = models.IN_PLACE.get(type(made.model))
    with _refusals():
        if change_in_place is not None and change_in_place(made.model, made.properties, properties):
            return _made(resource_type, made.physical_id, properties, made.model), False
    name = given_name(resource_type, properties)
    model_class = parsing.resource_class_from_type(resource_type) if made.model is not None else None
    if model_class is None or hasattr(model_class.update_from_cloudformation_json, "__isabstractmethod__"):
        same_name = name is not None and name == given_name(resource_type, made.properties)
        if same_name:
            # Two of one name cannot be at once.
            delete(owner, made)
        return create(owner, logical_id, resource_type, properties), not same_name
    if name is None:
        name = made.physical_id
    document = {"Type": resource_type, "Properties": dict(properties)}
    with _refusals():
        model = model_class.update_from_cloudformation_json(
            original_resource=made.model,
            new_resource_name=name,
            cloudformation_json=document,
            account_id=owner.account_id,
            region_name=owner.region,
        )
    return _made(resource_type, name, properties, model), False


def delete(owner: Owner, made: Made) -> None:
    """Delete the resource; one that is gone already is gone. Raises ResourceError."""
    if made.model is None:
        return
    remove = models.REMOVE.get(made.resource_type)
    with _refusals(), _gone_is_gone():
        if remove is not None:
            remove(made.model, made.properties)
        elif callable(getattr(made.model, "delete", None)) and _takes_two(made.model.delete):
            made.model.delete(owner.account_id, owner.region)
        else:
            parsing.parse_and_delete_resource(
                made.physical_id,
                {"Type": made.resource_type, "Properties": dict(made.properties)},
                owner.account_id,
                owner.region,
            )


def _made(resource_type: str, name: str, properties: Properties, model: Any) -> Made:
    physical_id = str(getattr(model, "physical_resource_id", None) or name)
    return Made(resource_type=resource_type, physical_id=physical_id, properties=properties, model=model)


def given_name(resource_type: str, properties: Properties) -> str | None:
    """The name that the properties give the resource, where its type has one."""
    name_property = parsing.resource_name_property_from_type(resource_type)
    given = properties.get(name_property) if name_property else None
    return str(given) if given is not None else None


def _takes_two(method: Callable[..., Any]) -> bool:
    return method.__code__.co_argcount == 3 if hasattr(method, "__code__") else False


class _refusals:  # noqa: N801 - reads as the statement it is
    """moto's refusals, and its failures, as the reason of an event."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        match error:
            case None | ResourceError() | TemplateError():
                return
            case ServiceException():
                raise ResourceError(str(error.message)) from error
            case HTTPException():
                raise ResourceError(_message(error)) from error
            case KeyError():
                raise ResourceError(f"Encountered unsupported or missing property or resource {error}") from error
            case Exception():
                raise ResourceError(str(error) or type(error).__name__) from error


class _gone_is_gone:  # noqa: N801 - reads as the statement it is
    """What was deleted by other means than its stack is no reason for the stack to stay."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        name = getattr(error, "error_type", None) or getattr(error, "code", "")
        return any(word in str(name) for word in GONE)


def _message(error: HTTPException) -> str:
    return str(getattr(error, "message", None) or error.description or error)
