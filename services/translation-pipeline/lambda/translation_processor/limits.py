"""Every limit of the translation processor, with its unit and its source."""

FRAME_BYTES = 32_768
"""API Gateway, quotas for WebSocket APIs: one frame is at most 32 KB. A message that fits needs no second frame."""

SPOKEN_CHARACTERS = 3_000
"""Amazon Polly, SynthesizeSpeech: at most 3,000 billed characters a request (6,000 with the tags)."""

REMEMBERED_TEXTS = 256
"""Translations kept in one environment's memory, in front of the table."""

LANGUAGES_AT_ONCE = 8
"""Languages served at the same time in one invocation; more of them wait for one to end."""

TRIES = 6
"""How often a service is asked that nothing is delivered without, each time with the client's own three tries."""
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 3.0
TIME_TO_DELIVER_MS = 8_000
"""What an invocation keeps of its time for translating and posting: no wait for a table goes into it."""
TIME_TO_SETTLE_MS = 5_000
"""What it keeps for a last post's own tries and for ending its claim: no wait between posts goes into it."""

CLAIM_KEPT_S = 3_600
"""How long a claim is kept: far longer than Lambda retries an asynchronous event (two minutes, the stack says)."""
