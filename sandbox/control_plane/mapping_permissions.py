"""A mapping of a queue is made only for a function whose role may poll it, as Lambda holds it."""

from typing import Any

from moto.awslambda.models import LambdaBackend

from sandbox.control_plane import function_rules, policies
from sandbox.control_plane.function_operations import refuse
from sandbox.permissions.evaluation import Need, Principal
from sandbox.permissions.guard import Guard

POLLING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
"""Lambda developer guide, "Using Lambda with Amazon SQS", "Configuring execution role permissions"."""


def install(guard: Guard) -> None:
    """Wrap moto's operation, once a process, before the first request."""
    create = LambdaBackend.create_event_source_mapping

    def permitted(backend: Any, spec: dict[str, Any]) -> Any:
        queue = str(spec.get("EventSourceArn", ""))
        if ":sqs:" in queue:
            function = backend.get_function(spec["FunctionName"])
            principal = Principal(role_arn=function.role, session=function.function_name)
            role = policies.roles(backend.account_id).get(function.role)
            wanted = [Need(action=f"sqs:{name}", resource=queue) for name in POLLING]
            refused = guard.check_role(role, principal, wanted)
            if refused is not None:
                name = refused.need.action.partition(":")[2]
                text = f"The provided execution role does not have permissions to call {name} on SQS"
                refuse(function_rules.Refusal(code="InvalidParameterValueException", message=text))
        return create(backend, spec)

    LambdaBackend.create_event_source_mapping = permitted
