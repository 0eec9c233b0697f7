"""A speaker whose chunks are not all taken."""

import asyncio

from sandbox.client.speaker import Speaker

from .fake_socket import FakeSocket

CHUNK = bytes(3_200)


def refusal(seq: int, code: str = "SERVICE_UNAVAILABLE") -> dict:
    return {"type": "error", "code": code, "message": "m", "requestId": "r", "details": {"seq": seq}}


def stream(answers) -> tuple[list[int], Speaker, list[dict]]:
    """The sequence numbers sent, the speaker, and the messages that were left for others."""

    async def act() -> tuple[list[int], Speaker, list[dict]]:
        socket = FakeSocket(answers)
        speaker = Speaker(connection=socket.connection(), session_id="calm-otter-123")
        await speaker.stream([CHUNK] * 3)
        await socket.close()
        return [one["seq"] for one in socket.sent], speaker, [one async for one in speaker.connection.messages()]

    return asyncio.run(act())


def test_a_chunk_that_a_failing_service_refused_is_sent_again():
    """Under its own number, until it is taken; the numbers that follow are not disturbed."""
    refusals = {1: 2, 2: 1}

    def answers(message: dict) -> list[dict]:
        seq = message["seq"]
        refusals[seq] = refusals.get(seq, 0) - 1
        return [refusal(seq)] if refusals[seq] >= 0 else []

    sent, speaker, _ = stream(answers)
    assert sorted(sent) == [0, 1, 1, 1, 2, 2]
    assert (speaker.next_seq, speaker.sent_again) == (3, 3)


def test_what_is_refused_for_what_it_is_is_not_sent_again():
    """And the refusal is left for whoever reads the speaker's messages."""
    sent, speaker, left = stream(lambda message: [refusal(message["seq"], "INVALID_AUDIO_FORMAT")])
    assert (sent, speaker.sent_again) == ([0, 1, 2], 0)
    assert [one["code"] for one in left] == ["INVALID_AUDIO_FORMAT"] * 3
