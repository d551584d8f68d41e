"""The probe's one operation."""

import os
from pathlib import Path

from connectors.calls import JobCall
from engine.model import faults


def effect(call: JobCall) -> dict:
    """Write the idempotency key down, durably, as an outside system would."""
    faults.point("job_leased")
    with Path(os.environ["PROBE_LOG"]).open("a", encoding="ascii") as log:
        log.write(f"{call.key}\n")
        log.flush()
        os.fsync(log.fileno())
    faults.point("effect_done")
    return {"effect": call.key}
