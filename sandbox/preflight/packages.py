"""Packages that a function's code imports and nothing brings: neither its code, nor its layers, nor the runtime."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox.preflight.findings import Finding
from sandbox.preflight.plan import Plan, PlannedFunction

CHECK = "package"

IN_THE_RUNTIME = frozenset("awslambdaric boto3 botocore dateutil jmespath s3transfer simplejson six urllib3".split())
"""What Lambda's Python runtimes bring (Lambda guide, "Runtime dependencies in Python")."""


def check(plan: Plan) -> list[Finding]:
    """Every missing package of every function, followed from its handler through the code that is deployed."""
    return [
        Finding(
            check=CHECK,
            where=function.resource.where,
            cause=f"{importer} imports {package}, which is in neither its code nor its layers",
            remedy="add it to a layer's requirements and lock them again",
        )
        for function in plan.functions
        if function.code is not None and function.code.is_dir()
        for package, importer in sorted(_missing(function, function.code).items())
    ]


def _missing(function: PlannedFunction, code: Path) -> dict[str, str]:
    """The packages that are not there, each with the first file that imports it."""
    roots = (code, *(layer / "python" for layer in function.layers))
    waiting = [str(function.resource.properties["Handler"]).rpartition(".")[0]]
    seen: set[str] = set()
    missing: dict[str, str] = {}
    importer = {waiting[0]: str(function.resource.properties["Handler"])}
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        package = module.partition(".")[0]
        if package in sys.stdlib_module_names or package in IN_THE_RUNTIME:
            continue
        root = next((one for one in roots if _has(one, package)), None)
        if root is None:
            missing.setdefault(package, importer[module])
            continue
        if any(root.glob(f"{package}-*.dist-info")) or (root.parent / "requirements.lock").exists():
            # An installed package says itself what it needs; its own imports may be of what is optional.
            continue
        for file in _files(root, module):
            for name in _imports(file, file.relative_to(root)):
                importer.setdefault(name, str(file.relative_to(root)))
                waiting.append(name)
    return missing


def _has(root: Path, package: str) -> bool:
    return (root / package).is_dir() or (root / f"{package}.py").is_file() or any(root.glob(f"{package}.*.so"))


def _files(root: Path, module: str) -> Iterator[Path]:
    """The files that an import of a dotted name runs."""
    path = root
    for part in module.split("."):
        path = path / part
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file


def _imports(file: Path, relative: Path) -> Iterator[str]:
    """Dotted names; not those that only a type checker sees, or whose absence the code expects."""
    here = relative.with_suffix("").parts
    for node in _certain(ast.parse(file.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = ".".join(here[: -node.level]) if node.level else ""
            base = ".".join(part for part in (parent, node.module or "") if part)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _certain(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    for statement in statements:
        if isinstance(statement, ast.Try):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        yield from ast.walk(statement)
