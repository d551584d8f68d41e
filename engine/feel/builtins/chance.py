"""Functions that give something else each time: identifiers and random numbers. No variable can be told by them in advance."""

from __future__ import annotations

import secrets
import uuid as uuids
from decimal import Decimal

from engine.feel.builtins.signature import builtin
from engine.feel.run import Run

_DIGITS = 16


@builtin("uuid")
def uuid(run: Run) -> str:
    """Give a new identifier that nothing else has."""
    run.spend(10)
    return str(uuids.uuid4())


@builtin("random number")
def random_number(run: Run) -> Decimal:
    """Give a random number from 0 up to, but not, 1."""
    run.spend(10)
    return Decimal(secrets.randbelow(10**_DIGITS)).scaleb(-_DIGITS)
