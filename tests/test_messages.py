"""`docs/messages` is the contract's list of messages, whole and valid, and the product sends what it says."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from audio_processor import limits
from audio_processor.echo import Echo
from audio_processor.notices import Notices
from audio_processor.ports import Meter
from audio_processor.quality import MESSAGES as QUALITY_ISSUES
from audio_processor.quality import Quality
from audio_processor.quality_watch import QualityWatch
from audio_processor.sound import Sound
from broadcast import errors, languages, session_ids
from jsonschema import Draft202012Validator

from sandbox.testing.messages import FOLDER, Messages

ROOT = Path(__file__).resolve().parents[1]
SERVICES = [path for path in (ROOT / "services").rglob("*.py") if not {"cdk.out", "infrastructure"} & set(path.parts)]
MESSAGES = Messages()
DOCUMENTS = MESSAGES.documents()

TO_SERVER = set(
    "createSession joinSession sendAudio heartbeat refresh sessionStatus speakerControl listenerControl".split()
)
TO_CLIENT = set(
    "sessionCreated sessionJoined heartbeatAck connectionRefreshRequired connectionWarning connectionRefreshComplete "
    "sessionStatus speakerControlAck listenerControlAck broadcastPaused broadcastResumed broadcastMuted "
    "broadcastUnmuted volumeChanged sessionEnded translation audioQualityWarning transcriptionError rateLimitWarning "
    "systemRecovered error".split()
)
"""The contract's messages, as its two tables name them."""


def parts(document: object) -> Iterator[dict]:
    """Every object inside a schema, itself included."""
    if isinstance(document, dict):
        yield document
        for one in document.values():
            yield from parts(one)
    elif isinstance(document, list):
        for one in document:
            yield from parts(one)


@pytest.mark.parametrize("path", sorted(DOCUMENTS))
def test_every_schema_is_valid_and_names_its_message(path):
    """Draft 2020-12; the title is the file's name; closed, and every field described or referred to."""
    document = DOCUMENTS[path]
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["title"] == Path(path).name.removesuffix(".schema.json")
    assert document["description"].endswith(".")
    for part in parts(document):
        if part.get("type") == "object" and part is not open_part(document):
            assert "additionalProperties" in part, part
    for name, field in document.get("properties", {}).items():
        assert "description" in field or "$ref" in field, name


def open_part(document: dict) -> dict | None:
    """`error.details` alone is open: its figures belong to the code."""
    return document.get("properties", {}).get("details") if document["title"] == "error" else None


def test_every_reference_leads_to_a_definition():
    """And every common definition is used."""
    common = DOCUMENTS["common.schema.json"]["$defs"]
    used = {
        part["$ref"].rpartition("/")[2] for document in DOCUMENTS.values() for part in parts(document) if "$ref" in part
    }
    assert used == set(common)


def test_there_is_a_schema_for_each_of_the_contracts_messages_and_no_other():
    """Both ways; the file's name is the message's."""
    assert MESSAGES.names("client") == TO_SERVER
    assert MESSAGES.names("server") == TO_CLIENT


def test_every_type_that_the_products_code_sends_has_a_schema():
    """Each `{"type": "…"}` in the functions' code, read from its syntax tree."""
    sent = {
        value.value
        for path in SERVICES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant)
    }
    assert len(sent) > 5
    assert sent <= TO_CLIENT


