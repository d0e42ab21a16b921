"""The bench's commands: `python -m tests.bench --help`."""

from tests.bench.commands import main

if __name__ == "__main__":
    main()
