"""What the data resources on a backend share: its clients, and refusals in CloudFormation's form."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation.exceptions import ValidationError

from sandbox.control_plane.backend.properties import PropertyError
from sandbox.control_plane.resources.base import GONE, AddedResource

CONFIG = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=5, read_timeout=30, proxies={})


class OnBackend(AddedResource):
    """A resource that lives on another backend. moto makes it by class methods, so the clients are the class's own."""

    clients: ClassVar[dict[str, Any]] = {}
    given: Mapping[str, Any]

    @classmethod
    def connect(cls, endpoints: Mapping[str, str], *, account_id: str, region: str) -> None:
        """Make a client for each service; the account's number is the access key, as LocalStack reads it."""
        session = boto3.Session(
            aws_access_key_id=account_id,
            aws_secret_access_key="unchecked",  # noqa: S106 - no emulator checks it
            region_name=region,
        )
        for service, url in endpoints.items():
            OnBackend.clients[service] = session.client(service, endpoint_url=url, config=CONFIG)

    def is_there(self) -> bool:
        """Whether the backend has it still. Raises ValidationError when it cannot be asked."""
        with refusals():
            try:
                self._look()
            except ClientError as error:
                if any(word in code_of(error) for word in GONE):
                    return False
                raise
        return True

    def _look(self) -> object:
        """Ask for it. Raises ClientError when the backend has none."""
        raise NotImplementedError


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """The backend's refusals as those of the stack's resource."""
    try:
        yield
    except ClientError as error:
        raise ValidationError(message=error.response["Error"]["Message"]) from error
    except BotoCoreError as error:
        raise ValidationError(message=f"expected the backend to answer, got: {error}: start it again") from error
    except PropertyError as error:
        raise ValidationError(message=str(error)) from error


def code_of(error: ClientError) -> str:
    """The refusal's code, without a namespace before it."""
    return str(error.response["Error"]["Code"]).rpartition("#")[2]
