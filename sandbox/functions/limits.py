"""Lambda's limits, each with its unit and source."""

INIT_TIMEOUT_MS = 10_000
"""The init phase of an on-demand function (Lambda guide, "Understanding the execution environment lifecycle")."""

SYNC_PAYLOAD_BYTES = 6_291_456
"""Request of a synchronous invocation, 6 MB (Lambda quotas)."""

ASYNC_PAYLOAD_BYTES = 1_048_576
"""Request of an asynchronous invocation, 1 MB (Lambda quotas)."""

RESPONSE_PAYLOAD_BYTES = 6_291_556
"""Response of a synchronous invocation; the figure in Lambda's own error text."""

ACCOUNT_CONCURRENCY = 1000
"""Concurrent executions of an account and Region by default (Lambda quotas)."""

REQUESTS_PER_UNIT_AND_SECOND = 10
"""Synchronous requests that each unit of concurrency may begin in a second (Lambda guide, "Understanding concurrency
and requests per second")."""

RETRY_DELAYS_MS = (60_000, 120_000)
"""Waits before the first and second retry of a failed asynchronous invocation (Lambda guide, "Asynchronous
invocation")."""

THROTTLE_BACKOFF_MS = (1_000, 300_000)
"""First and longest wait of a throttled asynchronous invocation (same page)."""

RECURSION_HOPS = 16
"""Invocations of one chain before Lambda stops the next (Lambda guide, "Recursive loop detection")."""

FREEZE_AFTER_MS = 2
"""Ours: an environment that asked for its next event is frozen when none has come by then. AWS does not say how soon it
is; here it is too soon for a call that nobody waits for, and late enough for a client whose next message follows."""

DEBUGGED_TIMEOUT_S = 3_600
"""Ours: how long whoever debugs may look, at one invocation or before the handler is loaded."""
