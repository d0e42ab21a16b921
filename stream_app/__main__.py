"""`python -m stream_app`: the same as the command `stream-app`."""

from stream_app.cli import main

main()
