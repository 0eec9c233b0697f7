"""Which process an environment is forked from: one for nearly every function, and one for each folder of packages that
change how Lambda's own are loaded."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.functions.nursery import CHANGES_PACKAGES, Born, Nursery, NurseryGoneError, modules, names_in


class Nurseries:
    """Starts a nursery when the first environment of its kind is wanted; `runtime_paths` have Lambda's packages."""

    def __init__(self, runtime_paths: Sequence[str], *, python: str, log_folder: Path) -> None:
        self._runtime_paths = runtime_paths
        self._python = python
        self._log_folder = log_folder
        self._running: dict[str | None, Nursery] = {}
        self._beside: dict[tuple[str, ...], str | None] = {}

    async def start(self) -> None:
        """Begin to load what nearly every function needs."""
        await self._nursery(None)

    async def stop(self) -> None:
        """End them, and with them every environment that is left."""
        for nursery in self._running.values():
            await nursery.stop()

    def beside(self, own_paths: Sequence[str]) -> str | None:
        """The folder of a function's own that Lambda's packages must be loaded beside, if it has one."""
        key = tuple(own_paths)
        if key not in self._beside:
            changing = (path for path in own_paths if modules(names_in(path)) & CHANGES_PACKAGES)
            self._beside[key] = next(changing, None)
        return self._beside[key]

    async def bear(
        self, own_paths: Sequence[str], *, environment: Mapping[str, str], arguments: Sequence[str], output: int
    ) -> Born | None:
        """An environment with Lambda's packages loaded already, where that makes no difference to the code; else
        None. `own_paths` are where Python looks for the code, before Lambda's packages."""
        try:
            nursery = await self._nursery(self.beside(own_paths))
            if not await nursery.suits(own_paths):
                return None
            return await nursery.bear(folder=own_paths[0], environment=environment, arguments=arguments, output=output)
        except NurseryGoneError:
            return None

    async def _nursery(self, beside: str | None) -> Nursery:
        nursery = self._running.get(beside)
        if nursery is None:
            nursery = self._running[beside] = Nursery(self._runtime_paths, beside=beside)
            await nursery.start(self._python, log=self._log_folder / f"nursery-{len(self._running)}.log")
        return nursery
