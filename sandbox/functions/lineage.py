"""Recursive-loop detection: the lineage that travels in the trace header through a chain of invocations. Pure.

L-33: after about 16 invocations in one chain Lambda stops the next; the function's `RecursiveLoop` setting lifts that.
"""

import re

from sandbox.functions.limits import RECURSION_HOPS

_LINEAGE = re.compile(r"(?:^|;)Lineage=1:[0-9a-f]+:([0-9]+)")


def hops(trace_id: str | None) -> int:
    """How many invocations the chain that sent this header already has."""
    match = _LINEAGE.search(trace_id or "")
    return int(match[1]) if match else 0


def stops(trace_id: str | None, recursive_loop: str) -> bool:
    """True when Lambda would not run the next invocation of this chain."""
    return recursive_loop != "Allow" and hops(trace_id) >= RECURSION_HOPS


def continued(trace_id: str | None, request_id: str) -> str:
    """The header that the next invocation runs with: its root kept, its chain one longer."""
    root = next(
        (part for part in (trace_id or "").split(";") if part.startswith("Root=")),
        f"Root=1-{request_id.replace('-', '')[:8]}-{request_id.replace('-', '')[8:32]}",
    )
    return f"{root};Parent={request_id.replace('-', '')[:16]};Sampled=0;Lineage=1:{root[7:15]}:{hops(trace_id) + 1}"
