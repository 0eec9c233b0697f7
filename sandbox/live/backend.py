"""Which backend holds the data resources, from what the user said. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

EMBEDDED = "embedded"
LOCALSTACK = "localstack"
LOCALSTACK_URL = "http://localhost:4567"
"""Where `docker-compose.yml` publishes LocalStack: not 4566, its own default, because the sandbox's port is that."""

DATA_SERVICES = ("dynamodb", "sns", "sqs", "ssm")
"""The services whose resources a backend holds, by the name in a signature's scope; all others are always ours."""

BACKEND_VARIABLE = "SANDBOX_BACKEND"
DYNAMODB_VARIABLE = "SANDBOX_DYNAMODB"


class BackendError(ValueError):
    """What was asked for is no backend; the text is one line with the next step."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A backend by the name the user gave it. `url` is None for embedded; `dynamodb_url` takes DynamoDB elsewhere."""

    name: str = EMBEDDED
    url: str | None = None
    dynamodb_url: str | None = None

    def endpoints(self) -> dict[str, str]:
        """Each service that is not ours, with its endpoint."""
        found = {service: self.url for service in DATA_SERVICES if self.url is not None}
        return found | ({"dynamodb": self.dynamodb_url} if self.dynamodb_url is not None else {})


EMBEDDED_BACKEND = Backend()


def choose(name: str, *, dynamodb: str | None = None) -> Backend:
    """The backend of `embedded`, `localstack` or a URL, with DynamoDB at a URL of its own where one is given.

    Raises BackendError.
    """
    dynamodb_url = _url("--dynamodb", dynamodb) if dynamodb else None
    if name == EMBEDDED:
        return Backend(dynamodb_url=dynamodb_url)
    if name == LOCALSTACK:
        return Backend(name=name, url=LOCALSTACK_URL, dynamodb_url=dynamodb_url)
    if "://" not in name:
        raise BackendError(f"expected --backend to be {EMBEDDED}, {LOCALSTACK} or a URL, got {name}")
    return Backend(name=name.rstrip("/"), url=_url("--backend", name), dynamodb_url=dynamodb_url)


def from_environment(environment: Mapping[str, str]) -> Backend:
    """The backend that the variables name; embedded without them. Raises BackendError."""
    return choose(environment.get(BACKEND_VARIABLE) or EMBEDDED, dynamodb=environment.get(DYNAMODB_VARIABLE))


def _url(option: str, text: str) -> str:
    try:
        address = urlsplit(text)
        host, port = address.hostname, address.port
    except ValueError:
        host, port, address = None, None, urlsplit("")
    if address.scheme not in ("http", "https") or host is None or address.path.strip("/") or address.query:
        raise BackendError(f"expected {option} to be a URL such as {LOCALSTACK_URL}, got {text}")
    if address.username is not None or address.password is not None:
        raise BackendError(f"expected {option} without a user name or password: leave them out, none is checked there")
    if host.endswith((".amazonaws.com", ".api.aws")):
        raise BackendError(f"expected {option} to be an emulator, got AWS itself ({host}): deploy there with cdk")
    shown = f"[{host}]" if ":" in host else host
    return f"{address.scheme}://{shown}" + (f":{port}" if port is not None else "")
