"""Waiting for conditions; the tests never sleep for a guessed time."""

import time

LIMIT = 20.0


def eventually(condition, what, limit=LIMIT):
    """Returns the first truthy result of `condition`; fails when none came in time."""
    deadline = time.monotonic() + limit
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.005)
