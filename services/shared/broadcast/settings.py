"""What the stacks tell the functions, read from their environment by name."""

import os


class MissingVariableError(KeyError):
    """A stack did not set a variable that the code needs."""

    def __init__(self, name: str) -> None:
        super().__init__(f"expected the environment variable {name}, found none: the function's stack must set it")


def variable(name: str) -> str:
    """The variable's value. Raises MissingVariableError."""
    value = os.environ.get(name)
    if not value:
        raise MissingVariableError(name)
    return value


def environment() -> str:
    return variable("ENVIRONMENT")


def sessions_table() -> str:
    return variable("SESSIONS_TABLE_NAME")


def connections_table() -> str:
    return variable("CONNECTIONS_TABLE_NAME")


def audio_processor() -> str:
    return variable("AUDIO_PROCESSOR_FUNCTION_NAME")


def translation_processor() -> str:
    return variable("TRANSLATION_PIPELINE_FUNCTION_NAME")
