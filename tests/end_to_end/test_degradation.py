"""Services that fail for a while, one by one: what was accepted is heard once, and what was not is told."""

import asyncio

import pytest

from .hall import CHUNK, hall

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("network", "fault"),
    [
        (60, {"service": "ssm", "code": "ThrottlingException", "forMs": 60_000}),
        (61, {"service": "lambda", "code": "TooManyRequestsException", "forMs": 3_000}),
        (62, {"service": "dynamodb", "code": "ProvisionedThroughputExceededException", "times": 20}),
        (63, {"service": "sqs", "code": "InternalFailure", "forMs": 2_000, "operation": "ReceiveMessage"}),
        (66, {"service": "execute-api", "code": "LimitExceededException", "forMs": 2_000}),
    ],
    ids=lambda value: value["service"] if isinstance(value, dict) else "",
)
def test_what_was_accepted_is_heard_once_though_a_service_failed_in_the_middle(sandbox_session, network, fault):
    """Throttled or down for seconds: tried again, and neither lost nor said twice."""

    async def act() -> None:
        async with hall(sandbox_session, user=f"degraded-{network}", network=network) as opened:
            await opened.speak(**fault)
            try:
                await opened.everything_heard()
            except TimeoutError:
                await opened.lambdas_next_try()
                await opened.everything_heard()

    asyncio.run(act())


def test_a_chunk_that_is_not_taken_is_named_and_sent_again(sandbox_session):
    """The queue does not answer: each chunk's speaker is told which one it was, and what it sends again is heard."""

    async def act() -> None:
        async with hall(sandbox_session, user="resending", network=64) as opened:
            await opened.order(service="sqs", code="ServiceUnavailable", forMs=120_000, operation="SendMessage")
            for seq in range(2):
                await opened.speaker.send_audio(bytes(CHUNK))
                refused = await opened.speaker.connection.expect("error", within_s=30)
                assert (refused["code"], refused["details"]) == ("SERVICE_UNAVAILABLE", {"seq": seq})
            opened.speaker.next_seq = 0
            await opened.order(clear=True)
            await opened.order(service="sqs", code="ServiceUnavailable", forMs=1_000, operation="SendMessage")
            await opened.speak()
            await opened.everything_heard()
            assert opened.speaker.sent_again > 0

    asyncio.run(act())


def test_an_outage_of_transcribe_is_told_and_so_is_its_end(sandbox_session):
    """Two streams in a row that fail are one too many to be kept from the speaker; no word is lost with them."""

    async def act() -> tuple[dict, dict]:
        async with hall(sandbox_session, user="outage", network=67) as opened:
            await opened.order(service="transcribe", code="exception=InternalFailureException@500", times=2)
            await opened.speak()
            await opened.everything_heard()
            connection = opened.speaker.connection
            return await connection.expect("transcriptionError"), await connection.expect("systemRecovered")

    failed, _ = asyncio.run(act())
    assert (failed["code"], failed["retryable"]) == ("InternalFailureException", True)


def test_a_command_that_could_not_be_carried_out_is_refused_and_works_when_it_is_tried_again(sandbox_session):
    """The contract's SERVICE_UNAVAILABLE, after bounded tries, and the broadcast's state as it was."""

    async def act() -> tuple[dict, dict]:
        async with hall(sandbox_session, user="commanding", network=65) as opened:
            await opened.order(service="dynamodb", code="InternalServerError", forMs=120_000)
            connection = opened.speaker.connection
            mute = {"action": "speakerControl", "command": "mute"}
            refused = await connection.request(mute, "speakerControlAck", within_s=30)
            await opened.order(clear=True)
            return refused, await connection.request({"action": "sessionStatus"}, "sessionStatus")

    refused, status = asyncio.run(act())
    assert (refused["type"], refused["code"]) == ("error", "SERVICE_UNAVAILABLE")
    assert status["broadcastState"] == {"isPaused": False, "isMuted": False, "volume": 1.0}
