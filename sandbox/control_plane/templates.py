"""CloudFormation as the control plane has it: our stacks over moto's resources, the types that it lacks among them."""

from collections.abc import Callable, Mapping

from sandbox.control_plane import resources
from sandbox.control_plane.stacks import responses
from sandbox.control_plane.stacks.service import Stacks
from sandbox.control_plane.stacks.stored import stored_parameter


def install(
    endpoints: Mapping[str, str],
    *,
    account_id: str,
    region: str,
    now_ms: Callable[[], int],
    on_change: Callable[[], None],
) -> Stacks:
    """Answer CloudFormation's requests, once a process, before the first; `endpoints` are those of other backends.

    `on_change` is called when an operation on a stack has ended.
    """
    assert resources.__all__, "importing them makes moto know the added resource types"
    if endpoints:
        from sandbox.control_plane.backend import models

        models.install(endpoints, account_id=account_id, region=region)
    stacks = Stacks(
        account_id=account_id,
        region=region,
        now_ms=now_ms,
        stored_parameter=stored_parameter(account_id=account_id, region=region),
    )
    stacks.follow(on_change)
    responses.install(stacks)
    return stacks
