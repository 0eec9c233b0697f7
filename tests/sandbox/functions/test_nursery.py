"""Environments forked from a process with Lambda's packages loaded are those that would have been started whole."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import awscrt
import pytest

from sandbox.functions import twins
from sandbox.functions.nurseries import Nurseries
from sandbox.functions.nursery import Nursery, NurseryGoneError, brings_its_own
from sandbox.functions.process import EnvironmentProcess, Started, started_whole
from sandbox.functions.process_host import RUNTIME
from sandbox.functions.settings import FunctionSettings

ROOT = Path(__file__).resolve().parents[3]
PYTHON = FunctionSettings.python
LOADED, OURS = (
    frozenset(["boto3", "json", "jmespath"]),
    frozenset(["boto3", "boto3-1.0.dist-info", "jmespath-1.1.0.dist-info"]),
)

pytestmark = pytest.mark.skipif(not Nursery.is_possible(), reason="Linux has the means")


@pytest.mark.parametrize(
    ("names", "brings"),
    [
        (["handler.py", "numpy", "numpy.libs"], False),
        (["json.py"], True),
        (["json"], True),
        (["json.cpython-311-x86_64-linux-gnu.so"], True),
        (["json.txt", "jsonschema.py"], False),
        (["boto3", "boto3-2.0.dist-info"], True),
        (["jmespath", "jmespath-1.1.0.dist-info"], False),
        (["jmespath"], True),
        (["awscrt", "awscrt-0.26.1.dist-info"], True),
    ],
)
def test_code_with_modules_of_its_own_by_loaded_names_is_started_whole(names, brings):
    assert brings_its_own(names, loaded=LOADED, ours=OURS) is brings


HANDLER = """
import json, os, sys, time
from botocore.context import start_as_current_context
from botocore.useragent import UserAgentString, register_feature_id
agent, agents = UserAgentString.from_environment(), []
for features in ((), ("WAITER",), ()):
    with start_as_current_context():
        for feature in features:
            register_feature_id(feature)
        agents.append(agent.to_string())
# Where this machine has no such locale, Python itself sets another before a whole start.
os.environ.pop("LC_CTYPE", None)
seen = {
    "environment": dict(os.environ), "path": sys.path, "folder": os.getcwd(), "arguments": sys.argv[1:],
    "flags": [sys.flags.no_site, sys.flags.hash_randomization], "leads": os.getpgid(0) == os.getpid(),
    "agents": agents, "zone": time.tzname,
    "encoding": sys.stdout.encoding, "files": sorted(os.listdir("/proc/self/fd"))[:3],
}
print(json.dumps(seen))
os._exit(int(os.environ["CODE"]))
"""


class Nest:
    """A nursery and a function's folder."""

    def __init__(self, tmp_path: Path) -> None:
        runtime = twins.twin(ROOT / "requirements" / "runtime.lock", ROOT / ".cache")
        self.folder = tmp_path / "task"
        self.folder.mkdir()
        (self.folder / "handler.py").write_text(HANDLER)
        self.paths = [str(runtime), str(RUNTIME)]
        self.nursery = Nursery(self.paths)
        self.log = tmp_path / "nursery.log"
        self.environment = {
            "PYTHONPATH": os.pathsep.join([str(self.folder), *self.paths]), "PATH": "/usr/bin", "TZ": ":UTC",
            "LANG": "en_US.UTF-8", "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "CODE": "3",
        }  # fmt: skip
        self.arguments = [str(tmp_path / "clock"), "handler.main", ""]

    def whole(self, output: int) -> Awaitable[Started]:
        return started_whole(
            python=PYTHON, folder=str(self.folder), environment=self.environment, arguments=self.arguments,
            output=output,
        )  # fmt: skip

    def born(self, output: int) -> Awaitable[Started]:
        return self.nursery.bear(
            folder=str(self.folder), environment=self.environment, arguments=self.arguments, output=output
        )


async def lived(begin: Callable[[int], Awaitable[Started]]) -> tuple[list[str], list[int]]:
    """The lines and the exit codes that its process told."""
    lines: list[str] = []
    codes: list[int] = []
    process = await EnvironmentProcess.start(begin, on_line=lines.append, on_exit=codes.append)
    await process.ended()
    return lines, codes


