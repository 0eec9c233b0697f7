"""A process that was started before there was an event loop, as asyncio has those that it starts itself."""

import asyncio
import subprocess

LOOK_EVERY_S = 0.02


class AdoptedProcess:
    """Its standard output is a stream."""

    def __init__(self, process: "subprocess.Popen[bytes]", stdout: asyncio.StreamReader) -> None:
        self._process = process
        self.stdout = stdout

    @classmethod
    async def adopt(cls, process: "subprocess.Popen[bytes]") -> "AdoptedProcess":
        assert process.stdout is not None
        stdout = asyncio.StreamReader()
        # Closes the pipe with the stream.
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), process.stdout)
        return cls(process, stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    async def wait(self) -> int:
        while (code := self._process.poll()) is None:  # noqa: ASYNC110 - nothing tells of it but looking
            await asyncio.sleep(LOOK_EVERY_S)
        return code

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()
