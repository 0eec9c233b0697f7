"""A premium session is heard, a standard one is read, and a throttled service loses nothing: the whole system."""

import asyncio
import base64
import io
import json

import boto3
import pytest
import soundfile
from botocore.config import Config

from sandbox.client.connection import Connection, url_with
from sandbox.live.client import AdminError, ask

pytestmark = pytest.mark.e2e
TEXT = "Ten words are what this sentence has in it, precisely."


@pytest.fixture(scope="module")
def functions(sandbox_session):
    """Lambda's client, for segments of the test's own."""
    made = boto3.client(
        "lambda", endpoint_url=sandbox_session.state.endpointUrl, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x", config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    yield made
    made.close()


async def heard(sandbox, functions, *, user: str, tier: str, languages: list[str]) -> list[dict]:
    """What one listener of each language gets of one segment."""
    speaker = await Connection.open(url_with(sandbox.url, {"token": sandbox.token(user)}), local_address="127.0.40.1")
    await speaker.send({"action": "createSession", "sourceLanguage": "en", "qualityTier": tier})
    session_id = (await speaker.expect("sessionCreated"))["sessionId"]
    listeners = []
    for number, language in enumerate(languages):
        target = {"sessionId": session_id, "targetLanguage": language}
        listener = await Connection.open(url_with(sandbox.url, target), local_address=f"127.0.40.{10 + number}")
        await listener.send({"action": "joinSession", **target})
        await listener.expect("sessionJoined")
        listeners.append(listener)
    api_id = sandbox.state.connectionsUrl.split("/")[-2]
    segment = {
        "sessionId": session_id, "segmentId": f"{session_id}-0", "sequence": 0, "sourceLanguage": "en",
        "sourceText": TEXT, "startMs": 0, "endMs": 900, "isFinal": False, "releasedAtMs": 0,
        "callbackUrl": f"https://{api_id}.execute-api.us-east-1.amazonaws.com/prod", "qualityTier": tier,
        "dynamics": {"volume": "loud", "rate": "fast"},
    }  # fmt: skip
    await asyncio.to_thread(
        functions.invoke, FunctionName="TranslationProcessor-staging", InvocationType="Event",
        Payload=json.dumps(segment).encode(),
    )  # fmt: skip
    messages = [await listener.expect("translation") for listener in listeners]
    await speaker.send({"action": "speakerControl", "command": "endSession"})
    for listener in listeners:
        await listener.expect("sessionEnded")
    for connection in (speaker, *listeners):
        await connection.close()
    return messages


def test_a_premium_session_is_heard(sandbox_session, functions):
    """Ten words, a quarter faster, in 3 s of mp3; Ukrainian, which Polly does not speak, is read."""
    spanish, ukrainian = asyncio.run(
        heard(sandbox_session, functions, user="dora", tier="premium", languages=["es", "uk"])
    )
    assert spanish["audio"]["format"] == "mp3"
    samples, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(spanish["audio"]["base64"])))
    assert rate_hz == 16_000
    assert len(samples) > rate_hz
    assert "audio" not in ukrainian


def test_a_standard_session_is_read(sandbox_session, functions):
    (spanish,) = asyncio.run(heard(sandbox_session, functions, user="emil", tier="standard", languages=["es"]))
    assert "audio" not in spanish


def test_two_throttled_requests_cost_time_and_nothing_else(sandbox_session, functions):
    """The client's third attempt is served."""
    for service, code in (("translate", "ThrottlingException"), ("translate", "ServiceUnavailableException")):
        ask(sandbox_session.state, "POST", "faults", {"service": service, "code": code, "times": 1})
    (french,) = asyncio.run(heard(sandbox_session, functions, user="flora", tier="standard", languages=["fr"]))
    assert french["language"] == "fr"


def test_speech_that_fails_leaves_the_text(sandbox_session, functions):
    """No retry, no wait: the words go out."""
    ask(sandbox_session.state, "POST", "faults", {"service": "polly", "code": "ServiceFailureException", "times": 1})
    (german,) = asyncio.run(heard(sandbox_session, functions, user="gerd", tier="premium", languages=["de"]))
    assert german["text"].startswith("[de] ")
    assert "audio" not in german


def test_polly_answers_under_its_own_name_through_the_proxy(sandbox_session):
    """As on AWS, with the sandbox's authority in the place of Amazon's."""
    polly = boto3.client(
        "polly", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
        verify=sandbox_session.state.caFile, config=Config(proxies={"https": sandbox_session.state.proxyUrl}),
    )  # fmt: skip
    answer = polly.synthesize_speech(Text="hola", VoiceId="Lupe", OutputFormat="pcm")
    assert len(answer["AudioStream"].read()) > 0
    polly.close()


def test_a_fault_that_the_service_does_not_have_is_refused(sandbox_session):
    """One line with what it could have been."""
    with pytest.raises(AdminError, match="expected one of DetectedLanguageLowConfidenceException, "):
        ask(sandbox_session.state, "POST", "faults", {"service": "translate", "code": "NoSuchError"})
