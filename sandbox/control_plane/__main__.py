"""`python -m sandbox.control_plane`: prints `{"url": …, "hotUrl": …}` when ready, serves until it is told to end.

Each call of a function that its role does not allow is one more line, `{"iam.denied": {…}}`, and so is a backend that
answers no more, `{"backend.lost": {"url", "reason"}}`.
"""

import argparse
import gc
import json
import logging
import os
import signal
import sys
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from sandbox.control_plane import orders
from sandbox.control_plane.listening import SocketServer, taken
from sandbox.parents_death import end_with_parent

if TYPE_CHECKING:
    from sandbox.control_plane.clock import PlaneClock
    from sandbox.control_plane.stacks.service import Stacks
    from sandbox.definitions.model import Statement
    from sandbox.permissions.guard import Guard

THREADS = 80
"""Each long poll of a queue that does not come to the port of the hot calls holds a thread for its time."""
KEPT_CONNECTIONS = 1_000
"""A function's environment keeps a connection for each call that it has under way; cheroot's own limit of 10 would
have nearly every call of a crowd pay for a new one."""
SWITCH_S = 0.000_5
"""A hot call waits no longer for a thread that is at something larger; Python's own 5 ms would be felt."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--listening", type=int, metavar="DESCRIPTOR", help="a socket that listens, instead of --port")
    parser.add_argument(
        "--listening-hot", type=int, metavar="DESCRIPTOR", help="the same for the port of the hot calls"
    )
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument(
        "--layers-dir",
        type=Path,
        help="where layers are unpacked, for every sandbox that has them; in --state-dir without",
    )
    parser.add_argument("--account-id", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument(
        "--data-endpoint", action="append", default=[], metavar="SERVICE=URL", help="a service that another backend has"
    )
    parser.add_argument(
        "--parameter-reads-per-s", type=int, default=40, help="how often the Parameter Store may be read in a second"
    )
    parser.add_argument(
        "--function-state-ms", type=int, default=100, help="how long a function that the API made or changed is busy"
    )
    parser.add_argument(
        "--ahead", choices=["templates", "services"],
        help="load CloudFormation, or what an application is made of without it, before somebody asks",
    )  # fmt: skip
    parser.add_argument("--iam", choices=["enforce", "warn", "off"], default="enforce")
    return parser.parse_args(words)


def told_already() -> argparse.Namespace | None:
    """The command line; None in a process that gets its orders once they are known, of an account that is known."""
    if sys.argv[1:] == ["--await-orders"]:
        end_with_parent()
        return None
    given = arguments(sys.argv[1:])
    os.environ["MOTO_ACCOUNT_ID"] = given.account_id
    return given


def extend_parameters() -> None:
    """Before the first request to the parameter store, which moto loads long."""
    from sandbox.control_plane import parameter_operations

    parameter_operations.install()


def adapt_moto(given: argparse.Namespace, clock: "PlaneClock") -> None:
    """Have moto do as AWS does where it does not, on the sandbox's clock; before the first request."""
    from sandbox.control_plane import queue_messages, regions, strictness

    regions.install(given.region)
    queue_messages.install(clock.now_ms)
    clock.install()
    strictness.install(
        clock=clock, queues_elsewhere="sqs" in endpoints_of(given), function_state_ms=given.function_state_ms
    )


def guarding(given: argparse.Namespace, now_ms: Callable[[], int]) -> "Guard":
    """The guard of this account's policies, put before mappings and topics too; what it refuses is told on standard
    output."""
    from sandbox.control_plane import mapping_permissions, topic_deliveries
    from sandbox.permissions.guard import Guard

    guard = Guard(
        given.iam,
        # One write, so that lines of two threads do not mix.
        note=lambda facts: print(f"{json.dumps({'iam.denied': facts})}\n", end="", flush=True),
        policy_of=_policies(given, now_ms),
    )
    mapping_permissions.install(guard)
    topic_deliveries.install(guard, now_ms, lambda: str(uuid.uuid4()))
    return guard


def _policies(given: argparse.Namespace, now_ms: Callable[[], int]) -> "Callable[[str], Sequence[Statement]]":
    """Queues' and topics', wherever these live."""
    from sandbox.control_plane.policies import ResourcePolicies, read_statements

    about = {"account_id": given.account_id, "region": given.region}
    endpoints = endpoints_of(given)
    own = ResourcePolicies(**about)
    if not {"sns", "sqs"} & endpoints.keys():
        return own
    from sandbox.control_plane.backend.policies import BackendPolicies

    return BackendPolicies(own, endpoints, **about, now_ms=now_ms, read=read_statements)


