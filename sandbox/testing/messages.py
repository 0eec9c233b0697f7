"""The contract's messages as JSON Schemas, and a watcher that holds every frame of every client against them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.live.settings import PROJECT

FOLDER = PROJECT / "docs" / "messages"
SUFFIX = ".schema.json"
SHOWN_CHARACTERS = 120
"""Of a complaint: enough to see what is wrong, too little to leak a chunk of audio."""

GATEWAY_FRAME = frozenset({"message", "connectionId", "requestId"})
"""API Gateway's own frames, such as `Internal server error`, have these fields and no `type` (WS-18, WS-20, WS-22)."""

Sender = Literal["client", "server"]
KEY: dict[Sender, str] = {"client": "action", "server": "type"}
"""The field that names a message."""


@dataclass(frozen=True, kw_only=True)
class Messages:
    """The schemas of one folder, each named by its file: `client/NAME.schema.json`, `server/NAME.schema.json`."""

    folder: Path = FOLDER

    def names(self, sender: Sender) -> set[str]:
        """The messages that have a schema."""
        return {path.name.removesuffix(SUFFIX) for path in (self.folder / sender).glob(f"*{SUFFIX}")}

    def documents(self) -> dict[str, dict[str, Any]]:
        """Every schema by its path below the folder."""
        return {
            path.relative_to(self.folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.rglob(f"*{SUFFIX}"))
        }

    def complaint(self, sender: Sender, text: str) -> str | None:
        """What is wrong with a frame, in one line; None for one that the contract allows."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return "expected JSON, got text that is not"
        if not isinstance(message, dict):
            return f"expected a JSON object, got a {type(message).__name__}"
        if sender == "server" and "type" not in message and set(message) == GATEWAY_FRAME:
            return None
        name = message.get(KEY[sender])
        validator = self._validators.get(f"{sender}/{name}{SUFFIX}")
        if validator is None:
            return f"expected a {KEY[sender]} that {self.folder} describes, got {str(name)[:SHOWN_CHARACTERS]!r}"
        for error in validator.iter_errors(message):
            where = "/".join(str(step) for step in error.absolute_path) or "the message"
            return f"{name}: {where}: {error.message[:SHOWN_CHARACTERS]}"
        return None

    @cached_property
    def _validators(self) -> dict[str, Draft202012Validator]:
        documents = self.documents()
        root = self.folder.as_uri()
        registry: Registry[Any] = Registry().with_resources(
            (f"{root}/{path}", DRAFT202012.create_resource(document)) for path, document in documents.items()
        )
        # Named by reference, so that each schema's own references are relative to its place in the folder.
        return {path: Draft202012Validator({"$ref": f"{root}/{path}"}, registry=registry) for path in documents}


@dataclass(kw_only=True)
class Traffic:
    """A `connection.Watcher`: what the server sends must be allowed; what a client sends must be allowed or refused."""

    messages: Messages = field(default_factory=Messages)
    seen: Counter[str] = field(default_factory=Counter)
    _wrong: list[str] = field(default_factory=list)
    _unanswered: dict[int, list[str]] = field(default_factory=dict)

    def sent(self, connection: object, text: str) -> None:
        complaint = self.messages.complaint("client", text)
        if complaint is None:
            self.seen[f"client/{json.loads(text)['action']}"] += 1
        else:
            self._unanswered.setdefault(id(connection), []).append(complaint)

    def received(self, connection: object, text: str) -> None:
        complaint = self.messages.complaint("server", text)
        if complaint is not None:
            self._wrong.append(f"from the server: {complaint}")
            return
        kind = json.loads(text).get("type", "gateway")
        self.seen[f"server/{kind}"] += 1
        if kind == "error" and self._unanswered.get(id(connection)):
            self._unanswered[id(connection)].pop(0)

    def complaints(self) -> list[str]:
        """What was wrong since the last call: wrong frames, and wrong frames of clients that nobody refused."""
        found = self._wrong + [
            f"from a client, and not refused: {one}" for frames in self._unanswered.values() for one in frames
        ]
        self._wrong, self._unanswered = [], {}
        return found
