"""Breaking deployed functions as an operator may, through Lambda's own API, and mending them again."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3

from sandbox.live.state import SandboxState

LOST = "CONNECTIONS_TABLE_NAME"
"""A variable that every handler which knows connections needs."""


def lambda_client(state: SandboxState) -> Any:
    """Lambda, at the sandbox's endpoint."""
    return boto3.client(
        "lambda", endpoint_url=state.endpointUrl, region_name=state.region, aws_access_key_id="operator",
        aws_secret_access_key="operator",  # noqa: S106 - the sandbox knows no secret of an operator's
    )  # fmt: skip


@contextlib.contextmanager
def without_variable(client: Any, functions: list[str]) -> Iterator[None]:
    """The functions' configuration loses a variable, and has it again afterwards."""
    kept = {
        name: client.get_function_configuration(FunctionName=name)["Environment"]["Variables"] for name in functions
    }
    for name, variables in kept.items():
        left = {key: value for key, value in variables.items() if key != LOST}
        client.update_function_configuration(FunctionName=name, Environment={"Variables": left})
    try:
        yield
    finally:
        for name, variables in kept.items():
            client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


@contextlib.contextmanager
def throttled(client: Any, function: str) -> Iterator[None]:
    """The function may not run at all."""
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        client.delete_function_concurrency(FunctionName=function)
