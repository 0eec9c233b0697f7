"""Limits of the configuration, met in the running system as its users meet them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from sandbox.client.connection import Connection, url_with
from sandbox.client.listener import Listener
from sandbox.client.speaker import Speaker

pytestmark = pytest.mark.e2e

CONNECTION_HANDLER = "ConnectionHandler"
CONNECTIONS_A_MINUTE = 20


@contextmanager
def configured(sandbox, **changes: str) -> Iterator[dict[str, str]]:
    """The connection handler's variables, with these changes while the block lasts."""
    functions = boto3.client(
        "lambda", endpoint_url=sandbox.state.endpointUrl, region_name="us-east-1", aws_access_key_id="x",
        aws_secret_access_key="x",
    )  # fmt: skip
    names = [one["FunctionName"] for one in functions.list_functions()["Functions"]]
    (name,) = [one for one in names if CONNECTION_HANDLER.lower() in one.replace("-", "").lower()]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def update(wanted: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": wanted})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})

    try:
        if changes:
            update(variables | changes)
        yield variables
    finally:
        if changes:
            update(variables)
        functions.close()


def test_a_session_has_as_many_listeners_as_it_may_have_and_the_next_is_refused(sandbox_session):
    """Until one leaves; a change of the limit takes effect at once."""

    async def act() -> tuple[str, str]:
        speaker = await Speaker.open(
            sandbox_session.url, token=sandbox_session.token("crowded"), language="en", local_address="127.0.77.1"
        )
        about = {"sessionId": speaker.session_id, "targetLanguage": "es"}
        listeners = [
            await Listener.open(
                sandbox_session.url, session_id=speaker.session_id, language="es", local_address=f"127.0.77.{number}"
            )
            for number in (2, 3)
        ]
        third = await Connection.open(url_with(sandbox_session.url, about), local_address="127.0.77.4")
        refused = await third.request({"action": "joinSession", **about}, "sessionJoined")
        await listeners[0].connection.close()
        await speaker.connection.take(lambda told: told.get("listenerCount") == 1, "a status that counts one listener")
        joined = await third.request({"action": "joinSession", **about}, "sessionJoined")
        await speaker.end()
        for one in (listeners[1].connection, third):
            await one.close()
        return str(refused.get("code")), str(joined["type"])

    with configured(sandbox_session, MAX_LISTENERS_PER_SESSION="2"):
        assert asyncio.run(act()) == ("SESSION_FULL", "sessionJoined")


def test_a_user_begins_as_many_sessions_an_hour_as_the_limit_and_its_spare_allow(sandbox_session):
    """One after the other; the refusal says how long to wait, and another user is not concerned."""
    with configured(sandbox_session) as variables:
        limit = int(variables["RATE_LIMIT_SESSIONS_PER_HOUR"])

    async def act() -> dict:
        token = sandbox_session.token("prolific")
        for number in range(limit + 1):
            address = f"127.0.78.{1 + number // (CONNECTIONS_A_MINUTE - 2)}"
            speaker = await Speaker.open(sandbox_session.url, token=token, language="en", local_address=address)
            await speaker.end()
        connection = await Connection.open(
            url_with(sandbox_session.url, {"token": token}), local_address="127.0.78.100"
        )
        create = {"action": "createSession", "sourceLanguage": "en"}
        refused = await connection.request(create, "sessionCreated")
        await connection.close()
        other = await Speaker.open(
            sandbox_session.url, token=sandbox_session.token("modest"), language="en", local_address="127.0.78.101"
        )
        await other.end()
        return refused

    refused = asyncio.run(act())
    assert (refused.get("code"), refused.get("details")) == (
        "RATE_LIMIT_EXCEEDED",
        {"limit": limit, "windowMs": 3_600_000},
    )
