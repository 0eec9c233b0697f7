"""A message reaches the listeners of its own session and language, and nobody else."""

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching
from sandbox.sim.plan import Plan


class OwnSessionAndLanguage(Watching):
    """Holds each translation against what its receiver joined."""

    name = "own_session_and_language"
    sees = ("client.listener_joined", "client.translation")

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._joined: dict[str, tuple[str, str]] = {}

    def note(self, event: Event) -> None:
        if event["kind"] == "client.listener_joined":
            self._joined[event["listener"]] = (event["sessionId"], event["language"])
        elif event["kind"] == "client.translation":
            expected = self._joined.get(event["listener"])
            got = (event["sessionId"], event["language"])
            if expected is not None and got != expected:
                self.found(event["t_ms"], f"{event['listener']} joined {expected} and got {got}")
