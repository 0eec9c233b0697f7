"""Where the parts of a running sandbox are, for clients and for functions. Pure."""

import os
from dataclasses import dataclass
from pathlib import Path

from sandbox.definitions.model import Definitions
from sandbox.gateway.service import Gateway
from sandbox.live.account import ACCOUNT_ID, REGION
from sandbox.live.settings import SandboxSettings
from sandbox.live.state import SandboxState

EDGE_SERVICES = ("LAMBDA", "TRANSLATE", "POLLY")
"""Services that the edge answers itself; all others pass the proxy under their own names."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The ports that were bound and the certificate that vouches for them."""

    edge_port: int
    transcribe_port: int
    control_plane_url: str
    tables_url: str
    queues_url: str
    authority: Path

    @property
    def endpoint_url(self) -> str:
        """One AWS endpoint; `localhost`, because S3 addresses templates by host."""
        return f"http://localhost:{self.edge_port}"

    def for_functions(self) -> dict[str, str]:
        """The SDK's own variables, by which a function reaches AWS here; its code knows nothing of it."""
        proxy = f"http://127.0.0.1:{self.edge_port}"
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.tables_url,
            "AWS_ENDPOINT_URL_SQS": self.queues_url,
            "AWS_ENDPOINT_URL_SSM": self.control_plane_url,
            **{f"AWS_ENDPOINT_URL_{service}": self.endpoint_url for service in EDGE_SERVICES},
            "AWS_ENDPOINT_URL_TRANSCRIBE_STREAMING": f"https://127.0.0.1:{self.transcribe_port}",
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "AWS_CA_BUNDLE": str(self.authority),
            "SSL_CERT_FILE": str(self.authority),
        }

    def state(self, settings: SandboxSettings, definitions: Definitions, gateway: Gateway) -> SandboxState:
        """The contract's state of a ready sandbox."""
        stage = next((name for api in definitions.apis.values() for name in api.stages), "prod")
        api = gateway.primary_api(stage)
        api_id = api.api_id if api is not None else ""
        return SandboxState(
            pid=os.getpid(),
            backend=settings.backend.name,
            dataEndpoints=settings.backend.endpoints(),
            endpointUrl=self.endpoint_url,
            webSocketUrl=f"ws://localhost:{self.edge_port}/{stage}",
            connectionsUrl=f"{self.endpoint_url}/_aws/execute-api/{api_id}/{stage}",
            transcribeUrl=f"https://127.0.0.1:{self.transcribe_port}",
            transcribeCaFile=str(self.authority),
            proxyUrl=f"http://127.0.0.1:{self.edge_port}",
            caFile=str(self.authority),
            region=REGION,
            accountId=ACCOUNT_ID,
            environment=settings.environment,
            stacks={name: dict(stack.outputs) for name, stack in definitions.stacks.items()},
        )