def test_a_forked_environment_sees_what_a_whole_one_sees(tmp_path):
    """Variables, paths, folder, arguments, flags, process group, time zone and descriptors."""

    async def scenario() -> None:
        nest = Nest(tmp_path)
        await nest.nursery.start(PYTHON, log=nest.log)
        try:
            assert await nest.nursery.suits([str(nest.folder)])
            (whole, whole_codes), (born, born_codes) = await lived(nest.whole), await lived(nest.born)
            assert json.loads(born[0]) == json.loads(whole[0])
            assert born_codes == whole_codes == [3]
        finally:
            await nest.nursery.stop()

    asyncio.run(scenario())


def test_packages_that_change_lambdas_own_are_loaded_beside_them(tmp_path):
    """botocore uses awscrt where it finds it; code that brings none does not meet another function's. numpy is loaded
    with it, and for nobody else."""

    async def scenario() -> None:
        nest = Nest(tmp_path)
        layer = tmp_path / "layer"
        layer.mkdir()
        installed = Path(awscrt.__file__).parents[1]
        for entry in (*installed.glob("awscrt"), *installed.glob("_awscrt*")):
            (layer / entry.name).symlink_to(entry)
        (layer / "numpy.py").touch()
        (nest.folder / "handler.py").write_text(
            "import sys, botocore.compat\n"
            "loaded = [one for one in ('awscrt', 'numpy') if one in sys.modules]\n"
            "print(botocore.compat.HAS_CRT, *(sys.modules[one].__spec__.origin for one in loaded))\n"
        )
        nurseries = Nurseries(nest.paths, python=PYTHON, log_folder=tmp_path)
        await nurseries.start()
        try:

            async def said(own_paths: list[str]) -> list[str]:
                environment = nest.environment | {"PYTHONPATH": os.pathsep.join([*own_paths, *nest.paths])}

                async def begin(output: int) -> Started:
                    born = await nurseries.bear(
                        own_paths, environment=environment, arguments=nest.arguments, output=output
                    )
                    assert born is not None
                    return born

                return (await lived(begin))[0][:1]

            own = str(nest.folder)
            assert await said([own, str(layer)]) == [f"True {layer}/awscrt/__init__.py {layer}/numpy.py"]
            assert await said([own]) == ["False"]
        finally:
            await nurseries.stop()

    asyncio.run(scenario())


def test_an_environment_that_is_killed_is_told_with_its_signal(tmp_path):
    async def scenario() -> None:
        nest = Nest(tmp_path)
        (nest.folder / "handler.py").write_text("import time; print('up'); time.sleep(60)")
        await nest.nursery.start(PYTHON, log=nest.log)
        try:
            up = asyncio.Event()
            codes: list[int] = []
            process = await EnvironmentProcess.start(nest.born, on_line=lambda _: up.set(), on_exit=codes.append)
            await up.wait()
            process.freeze()
            process.kill()
            await process.ended()
            assert codes == [-9]
        finally:
            await nest.nursery.stop()

    asyncio.run(scenario())


def test_environments_end_with_the_process_that_they_came_from(tmp_path):
    """Whoever asks for one afterwards is told, and starts it whole."""

    async def scenario() -> None:
        nest = Nest(tmp_path)
        (nest.folder / "handler.py").write_text("import time; print('up'); time.sleep(60)")
        await nest.nursery.start(PYTHON, log=nest.log)
        up = asyncio.Event()
        codes: list[int] = []
        process = await EnvironmentProcess.start(nest.born, on_line=lambda _: up.set(), on_exit=codes.append)
        await up.wait()
        await nest.nursery.stop()
        await process.ended()
        assert codes == [-9]
        with pytest.raises(NurseryGoneError):
            await nest.nursery.suits([str(nest.folder)])

    asyncio.run(scenario())


def test_a_process_that_cannot_load_its_packages_is_given_up(tmp_path):
    async def scenario() -> None:
        nursery = Nursery([str(RUNTIME)])
        await nursery.start(sys.executable, log=tmp_path / "nursery.log")
        with pytest.raises(NurseryGoneError):
            await nursery.suits([str(tmp_path)])
        await nursery.stop()

    asyncio.run(scenario())
    assert "awslambdaric" in (tmp_path / "nursery.log").read_text()
