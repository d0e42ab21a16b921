"""How a contender tells the bench how far it is: a line `seen N` on stdout every 50 ms while there is news."""

import os
import sys
import threading
import time

SAY_SECONDS = 0.05


class Seen:
    """Counts the events worked; a thread says the count, so that counting costs nothing.

    It ends the process when the bench is gone: nothing of a run stays behind.
    """

    def __init__(self) -> None:
        self.count = 0
        self._parent = os.getppid()
        threading.Thread(target=self._say, daemon=True).start()

    def _say(self) -> None:
        said = 0
        while os.getppid() == self._parent:
            time.sleep(SAY_SECONDS)
            if self.count != said:
                said = self.count
                sys.stdout.write(f"seen {said}\n")
                sys.stdout.flush()
        os._exit(1)
