"""Values in Parameter Store that templates name, from wherever parameters live."""

from collections.abc import Callable

from botocore.exceptions import ClientError
from moto.ssm.models import ssm_backends

from sandbox.control_plane.backend.resource import OnBackend


def stored_parameter(*, account_id: str, region: str) -> Callable[[str], str | None]:
    """A parameter's value by its name, or None where there is none."""

    def embedded(name: str) -> str | None:
        found = ssm_backends[account_id][region].get_parameter(name)
        return str(found.value) if found is not None else None

    def elsewhere(name: str) -> str | None:
        try:
            return str(OnBackend.clients["ssm"].get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError:
            return None

    return elsewhere if "ssm" in OnBackend.clients else embedded
