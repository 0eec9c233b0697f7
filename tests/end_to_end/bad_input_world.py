"""Who sends bad input, and what it must leave as it was.

Every actor has a user, an address and connections of its own; what they have in the tables is read before and after.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from sandbox.client.connection import Connection, url_with
from sandbox.client.listener import Listener
from sandbox.client.speaker import Speaker
from sandbox.live.client import ask
from sandbox.testing import RunningSandbox

OWNED, ENDED, RIVALS, NOBODYS = "{owned}", "{ended}", "{rivals}", "golden-eagle-999"
"""Session ids in the tables of bad input; those in braces are filled in."""

WORKERS_OWN = ("lease", "stream", "status", "queueRemoved", "lastSeen", "recentlyTold", "wordsOut", "workerAsked")
"""Attributes that time alone changes begin with these; `status` itself does not."""

GOOD_ANSWERS = (
    "sessionCreated", "sessionJoined", "heartbeatAck", "connectionRefreshComplete", "speakerControlAck",
    "listenerControlAck",
)  # fmt: skip
"""An answer that says yes: it ends the waiting, and the test."""

_read = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The data plane as boto3 shows it."""

    sandbox: RunningSandbox

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.sandbox.state.endpointUrl, region_name=self.sandbox.state.region,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    def of(self, mine: set[str], *, ended: str) -> dict[str, Any]:
        """Every session, connection and queue that names one of these users, sessions or connections.

        The queue of the session that has `ended` is left out: it is tidied away when the service comes to it.
        """
        found: dict[str, Any] = {}
        database = self.client("dynamodb")
        for table, key in (("Sessions", "sessionId"), ("Connections", "connectionId")):
            for item in database.scan(TableName=f"{table}-{self.sandbox.state.environment}")["Items"]:
                plain = {name: _read(value) for name, value in item.items() if not changes_by_itself(name)}
                if mine & {str(value) for value in plain.values()}:
                    found[f"{table}/{plain[key]}"] = plain
        database.close()
        queues = self.client("sqs")
        found["queues"] = sorted(
            url for url in queues.list_queues().get("QueueUrls", []) if any(url.endswith(one) for one in mine - {ended})
        )
        queues.close()
        return found

    def connection_ids(self) -> set[str]:
        """Every recorded connection."""
        database = self.client("dynamodb")
        items = database.scan(TableName=f"Connections-{self.sandbox.state.environment}")["Items"]
        database.close()
        return {item["connectionId"]["S"] for item in items}


def changes_by_itself(attribute: str) -> bool:
    return attribute != "status" and attribute.startswith(WORKERS_OWN)


@dataclass(kw_only=True)
class Actors:
    """The connections that bad input comes from."""

    sandbox: RunningSandbox
    tables: Tables
    runner: asyncio.Runner
    run_folder: Path
    began_ms: int
    by_name: dict[str, Connection]
    sessions: dict[str, str]
    mine: set[str]
    tokens: list[str]

    def fill(self, text: str) -> str:
        for name, session_id in self.sessions.items():
            text = text.replace(name, session_id)
        return text

    def answer(self, actor: str, message: object) -> dict[str, Any]:
        """What the actor is answered: an `error`, or that its message was carried out."""
        text = self.fill(message if isinstance(message, str) else json.dumps(message))

        async def act() -> dict[str, Any]:
            connection = self.by_name[actor]
            await connection.send_text(text)
            return await connection.expect("error", *GOOD_ANSWERS)

        return self.runner.run(act())

    def state(self) -> dict[str, Any]:
        return self.tables.of(self.mine, ended=self.sessions[ENDED])

    def written(self) -> list[str]:
        """Every line that the sandbox has written down since the actors came: logs (function first) and journal."""
        logs = ask(self.sandbox.state, "POST", "logs", {"function": None})
        lines = [f"{one['function']} {one['line']}" for one in logs if one["atMs"] >= self.began_ms]
        ask(self.sandbox.state, "POST", "events", {"events": []})
        return lines + (self.run_folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()


async def _open(sandbox: RunningSandbox, address: str, **query: str) -> Connection:
    return await Connection.open(url_with(sandbox.url, query), local_address=address)


async def _assemble(sandbox: RunningSandbox, tokens: dict[str, str]) -> tuple[dict[str, Connection], dict[str, str]]:
    async def speaker(name: str, address: str) -> Speaker:
        return await Speaker.open(sandbox.url, token=tokens[name], language="en", local_address=address)

    owner, rival, former = await asyncio.gather(
        speaker("owner", "127.0.60.1"), speaker("rival", "127.0.60.2"), speaker("former", "127.0.60.3")
    )
    ending = {"action": "speakerControl", "command": "endSession"}
    await former.connection.request(ending, "speakerControlAck")
    listening = {"sessionId": owner.session_id, "targetLanguage": "es"}
    listener, waiting, stranger, double = await asyncio.gather(
        Listener.open(sandbox.url, session_id=owner.session_id, language="es", local_address="127.0.60.4"),
        _open(sandbox, "127.0.60.5", **listening),
        _open(sandbox, "127.0.60.6", token=tokens["stranger"]),
        _open(sandbox, "127.0.60.7", token=tokens["owner"]),
    )
    connections = {
        "owner": owner.connection, "rival": rival.connection, "former": former.connection,
        "listener": listener.connection, "waiting": waiting, "stranger": stranger, "double": double,
    }  # fmt: skip
    return connections, {OWNED: owner.session_id, ENDED: former.session_id, RIVALS: rival.session_id}


def actors(sandbox: RunningSandbox) -> Iterator[Actors]:
    """The owner of a session, a rival with another, one whose session has ended, a joined listener, one that waits to
    join, a stranger without a session, and the owner's second connection."""
    run_folder, began_ms = sandbox.begin_run(), int(ask(sandbox.state, "GET", "clock")["nowMs"])
    tokens = {name: sandbox.token(f"bad-{name}") for name in ("owner", "rival", "former", "stranger")}
    tables = Tables(sandbox=sandbox)
    others = tables.connection_ids()
    with asyncio.Runner() as runner:
        connections, sessions = runner.run(_assemble(sandbox, tokens))
        users = {claims_of(token)["sub"] for token in tokens.values()}
        names = users | {f"speaker#{user}" for user in users} | (tables.connection_ids() - others)
        yield Actors(
            sandbox=sandbox, tables=tables, runner=runner, run_folder=run_folder, began_ms=began_ms,
            by_name=connections, sessions=sessions, mine=names | set(sessions.values()),
            tokens=list(tokens.values()),
        )  # fmt: skip

        async def leave() -> None:
            for name in ("owner", "rival"):
                await connections[name].send({"action": "speakerControl", "command": "endSession"})
            await asyncio.gather(*(connection.close() for connection in connections.values()))

        runner.run(leave())


def claims_of(token: str) -> dict[str, Any]:
    """The payload of a token, unchecked."""
    import jwt

    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
