"""What each command does: opens the doors with the options given, calls a room, prints. Floor of `cli.py`."""
