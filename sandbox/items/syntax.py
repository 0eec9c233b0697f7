"""DynamoDB's expressions as trees. Pure.

Grammar: Amazon DynamoDB developer guide, "Comparison operator and function reference" and "Using update expressions".
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sandbox.items.errors import ValidationError

_TOKEN = re.compile(r"\s*(?:([A-Za-z_#:][A-Za-z0-9_\-#:]*)|(\d+)|(<>|<=|>=|[=<>().,+\-\[\]]))")
FUNCTIONS = ("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains")


@dataclass(frozen=True)
class Path:
    """A document path: names, with integers for places in lists."""

    steps: tuple[str | int, ...]


@dataclass(frozen=True)
class Value:
    """A placeholder such as `:now`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function of operands."""

    name: str
    operands: tuple["Operand", ...]


@dataclass(frozen=True)
class Sum:
    """Two operands added or subtracted."""

    left: "Operand"
    operator: Literal["+", "-"]
    right: "Operand"


Operand = Path | Value | Call | Sum


@dataclass(frozen=True)
class Comparison:
    """`=`, `<>`, `<`, `<=`, `>`, `>=`, `BETWEEN` and `IN`: the first operand against the others."""

    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    condition: "Condition"


@dataclass(frozen=True)
class Both:
    """All of them, or any of them."""

    operator: Literal["AND", "OR"]
    conditions: tuple["Condition", ...]


Condition = Comparison | Not | Both | Call


@dataclass(frozen=True)
class Update:
    """The clauses of an update expression."""

    sets: tuple[tuple[Path, Operand], ...] = ()
    removes: tuple[Path, ...] = ()
    adds: tuple[tuple[Path, Value], ...] = ()
    deletes: tuple[tuple[Path, Value], ...] = ()


class _Reader:
    """The tokens of one expression, read from left to right."""

    def __init__(self, text: str, kind: str) -> None:
        self._kind = kind
        self._tokens: list[str] = []
        self._at = 0
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValidationError(f"Invalid {kind}: Syntax error; token: {text[place:].strip()[:1]!r}")
            self._tokens.append(match[1] or match[2] or match[3])
            place = match.end()

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if not token or (wanted is not None and token.upper() != wanted):
            raise ValidationError(f'Invalid {self._kind}: Syntax error; token: "{token or "<EOF>"}"')
        self._at += 1
        return token

    def name(self) -> str:
        """Take an attribute's name or a placeholder of one."""
        token = self.peek()
        if not (token[:1].isalpha() or token[:1] in ("_", "#")):
            raise ValidationError(f'Invalid {self._kind}: Syntax error; token: "{token or "<EOF>"}"')
        return self.take()

    def takes(self, wanted: str) -> bool:
        """Take the token if it is the wanted one."""
        if self.peek().upper() != wanted:
            return False
        self._at += 1
        return True

    def end(self) -> None:
        if self.peek():
            raise ValidationError(f'Invalid {self._kind}: Syntax error; token: "{self.peek()}"')


@lru_cache(maxsize=512)
def condition(text: str, kind: str = "ConditionExpression") -> Condition:
    """A condition's tree. Raises ValidationError."""
    reader = _Reader(text, kind)
    found = _any(reader)
    reader.end()
    return found


@lru_cache(maxsize=512)
def update(text: str) -> Update:
    """An update expression's tree. Raises ValidationError."""
    reader = _Reader(text, "UpdateExpression")
    sets: list[tuple[Path, Operand]] = []
    removes: list[Path] = []
    pairs: dict[str, list[tuple[Path, Value]]] = {"ADD": [], "DELETE": []}
    while reader.peek():
        clause = reader.take().upper()
        while True:
            path = _path(reader)
            if clause == "SET":
                reader.take("=")
                sets.append((path, _sum(reader)))
            elif clause == "REMOVE":
                removes.append(path)
            elif clause in pairs:
                pairs[clause].append((path, Value(reader.take())))
            else:
                raise ValidationError(f'Invalid UpdateExpression: Syntax error; token: "{clause}"')
            if not reader.takes(","):
                break
    return Update(tuple(sets), tuple(removes), tuple(pairs["ADD"]), tuple(pairs["DELETE"]))


@lru_cache(maxsize=256)
def projection(text: str) -> tuple[Path, ...]:
    """The paths of a projection expression. Raises ValidationError."""
    reader = _Reader(text, "ProjectionExpression")
    paths = [_path(reader)]
    while reader.takes(","):
        paths.append(_path(reader))
    reader.end()
    return tuple(paths)


@lru_cache(maxsize=512)
def placeholders(text: str) -> frozenset[str]:
    """Every `#name` and `:value` that an expression uses."""
    return frozenset(re.findall(r"[#:][A-Za-z0-9_\-]+", text))


def _any(reader: _Reader) -> Condition:
    found = [_all(reader)]
    while reader.takes("OR"):
        found.append(_all(reader))
    return found[0] if len(found) == 1 else Both("OR", tuple(found))


def _all(reader: _Reader) -> Condition:
    found = [_one(reader)]
    while reader.takes("AND"):
        found.append(_one(reader))
    return found[0] if len(found) == 1 else Both("AND", tuple(found))


def _one(reader: _Reader) -> Condition:
    if reader.takes("NOT"):
        return Not(_one(reader))
    if reader.takes("("):
        found = _any(reader)
        reader.take(")")
        return found
    left = _operand(reader)
    operator = reader.peek().upper()
    if operator in ("=", "<>", "<", "<=", ">", ">="):
        reader.take()
        return Comparison(operator, (left, _operand(reader)))
    if operator == "BETWEEN":
        reader.take()
        low = _operand(reader)
        reader.take("AND")
        return Comparison("BETWEEN", (left, low, _operand(reader)))
    if operator == "IN":
        reader.take()
        reader.take("(")
        among = [_operand(reader)]
        while reader.takes(","):
            among.append(_operand(reader))
        reader.take(")")
        return Comparison("IN", (left, *among))
    if isinstance(left, Call) and left.name in FUNCTIONS:
        return left
    raise ValidationError(f'Invalid ConditionExpression: Syntax error; token: "{operator or "<EOF>"}"')


def _sum(reader: _Reader) -> Operand:
    left = _operand(reader)
    if reader.takes("+"):
        return Sum(left, "+", _operand(reader))
    if reader.takes("-"):
        return Sum(left, "-", _operand(reader))
    return left


def _operand(reader: _Reader) -> Operand:
    token = reader.peek()
    if token.startswith(":"):
        return Value(reader.take())
    path = _path(reader)
    if len(path.steps) == 1 and reader.takes("("):
        operands = [_operand(reader)]
        while reader.takes(","):
            operands.append(_operand(reader))
        reader.take(")")
        return Call(str(path.steps[0]), tuple(operands))
    return path


def _path(reader: _Reader) -> Path:
    steps: list[str | int] = [reader.name()]
    while True:
        if reader.takes("."):
            steps.append(reader.name())
        elif reader.takes("["):
            steps.append(int(reader.take()))
            reader.take("]")
        else:
            return Path(tuple(steps))
