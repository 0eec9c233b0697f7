"""Puts AWS's refusals in front of moto's operations, which forgive."""

from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction, LayerVersion
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend
from moto.sqs.models import sqs_backends

from sandbox.control_plane import rules, websocket_operations

IGNORED_TYPES = ("AWS::CDK::Metadata",)
"""Types that carry nothing to create."""


def install(*, queues_elsewhere: bool = False) -> None:
    """Wrap moto's operations, once a process, before the first request; `queues_elsewhere`: on another backend."""
    _refuse_unknown_types()
    _refuse_bad_environments()
    _refuse_bad_schedules()
    _keep_function_properties()
    _keep_time_to_live()
    websocket_operations.install()
    _leave_polling_to_us(queues_elsewhere=queues_elsewhere)


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


def _refuse_bad_environments() -> None:
    create, update = LambdaBackend.create_function, LambdaBackend.update_function_configuration

    def check(spec: dict[str, Any]) -> None:
        refusal = rules.environment_refusal((spec.get("Environment") or {}).get("Variables") or {})
        if refusal is not None:
            raise LambdaClientError("InvalidParameterValueException", refusal)

    def strict_create(backend: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        check(spec)
        return create(backend, spec)

    def strict_update(backend: LambdaBackend, name: str, qualifier: str, body: dict[str, Any]) -> Any:
        check(body)
        return update(backend, name, qualifier, body)

    LambdaBackend.create_function, LambdaBackend.update_function_configuration = strict_create, strict_update


def _refuse_bad_schedules() -> None:
    put = EventsBackend.put_rule

    def strict(backend: EventsBackend, name: str, **given: Any) -> Any:
        expression = given.get("scheduled_expression")
        refusal = rules.schedule_refusal(expression) if expression else None
        if refusal is not None:
            raise ValidationException(refusal)
        return put(backend, name, **given)

    EventsBackend.put_rule = strict


def _keep_function_properties() -> None:
    create, update = LambdaFunction.create_from_cloudformation_json, LambdaFunction.update_from_cloudformation_json

    def keeping(make: Any) -> Any:
        def made(cls: type[LambdaFunction], *given: Any, **named: Any) -> LambdaFunction:
            function: LambdaFunction = make.__func__(cls, *given, **named)
            document = named.get("cloudformation_json") or next(one for one in given if isinstance(one, dict))
            properties = document["Properties"]
            function.recursive_loop = properties.get("RecursiveLoop", "Terminate")
            function.layers = function._get_layers_data(properties.get("Layers", []))
            return function

        return classmethod(made)

    # `Ref` of a layer version is its ARN.
    LayerVersion.physical_resource_id = property(lambda version: version.arn)
    LambdaFunction.create_from_cloudformation_json = keeping(create)
    LambdaFunction.update_from_cloudformation_json = keeping(update)


def _keep_time_to_live() -> None:
    create = Table.create_from_cloudformation_json

    def made(
        cls: type[Table],
        /,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **named: Any,
    ) -> Table:
        table = create.__func__(cls, resource_name, cloudformation_json, account_id, region_name, **named)
        given = cloudformation_json["Properties"].get("TimeToLiveSpecification")
        if given:
            dynamodb_backends[account_id][region_name].update_time_to_live(table.name, given)
        return table

    Table.create_from_cloudformation_json = classmethod(made)


def _leave_polling_to_us(*, queues_elsewhere: bool) -> None:
    """moto would run the function itself, in Docker, while a message is sent; and it knows its own queues only."""
    create = LambdaBackend.create_event_source_mapping

    def detached(backend: LambdaBackend, spec: dict[str, Any]) -> Any:
        if queues_elsewhere and ":sqs:" in spec.get("EventSourceArn", ""):
            return _mapping_of_a_foreign_queue(backend, spec)
        mapping = create(backend, spec)
        for queue in sqs_backends[backend.account_id][backend.region_name].queues.values():
            queue.lambda_event_source_mappings.pop(mapping.function_arn, None)
        return mapping

    LambdaBackend.create_event_source_mapping = detached


def _mapping_of_a_foreign_queue(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
    function = backend.get_function(spec["FunctionName"])
    owner = {"RegionName": backend.region_name, "AccountId": backend.account_id, "FunctionArn": function.function_arn}
    mapping = EventSourceMapping(spec | owner)
    backend._event_source_mappings[mapping.uuid] = mapping
    return mapping
