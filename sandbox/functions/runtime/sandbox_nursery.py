"""A process with Lambda's packages loaded, from which environments are forked: `python -m sandbox_nursery CHANNEL`.

Loading boto3 is most of a cold start's time and of an environment's memory, and the same for each. CHANNEL is the
descriptor of a sequenced-packet socket. In: one JSON object with a descriptor for what the environment writes. Out:
`{"ready": [module, …]}` once, `{"born": pid}` for each object, `{"ended": pid, "code": exit code}` for each end.
Where the channel ends, this ends, and every environment with it.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import weakref
from functools import lru_cache
from typing import Any

MESSAGE_BYTES = 262_144
PR_SET_PDEATHSIG = 1  # linux/prctl.h
FIRST_OWN_DESCRIPTOR = 3
BROUGHT = ("numpy",)
"""Slow to load, and without anything of its own in a process (its random numbers are loaded when they are asked for):
loaded where the functions' layer brings it."""
OFTEN_USED = ("dynamodb", "sqs", "lambda", "apigatewaymanagementapi", "ssm", "translate")


def preload() -> list[str]:
    """Load what nearly every handler will; the names of all top-level modules that are loaded then."""
    import asyncio  # noqa: F401 - as much as a small package to load, and stateless

    import awslambdaric.lambda_runtime_marshaller  # noqa: F401 - the client itself reads the function's variables
    import boto3

    _read_models_once()
    _list_services_once()
    _name_itself_once()
    _know_names_once()
    _read_addresses_once()
    for way in ("sandbox_exchange", "sandbox_signing"):
        importlib.import_module(way).install()
    # The first client loads what botocore leaves until it is needed.
    session = boto3.Session("preload", "preload", region_name="us-east-1")
    for service in OFTEN_USED:
        session.client(service).close()
    del session
    for name in BROUGHT:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return sorted({name.partition(".")[0] for name in sys.modules})


def _read_models_once() -> None:
    """botocore's descriptions of services are files that never change and that every session reads anew: an
    environment finds those that were read here."""
    from botocore.loaders import JSONFileLoader

    read, known = JSONFileLoader.load_file, {}

    def load_file(loader: JSONFileLoader, path: str) -> Any:
        if path not in known:
            known[path] = read(loader, path)
        return known[path]

    JSONFileLoader.load_file = load_file


def _list_services_once() -> None:
    """Which services there are is read from a hundred folders for an environment's first client."""
    from botocore.loaders import Loader

    listed, known = Loader.list_available_services, {}

    def list_available_services(loader: Loader, type_name: str) -> Any:
        key = (tuple(loader.search_paths), type_name)
        if key not in known:
            known[key] = tuple(listed(loader, type_name))
        return list(known[key])

    Loader.list_available_services = list_available_services


def _name_itself_once() -> None:
    """botocore puts its user agent together anew for each call, from some twenty parts: a tenth of the call's work."""
    from botocore.context import get_context
    from botocore.useragent import UserAgentString

    whole = UserAgentString.to_string
    known: weakref.WeakKeyDictionary[UserAgentString, dict[frozenset[str], str]] = weakref.WeakKeyDictionary()

    def to_string(agent: UserAgentString) -> str:
        # A client's own never changes; what a call adds to it are the features that it uses.
        context = get_context()
        features = frozenset(context.features if context else ())
        strings = known.setdefault(agent, {})
        if features not in strings:
            strings[features] = whole(agent)
        return strings[features]

    UserAgentString.to_string = to_string


def _know_names_once() -> None:
    """botocore makes an object of each header's name each time that it looks at the header: sixty times a call."""
    from botocore.awsrequest import HeadersDict, _HeaderKey

    known = lru_cache(1024)(_HeaderKey)

    def set_item(headers: HeadersDict, name: str, value: Any) -> None:
        headers._dict[known(name)] = value

    def get_item(headers: HeadersDict, name: str) -> Any:
        return headers._dict[known(name)]

    HeadersDict.__setitem__, HeadersDict.__getitem__ = set_item, get_item


def _read_addresses_once() -> None:
    """The address of a service is taken apart anew for each call, twice, and never is another."""
    for module, name in (("botocore.auth", "_host_from_url"), ("urllib3.poolmanager", "parse_url")):
        reader: Any = importlib.import_module(module)
        setattr(reader, name, lru_cache(1024)(getattr(reader, name)))


def serve(channel: socket.socket, own_paths: int) -> dict[str, Any] | None:
    """Fork an environment for each message. Returns its message in the environment, None when the channel ends."""
    library = sys.path[own_paths:]
    # A child's end is read of it alone: the signal would come each time that one is frozen and thawed, too.
    children: dict[int, int] = {}
    while True:
        readable, _, _ = select.select([channel.fileno(), *children], [], [])
        for ended in children.keys() & set(readable):
            pid, status = os.waitpid(children.pop(ended), 0)
            os.close(ended)
            channel.send(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}).encode())
        if channel.fileno() in readable:
            data, descriptors, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, 1)
            if not data:
                return None
            pid = os.fork()
            if pid == 0:
                message: dict[str, Any] = json.loads(data)
                _become(message, descriptors[0], library)
                return message
            # Both sides set it: whoever is first, the group is there when the environment's pid is known.
            with contextlib.suppress(OSError):
                os.setpgid(pid, pid)
            os.close(descriptors[0])
            children[os.pidfd_open(pid)] = pid
            channel.send(json.dumps({"born": pid}).encode())


def _become(message: dict[str, Any], output: int, library: list[str]) -> None:
    """Turn the forked process into one that `python -S -u -m sandbox_runtime …` would have started."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    nursery = message["nursery"]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != nursery:
        os._exit(1)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(FIRST_OWN_DESCRIPTOR, 4096)
    os.environ.clear()
    os.environ.update(message["environment"])
    time.tzset()
    os.chdir(message["folder"])
    sys.path[:] = [message["folder"], *message["environment"]["PYTHONPATH"].split(os.pathsep), *library]
    sys.argv[:] = ["sandbox_runtime", *message["arguments"]]


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    own_paths = 1 + len(os.environ["PYTHONPATH"].split(os.pathsep))
    # The collector would look at what is loaded a hundred times, and find it all in use.
    gc.disable()
    names = preload()
    # What is loaded is shared with every environment for as long as neither writes on it; the collector would.
    gc.collect()
    gc.freeze()
    gc.enable()
    channel.send(json.dumps({"ready": names, "pid": os.getpid()}).encode())
    environment = serve(channel, own_paths)
    if environment is None:
        return
    # The channel's descriptor is closed already, and may be another's by now.
    channel.detach()
    importlib.import_module("sandbox_runtime").main()


if __name__ == "__main__":
    main()
