"""A worker in a process of its own, made to be killed while it works off a batch.

python -m tests.chaos.batch_victim DATABASE_URL JOBS
"""

import sys

from engine.model.ports import SystemClock
from engine.services import jobs
from engine.services.engine import Engine
from engine.store.database import Store


def main(url, most):
    engine = Engine(Store(url, clock=SystemClock()), SystemClock())
    for _ in range(most):
        for job in jobs.claim_due(engine, worker="victim", limit=1):
            jobs.run(engine, job)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
