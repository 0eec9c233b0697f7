"""A function's resource policy: what `lambda:AddPermission` and `AWS::Lambda::Permission` made of it. Pure."""

from collections.abc import Mapping, Sequence

from sandbox.definitions.model import Condition, Function, Permission, Statement
from sandbox.permissions.evaluation import Need, service_may

INVOKE = "lambda:InvokeFunction"


def statements(function: Function) -> tuple[Statement, ...]:
    """The policy as statements about the function itself."""
    return tuple(_statement(function, one) for one in function.permissions)


class FunctionPolicies:
    """The policy of a function by its ARN, with or without a qualifier; () for what is no function of these."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    def __call__(self, arn: str) -> Sequence[Statement]:
        _, named, name = arn.rpartition(":function:")
        if not named:
            return ()
        function = self._functions.get(name.partition(":")[0])
        return statements(function) if function is not None else ()


def service_may_invoke(function: Function | None, service: str, *, source_arn: str) -> bool:
    """Whether an AWS service may invoke the function on behalf of this resource. A function that is gone: no."""
    if function is None:
        return False
    context = {"aws:sourcearn": [source_arn], "aws:sourceaccount": [source_arn.split(":")[4]]}
    return service_may(statements(function), service, Need(action=INVOKE, resource=function.arn, context=context))


def _statement(function: Function, permission: Permission) -> Statement:
    conditions = []
    if permission.source_arn is not None:
        conditions.append(Condition(operator="ArnLike", key="AWS:SourceArn", values=(permission.source_arn,)))
    if permission.source_account is not None:
        conditions.append(
            Condition(operator="StringEquals", key="AWS:SourceAccount", values=(permission.source_account,))
        )
    return Statement(
        allows=True,
        actions=(permission.action,),
        resources=(function.arn, f"{function.arn}:*"),
        principals=(_principal(permission.principal),),
        conditions=tuple(conditions),
    )


def _principal(principal: str) -> str:
    if principal == "*":
        return principal
    return f"Service:{principal}" if principal.endswith(".amazonaws.com") else f"AWS:{principal}"
