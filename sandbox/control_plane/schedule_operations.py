"""EventBridge's refusals of rules and targets in front of moto's operations, which forgive (E-02, E-04, E-06, E-07)."""

import re
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ResourceNotFoundException, ValidationException
from moto.events.models import EventsBackend, Rule

from sandbox.control_plane import rules


def install() -> None:
    """Wrap moto's operations; once a process, before the first request."""
    put, describe, aim = EventsBackend.put_rule, EventsBackend.describe_rule, EventsBackend.put_targets

    def made(backend: Any, name: str, **given: Any) -> Any:
        expression = given.get("scheduled_expression")
        refusal = rules.rule_name_refusal(name) or (rules.schedule_refusal(expression) if expression else None)
        if refusal is not None:
            raise ValidationException(refusal)
        return put(backend, name, **given)

    def described(backend: Any, name: str, event_bus_arn: str | None) -> Any:
        try:
            return describe(backend, name, event_bus_arn)
        except ResourceNotFoundException as error:
            if re.fullmatch(r"Rule .* does not exist\.", str(error.message)) is None:
                raise
            bus = backend._normalize_event_bus_arn(event_bus_arn)
            raise ResourceNotFoundException(f"Rule {name} does not exist on EventBus {bus}.") from None

    def aimed(backend: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> Any:
        for number, target in enumerate(targets, 1):
            if (wrong := rules.target_refusal(number, target)) is not None:
                raise ValidationException(wrong)
        bus = backend._get_event_bus(backend._normalize_event_bus_arn(event_bus_arn))
        there = {one["Id"] for one in bus.rules[name].targets} if name in bus.rules else set()
        refusal = rules.targets_refusal(len(there | {one["Id"] for one in targets}))
        if refusal is not None:
            raise JsonRESTError("LimitExceededException", refusal)
        return aim(backend, name, event_bus_arn, targets)

    from_template = Rule.create_from_cloudformation_json

    def drawn(
        cls: Any, /, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **more: Any
    ) -> Any:
        given = cloudformation_json["Properties"].get("Name")
        name = resource_name if given else rules.fitted_rule_name(resource_name)
        return from_template.__func__(cls, name, cloudformation_json, account_id, region_name, **more)

    Rule.create_from_cloudformation_json = classmethod(drawn)
    EventsBackend.put_rule, EventsBackend.describe_rule, EventsBackend.put_targets = made, described, aimed
