"""API Gateway's WebSocket limits, each with its unit and source (quotas for WebSocket APIs)."""

FRAME_BYTES = 32_768
"""One frame, 32 KB; a larger one closes the connection with 1009 (WS-37)."""

MESSAGE_BYTES = 131_072
"""One message, 128 KB, also for callbacks (WS-38, WS-50)."""

IDLE_MS = 600_000
"""Ten minutes without a message in either direction (WS-40)."""

DURATION_MS = 7_200_000
"""Two hours, however busy (WS-41)."""

CONNECTIONS_PER_S = 500
"""New connections of an account and Region; more are answered with 429 (WS-44)."""

REQUESTS_PER_S = 10_000
"""Messages and callbacks of an account and Region: a token bucket's rate (API Gateway account quotas, WS-45)."""

REQUEST_BURST = 5_000
"""That bucket's size (WS-45)."""

INTEGRATION_MS = (50, 29_000)
"""Least and greatest integration timeout (WS-22)."""

SEND_BUFFER_BYTES = 1_048_576
"""What may wait for a slow reader before callbacks are refused with 429 (WS-52; AWS publishes no figure)."""

CLOSE_HANDSHAKE_MS = 2_000
"""How long a client may take to answer a close frame before its socket is dropped (AWS publishes no figure)."""

AUTHORIZER_RESULT_BYTES = 8_192
"""An authorizer's answer, 8 KB; a larger one is a failure of the authorizer (WS-33)."""