def endpoints_of(given: argparse.Namespace) -> dict[str, str]:
    """The services of other backends."""
    return dict(one.split("=", 1) for one in given.data_endpoint)


def tell_of_lost_backend(url: str, reason: str) -> None:
    """One line on standard output."""
    print(f"{json.dumps({'backend.lost': {'url': url, 'reason': reason}})}\n", end="", flush=True)


def end_when_told() -> None:
    """End at SIGTERM and SIGINT."""

    def end(_number: int, _frame: FrameType | None) -> None:
        # Nothing of moto's state outlives the process, so there is nothing to wait for.
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def prepare_interpreter() -> None:
    """Before anything large is loaded."""
    # Nothing of what is loaded is garbage: the collector would look at it a hundred times.
    gc.disable()
    sys.setswitchinterval(SWITCH_S)
    # botocore has all of it in Python too, and does not look for what is None here.
    sys.modules["awscrt"] = None  # type: ignore[assignment]


def main() -> None:
    prepare_interpreter()
    told = told_already()
    # moto reads its settings when it is imported.
    from sandbox.control_plane.deferred import Deferred

    stacks: list[Stacks] = []

    def extend_templates() -> None:
        from sandbox.control_plane import templates

        about = {"account_id": given.account_id, "region": given.region}
        stacks.append(templates.install(endpoints, **about, now_ms=clock.now_ms, on_change=feed.changed))

    deferred = Deferred({"cloudformation": extend_templates, "ssm": extend_parameters})
    deferred.install()
    from sandbox.control_plane import ahead, queue_messages
    from sandbox.control_plane.application import Application
    from sandbox.control_plane.backend.forward import Forward
    from sandbox.control_plane.clock import PlaneClock
    from sandbox.control_plane.dynamodb import DynamoDb
    from sandbox.control_plane.feed import Feed
    from sandbox.control_plane.function_logs import FunctionLogs
    from sandbox.control_plane.guarded import Guarded
    from sandbox.control_plane.hot_port import HotPort
    from sandbox.control_plane.items import ItemCalls
    from sandbox.control_plane.refused import Refused
    from sandbox.control_plane.snapshot import Snapshots
    from sandbox.standins.failing import FailingServices

    given = told or arguments(orders.awaited())
    endpoints = endpoints_of(given)
    logging.getLogger("moto").setLevel(logging.ERROR)
    clock = PlaneClock()
    adapt_moto(given, clock)
    code_dir = given.state_dir.resolve() / "code"
    snapshots = Snapshots(
        account_id=given.account_id, region=given.region, code_dir=code_dir,
        layers_dir=given.layers_dir.resolve() if given.layers_dir is not None else code_dir,
        now_ms=clock.now_ms, stacks=lambda: stacks[0].live() if stacks else (),
    )  # fmt: skip
    dynamodb = DynamoDb(ItemCalls(account_id=given.account_id, region=given.region), clock.now_ms)
    messages = queue_messages.QueueMessages(account_id=given.account_id, now_ms=clock.now_ms)
    guard = guarding(given, clock.now_ms)
    failing = FailingServices(clock.now_ms)
    feed = Feed(snapshots.take, guard.apply)
    application = Application(
        feed,
        Forward(endpoints, account_id=given.account_id, connections=THREADS, lost=tell_of_lost_backend),
        messages,
        dynamodb,
        deferred,
        {
            "/_sandbox/clock": clock.follow,
            "/_sandbox/failures": failing.take,
            "/_sandbox/logs": FunctionLogs(account_id=given.account_id, region=given.region).take,
        },
    )
    strict = Refused(application, clock.now_ms, given.parameter_reads_per_s)
    server = SocketServer(
        taken(given.listening, given.port), Guarded(strict, guard, failing), threads=THREADS,
        kept_connections=KEPT_CONNECTIONS,
    )  # fmt: skip
    server.prepare()
    url = f"http://localhost:{server.bind_addr[1]}"
    hot_port = HotPort(dynamodb, messages, strict, guard, failing).start(taken(given.listening_hot))
    ahead.keep_what_is_loaded()
    gc.enable()
    print(json.dumps({"url": url, "hotUrl": f"http://127.0.0.1:{hot_port}"}), flush=True)
    loads = {"templates": partial(deferred.ready, "cloudformation"), "services": partial(ahead.ask_each, application)}
    ahead.begin(*([loads[given.ahead]] if given.ahead else []), server.start_all_threads)

    end_when_told()
    server.serve()
    sys.exit(0)


if __name__ == "__main__":
    main()
