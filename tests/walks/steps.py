"""One entry of the runbook, walked: its commands in their order, with what happens between them."""

from stream_app import __version__
from tests.walks.blocks import RUNBOOK, commands
from tests.walks.stack import Stack


class Steps:
    """The commands of a heading; all of them have to be run."""

    def __init__(self, stack: Stack, heading: str) -> None:
        self._stack, self._heading = stack, heading
        self._left = list(commands(RUNBOOK.read_text(encoding="utf-8")).get(heading, ()))
        assert self._left, f"the runbook has no commands under {heading!r}"
        stack.transcript.note(f"docs/runbook.md, {heading!r}, stream-app {__version__}")

    def run(self, count: int = 1) -> str:
        """Run the next commands; gives what they said."""
        said = ""
        for _ in range(count):
            assert self._left, f"{self._heading!r} has fewer commands than the walk wants"
            said += self._stack.say(self._left.pop(0))
        return said

    def rest(self) -> str:
        """Run all that are left."""
        return self.run(len(self._left))

    def done(self) -> None:
        """Make sure that none is left."""
        assert not self._left, f"not walked: {self._left}"
