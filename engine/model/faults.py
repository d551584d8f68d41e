"""Named points at which a test may kill the process. Without ``PROPFLOW_CRASH=name:n`` in the environment they do nothing."""

from __future__ import annotations

import os
import signal
from collections import Counter

_name, _, _count = os.environ.get("PROPFLOW_CRASH", "").partition(":")
_reached: Counter[str] = Counter()


def point(name: str) -> None:
    """Die here by SIGKILL when the environment asks for it, the n-th time the point is reached."""
    if name == _name:
        _reached[name] += 1
        if _reached[name] == int(_count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
