"""A file system of an environment's own, as Lambda's: its code at /var/task, its layers at /opt, a /tmp for itself.

Runs in the environment's process before anything else, with the standard library alone. Linux lets a process have
mounts of its own, where it may (root, or a user that may make namespaces); where it may not, `enter` raises OSError and
has changed nothing that others see.
"""

import ctypes
import os
import signal
import sys
from typing import TypedDict

TASK, LAYERS, RUNTIME = "/var/task", "/opt", "/var/runtime"
LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
_OWN = {"/": ("tmp", "opt", "var"), "/var": ("task", "runtime")}
"""What of this machine an environment does not see, by folder."""

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # linux/sched.h
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18  # linux/mount.h
_PARENT_DEATH = 1  # linux/prctl.h


class Plan(TypedDict):
    """Where the parts are on this machine. `keep` are paths that stay where they are, whatever covers them;
    `own_paths` are where Python would look for the function's code on this machine."""

    root: str
    task: str
    layers: str
    runtime: str
    tmp_mb: int
    keep: list[str]
    own_paths: list[str]


def enter(plan: Plan) -> None:
    """Go into a file system of this process alone. Raises OSError where this machine does not let it."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    _check(libc.unshare(_NEW_MOUNTS if user == 0 else _NEW_MOUNTS | _NEW_USER))
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as about:
                about.write(text)
    # A change of credentials forgets it.
    libc.prctl(_PARENT_DEATH, signal.SIGKILL)
    mounts = _Mounts(libc)
    mounts.mount("none", "/", "", _RECURSIVE | _PRIVATE)
    root = plan["root"]
    mounts.mount("environment", root, "tmpfs", 0, "size=16m,mode=755")
    for folder, own in _OWN.items():
        _show(mounts, folder, root + folder.rstrip("/"), own)
    for path, place in ((plan["task"], TASK), (plan["layers"], LAYERS), (plan["runtime"], RUNTIME)):
        os.makedirs(root + place)
        if path:
            mounts.mount(path, root + place, "", _BIND | _RECURSIVE)
    os.makedirs(f"{root}/tmp")
    mounts.mount("tmp", f"{root}/tmp", "tmpfs", 0, f"size={plan['tmp_mb']}m,mode=1777")
    for path in plan["keep"]:
        if not os.path.lexists(root + path):
            mounts.bind(path, root + path)
    os.chroot(root)
    os.chdir(TASK)


def settle(plan: Plan) -> None:
    """Let Python and the handler find things where they are on Lambda (L-06, L-28)."""
    own = (TASK, f"{LAYERS}/python/lib/python3.11/site-packages", f"{LAYERS}/python")
    sys.path[:] = [*own, *(path for path in sys.path if path and path not in plan["own_paths"])]
    sys.path_importer_cache.clear()
    os.environ |= {
        # For the processes that the handler starts: this one has its libraries already.
        "LD_LIBRARY_PATH": LIBRARIES,
        "LAMBDA_TASK_ROOT": TASK,
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PWD": TASK,
        "PYTHONPATH": RUNTIME,
    }


class _Mounts:
    """The two ways in which something is mounted here."""

    def __init__(self, libc: ctypes.CDLL) -> None:
        self._libc = libc

    def mount(self, source: str, target: str, kind: str, flags: int, options: str = "") -> None:
        _check(self._libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()))

    def bind(self, source: str, target: str) -> None:
        """Show a file or a folder at another place, which is made for it."""
        if os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "x"):
                pass
        self.mount(source, target, "", _BIND | _RECURSIVE)


def _show(mounts: _Mounts, folder: str, target: str, own: tuple[str, ...]) -> None:
    """Show what a folder has, but for what is the environment's own."""
    os.makedirs(target, exist_ok=True)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in own:
                continue
            place = f"{target}/{entry.name}"
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), place)
            elif entry.is_dir() or entry.is_file():
                mounts.bind(entry.path, place)


def _check(answer: int) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    # Whether this machine lets it: `python isolation.py ROOT TASK`.
    _, asked_root, asked_task = sys.argv
    enter(Plan(root=asked_root, task=asked_task, layers="", runtime="", tmp_mb=1, keep=[], own_paths=[]))