def test_no_schema_is_of_a_message_that_nobody_sends():
    """Each server message's name stands in the functions' code."""
    texts = {
        node.value
        for path in SERVICES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert texts >= TO_CLIENT


def test_the_schemas_and_the_products_limits_agree():
    """What a schema repeats of the code is held against it here."""
    audio = DOCUMENTS["client/sendAudio.schema.json"]["properties"]["audio"]
    assert audio["maxLength"] == -(-limits.CHUNK_MAX_BYTES // 3) * 4
    assert audio["minLength"] == -(-limits.CHUNK_MIN_BYTES // 3) * 4
    assert DOCUMENTS["client/sendAudio.schema.json"]["properties"]["seq"]["maximum"] == limits.SEQ_MAX
    assert set(DOCUMENTS["server/error.schema.json"]["properties"]["code"]["enum"]) == errors.CODES
    issues = DOCUMENTS["server/audioQualityWarning.schema.json"]["properties"]["issue"]["enum"]
    assert set(issues) == set(QUALITY_ISSUES)
    pattern = f"^{session_ids._PATTERN.pattern}$"
    assert DOCUMENTS["common.schema.json"]["$defs"]["sessionId"]["pattern"] == pattern
    for code in (*languages.TRANSCRIBE_CODES, *languages.TARGET_LANGUAGES):
        assert len(code) == 2


GOOD = {
    "client": [
        {"action": "createSession", "sourceLanguage": "en"},
        {
            "action": "createSession", "sourceLanguage": "en", "qualityTier": "premium",
            "partialResults": {"enabled": True, "minStabilityThreshold": 0.85, "maxBufferTimeout": 5},
        },
        {"action": "sendAudio", "seq": 0, "audio": "A" * 136},
        {"action": "sendAudio", "seq": 9, "audio": "A" * 32_000},
        {"action": "speakerControl", "command": "setVolume", "volume": 0.5},
        {"action": "listenerControl", "command": "changeLanguage", "targetLanguage": "fr"},
        {"action": "refresh", "sessionId": "golden-eagle-427"},
        {
            "action": "refresh", "sessionId": "golden-eagle-427", "targetLanguage": "es",
            "previousConnectionId": "L0SM9cOFvHcCIhw=",
        },
    ],
    "server": [
        {"type": "listenerControlAck", "command": "pause", "isPaused": True},
        {"type": "listenerControlAck", "command": "changeLanguage", "targetLanguage": "fr"},
        {"type": "connectionWarning", "remainingSeconds": 900},
        {"type": "connectionRefreshRequired"},
        {
            "type": "connectionRefreshComplete", "sessionId": "golden-eagle-427", "nextSeq": 12,
            "connectionId": "L0SM9cOFvHcCIhw=", "broadcastState": {"isPaused": False, "isMuted": False, "volume": 1.0},
        },
        {"message": "Internal server error", "connectionId": "L0SM9cOFvHcCIhw=", "requestId": "L0SM9cOFvHcCIhw="},
        {
            "type": "translation", "sessionId": "golden-eagle-427", "segmentId": "golden-eagle-427-3", "sequence": 3,
            "language": "es", "text": "Hola.", "sourceText": "Hello.", "startMs": 0, "endMs": 400, "isFinal": True,
            "correctionOf": "golden-eagle-427-2", "dynamics": {"volume": "soft", "rate": "fast"},
            "audio": {"format": "mp3", "base64": "AAAA"},
        },
    ],
}  # fmt: skip

BAD = {
    "client": [
        ({"action": "createSession"}, "sourceLanguage"),
        ({"action": "createSession", "sourceLanguage": "english"}, "sourceLanguage"),
        ({"action": "sendAudio", "seq": -1, "audio": "A" * 136}, "seq"),
        ({"action": "sendAudio", "seq": 0, "audio": "A" * 132}, "audio"),
        ({"action": "sendAudio", "seq": 0, "audio": "A" * 32_004}, "audio"),
        ({"action": "sendAudio", "seq": True, "audio": "A" * 136}, "seq"),
        ({"action": "speakerControl", "command": "setVolume"}, "volume"),
        ({"action": "speakerControl", "command": "setVolume", "volume": 1.01}, "volume"),
        ({"action": "speakerControl", "command": "pause", "volume": 1}, "volume"),
        ({"action": "listenerControl", "command": "changeLanguage"}, "targetLanguage"),
        ({"action": "refresh", "sessionId": "golden-eagle-427", "targetLanguage": "es"}, "previousConnectionId"),
        ({"action": "heartbeat", "more": 1}, "more"),
        ({"action": "dance"}, "action"),
        ([1], "object"),
    ],
    "server": [
        ({"type": "heartbeatAck"}, "timestamp"),
        ({"type": "heartbeatAck", "timestamp": 1_700_000_000}, "timestamp"),
        ({"type": "listenerControlAck", "command": "pause"}, "isPaused"),
        ({"type": "error", "code": "OOPS", "message": "x", "requestId": "x"}, "code"),
        ({"type": "error", "code": "INTERNAL_ERROR", "message": "a\nb", "requestId": "x"}, "message"),
        ({"type": "sessionJoined", "sessionId": "Golden-eagle-427"}, "sessionJoined"),
        ({"message": "Internal server error"}, "type"),
    ],
}


@pytest.mark.parametrize(("sender", "message"), [(sender, one) for sender in GOOD for one in GOOD[sender]])
def test_what_the_contract_allows_is_allowed(sender, message):
    """At the limits, and with every optional field."""
    assert MESSAGES.complaint(sender, json.dumps(message)) is None


@pytest.mark.parametrize(("sender", "message", "named"), [(sender, *one) for sender in BAD for one in BAD[sender]])
def test_what_the_contract_does_not_allow_is_named(sender, message, named):
    """One past the limits, missing, of the wrong type, or too much."""
    complaint = MESSAGES.complaint(sender, json.dumps(message))
    assert complaint is not None
    assert named in complaint
    assert "\n" not in complaint


def test_the_folder_holds_nothing_but_schemas():
    """Whatever lies there is checked."""
    files = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()]
    assert sorted(files) == sorted(DOCUMENTS)


class BadSound:
    """Sound in which everything is wrong."""

    measured_until_ms = 1
    silent_for_ms = 60_000

    def quality(self) -> Quality:
        echo = Echo(delay_ms=120.4, gain=0.4567, confidence=0.987)
        return Quality(snr_db=2.345, clipping_percent=12.345, clipped_windows=80, echo=echo)


class NoMeter:
    def level(self, *_: object) -> None:
        return


def test_what_the_speaker_is_told_of_the_sound_is_what_the_schema_says():
    """Every issue there is, as the product words it."""
    told = QualityWatch(sound=cast(Sound, BadSound()), meter=cast(Meter, NoMeter()), notices=Notices({})).look(0)
    assert {one["issue"] for one in told} == set(QUALITY_ISSUES)
    assert [MESSAGES.complaint("server", json.dumps(one)) for one in told] == [None] * len(told)
