"""Parameters as AWS has them where moto says it otherwise."""

from moto.ssm.exceptions import ParameterNotFound, SSMException


def install() -> None:
    """Wrap moto's, once a process, before the first request to the service, which takes long to load."""

    def made(error: ParameterNotFound, _message: str) -> None:
        # P-01: the error has no message.
        SSMException.__init__(error, "ParameterNotFound", "")

    ParameterNotFound.__init__ = made
